"""Profiles brought in, in Chromium: passages light up, and everything works without scripts."""

import re

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.conftest import Server, come_in
from tests.browser.test_curator import a_page, nothing_for_axe
from tests.imports.intake.profiles import MARKDOWN


@pytest.fixture(scope="module")
def curator(browser: Browser, server: Server) -> StorageState:
    return come_in(browser, server, "intake@example.org", "curator")


def bring_in(page: Page, server: Server, title: str, text: str = MARKDOWN) -> None:
    page.goto(f"{server.address}/curation/intake")
    page.get_by_label("Paste a text").fill(text)
    page.get_by_label("What the text is").fill(title)
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", name="Proposed entries")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1440])
def test_the_pages_are_accessible_and_fit(
    browser: Browser, server: Server, curator: StorageState, width: int
) -> None:
    with a_page(browser, curator, width=width) as page:
        page.goto(f"{server.address}/curation/intake")
        nothing_for_axe(page)
        bring_in(page, server, f"Harbour at {width}")
        nothing_for_axe(page)
        text, proposals = page.locator("#text"), page.locator("#proposals")
        a, b = text.bounding_box(), proposals.bounding_box()
        assert a and b
        side_by_side = b["x"] >= a["x"] + a["width"]
        assert side_by_side == (width > 1000)


def test_a_passage_lights_up_when_its_value_is_pointed_at_or_has_the_focus(
    browser: Browser, server: Server, curator: StorageState
) -> None:
    with a_page(browser, curator, width=1440) as page:
        bring_in(page, server, "Harbour lights")
        lit = page.locator("mark.shown")
        lantern = page.locator("#training-lantern")
        lantern.locator("summary").click()
        length = lantern.locator("li", has_text="Length")
        length.hover()
        expect(lit).to_have_text(["40 minutes"])
        page.mouse.move(2, 2)
        expect(lit).to_have_count(0)
        lantern.get_by_label("Length", exact=True).focus()
        expect(lit).to_have_text(["40 minutes"])
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(lit).not_to_have_text(["40 minutes"])


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_curator_decides_about_proposals_by_keyboard(
    browser: Browser, server: Server, curator: StorageState, scripts: bool
) -> None:
    with a_page(browser, curator, scripts=scripts) as page:
        # A name of its own, because what was decided about a text is remembered.
        name = "Lantern" if scripts else "Candle"
        text = MARKDOWN.replace("Lantern", name)
        bring_in(page, server, f"Harbour with {name}", text)
        lantern = page.locator(f"#training-{name.lower()}")
        lantern.locator("summary").press("Enter")
        link = lantern.locator("li", has_text="Length").get_by_role("link")
        link.press("Enter")
        expect(page).to_have_url(re.compile(r"#s\d+-\d+$"))
        expect(page.locator("mark:target")).to_have_text("40 minutes")
        lantern.get_by_label("Length", exact=True).fill("45 minutes")
        lantern.locator("li", has_text="Cost").get_by_role("checkbox").press("Space")
        lantern.get_by_role("button", name="Accept as draft").press("Enter")
        expect(page.get_by_text(f"Saved as a draft: {name}.")).to_be_visible()
        lantern.get_by_role("link", name="draft saved").press("Enter")
        expect(page.get_by_label("Length", exact=True)).to_have_value("45 minutes")
        expect(page.locator("[name=cost]")).to_have_value("")
        page.go_back()
        streams = page.locator("#programme-quiet-streams")
        if not streams.get_by_role("button", name="Reject").is_visible():
            streams.locator("summary").press("Enter")
        streams.get_by_role("button", name="Reject").press("Enter")
        expect(page.locator("#programme-quiet-streams.rejected")).to_be_visible()
