"""What one takes into a meeting: a briefing on one page, a letter to each who is asked."""

import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from litestar.testing import TestClient

Site = TestClient[Any]
NEED = "policy_area=cybersecurity&audience=diplomats&language=fr&head_count=12"
FOUR = (
    "entry=training/cyberpeace-builders&entry=organisation/gcsp"
    "&entry=training/cyber-school-initiative&entry=organisation/diplofoundation"
)


def text(html: str) -> str:
    body = html[html.index("<main") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_a_briefing_says_what_is_needed_what_fits_and_what_is_not_known(site: Site) -> None:
    seen = text(site.get(f"/match/briefing?{NEED}&{FOUR}").text)
    assert "What is needed Policy areas Cybersecurity" in seen
    assert "CyberPeace Builders Volunteer help · CyberPeace Institute" in seen
    assert "Fits Policy areas (Network security (in Cybersecurity))" in seen
    assert "Does not fit Who takes part (NGOs and civil society)" in seen
    assert "Not known" in seen and "Languages (Not stated)" in seen
    assert "Read from: CyberPeace Institute profile" in seen


def test_without_a_need_a_briefing_says_what_is_not_stated(site: Site) -> None:
    seen = text(site.get("/match/briefing?entry=training/cyber-school-initiative").text)
    assert "What is needed" not in seen and "Fits" not in seen
    assert "Not stated" in seen and "What it costs" in seen


def test_a_letter_goes_to_each_who_is_asked_with_the_questions_left(site: Site) -> None:
    html = site.get(f"/match/letter?{NEED}&{FOUR}").text
    sheets = [text("<main>" + part) for part in html.split('<article class="sheet">')[1:]]
    assert len(sheets) == 3, "two of the four offers are from the same organisation"
    assert "To CyberPeace Institute" in sheets[0]
    assert "CyberPeace Builders: http://testserver.local/trainings/cyberpeace-builders" in sheets[0]
    assert "Cyber School Initiative: http" in sheets[0]
    assert "How many people 12" in sheets[0]
    assert "In which languages is it given?" in sheets[0]
    assert "Who you are" not in sheets[0], "the letter speaks as the one who asks"
    assert "To Geneva Centre for Security Policy" in sheets[1]
    assert "whether you could help us" in sheets[1]


@pytest.mark.parametrize(("name", "sheets"), [("briefing", 1), ("letter", 3)])
def test_each_sheet_is_one_page_of_the_pdf(site: Site, name: str, sheets: int) -> None:
    answer = site.get(f"/match/{name}.pdf?{NEED}&{FOUR}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.pdf"'
    assert answer.content.startswith(b"%PDF-") and pages(answer.content) == sheets
    assert b"FiraSans" in answer.content, "the font is in the file"
    assert len(answer.content) < 200_000


def test_letters_that_the_font_lacks_do_not_break_the_pdf(site: Site) -> None:
    for said in ("Обучение на русском", "تدريب", "培训", "‮evil", "x" * 500, "a" * 400 + " b"):
        answer = site.get("/match/letter.pdf", params={"text": said, "entry": "organisation/gcsp"})
        assert answer.status_code == 200 and pages(answer.content) == 1, said


@pytest.fixture
def forgetful(site: Site) -> Iterator[Site]:
    """The site forgets the language that a test has chosen."""
    yield site
    site.cookies.clear()


def words_in(pdf: bytes) -> str:
    from pypdf import PdfReader

    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)


@pytest.mark.parametrize("said", ["تدريب على الأمن", "网络安全培训 适用于官员", "प्रशिक्षण"])
@pytest.mark.parametrize("reader", ["en", "ar", "zh"])
def test_what_the_pdf_cannot_show_is_said_and_never_drawn_as_boxes(
    forgetful: Site, said: str, reader: str
) -> None:
    asked = {"text": f"UN {said} 2027", "entry": "organisation/gcsp", "lang": reader}
    page = forgetful.get("/match/letter", params=asked).text
    assert said in page and page.count("[…]") == 1, "the page shows the letters, and warns"
    drawn = words_in(forgetful.get("/match/letter.pdf", params=asked).content)
    assert "UN […] 2027" in drawn and "[…] stands for words in letters" in drawn
    assert "□" not in drawn and "�" not in drawn and "???" not in drawn


@pytest.mark.parametrize(
    ("reader", "words"),
    [("fr", "Madame, Monsieur"), ("ru", "Уважаемые"), ("ar", "Dear colleagues")],
)
def test_a_letter_is_in_the_language_of_its_reader_where_the_font_has_it(
    forgetful: Site, reader: str, words: str
) -> None:
    page = forgetful.get(f"/match/letter?entry=organisation/gcsp&lang={reader}").text
    link = next(a for a in re.findall(r'href="([^"]+)"', page) if "/match/letter.pdf" in a)
    assert words.split()[0] in words_in(forgetful.get(unescape(link)).content)
    assert "[…]" not in page


def test_a_fifth_entry_is_left_out_and_said_so(site: Site) -> None:
    seen = text(site.get(f"/match/briefing?{FOUR}&entry=organisation/cstd").text)
    assert "One paper holds 4 entries; the last one is left out." in seen


@pytest.mark.parametrize("query", ["", "?entry=training/none", "?entry=%00", f"?{NEED}"])
def test_a_paper_about_nothing_says_what_to_do(site: Site, query: str) -> None:
    for path in ("/match/briefing", "/match/letter.pdf"):
        answer = site.get(path + query)
        assert answer.status_code == 404
        assert "Choose at least one entry first" in answer.text


def test_a_need_with_mistakes_is_not_on_the_paper_and_this_is_said(site: Site) -> None:
    seen = text(site.get("/match/briefing?head_count=x&entry=organisation/gcsp").text)
    assert "Your need is not on it" in seen and "Geneva Centre" in seen
