"""Shades and texts of the drawings."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from directory.insights.drawing import LETTER, SHADES, fitted, shade, wrapped
from directory.web.xml import xml_text


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_is_never_lighter(one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert shade(few, many) <= shade(many, many)
    assert (shade(few, many) == 0) == (few == 0)
    assert shade(many, many) <= SHADES


def test_the_largest_count_has_the_darkest_shade() -> None:
    assert [shade(n, 81) for n in (0, 1, 3, 9, 27, 81)] == [0, 1, 2, 3, 4, 5]


@given(st.text(max_size=80), st.floats(20, 400))
def test_a_text_fits(text: str, width: float) -> None:
    line = fitted(text, width, 13)
    assert len(line) * 13 * LETTER <= max(width, 13 * LETTER)


def test_a_chinese_letter_takes_the_place_of_two() -> None:
    assert fitted("ab" * 10, 13 * LETTER * 20, 13) == "ab" * 10
    assert fitted("字" * 20, 13 * LETTER * 20, 13) == "字" * 9 + "…"


@given(st.lists(st.sampled_from(["row", "hatched", "字", "能力建设", "строка"]), max_size=40))
def test_a_legend_says_all_of_it_on_lines_that_fit(words: list[str]) -> None:
    text = " ".join(words)
    lines = wrapped(text, 150, 12)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(fitted(line, 150, 12) == line for line in lines)


@given(st.text())
def test_a_drawing_can_be_read_whatever_stands_in_it(text: str) -> None:
    ElementTree.fromstring(f"<svg>{xml_text(str(escape(text)))}</svg>")
