"""WCAG 2.2 AA in Chromium: every page in every state, keys, zoom, colours, motion, valid HTML.

`python -m tests.browser.test_accessibility` (`make accessibility`) runs this module and, when all
of it passes, writes down for the accessibility statement what was tested and when.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import tests.validator as validator
from directory.web.pages import TESTED
from tests.browser.conftest import Server, await_htmx
from tests.browser.states import REFUSED, STATES, State, Walk, error_title, prepared
from tests.browser.test_keyboard import FOCUS, enter, tab_to

LONG_PAGES = ["/search?q=cyber", "/trainings/cyber-school-initiative"]
FORM = "/curation/trainings/cyber-school-initiative"


@pytest.fixture(scope="module")
def server(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with prepared(seeded_file, tmp_path_factory.mktemp("states")) as found:
        yield found


@pytest.fixture(scope="module")
def walk(browser: Browser, server: Server) -> Walk:
    return Walk(browser, server)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name[:80])
def test_a_state_has_nothing_for_axe_to_find_and_fits(walk: Walk, state: State) -> None:
    seen = walk.see(state)
    assert seen.status == state.status
    assert not seen.findings, "\n".join(seen.findings)
    assert not seen.too_wide, seen.too_wide


@pytest.mark.parametrize("state", REFUSED, ids=lambda state: state.name[:80])
def test_a_refused_form_says_so_in_its_title_and_with_the_focus(walk: Walk, state: State) -> None:
    seen = walk.see(state)
    assert seen.focus_on_errors == [True, True]
    for language, title in seen.titles.items():
        assert title.startswith(error_title(language))


def test_every_state_is_valid_html(walk: Walk, tmp_path: Path) -> None:
    # From npm, which not every machine reaches: never a reason to fail.
    if not validator.is_here():
        pytest.skip("The Nu Html Checker is not installed here (`make validator`)")
    wrong = validator.errors_in({state.name: walk.see(state).html for state in STATES}, tmp_path)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize(
    "who, path", [*(("visitor", path) for path in LONG_PAGES), ("curator", FORM)]
)
def test_the_focus_is_seen_and_never_covered(walk: Walk, who: str, path: str, width: int) -> None:
    """2.4.7 and 2.4.11, on the pages with the most stops and whatever sticks to the window."""
    context = walk.context(who, viewport={"width": width, "height": 600})
    page = context.new_page()
    page.goto(walk.server.address + path)
    page.wait_for_load_state("networkidle")
    for key in ["Tab"] * 120 + ["Shift+Tab"] * 60:
        page.keyboard.press(key)
        here = page.evaluate(FOCUS)
        if here is not None:
            assert here["drawn"], f"one does not see that {here['name']} has the focus"
            assert here["open"], f"{here['name']} is covered or out of view after {key}"
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_reader_finds_filters_and_reports_by_keyboard(walk: Walk, scripts: bool) -> None:
    context = walk.context(
        "visitor", viewport={"width": 1280, "height": 700}, java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto(walk.server.address)
    # Without scripts in the page one cannot ask what has the focus, so keys are sent to places.
    page.locator("#q").press_sequentially("cyber school")
    page.locator("#q").press("Enter")
    page.wait_for_url("**/search?q=cyber+school*")
    page.get_by_role("checkbox", name="Trainings").press("Space")
    if not scripts:
        page.get_by_role("button", name="Apply filters").press("Enter")
    page.wait_for_url(re.compile("kind=training"))
    page.get_by_role("link", name="Cyber School Initiative").first.press("Enter")
    page.locator(".lead summary").press("Enter")
    page.locator(".lead").get_by_role("link", name="Something wrong here?").press("Enter")
    page.get_by_role("button", name="Send").press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    page.locator(".error-summary a").first.press("Enter")
    page.get_by_role("radio", name="It is out of date").press("Space")
    page.get_by_label("What should it say?").press_sequentially("Ten weeks.")
    page.get_by_role("button", name="Send").press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    context.close()


def test_the_skip_link_is_the_first_stop_and_leads_past_the_head(walk: Walk) -> None:
    context = walk.context("visitor")
    page = context.new_page()
    page.goto(f"{walk.server.address}/search?q=cyber")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    context.close()


def test_a_person_is_invited_by_keyboard(walk: Walk) -> None:
    context = walk.context("admin")
    page = context.new_page()
    page.goto(f"{walk.server.address}/admin/people")
    tab_to(page, "#email")
    page.keyboard.type("wanda@example.org")
    tab_to(page, ".invite button")
    enter(page)
    expect(page.locator("main")).to_contain_text("wanda@example.org")
    context.close()


def test_a_count_is_announced_once_a_result_and_not_at_each_key(walk: Walk) -> None:
    context = walk.context("visitor")
    page = context.new_page()
    page.goto(f"{walk.server.address}/search")
    page.locator("#q").focus()
    await_htmx(page)
    page.evaluate("""() => {
      window.said = [];
      new MutationObserver(() => {
        const texts = [...document.querySelectorAll("[role=status], [role=alert], [aria-live]")];
        window.said.push(texts.map((e) => e.textContent.trim()).filter(Boolean).join("|"));
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    }""")
    before = page.locator("#said").inner_text()
    page.locator("#q").press_sequentially("cyberpeace", delay=30)
    expect(page.locator("#said")).not_to_have_text(before)
    page.wait_for_load_state("networkidle")
    said = page.evaluate("window.said.filter((text, i, all) => text !== all[i - 1])")
    assert said == [page.locator("#said").inner_text()]
    context.close()


@pytest.mark.parametrize("path", ["/", *LONG_PAGES, "/match", "/gaps", "/compare?entry=gcsp"])
def test_nothing_moves_by_itself(walk: Walk, path: str) -> None:
    """2.2.2 and 2.3.3: the site has no animation at all, whatever a reader asks for."""
    context = walk.context("visitor", reduced_motion="no-preference")
    page = context.new_page()
    page.goto(walk.server.address + path)
    moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter((e) =>
      [null, "::before", "::after"].some((part) => {
        const style = getComputedStyle(e, part);
        return style.animationName !== "none" || style.transitionDuration !== "0s"
          || style.scrollBehavior !== "auto";
      })).map((e) => e.outerHTML.slice(0, 80))""")
    assert not moving, moving
    assert not page.evaluate("document.getAnimations().length")
    context.close()


def style(page: Page, selector: str, name: str) -> Any:
    return page.locator(selector).first.evaluate("(e, n) => getComputedStyle(e)[n]", name)


def test_with_forced_colours_focus_choices_and_mistakes_are_still_seen(walk: Walk) -> None:
    context = walk.context("curator", forced_colors="active")
    page = context.new_page()
    page.goto(f"{walk.server.address}/search?kind=training")
    page.keyboard.press("Tab")
    assert style(page, ".skip", "outlineStyle") == "solid"
    assert page.get_by_role("checkbox", name="Trainings").is_checked()
    assert style(page, "[name=kind]", "appearance") == "auto"
    assert style(page, ".ask button", "borderTopStyle") == "solid"
    page.goto(f"{walk.server.address}/trainings")
    assert "underline" in style(page, ".mast [aria-current]", "textDecorationLine")
    page.goto(f"{walk.server.address}/account/tokens")
    page.get_by_role("button", name="Make a token").click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    assert style(page, ".error-summary", "borderTopStyle") == "solid"
    assert style(page, ".field.wrong", "borderInlineStartStyle") == "solid"
    context.close()


@pytest.mark.parametrize("path", ["/compare?entry=ai-campus&entry=gcsp", "/gaps"])
def test_a_table_is_one_on_a_phone_too(walk: Walk, path: str) -> None:
    """Where a narrow window shows rows as blocks, the browser still tells a table to others."""
    context = walk.context("visitor", viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(walk.server.address + path)
    tree = context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    roles = {node["role"]["value"] for node in tree["nodes"] if not node["ignored"]}
    assert {"table", "row", "cell", "rowheader", "columnheader"} <= roles
    context.close()


def results() -> dict[str, Any]:
    """Return what the accessibility statement says of these tests, except when they were run."""
    table = "\n".join(repr(state) for state in STATES)
    found = re.search(r"axe v([\d.]+)", Axe().axe_script)
    assert found
    return {
        "pages": len({state.path for state in STATES}),
        "states": len(STATES),
        "refused": len(REFUSED),
        "axe": found[1],
        "validator": validator.VERSION,
        "digest": hashlib.sha256(table.encode()).hexdigest()[:16],
    }


def test_the_statement_tells_of_these_tests() -> None:
    written = json.loads(TESTED.read_text(encoding="utf-8"))
    tested_on = written.pop("tested_on")
    assert written == results(), "run `make accessibility`"
    assert datetime.fromisoformat(tested_on) <= datetime.now()


def main() -> None:
    """Run the tests of this module, none left out; write down what was tested if they pass."""
    others = f"not {test_the_statement_tells_of_these_tests.__name__}"
    command = [sys.executable, "-m", "pytest", "-q", __file__, "-k", others]
    failed = subprocess.run(command, env={**os.environ, "DIRECTORY_TEST_ALL": "1"}).returncode
    if failed:
        sys.exit(failed)
    found = {"tested_on": datetime.now(UTC).date().isoformat(), **results()}
    TESTED.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
