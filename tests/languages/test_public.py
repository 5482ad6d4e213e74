"""The public pages in two made-up languages, in which every message stands in brackets.

What stands outside of them, and is no text of an entry or a list, nobody could translate.
"""

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.dates import get_month_names
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from litestar.testing import TestClient

import directory.languages as spoken
from directory.app import create_app
from directory.languages import month, number, percent, reading
from tests.conftest import settings_for
from tests.languages.messages import messages

BEGIN, END = "⟦", "⟧"
LEFT, RIGHT = "eo", "he"
"""Written from left to right and from right to left; neither is a language of the site."""

PAGES = [
    "/",
    "/about",
    "/accessibility",
    "/nowhere",
    "/organisations",
    "/organisations/gcsp",
    "/programmes/cyberpeace-builders",
    "/trainings/cyber-school-initiative",
    "/policy-areas",
    "/policy-areas/cybersecurity",
    "/action-lines",
    "/action-lines/C4",
    "/action-lines/C7",
    "/vocabularies",
    "/vocabularies/roles",
    "/search?q=cyber&action_line=C5",
    "/search?q=zzzzqqq&kind=training",
    "/shortlist?entry=ai-campus&entry=gcsp",
    "/compare?entry=ai-campus&entry=gcsp",
    "/match?country=KE&policy_area=cybersecurity&audience=government-officials&budget=0&must=budget",
    "/match/letter?entry=cyber-school-initiative",
    "/gaps",
    "/gaps/map",
    "/gaps/timeline",
    "/gaps/network",
    "/help",
    "/embed?accent=eeeeee",
    "/embed/list?q=cyber",
    "/embed/search?kind=training",
]
MONTHS = "|".join(
    name
    for width in ("wide", "abbreviated")
    for name in get_month_names(width, locale=LEFT).values()
)
NO_WORDS = re.compile(
    rf"\b(CSV|JSON-LD|JSON|Excel|PDF|SVG|SKOS|Turtle|schema\.org|{MONTHS}|C\d+(-[A-Z]+)?)\b|[\d¶.-]+"
)
PUNCTUATION = re.compile(r"[\n,;·:/()“”…\"]|\.\s")
NOT_OURS = {"Digital Capacity Directory", "esperanto", "עברית", "English"}
NOT_OURS |= {"zzzzqqq", "cyber", "http", "testserver local", "trainings", "organisations"}
"""The name of the site, of languages, and what these tests ask for."""


@pytest.fixture(scope="module")
def site(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Any]]:
    """The site in these languages; one of its own, since it keeps what it has drawn."""
    folder = tmp_path_factory.mktemp("languages")
    for code in (LEFT, RIGHT):
        _write(folder / f"{code}.po", code)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spoken, "FOLDER", folder)
        spoken.languages.cache_clear()
        copy = shutil.copy(seeded_file, folder / "directory.db")
        app = create_app(settings_for(folder, f"sqlite:///{copy}"))
        with TestClient(app, base_url="http://testserver.local") as client:
            yield client
    spoken.languages.cache_clear()
    spoken._catalogue.cache_clear()


def _write(file: Path, code: str) -> None:
    made_up = Catalog(locale=code)
    for message in messages():
        if isinstance(message.id, str) and message.id:
            made_up.add(message.id, f"{BEGIN}{message.id}{END}")
        elif message.id:
            made_up.add(message.id, (f"{BEGIN}{message.id[1]}{END}",) * made_up.num_plurals)
    with file.open("wb") as opened:
        write_po(opened, made_up)


@pytest.fixture(scope="module")
def held(seeded_file: Path) -> str:
    """Everything that the database holds, as one text."""
    found = []
    with sqlite3.connect(seeded_file) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                found += [value for value in row if isinstance(value, str)]
    found += [json.dumps(json.loads(v), ensure_ascii=False) for v in found if v[:1] in ("[", "{")]
    return words_in(" ".join(found))


