"""What a visitor comes for, in Chromium, with JavaScript and without it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def visitor(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        base_url=server.address,
        java_script_enabled=request.param,
        viewport={"width": 1280, "height": 900},
    )
    yield context.new_page()
    context.close()


def test_an_ngo_reaches_free_help_in_two_steps(visitor: Page) -> None:
    visitor.goto("/")
    visitor.get_by_label("What are you looking for?").fill("free cybersecurity help for an NGO")
    visitor.keyboard.press("Enter")
    visitor.get_by_role("link", name="CyberPeace Builders").first.click()
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("CyberPeace Builders")
    expect(visitor.get_by_role("heading", name="How to get it")).to_be_visible()


def test_an_officer_filters_trainings_by_action_line(visitor: Page) -> None:
    visitor.goto("/search?kind=training")
    visitor.get_by_role("checkbox", name="Confidence & security").check()
    apply = visitor.get_by_role("button", name="Apply filters")
    if apply.is_visible():
        apply.click()
    expect(visitor.get_by_role("link", name="Confidence & security (remove)")).to_be_visible()
    kinds = visitor.locator(".hit h2 a").evaluate_all("all => all.map(a => a.pathname)")
    assert kinds and all(path.startswith("/trainings/") for path in kinds)


def test_two_answers_lead_from_the_result_to_both(visitor: Page) -> None:
    visitor.goto("/search?q=cyber+school+initiative")
    visitor.get_by_role("link", name="two answers").first.click()
    assert visitor.url.endswith("/trainings/cyber-school-initiative#two-answers-1")
    expect(visitor.locator("#two-answers-1")).to_be_in_viewport()
    expect(visitor.locator(".clash li", has_text="99 certified in the 2024")).to_be_visible()


def test_an_action_line_leads_to_the_paragraph(visitor: Page) -> None:
    visitor.goto("/action-lines/C4")
    visitor.locator('a[href="/sources/wsis-plus-20-outcome#p59"]').click()
    expect(visitor.locator("#p59")).to_be_in_viewport()


def test_filters_on_a_phone_work_by_keyboard(browser: Browser, server: Server) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{server.address}/search?q=cyber")
    page.get_by_role("link", name="Filters").press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Close")).to_be_focused()
    expect(page.locator(".hit").first).to_be_hidden()
    box = page.get_by_role("checkbox", name="Programmes")
    box.press("Space")
    expect(page).to_have_url(re.compile("kind=programme"))
    expect(box).to_be_focused()
    expect(box).to_be_in_viewport()
    page.locator("#facets").get_by_role("link", name="Show").press("Enter")
    expect(page.locator(".hit").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Filters (1)")).to_be_focused()
    page.close()


def test_colours_of_the_reader_leave_the_place_in_the_menu_marked(
    browser: Browser, server: Server
) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(f"{server.address}/trainings")
    line = "e => getComputedStyle(e).textDecorationLine"
    assert page.get_by_role("link", name="Trainings", exact=True).evaluate(line) == "underline"
    assert page.get_by_role("link", name="Programmes", exact=True).evaluate(line) == "none"
    context.close()


def test_paper_shows_the_entry_without_the_tools(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"{server.address}/trainings/cyber-school-initiative")
    expect(page.get_by_text("Who can take part")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    ink = page.evaluate("getComputedStyle(document.documentElement).color")
    assert ink == "rgb(22, 32, 42)", "dark ink on paper, whatever the screen likes"
    page.close()
