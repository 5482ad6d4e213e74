"""Picking, comparing and taking away in Chromium, with and without JavaScript."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, reach_for

TWO = "entry=training/cyber-school-initiative&entry=training/cyberpeace-builders"
FOUR = f"{TWO}&entry=training/ai-campus&entry=organisation/gcsp"


def pick(page: Page, title: str) -> None:
    page.get_by_role("button", name=f"Add to shortlist {title}", exact=True).click()


def test_picking_and_comparing_without_javascript(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.address}/search?q=cyberpeace&kind=training")
    pick(page, "CyberPeace Builders")
    expect(page.get_by_text("Your shortlist: 1 entry")).to_be_visible()
    assert "q=cyberpeace" in page.url and "kind=training" in page.url
    page.get_by_label("Search the directory").fill("cyber school")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name="Cyber School Initiative").first.click()
    page.get_by_role("link", name="Add to your shortlist of 1 entry").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shortlist: 2 entries")
    page.get_by_role("link", name="Compare side by side").click()
    expect(page.get_by_role("columnheader")).to_have_count(2)
    page.get_by_role("link", name="Remove Cyber School Initiative").click()
    expect(page.get_by_role("columnheader")).to_have_count(1)
    page.get_by_role("link", name="Shortlist", exact=True).click()
    page.get_by_role("button", name="Remove from shortlist CyberPeace Builders").click()
    assert page.url == f"{server.address}/shortlist"
    context.close()


def test_picking_changes_the_page_in_place(browser: Browser, server: Server) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 700})
    page.goto(f"{server.address}/search?q=cyber&kind=training&per_page=5&page=2")
    page.evaluate("window.untouched = true")
    reach_for(page)
    first = page.get_by_role("button", name="Add to shortlist").first
    name = first.get_attribute("value")
    first.click()
    remove = page.locator(f'[id="pick-{name}"]')
    expect(remove).to_contain_text("Remove from shortlist")
    expect(remove).to_be_focused()
    assert page.url.endswith(f"page=2&per_page=5&entry={name}")
    assert page.evaluate("window.untouched")
    page.get_by_role("button", name="Add to shortlist").first.click()
    expect(page.get_by_text("Your shortlist: 2 entries")).to_be_visible()
    page.get_by_label("Search the directory").fill("cyber peace")
    expect(page.locator("#results h1")).to_contain_text("cyber peace")
    expect(page.get_by_text("Your shortlist: 2 entries")).to_be_visible()
    assert f"entry={name}" in page.url
    page.go_back()
    expect(page.get_by_text("Your shortlist: 1 entry")).to_be_visible()
    page.close()


@pytest.mark.parametrize("width", [360, 800])
def test_on_a_phone_the_answers_stand_below_each_other(
    browser: Browser, server: Server, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{server.address}/compare?{FOUR}")
    row = page.get_by_role("row").filter(has_text="What it costs")
    boxes = [cell.bounding_box() for cell in row.get_by_role("cell").all() if cell.is_visible()]
    found = [box for box in boxes if box]
    assert len({round(box["x"]) for box in found}) == 1
    assert len({round(box["y"]) for box in found}) == len(found) == 3
    expect(row.get_by_text("CyberPeace Builders")).to_be_visible()
    page.close()


def test_on_a_desk_they_stand_beside_each_other_under_their_names(
    browser: Browser, server: Server
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 800})
    page.goto(f"{server.address}/compare?{FOUR}")
    row = page.get_by_role("row").filter(has_text="What it costs")
    tops = {round(box["y"]) for c in row.get_by_role("cell").all() if (box := c.bounding_box())}
    assert len(tops) == 1
    page.mouse.wheel(0, 1500)
    expect(page.get_by_role("columnheader", name="AI Campus")).to_be_in_viewport()
    page.close()


def test_on_paper_only_the_comparison_is_left(browser: Browser, server: Server) -> None:
    page = browser.new_page(viewport={"width": 1047, "height": 740})
    page.emulate_media(media="print")
    page.goto(f"{server.address}/compare?{TWO}")
    expect(page.get_by_role("columnheader")).to_have_count(2)
    for gone in ("Remove Cyber School Initiative", "CSV"):
        expect(page.get_by_text(gone, exact=True)).to_be_hidden()
    page.goto(f"{server.address}/shortlist?{TWO}")
    expect(page.get_by_role("button", name="Remove from shortlist")).to_have_count(0)
    expect(page.get_by_role("heading", name="Cyber School Initiative")).to_be_visible()
    page.close()


def test_nothing_for_axe_to_find_where_an_origin_is_open(browser: Browser, server: Server) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{server.address}/compare?{TWO}")
    page.locator("details.claim > summary").first.press("Enter")
    expect(page.locator("details.claim[open]")).to_contain_text("CyberPeace Institute profile")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.close()
