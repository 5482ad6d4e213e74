"""Whatever colours a host chooses, its visitors can read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.embeds.theme import LEAST_CONTRAST, Theme, contrast, read_colour, write_colour

colour = st.tuples(*[st.integers(0, 255)] * 3)
declarations = re.compile(
    r"(@media \(prefers-color-scheme:dark\)\{)?:root\{color-scheme:(light|dark);"
    r"(--[a-z]+:#[0-9a-f]{6};){5}\}\}?"
)


@given(
    accent=st.none() | colour, paper=st.none() | colour, scheme=st.sampled_from(["light", "dark"])
)
def test_all_text_has_enough_contrast(
    accent: tuple[int, int, int] | None, paper: tuple[int, int, int] | None, scheme: str
) -> None:
    theme = Theme(scheme, accent, paper)
    found = theme.palette(scheme)
    for text in (found.ink, found.quiet, found.accent):
        assert contrast(text, found.paper) >= LEAST_CONTRAST
    if accent and contrast(accent, found.paper) >= LEAST_CONTRAST:
        assert found.accent == accent, "a colour that can be read stays as it was chosen"
    assert bool(theme.changed) == (accent is not None and found.accent != accent)


@given(st.dictionaries(st.sampled_from(["theme", "accent", "paper"]), st.text(max_size=30)))
def test_no_address_puts_anything_else_into_the_style_sheet(params: dict[str, str]) -> None:
    lines = Theme.read(params.items()).css().splitlines()
    assert lines and all(declarations.fullmatch(line) for line in lines)


@given(colour)
def test_a_colour_reads_back_as_it_was_written(one: tuple[int, int, int]) -> None:
    assert read_colour(write_colour(one)) == one
    theme = Theme(accent=one)
    assert Theme.read(theme.params()) == theme


@pytest.mark.parametrize(
    "text", ["red", "#12345", "0b4f6c;}", "url(x)", "#ggg", "", "#0b4f6c0", "０b4f6c", "#12"]
)
def test_what_is_no_colour_is_none(text: str) -> None:
    assert read_colour(text) is None


def test_known_contrasts() -> None:
    # The figures of the WCAG working group for black, white and the grey at the border.
    assert round(contrast((0, 0, 0), (255, 255, 255)), 2) == 21
    assert round(contrast((118, 118, 118), (255, 255, 255)), 2) == 4.54


def test_light_and_dark_follow_the_device_unless_one_is_chosen() -> None:
    assert "@media" in Theme().css()
    assert "@media" not in Theme("dark").css() and "color-scheme:dark" in Theme("dark").css()
    on_night = Theme.read([("paper", "101820"), ("theme", "light")])
    assert "color-scheme:dark" in on_night.css()
