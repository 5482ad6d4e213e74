"""The picture that other sites show of an entry: what it says, to whom, and that it is drawn."""

import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from PIL import Image

from directory.curation.service import get_entry, publish, read_draft, save_draft
from directory.db import now
from directory.entries.kinds import TRAINING
from directory.entries.models import State
from directory.exports.picture import HEIGHT, ROOM, WIDTH, Card, _font, draw, fitted, plain, wrapped
from directory.settings import Settings
from tests.alerts.conftest import curator_of, profile_of
from tests.people import writing

Client = TestClient[Any]
ADDRESS = "/trainings/cyber-school-initiative.png"
ARABIC, CHINESE = "بناء القدرات في الأمن السيبراني", "网络安全能力建设"


@pytest.fixture(autouse=True)
def no_language_is_kept(site: Client) -> Iterator[None]:
    """Forget the language that a page was asked for in."""
    yield
    site.cookies.clear()


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def said(content: bytes) -> str:
    return str(opened(content).info["Description"])


def test_an_entry_has_a_picture_that_says_what_it_is(site: Client) -> None:
    answer = site.get(ADDRESS)
    assert answer.headers["content-type"] == "image/png"
    assert opened(answer.content).size == (WIDTH, HEIGHT) == (1200, 630)
    assert len(answer.content) < 60_000
    words = said(answer.content)
    for expected in ("Course", "Cyber School Initiative", "CyberPeace Institute", "C4 Capacity"):
        assert expected in words


def test_its_page_names_the_picture_to_those_who_share_it(site: Client) -> None:
    page = site.get("/trainings/cyber-school-initiative").text
    assert 'property="og:image" content="http://testserver.local' + ADDRESS + "?v=1" in page
    for tag in (
        '"og:image:width" content="1200"', '"og:image:height" content="630"',
        '"og:image:alt" content="Course: Cyber School Initiative"',
        '"og:title" content="Cyber School Initiative"', 'content="summary_large_image"',
    ):  # fmt: skip
        assert tag in page, tag
    french = site.get("/trainings/cyber-school-initiative?lang=fr").text
    assert ADDRESS + "?v=1&amp;lang=fr" in french


def test_who_has_it_already_is_told_so(site: Client) -> None:
    tag = site.get(ADDRESS).headers["etag"]
    again = site.get(ADDRESS, headers={"If-None-Match": tag})
    assert again.status_code == 304 and not again.content


def test_our_words_are_in_the_language_of_the_page_or_in_english(site: Client) -> None:
    assert "Cours" in said(site.get(f"{ADDRESS}?lang=fr").content)
    assert "Course" in said(site.get(f"{ADDRESS}?lang=ar").content)
    assert "Course" in said(site.get(f"{ADDRESS}?lang=zh").content)


@pytest.mark.parametrize("slug", ["", "nobody", "../x", "%00", "a" * 3000])
def test_where_nobody_is_there_is_no_picture(site: Client, slug: str) -> None:
    assert site.get(f"/trainings/{slug}.png").status_code in (400, 404)


def test_a_draft_and_what_was_taken_down_have_no_picture(
    desk: Client, desk_settings: Settings
) -> None:
    with writing(desk_settings) as session:
        profile, claims = profile_of("Wombats for beginners", summary="Only a draft.")
        curator = curator_of(session)
        save_draft(session, read_draft(TRAINING, "wombats", profile, claims), by=curator)
    assert desk.get("/trainings/wombats.png").status_code == 404
    for state, status in ((State.ARCHIVED, 404), (State.WITHDRAWN, 410)):
        slug = f"was-{state.value}"
        with writing(desk_settings) as session:
            profile, claims = profile_of(slug, summary="Learn something.")
            curator = curator_of(session)
            draft = read_draft(TRAINING, slug, profile, claims)
            publish(session, *save_draft(session, draft, by=curator), by=curator)
        assert desk.get(f"/trainings/{slug}.png").status_code == 200
        with writing(desk_settings) as session:
            found = get_entry(session, TRAINING, slug)
            found.state, found.state_reason, found.updated_at = state, "Over.", now()
            session.add(found)
        assert desk.get(f"/trainings/{slug}.png").status_code == status
        assert "og:image" not in desk.get(f"/trainings/{slug}").text


def card(title: str, **more: Any) -> Card:
    return Card(
        **{"kind": "Course", "by": "", "lines": (), "site": "Directory"} | more, title=title
    )


def differ(one: Card, other: Card) -> bool:
    return (
        opened(draw(one)).convert("RGB").tobytes() != opened(draw(other)).convert("RGB").tobytes()
    )


@pytest.mark.parametrize("title", [ARABIC, CHINESE, f"AI and {CHINESE}", "🤖🤖", "   "])
def test_a_title_without_letters_of_the_font_is_not_drawn_in_part(title: str) -> None:
    """The picture then says the kind and the site, and no boxes in the place of letters."""
    assert not differ(card(title), card(CHINESE + "别的"))
    assert differ(card(title), card("A course"))
    assert plain(title) in said(draw(card(title))) or not plain(title)


def test_signs_that_say_nothing_are_left_out_and_accents_are_kept() -> None:
    assert plain("AI 🤖 for\u200b\u202e you ❤️") == "AI for you"
    assert plain("e\u0301cole  ouverte\n2026") == "\u00e9cole ouverte 2026"
    assert not differ(card("AI 🤖 for you"), card("AI for you"))


def test_a_title_of_any_length_fits_and_ends_honestly() -> None:
    lines, size = fitted(plain("Short"), cut=False)
    assert lines == ["Short"] and size == 76
    for title in ("word " * 400, "w" * 2000, "Wide" * 90):
        lines, size = fitted(plain(title), cut=len(title) > 240)
        assert len(lines) <= 4 and lines[-1].endswith("…")
        assert all(_font(size, 700).getlength(line) <= ROOM for line in lines)


@settings(max_examples=60)
@given(st.text(max_size=400), st.integers(60, 1100))
def test_a_line_is_never_wider_than_its_room_and_no_letter_is_lost(text: str, width: int) -> None:
    text, font = plain(text), _font(46, 700)
    lines = wrapped(text, font, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(font.getlength(line) <= width or len(line) == 1 for line in lines)


@settings(max_examples=25)
@given(st.text(max_size=2500), st.text(max_size=300), st.lists(st.text(max_size=60), max_size=30))
def test_any_text_is_drawn_and_quickly(title: str, by: str, lines: list[str]) -> None:
    start = time.perf_counter()
    made = draw(card(title, by=by, lines=tuple(lines)))
    assert opened(made).size == (WIDTH, HEIGHT)
    assert len(made) < 150_000
    assert time.perf_counter() - start < 3
