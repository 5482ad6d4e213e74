"""What an operator does when something is wrong: asks the doctor, and is told what it is."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner, Result
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from directory.cli import main
from directory.db import Change, Database, make_engine, now
from directory.doctor import CHECKS, Level, examine, storage
from directory.entries.models import Entry
from directory.settings import Settings
from tests.conftest import settings_for
from tests.doctor.clinic import GOOD, Clinic, furnish


def test_a_healthy_installation_hears_nothing_bad(clinic: Clinic) -> None:
    found = clinic.ask()
    assert {f.check: f.found for f in found.values() if f.level not in GOOD} == {}
    assert list(found) == list(CHECKS) and len(CHECKS) >= 10
    assert {f.check for f in found.values() if f.level == Level.UNKNOWN} == {"reachable"}


def test_a_healthy_installation_on_either_database(any_seeded: Engine, tmp_path: Path) -> None:
    url = any_seeded.url.render_as_string(hide_password=False)
    settings = settings_for(tmp_path, url)
    settings = Settings(**settings.model_dump() | {"base_url": "http://localhost:8000"})
    furnish(settings, any_seeded)
    found = list(examine(settings, environment={}))
    assert [f for f in found if f.level not in GOOD] == []


def test_nothing_is_changed_and_no_file_appears(clinic: Clinic) -> None:
    def state() -> dict[str, str]:
        return {
            str(path): sha256(path.read_bytes()).hexdigest()
            for path in sorted(clinic.folder.rglob("*"))
            if path.is_file()
        }

    before = state()
    clinic.ask()
    assert state() == before
    clinic.set(secret_key=None, database_url=f"sqlite:///{clinic.folder / 'none.db'}")
    clinic.ask()
    assert state() == before


def test_it_looks_while_the_site_writes(clinic: Clinic) -> None:
    engine = make_engine(clinic.settings.database_url)
    with Database(engine).writing() as session:
        session.add(Change(entry_id=clinic.one(Entry.id), at=now()))
        session.flush()
        assert clinic.ask()["search index"].level == Level.OK
    engine.dispose()


def test_what_it_advises_exists(site: TestClient[Any]) -> None:
    """Commands, and pages of the site, wherever the checks name them."""
    folder = Path(storage.__file__).parent
    text = " ".join(file.read_text("utf-8") for file in sorted(folder.glob("*.py")))
    named = set(re.findall(r"`directory ([a-z]+)(?: ([a-z]+))?", text))
    assert len(named) > 8
    for command, word in named:
        found = main.commands[command]
        assert not isinstance(found, click.Group) or word in found.commands
    pages = set(re.findall(r"(?<=[ \"])/(?:account|curation|admin|help)/[a-z-]+", text))
    assert pages
    for page in pages:
        assert site.get(page).status_code == 200, page
    for setting in re.findall(r"DIRECTORY_([A-Z_]+[A-Z])", text):
        assert setting == "TEST" or setting.lower() in Settings.model_fields, setting


def run(clinic: Clinic, *words: str, **more: str) -> Result:
    environment = {
        "DIRECTORY_DATABASE_URL": clinic.settings.database_url,
        "DIRECTORY_DATA_DIR": str(clinic.settings.data_dir),
        "DIRECTORY_SECRET_KEY": str(clinic.settings.secret_key),
    }
    return CliRunner().invoke(main, ["doctor", *words], env=environment | more)


def test_the_command_says_it_in_words_and_in_its_status(clinic: Clinic) -> None:
    good = run(clinic)
    assert good.exit_code == 0, good.output
    assert "fault" not in good.output
    bad = run(clinic, DIRECTORY_BASE_URL="https://example.org/")
    assert bad.exit_code == 1
    assert "→ Set DIRECTORY_BASE_URL to https://example.org, without" in bad.output
    assert bad.output.rstrip().rpartition("\n")[2].startswith("ok: ")
    assert run(clinic, "--nonsense").exit_code == 2


def test_programs_read_the_same_as_json(clinic: Clinic) -> None:
    done = run(clinic, "--json", DIRECTORY_BASE_URL="nonsense")
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert [row["check"] for row in answer["findings"]] == list(CHECKS)
    assert answer["counts"]["fault"] == 1
    assert next(r for r in answer["findings"] if r["level"] == "fault")["do"]


def test_a_setting_that_is_no_number_is_named(clinic: Clinic) -> None:
    done = run(clinic, DIRECTORY_API_WRITES_A_MINUTE="many")
    assert done.exit_code == 1
    assert "DIRECTORY_API_WRITES_A_MINUTE" in done.stderr and done.stderr.count("\n") == 1


def test_no_password_is_told(clinic: Clinic) -> None:
    url = "postgresql+psycopg://ada:geheim@127.0.0.1:1/none"
    done = run(
        clinic, DIRECTORY_DATABASE_URL=url, DIRECTORY_SMTP_URL="smtp://ada:geheim@127.0.0.1:1"
    )
    assert done.exit_code == 1
    assert "geheim" not in done.output
