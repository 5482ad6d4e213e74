"""What comes out of a printer: the page without its ways to elsewhere, on A4, nothing cut off."""

import io
import re
import unicodedata

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from tests.browser.conftest import Server

ENTRY = "/trainings/cyber-school-initiative"
TWO = "entry=ai-campus&entry=gcsp"
A4 = (595, 842)
FOR_THE_SCREEN = [
    "Skip to content", "Match a need", "Sign in", "Add to shortlist", "For developers",
    "Something wrong here?", "schema.org", "Listed, not endorsed",
]  # fmt: skip


def printed(browser: Browser, address: str, colours: str = "light") -> PdfReader:
    page = browser.new_page(color_scheme="dark" if colours == "dark" else "light")
    page.goto(address)
    made = page.pdf(prefer_css_page_size=True)
    page.close()
    return PdfReader(io.BytesIO(made))


def said(paper: PdfReader) -> str:
    """Return the words of all sheets; a line may end anywhere, and two letters may be one sign."""
    text = " ".join(sheet.extract_text() for sheet in paper.pages)
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text))


def size(paper: PdfReader) -> tuple[int, int]:
    box = paper.pages[0].mediabox
    return round(float(box.width)), round(float(box.height))


def test_an_entry_prints_with_its_answers_and_sources_and_without_navigation(
    browser: Browser, server: Server
) -> None:
    paper = printed(browser, server.address + ENTRY)
    words = said(paper)
    for expected in (
        "Cyber School Initiative", "Who can take part", "Refugees and displaced people",
        "How to get it", "the source gives two answers", "What the sources leave open",
        "Sources", "Profile of the CyberPeace Institute",
        f"{server.address}/sources/cyberpeace-institute-profile",
        f"{server.address}{ENTRY}, as it stood on",
    ):  # fmt: skip
        assert expected in words, expected
    assert not [text for text in FOR_THE_SCREEN if text.strip() in words]
    assert size(paper) == A4
    assert len(paper.pages) <= 3
    assert f"1 / {len(paper.pages)}" in words, "each sheet is numbered"


def test_a_comparison_lies_on_its_side_with_every_column(browser: Browser, server: Server) -> None:
    paper = printed(browser, f"{server.address}/compare?{TWO}")
    words = said(paper)
    assert size(paper) == A4[::-1]
    assert "AI Campus" in words and "Geneva Centre for Security Policy" in words
    assert "Not stated for any of them" in words
    assert not [text for text in ("Remove", "CSV", "Sign in", "Search for more") if text in words]
    for sheet in paper.pages[:-1]:
        head = sheet.extract_text()
        assert "AI Campus" in head, "the names of the columns stand on every sheet"


def test_a_briefing_is_one_sheet_and_gives_the_addresses(browser: Browser, server: Server) -> None:
    paper = printed(browser, f"{server.address}/match/briefing?{TWO}")
    words = said(paper)
    assert len(paper.pages) == 1 and size(paper) == A4
    assert f"<{server.address}/trainings/ai-campus>" in words
    assert "as it stood on" in words and "Back to the offers" not in words


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_ink_is_dark_on_white_whatever_the_screen_has(
    browser: Browser, server: Server, colours: str
) -> None:
    page = browser.new_page(color_scheme="dark" if colours == "dark" else "light")
    page.emulate_media(media="print")
    page.goto(server.address + ENTRY)
    ink = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    page.close()
    assert ink == "rgb(22, 32, 42)"


def test_what_is_for_paper_alone_is_not_on_the_screen(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.goto(server.address + ENTRY)
    assert page.locator(".printed").count() == 2
    assert not page.locator(".printed").first.is_visible()
    page.close()
