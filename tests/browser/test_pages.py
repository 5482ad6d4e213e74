"""Every page in Chromium: nothing for axe to find, no sideways scroll, no other host."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Server

PAGES = [
    "/", "/search?q=cyber", "/search?q=zzzzqqq&kind=training", "/search#filters",
    "/search?q=cyber&page=99", "/trainings", "/organisations/isc2",
    "/organisations/gcsp", "/programmes/cyberpeace-builders", "/trainings/cyber-school-initiative",
    "/policy-areas", "/policy-areas/cybersecurity", "/action-lines", "/action-lines/C4",
    "/vocabularies", "/vocabularies/audiences", "/sources", "/sources/wsis-plus-20-outcome",
    "/about", "/accessibility", "/account/sign-in", "/nowhere",
    "/developers", "/developers/reference", "/help", "/help/visitor",
    "/help/visitor?lang=ar", "/help/operator?lang=zh",
    "/shortlist", "/shortlist?entry=ai-campus&entry=gcsp&entry=none", "/compare",
    "/compare?entry=ai-campus&entry=gcsp&entry=cyber-school-initiative", "/search?entry=gcsp",
    "/report?entry=trainings/cyber-school-initiative&field=summary",
    "/report?entry=organisations/gcsp", "/report/thanks?reference=ABCD-2345",
    "/organisations/gcsp/claim", "/organisations/gcsp/claim/sent", "/offline", "/about/components",
    "/closing", "/?lang=ar",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_and_fits(browser: Browser, server: Server, path: str) -> None:
    page = browser.new_page(color_scheme="light")
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.goto(server.address + path)
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    # The same page in the dark differs in its colours alone.
    page.emulate_media(color_scheme="dark")
    found = Axe().run(page, options={"runOnly": ["color-contrast"]})
    assert found.violations_count == 0, found.generate_report()
    assert all(url.startswith(server.address) for url in asked), asked
    assert not [p for p in problems if "404" not in p], problems
    page.close()


@pytest.mark.parametrize("path", ["/search?q=cyber", "/trainings/cyber-school-initiative"])
def test_four_times_larger_text_needs_no_sideways_scroll(
    browser: Browser, server: Server, path: str
) -> None:
    """1280 px at 400 % is a window of 320 px (WCAG 2.2, 1.4.10)."""
    page = browser.new_page(viewport={"width": 320, "height": 640})
    page.goto(server.address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()


def test_results_change_while_one_types(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.goto(f"{server.address}/search")
    before = page.locator("#results h1").inner_text()
    page.get_by_label("Search the directory").press_sequentially("cyberpeace", delay=10)
    expect(page.locator("#results h1")).to_contain_text("cyberpeace")
    assert page.locator("#results h1").inner_text() != before
    assert page.url.endswith("/search?q=cyberpeace")
    expect(page.get_by_label("Search the directory")).to_be_focused()
    page.close()


def test_a_filter_changes_results_and_counts_and_back_undoes_it(
    browser: Browser, server: Server
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{server.address}/search?q=cyber")
    before = page.locator("#results h1").inner_text()
    page.get_by_role("checkbox", name="Confidence & security").check()
    expect(page.get_by_role("link", name="Confidence & security (remove)")).to_be_visible()
    assert "action_line=C5" in page.url
    expect(page.get_by_role("checkbox", name="Confidence & security")).to_be_focused()
    page.go_back()
    expect(page.locator("#results h1")).to_have_text(before)
    assert "action_line" not in page.url
    page.close()


def test_filters_on_a_phone_are_a_sheet_that_tells_the_count(
    browser: Browser, server: Server
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{server.address}/search?q=cyber")
    page.get_by_role("link", name="Filters").click()
    page.get_by_role("checkbox", name="Trainings").check()
    expect(page).to_have_url(re.compile("kind=training"))
    show = page.locator("#facets").get_by_role("link", name="Show")
    expect(page.get_by_role("checkbox", name="Trainings")).to_be_visible()
    show.click()
    expect(page.get_by_role("checkbox", name="Trainings")).to_be_hidden()
    page.close()


def test_searching_and_filtering_without_javascript(browser: Browser, server: Server) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    page.goto(server.address)
    page.get_by_label("What are you looking for?").fill("free cybersecurity help for an NGO")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="CyberPeace Builders").first.click()
    assert page.url.endswith("/trainings/cyberpeace-builders")
    page.goto(f"{server.address}/search?q=cyber")
    page.get_by_role("checkbox", name="Confidence & security").check()
    page.get_by_role("button", name="Apply filters").click()
    assert "action_line=C5" in page.url
    context.close()


def test_an_origin_opens_in_place_by_keyboard(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.goto(f"{server.address}/trainings/cyber-school-initiative")
    summary = page.locator(".answers details.claim > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".answers details.claim[open]")).to_contain_text("line 115")
    page.close()
