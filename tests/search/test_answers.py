"""The search page as it is sent, without scripts: marks, what to drop, what was left out."""

import re
from html import unescape
from typing import Any

import pytest
from litestar.testing import TestClient

Client = TestClient[Any]


def drops(page: str) -> list[tuple[str, int]]:
    """Return each address that is offered where nothing fits, with the number it promises."""
    offered = page.partition('class="nothing"')[2].partition("</ul>")[0]
    found = re.findall(r'href="([^"]+)">(\d+) entr', offered)
    return [(unescape(address), int(count)) for address, count in found]


def total(page: str) -> int:
    heading = re.search(r"<h1>([\d,]+) entr", page)
    assert heading
    return int(heading[1].replace(",", ""))


def test_words_are_marked_and_reasons_stand_with_them(site: Client) -> None:
    page = site.get("/search?q=quantum").text
    assert "<mark>quantum</mark>" in page
    assert re.search(r'<p class="why"><span>Description:</span> <bdi lang="en" dir="ltr">', page)
    assert "<mark>" not in site.get("/search").text


@pytest.mark.parametrize(
    "filters",
    [
        "q=spyware&kind=training",
        "q=spyware&kind=training&language=ru",
        "q=spyware&kind=training&language=ru&cost=fee",
        "kind=training&country=AQ&cost=fee",
    ],
)
def test_what_is_offered_where_nothing_fits_is_what_its_link_finds(
    site: Client, filters: str
) -> None:
    page = site.get(f"/search?{filters}").text
    assert total(page) == 0
    offered = drops(page)
    assert offered
    for address, count in offered:
        assert total(site.get(address).text) == count > 0


def test_a_long_question_is_answered_and_says_what_was_left_out(site: Client) -> None:
    page = site.get("/search", params={"q": "internet " * 40}).text
    assert "only its first words were looked for" in page
    assert "left out" not in site.get("/search?q=internet").text


def test_hostile_words_and_filters_stay_text(site: Client) -> None:
    hostile = "<script>alert(1)</script> quantum"
    page = site.get("/search", params={"q": hostile, "country": hostile}).text
    assert "<script>alert" not in page
