"""A need in Chromium: form, offers, papers."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Server

NEED = "policy_area=cybersecurity&audience=diplomats&language=fr&budget=0"
LIST = "entry=training/cyberpeace-builders&entry=organisation/gcsp"
PAGES = [
    "/match",
    f"/match?{NEED}&{LIST}",
    "/match?audience=refugees&by=2020-01-01&must=by&must=audience",
    "/match?head_count=x&language=Klingon",
    f"/match/briefing?{NEED}&{LIST}",
    f"/match/letter?{NEED}&{LIST}",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("look", ["phone light", "desk light", "desk dark"])
def test_a_page_of_a_need_is_accessible_and_fits(
    browser: Browser, server: Server, path: str, look: str
) -> None:
    width = 360 if "phone" in look else 1440
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if "dark" in look else "light",
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(server.address + path)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(url.startswith(server.address) for url in asked), asked
    context.close()


def test_from_a_need_to_a_briefing_without_javascript(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.address}/match")
    page.get_by_label("Who you are", exact=True).select_option(label="Civil society")
    page.get_by_role("group", name="Policy areas").get_by_text("Choose").click()
    page.get_by_role("checkbox", name="Cybersecurity", exact=True).check()
    page.get_by_label("Budget", exact=True).fill("0")
    page.get_by_role("button", name="Show offers").click()
    offer = page.get_by_role("article").filter(has_text="CyberPeace Builders").first
    expect(offer).to_contain_text("Budget: must Free.")
    offer.get_by_text("source").first.click()
    expect(offer.locator("details.claim[open]")).to_contain_text("CyberPeace Institute profile")
    offer.get_by_role("link", name="Add to shortlist").click()
    page.get_by_role("link", name="Briefing").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("CyberPeace Builders")
    page.get_by_role("link", name="Back to the offers").click()
    expect(page.get_by_role("heading", name="Your shortlist")).to_be_visible()
    context.close()


def test_errors_take_the_focus_and_lead_to_their_question(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.goto(f"{server.address}/match?head_count=many")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="How many people").click()
    expect(page.get_by_label("How many people", exact=True)).to_be_focused()
    page.close()


@pytest.mark.parametrize("name", ["briefing", "letter"])
def test_a_paper_prints_on_one_page_a_sheet(browser: Browser, server: Server, name: str) -> None:
    page = browser.new_page()
    page.goto(f"{server.address}/match/{name}?{NEED}&entry=organisation/gcsp")
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == 1
    page.close()
