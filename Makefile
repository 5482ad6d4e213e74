# Two commands matter on a fresh machine: `make run` and `make test`.
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
BUILT_FROM := pyproject.toml directory/_build.py $(wildcard seed/languages/*.po)
NO_VENV := "This Python cannot make virtual environments. On Debian: apt-get install python3-venv"

.DEFAULT_GOAL := help
.PHONY: help setup run test test-browser faults interop lighthouse accessibility validator check format bench cluster tables relevance intake-bench messages screenshots guide-pictures components questions api-snapshot lock clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

# A set of packages is a stamp file, so that a second run installs nothing.
$(BIN)/python:
ifdef UV
	@uv venv --quiet --allow-existing --python '>=3.11' $(VENV)
else
	@python3 -m venv $(VENV) || (echo $(NO_VENV) >&2; rm -rf $(VENV); exit 1)
endif

# All is compiled once, or the first start would do that, and every start where Python may not.
$(VENV)/run.ok: requirements.txt $(BUILT_FROM) | $(BIN)/python
$(VENV)/test.ok: requirements-test.txt $(BUILT_FROM) | $(BIN)/python
$(VENV)/check.ok: requirements-check.txt $(BUILT_FROM) | $(BIN)/python
$(VENV)/bench.ok: requirements-bench.txt $(BUILT_FROM) | $(BIN)/python
$(VENV)/%.ok:
ifdef UV
	@uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r $<
	@uv pip install --quiet --python $(BIN)/python --no-deps -e .
else
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
endif
	@$(BIN)/python -m compileall -q directory migrations
	@touch $@

setup: $(VENV)/run.ok $(VENV)/test.ok $(VENV)/check.ok ## Install everything for work on the code

run: $(VENV)/run.ok ## Set up, create the database, load the seed and serve
	@$(BIN)/directory serve

test: $(VENV)/test.ok ## Run all tests; says what it skips and why
	@$(BIN)/python -m pytest -n auto --dist loadfile

test-browser: $(VENV)/test.ok ## Run the browser tests alone
	@$(BIN)/python -m pytest tests/browser

faults: $(VENV)/test.ok ## Kill, fuzz and back up under load, the long way (15 minutes)
	@DIRECTORY_TEST_KILLS=100 DIRECTORY_TEST_SAVES=3000 DIRECTORY_TEST_EXAMPLES=2600 \
		$(BIN)/python -m pytest -s tests/faults tests/curation/test_any_input.py \
		tests/imports/test_readers.py tests/imports/intake/test_fuzz.py tests/imports/harvest/test_any_input.py
	@$(BIN)/python -m tests.faults.races

interop: $(VENV)/test.ok ## Let programs of others read every format of a running site
	@$(BIN)/python -m tests.interop

LIGHTHOUSE := tests/lighthouse/node_modules/run.ok
$(LIGHTHOUSE): tests/lighthouse/package-lock.json
	@cd tests/lighthouse && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

lighthouse: $(VENV)/test.ok $(LIGHTHOUSE) ## Let Lighthouse judge the five main pages (needs npm, Chromium)
	@$(BIN)/python -m tests.lighthouse

VALIDATOR := tests/validator/node_modules/run.ok
$(VALIDATOR): tests/validator/package-lock.json
	@cd tests/validator && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

validator: $(VALIDATOR) ## Install what tests read the HTML of every page with (needs npm, Java)

accessibility: $(VENV)/test.ok $(VALIDATOR) ## Test every page in every state, and note it for /accessibility
	@$(BIN)/python -m tests.browser.test_accessibility

check: $(VENV)/test.ok $(VENV)/check.ok ## Format, lint, types, layers
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/check.ok ## Write the format that `check` asks for
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

bench: $(VENV)/bench.ok ## Measure against Datasette and Wagtail; BENCH="--sizes 10000" for less
	@$(BIN)/python -m tests.benchmarks.search $(BENCH)

cluster: $(VENV)/test.ok ## Kill the primary of three servers under three nodes (needs postgresql)
	@$(BIN)/python -m tests.cluster

tables: $(VENV)/test.ok ## Measure how long 100,000 rows take to export and to import
	@$(BIN)/python -m tests.benchmarks.tables

relevance: $(VENV)/test.ok ## Measure how good the answers of the search are
	@$(BIN)/python -m tests.benchmarks.relevance.measure

intake-bench: $(VENV)/test.ok ## Measure how well profiles are read into proposed entries
	@$(BIN)/python -m tests.benchmarks.intake.measure

screenshots: $(VENV)/test.ok ## Take pictures of the main pages in three languages (needs chromium)
	@$(BIN)/python -m tests.browser.screenshots

guide-pictures: $(VENV)/test.ok ## Take the pictures of the guides anew (needs chromium)
	@$(BIN)/python -m tests.browser.screenshots guides

components: $(VENV)/test.ok ## Agree to how the components look now; tests compare with it
	@$(BIN)/python -m tests.browser.test_components

questions: $(VENV)/test.ok ## Count steps and seconds from the home page to ten answers (needs chromium)
	@$(BIN)/python -m tests.browser.questions

messages: $(VENV)/test.ok ## Bring the files of the translations in step with the words of the code
	@$(BIN)/python -m tests.languages.messages

api-snapshot: $(VENV)/test.ok ## Agree to the API as it is today; tests compare with it
	@$(BIN)/python -m tests.api.snapshot

lock: ## Renew the lock file and the hashes that pip checks (needs uv)
	@uv lock --quiet
	@uv export --quiet --frozen --no-emit-project --no-default-groups -o requirements.txt
	@uv export --quiet --frozen --no-emit-project --no-default-groups --group test --all-extras -o requirements-test.txt
	@uv export --quiet --frozen --no-emit-project --no-default-groups --group check --group test --all-extras -o requirements-check.txt
	@uv export --quiet --frozen --no-emit-project --no-default-groups --group bench --all-extras -o requirements-bench.txt

clean: ## Remove the environment, the database and what was derived from it
	@rm -rf $(VENV) directory.db* directory-data .mypy_cache .ruff_cache .pytest_cache
