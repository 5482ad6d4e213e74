"""A curator in Chromium, with JavaScript and without it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.conftest import PASSWORD, Server, come_in

EMAIL = "curator@example.org"
CYBER_SCHOOL = "/trainings/cyber-school-initiative"


@pytest.fixture(scope="module")
def curator(browser: Browser, server: Server) -> StorageState:
    """The cookies of a curator who came in through the one-time link."""
    return come_in(browser, server, EMAIL, "curator")


@contextmanager
def a_page(
    browser: Browser, state: StorageState, *, width: int = 1280, scripts: bool = True
) -> Iterator[Page]:
    context = browser.new_context(
        storage_state=state,
        viewport={"width": width, "height": 800},
        java_script_enabled=scripts,
        color_scheme="light" if width < 1000 else "dark",
    )
    yield context.new_page()
    context.close()


def nothing_for_axe(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.usefixtures("curator")
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_curator_signs_in_corrects_the_cyber_school_and_finds_the_change(
    browser: Browser, server: Server, scripts: bool
) -> None:
    word = "marmalade" if scripts else "porcelain"
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{server.address}/account/sign-in?next={CYBER_SCHOOL}")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("In one sentence").fill(f"A cybersecurity course for lovers of {word}.")
    origin = page.locator("#f-claims-summary")
    origin.locator("summary").click()
    origin.get_by_label("Line, paragraph or page").first.fill("line 116")
    page.get_by_label("What you changed, and why").fill(f"Because of {word}.")
    page.get_by_role("button", name="Publish").click()

    expect(page).to_have_url(server.address + CYBER_SCHOOL)
    expect(page.get_by_role("status")).to_contain_text("Cyber School Initiative is published")
    expect(page.locator(".lead")).to_contain_text(word)
    page.locator(".lead summary").click()
    expect(page.locator(".lead details")).to_contain_text("line 116")

    page.goto(f"{server.address}/search?q={word}")
    expect(page.locator("#found h1")).to_have_text(f"1 entry for “{word}”")
    page.get_by_role("link", name="Cyber School Initiative").click()

    page.get_by_role("link", name="History").click()
    newest = page.locator("#main ol > li").first
    expect(newest).to_contain_text("public now")
    expect(newest).to_contain_text(f"Because of {word}.")
    newest.get_by_role("link").click()
    expect(page.locator("#main")).to_contain_text("CyberPeace Institute profile, line 116")
    context.close()


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize(
    "path",
    [
        "/curation",
        "/curation/trainings/cyber-school-initiative",
        "/curation/trainings/cyber-school-initiative/links",
        "/curation/trainings/cyber-school-initiative/history",
        "/curation/trainings/cyber-school-initiative/history/1",
        "/curation/trainings/cyber-school-initiative/history/compare",
        "/curation/trainings/cyber-school-initiative/values",
        "/curation/trainings/cyber-school-initiative/translations",
        "/curation/trainings/cyber-school-initiative/translations/ar",
        "/account/tokens",
        "/account",
    ],
)
def test_a_page_behind_the_sign_in_is_accessible_and_fits(
    browser: Browser, server: Server, curator: StorageState, path: str, width: int
) -> None:
    with a_page(browser, curator, width=width) as page:
        page.goto(server.address + path)
        nothing_for_axe(page)


def test_mistakes_are_listed_first_and_each_leads_to_its_field(
    browser: Browser, server: Server, curator: StorageState
) -> None:
    with a_page(browser, curator, width=360) as page:
        page.goto(f"{server.address}/curation/trainings/new")
        page.get_by_label("Title", exact=False).first.fill("A course on tidal power")
        page.get_by_label("Website").fill("not an address")
        page.get_by_role("button", name="Save draft").click()
        summary = page.locator(".error-summary")
        expect(summary).to_be_focused()
        nothing_for_axe(page)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("End")
        page.keyboard.type("x")
        expect(page.get_by_label("Website")).to_have_value("not an addressx")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_run_with_two_tracks_is_added_row_by_row(
    browser: Browser, server: Server, curator: StorageState, scripts: bool
) -> None:
    with a_page(browser, curator, scripts=scripts) as page:
        page.goto(f"{server.address}/curation/trainings/ai-campus")
        page.get_by_label("In one sentence").fill("Written before the row was added.")
        page.get_by_role("button", name="Add a run").click()
        expect(page.locator("#f-runs-0")).to_be_focused()
        page.get_by_label("Name of the run").fill("Spring cohort")
        expect(page.get_by_label("Track", exact=True)).to_have_count(1)
        page.get_by_role("button", name=re.compile("Add another.*Tracks")).click()
        expect(page.get_by_label("Track", exact=True).nth(1)).to_be_visible()
        expect(page.get_by_label("Name of the run")).to_have_value("Spring cohort")
        expect(page.get_by_label("In one sentence")).to_have_value(
            "Written before the row was added."
        )


def test_of_two_who_write_at_once_the_second_sees_both_texts(
    browser: Browser, server: Server, curator: StorageState
) -> None:
    with a_page(browser, curator) as first, a_page(browser, curator, width=360) as second:
        for page in (first, second):
            page.goto(f"{server.address}/curation/trainings/cyberpeace-builders")
        for page, text in ((first, "Help from cormorants."), (second, "Help from pelicans.")):
            page.get_by_label("In one sentence").fill(text)
            page.get_by_role("button", name="Save draft").click()
        expect(second.get_by_role("heading", name="Somebody else was faster")).to_be_visible()
        choice = second.get_by_role("group", name="In one sentence")
        expect(choice.get_by_text("Help from cormorants")).to_be_visible()
        expect(choice.get_by_text("Help from pelicans")).to_be_visible()
        expect(choice.get_by_label("Keep mine")).to_be_checked()
        nothing_for_axe(second)
        choice.get_by_label("Keep theirs").check()
        second.get_by_role("button", name="Save draft").click()
        expect(second.get_by_label("In one sentence")).to_have_value("Help from cormorants.")
