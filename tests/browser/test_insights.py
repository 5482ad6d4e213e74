"""The whole and its gaps in a browser: for every reader, on every screen, by keyboard."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Server

PAGES = ["/gaps", "/gaps?by=mode", "/gaps/map", "/gaps/timeline", "/gaps/network"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("look", ["360 light", "1440 light", "1440 dark"])
def test_a_page_is_accessible_and_fits(
    browser: Browser, server: Server, path: str, look: str
) -> None:
    width, scheme = look.split()
    context = browser.new_context(
        viewport={"width": int(width), "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.goto(server.address + path)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= int(width)
    assert not problems
    context.close()


def test_a_cell_leads_to_exactly_what_it_counts(browser: Browser, server: Server) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{server.address}/gaps?by=mode")
    row = page.get_by_role("row", name=re.compile("Capacity building"))
    cell = row.get_by_role("link", name=re.compile("^Online"))
    count = re.sub(r"\D", "", cell.inner_text())
    cell.click()
    expect(page.locator("#results h1")).to_contain_text(re.compile(rf"^{count} entr"))
    page.close()


def test_on_a_phone_each_cell_says_its_column(browser: Browser, server: Server) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{server.address}/gaps?by=mode")
    row = page.get_by_role("row", name=re.compile("Capacity building"))
    expect(row.get_by_text("Online", exact=True).first).to_be_visible()
    page.close()


def test_a_country_on_the_map_opens_by_keyboard(browser: Browser, server: Server) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{server.address}/gaps/map")
    tile = page.get_by_role("link", name=re.compile(r"^Switzerland \(CH\)"))
    tile.focus()
    expect(tile).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?country=CH"))
    page.close()
