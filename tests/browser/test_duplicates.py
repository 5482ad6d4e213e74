"""What looks the same, in Chromium: named while one types, merged and undone by keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, Server
from tests.browser.test_curator import nothing_for_axe

PAIR = "kind=organisation&keep=apc&fold=okta"


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"], scope="module")
def page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    """A curator of their own, with JavaScript and without it."""
    scripts = bool(request.param)
    link = server.directory("user", "add", f"merger-{scripts}@example.org", "--role", "curator")
    context = browser.new_context(
        viewport={"width": 360 if scripts else 1280, "height": 800}, java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto(link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password and sign in").click()
    yield page
    context.close()


def test_what_looks_the_same_is_named_before_it_is_written_twice(
    page: Page, server: Server
) -> None:
    page.goto(f"{server.address}/curation/organisations/new")
    name = page.get_by_label("Name needed to publish")
    name.press_sequentially("Kofi Anan Foundation")
    alike = page.get_by_role("link", name="Kofi Annan Foundation")
    if page.evaluate("typeof htmx === 'object'"):
        expect(alike).to_be_visible()
        nothing_for_axe(page)
    name.press("Enter")
    expect(page.get_by_role("heading", name="Is it here already?")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(name).to_have_value("Kofi Anan Foundation")
    expect(alike.first).to_be_visible()


def test_two_become_one_and_two_again_by_keyboard(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/curation/merge?{PAIR}")
    for button in ("See what would happen", "Merge them now", "Undo this merge"):
        there = page.get_by_role("button", name=button)
        there.focus()
        there.press("Enter")
        page.wait_for_load_state()
    expect(page.get_by_role("status").filter(has_text="are two again")).to_be_visible()
    page.goto(f"{server.address}/organisations/okta")
    expect(page.get_by_role("heading", name="Okta", level=1)).to_be_visible()