def words_in(text: str) -> str:
    """Return a text without numbers, codes, names of formats and most punctuation."""
    return " ".join(NO_WORDS.sub(" ", PUNCTUATION.sub(" ", text)).split())


class _Text(HTMLParser):
    """Gathers what a person reads or hears of a page, without what is code."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style", "code", "textarea")
        heard = ("aria-label", "title", "placeholder", "alt")
        self.found += [value for name, value in attrs if name in heard and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "code", "textarea")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def outside(html: str) -> Iterator[str]:
    """Yield the pieces of text that lie in no message; messages may hold others, and tags."""
    reader = _Text()
    reader.feed(html)
    depth = 0
    for text in reader.found:
        left = ""
        for letter in text:
            depth += (letter == BEGIN) - (letter == END)
            left += letter if depth == 0 and letter not in (BEGIN, END) else "\n"
        for piece in PUNCTUATION.split(left):
            plain = words_in(piece)
            if re.search(r"[^\W\d_]{2}", plain):
                yield plain


@pytest.mark.parametrize("address", PAGES)
def test_no_page_says_a_word_that_no_translator_saw(
    site: TestClient[Any], held: str, address: str
) -> None:
    page = site.get(address, headers={"accept-language": LEFT})
    assert page.headers["content-language"] == LEFT and BEGIN in page.text
    said = [text for text in outside(page.text) if text not in held and text not in NOT_OURS]
    assert said == []


def test_a_paper_as_pdf_is_in_a_language_that_its_font_can_write(site: TestClient[Any]) -> None:
    address = "/match/briefing?entry=training/ai-campus"
    left, right = (site.get(address, headers={"accept-language": c}).text for c in (LEFT, RIGHT))
    sentence = "The PDF is in English"
    assert f'.pdf?entry=training/ai-campus&amp;lang={LEFT}"' in left and sentence not in left
    assert '.pdf?entry=training/ai-campus"' in right and sentence in right
    for code, language in ((LEFT, b"/Lang (eo)"), (RIGHT, b"/Lang (en-GB)")):
        paper = site.get(f"/match/briefing.pdf?entry=training/ai-campus&lang={code}")
        assert paper.content.startswith(b"%PDF") and language in paper.content
    site.cookies.clear()


def test_a_drawing_taken_away_speaks_as_its_page_does(site: TestClient[Any]) -> None:
    page = site.get("/gaps", headers={"accept-language": LEFT}).text
    assert f'href="/gaps.svg?lang={LEFT}"' in page and 'href="/gaps.csv"' in page
    assert BEGIN in site.get(f"/gaps.svg?lang={LEFT}").text
    assert BEGIN not in site.get("/gaps.svg", headers={"accept-language": LEFT}).text


def test_a_frame_on_another_site_remembers_no_language(site: TestClient[Any]) -> None:
    framed = site.get(f"/embed/list?lang={RIGHT}")
    assert f'<html lang="{RIGHT}" dir="rtl">' in framed.text
    assert "set-cookie" not in framed.headers
    kept = site.get("/embed/list", headers={"cookie": f"lang={RIGHT}"})
    assert '<html lang="en"' in kept.text


def test_an_answer_kept_by_the_browser_is_that_of_its_language(site: TestClient[Any]) -> None:
    first = site.get("/embed/list", headers={"accept-language": LEFT})
    tag = {"if-none-match": first.headers["etag"]}
    assert site.get("/embed/list", headers={"accept-language": LEFT} | tag).status_code == 304
    assert site.get("/embed/list", headers={"accept-language": RIGHT} | tag).status_code == 200


def test_months_and_shares_are_written_as_each_language_does() -> None:
    assert month(date(2026, 11, 26)) == "Nov 2026" and percent(0.254) == "25%"
    assert number(1204) == "1,204"
    with reading("tlh"):
        assert percent(0.5) == "50%"
