"""The desk in Chromium: by keyboard, without JavaScript, on a phone."""

import pytest
from playwright.sync_api import Browser, StorageState, expect

from tests.browser.conftest import Server, come_in
from tests.browser.test_curator import a_page, nothing_for_axe

CLASH = "/curation/lists/contradictions"


@pytest.fixture(scope="module")
def curator(browser: Browser, server: Server) -> StorageState:
    return come_in(browser, server, "desk@example.org", "curator")


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize(
    "path", [CLASH, "/curation/lists/review", "/curation/lists/unstated?field=training.cost"]
)
def test_a_list_is_accessible_and_fits(
    browser: Browser, server: Server, curator: StorageState, path: str, width: int
) -> None:
    with a_page(browser, curator, width=width) as page:
        page.goto(server.address + path)
        nothing_for_axe(page)


def test_a_list_is_worked_through_with_keys_that_can_be_turned_off(
    browser: Browser, server: Server, curator: StorageState
) -> None:
    with a_page(browser, curator) as page:
        page.goto(server.address + CLASH)
        titles = page.locator(".work a.title")
        expect(page.locator(".keys")).to_be_visible()
        page.keyboard.press("j")
        expect(titles.first).to_be_focused()
        page.keyboard.press("j")
        expect(titles.nth(1)).to_be_focused()
        page.keyboard.press("k")
        page.keyboard.press("k")
        expect(titles.first).to_be_focused()
        page.get_by_label("Words in the name").fill("jk")
        page.get_by_label("Words in the name").press("j")
        expect(page.get_by_label("Words in the name")).to_have_value("jkj")
        page.get_by_role("button", name="Turn the keys off").click()
        page.keyboard.press("j")
        expect(page.get_by_role("button", name="Turn the keys on")).to_be_focused()
        page.reload()
        page.get_by_role("button", name="Turn the keys on").click()
        page.keyboard.press("j")
        page.keyboard.press("o")
        expect(page.locator(".walk")).to_contain_text("1 of")
        page.get_by_role("link", name="Next", exact=True).click()
        expect(page.locator(".walk")).to_contain_text("2 of")
        nothing_for_axe(page)


def test_without_scripts_plain_links_lead_through_the_list(
    browser: Browser, server: Server, curator: StorageState
) -> None:
    with a_page(browser, curator, width=360, scripts=False) as page:
        page.goto(f"{server.address}/curation")
        page.get_by_role("link", name="Two answers").click()
        expect(page.locator(".keys")).to_be_hidden()
        page.locator(".work a.title").first.click()
        page.get_by_role("link", name="Next", exact=True).click()
        expect(page.locator(".walk")).to_contain_text("2 of")
        page.locator(".walk").get_by_role("link", name="Two answers").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Two answers")
