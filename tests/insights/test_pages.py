"""Somebody looks at the whole, takes a drawing away, and asks for what is not there."""

import csv
import io
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from litestar.testing import TestClient

from directory.entries.kinds import KINDS
from tests.conftest import settings_for
from tests.search.conftest import Library

PAGES = ["/gaps", "/gaps/map", "/gaps/timeline", "/gaps/network"]
DRAWINGS = [
    "/gaps.svg", "/gaps/map.svg", "/gaps/timeline.svg", "/gaps/programmes.svg", "/gaps/network.svg",
]  # fmt: skip
TABLES = ["/gaps.csv", "/gaps/map.csv", "/gaps/timeline.csv", "/gaps/network.csv"]
ABSURD = [
    "?by=weather&rows=mood&kind=frog", "?by=%00&kind=%ff&rows=%F0%9F%90%B8", "?by=&kind=&rows=",
    "?by=mode&by=cost&by=" + "x" * 5000, "?kind=programme&by=cost", "?=&&&by", "?lang=xx&page=-1",
]  # fmt: skip
SVG = "{http://www.w3.org/2000/svg}"


def drawing(client: TestClient[Any], address: str) -> ElementTree.Element:
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("image/svg+xml")
    return ElementTree.fromstring(response.text)


def check(root: ElementTree.Element) -> None:
    """A drawing has a name and a description, and every link in it leads from anywhere."""
    found = {e.get("id"): e for e in root.iter() if e.get("id")}
    assert (found[root.get("aria-labelledby")].text or "").strip()
    assert (found[root.get("aria-describedby")].text or "").strip()
    assert root.find(f"{SVG}title") is found[root.get("aria-labelledby")]
    for link in root.iter(f"{SVG}a"):
        assert (link.get("href") or "").startswith("http://testserver.local/")
        assert link.get("aria-label") or "".join(link.itertext()).strip()
    assert not [e for e in root.iter() if e.get("style") or e.tag == f"{SVG}style"]


@pytest.mark.parametrize("address", DRAWINGS)
def test_a_drawing_is_sound_and_has_a_name(site: TestClient[Any], address: str) -> None:
    check(drawing(site, address))


def test_every_cell_of_the_drawing_is_a_link(site: TestClient[Any]) -> None:
    root = drawing(site, "/gaps.svg?by=mode")
    links = [a.get("href") or "" for a in root.iter(f"{SVG}a")]
    assert sum("mode=online" in link for link in links) >= 19
    assert sum("mode=not-stated" in link for link in links) >= 19


@pytest.mark.parametrize("address", TABLES)
def test_a_table_is_sound(site: TestClient[Any], address: str) -> None:
    text = site.get(address).text
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert rows
    assert {len(row) for row in rows} == {len(header)}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_needs_no_inline_style_and_says_what_it_is(
    site: TestClient[Any], address: str
) -> None:
    html = site.get(address).text
    assert " style=" not in html
    assert "<style" not in html
    assert html.count("<h1>") == 1
    assert f'href="{address}" aria-current="page"' in html


@pytest.mark.parametrize("params", ABSURD)
def test_absurd_parameters_get_a_page(site: TestClient[Any], params: str) -> None:
    for address in (*PAGES, *DRAWINGS, *TABLES):
        assert site.get(address + params).status_code == 200, address


def test_what_was_repaired_is_said(site: TestClient[Any]) -> None:
    said = "so the usual one is shown"
    assert said in site.get("/gaps?by=weather").text
    assert said in site.get("/gaps/map?kind=frog").text
    assert said not in site.get("/gaps?by=mode").text


@pytest.mark.parametrize("kind", KINDS)
def test_the_gap_map_says_in_words_what_stands_out(site: TestClient[Any], kind: str) -> None:
    html = site.get("/gaps", params={"kind": kind, "by": "language"}).text
    words = re.sub(r"<[^>]+>", "", html)
    assert "What stands out" in words
    assert "do not state “Language”" in words
    assert "mostly not stated" in words


def test_an_empty_timeline_helps_on(site: TestClient[Any]) -> None:
    html = site.get("/gaps/timeline").text
    assert "No published training states a date within the next year" in html
    assert "availability=on-request" in html


@pytest.fixture
def strange(shelf: Library, tmp_path: Path) -> TestClient[Any]:
    """A site whose entries are as bad as the rules for texts allow."""
    from directory.app import create_app

    name = 'a <b> & "c" \ufffe\uffff ]]> =1+1 \u202e' + "ẞ" * 200
    shelf.organisation("one", name, organisation_type="civil-society", countries_served=["KE"])
    shelf.organisation("two", "=cmd|' /C calc'!A0", organisation_type="civil-society")
    carried = [{"organisation": slug, "role": "lead"} for slug in ("one", "two")]
    shelf.programme(
        "p", name, programme_kind="project", organisations=carried, start_year=1800, end_year=2100
    )
    runs = [
        {"label": name[:300], "start": "0001-01-01", "end": "9999-12-31"},
        {"tracks": [{"application_deadline": "9999-12-31"}]},
        {},
    ]
    shelf.training("t", name, runs=runs)
    settings = settings_for(tmp_path / "strange", f"sqlite:///{shelf.folder / 'library.db'}")
    return TestClient(create_app(settings), base_url="http://testserver.local")


def test_strange_entries_break_nothing(strange: TestClient[Any]) -> None:
    with strange as client:
        for address in PAGES:
            html = client.get(address)
            assert html.status_code == 200
            assert "<b> &" not in html.text
        for address in DRAWINGS:
            check(drawing(client, address))
        rows = client.get("/gaps/network.csv").text
        assert "'=cmd|" in rows


def test_a_directory_without_entries_has_pages(shelf: Library, tmp_path: Path) -> None:
    from directory.app import create_app

    settings = settings_for(tmp_path / "empty", f"sqlite:///{shelf.folder / 'library.db'}")
    with TestClient(create_app(settings), base_url="http://testserver.local") as client:
        for address in (*PAGES, *DRAWINGS, *TABLES):
            assert client.get(address).status_code == 200, address
        assert "so there is nothing to count" in client.get("/gaps").text
