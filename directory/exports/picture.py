"""The picture of an entry that other sites show where somebody shares its address.

Facebook, LinkedIn, WhatsApp, Mastodon and Slack take PNG of 1200 by 630 pixels (Open Graph
protocol, `og:image`), and none of them SVG. The font has Latin, Greek and Cyrillic letters. A
title with other letters is not drawn in part: the picture then says what kind of entry it is and
whose catalogue, and the reader's program writes the title beside it.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import fontpkg  # type: ignore[import-untyped]

from directory.entries.queries import Published
from directory.entries.vocabularies import Vocabularies
from directory.languages import reading

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

MEDIA_TYPE = "image/png"
WIDTH, HEIGHT = 1200, 630
"""Pixels."""

FAMILY = "Fira Sans"
PAPER, INK, QUIET, BRAND, SOFT = "#fcfbf8", "#16202a", "#525e6a", "#0b4f6c", "#e4f0f4"
EDGE, BAR = 72, 20
ROOM = WIDTH - 2 * EDGE
TITLE_SIZES = (76, 64, 54, 46)
"""Pixels. The first at which the whole title fits into four lines is taken."""

MOST_LINES = 4
LONGEST = 240
"""Letters of a text that are looked at at all; four lines hold fewer."""

KEPT = 128
"""Pictures that are kept in memory, of about 20 kB each."""

BEHIND = ("providers", "organisations")
"""Whose name stands on the picture: who offers it first."""

UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs"}
SIGNS = {"So", "Sk"}
"""Categories of Unicode: what is not seen, and signs such as emoji, which the font may lack."""


@dataclass(frozen=True)
class Card:
    """What a picture says."""

    kind: str
    title: str
    by: str
    lines: tuple[str, ...]
    site: str

    @property
    def words(self) -> str:
        """Return all of it as a text, which the file carries as its description."""
        return " · ".join(part for part in (self.kind, self.title, self.by, *self.lines) if part)


def card_of(published: Published, words: Vocabularies, site: str) -> Card:
    """Return what the picture of an entry says in the language that is read.

    What our own words would need letters for that the font lacks, it says in English.
    """
    kind, profile = published.kind, published.profile
    terms = [
        (code, words.label("action-lines", code)) for code in profile.get("action_lines") or ()
    ]
    code = profile[kind.kind_field]
    label = words.label(kind.fields[kind.kind_field].vocabulary or "", code) if code else kind.label
    if not all(map(drawable, (label, *(text for _, text in terms)))):
        with reading("en"):
            return card_of(published, words, site)
    names = [x.title for field in BEHIND for x in published.links if x.field == field]
    by = ", ".join(filter(drawable, names[:3]))
    named = tuple(f"{code} {text}" for code, text in terms)
    return Card(label, published.entry.title, by, named, site)


@cache
def _letters() -> frozenset[int]:
    """Return the characters that the font has."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with TTFont(fontpkg.path(FAMILY), lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _font(size: int, weight: int = 400) -> "FreeTypeFont":
    from PIL.ImageFont import truetype

    return truetype(str(fontpkg.path(FAMILY, weight=weight)), size)


def plain(text: str) -> str:
    """Return the beginning of a text in one line, without emoji and what else is only a sign."""
    text = " ".join(unicodedata.normalize("NFC", text[: 2 * LONGEST]).split())[:LONGEST]
    kept = (c for c in text if _says_something(c))
    # A sign for how an emoji looks is a mark, and stays alone where the emoji went.
    return " ".join("".join(c for c in kept if not "\ufe00" <= c <= "\ufe0f").split())


def _says_something(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category not in UNSEEN and (category not in SIGNS or ord(letter) in _letters())


def drawable(text: str) -> bool:
    """Say whether the font has every letter of a text, and whether there is any."""
    shown = plain(text)
    return bool(shown) and all(ord(c) in _letters() for c in shown)


def wrapped(text: str, font: "FreeTypeFont", width: float) -> list[str]:
    """Return a text in lines no wider than that; a word that is wider itself is cut."""
    lines: list[str] = []
    line = ""
    for word in _pieces(text.split(), font, width):
        longer = f"{line} {word}" if line else word
        if line and font.getlength(longer) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line else lines


def _pieces(words: Iterable[str], font: "FreeTypeFont", width: float) -> Iterator[str]:
    for word in words:
        while font.getlength(word) > width:
            end = len(word)
            while end > 1 and font.getlength(word[:end]) > width:
                end -= 1
            yield word[:end]
            word = word[end:]
        if word:
            yield word


def _ended(text: str, font: "FreeTypeFont", width: float) -> str:
    """Return a text that ends in an ellipsis and is no wider than that."""
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip(' ,;:.')}…"


def fitted(text: str, cut: bool) -> tuple[list[str], int]:
    """Return the lines of a title and the size of its letters in pixels.

    `cut` says that the title was longer than what is looked at.
    """
    for size in TITLE_SIZES:
        lines = wrapped(text, _font(size, 700), ROOM)
        if len(lines) <= MOST_LINES and not cut:
            return lines, size
    if len(lines) > MOST_LINES or cut:
        lines = lines[:MOST_LINES]
        lines[-1] = _ended(lines[-1], _font(size, 700), ROOM)
    return lines, size


@lru_cache(maxsize=KEPT)
def draw(card: Card) -> bytes:
    """Return a picture as PNG, in about a tenth of a second."""
    from PIL import Image, ImageDraw
    from PIL.PngImagePlugin import PngInfo

    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH, BAR), fill=BRAND)
    if drawable(card.title):
        _with_title(pen, card)
    else:
        pen.text((EDGE, 210), plain(card.kind), font=_font(TITLE_SIZES[0], 700), fill=INK)
    _foot(pen, card)
    said = PngInfo()
    said.add_itxt("Description", card.words)
    file = BytesIO()
    # A few colours are enough for letters, and a third of the bytes.
    image.quantize(colors=64).save(file, "PNG", optimize=True, pnginfo=said)
    return file.getvalue()


def _with_title(pen: "ImageDraw", card: Card) -> None:
    pen.text((EDGE, 72), plain(card.kind), font=_font(34, 700), fill=BRAND)
    whole = " ".join(card.title.split())
    lines, size = fitted(plain(card.title), cut=len(whole) > LONGEST)
    top = 130.0
    for line in lines:
        pen.text((EDGE, top), line, font=_font(size, 700), fill=INK)
        top += size * 1.16
    if card.by:
        font, by = _font(32), plain(card.by)
        by = by if font.getlength(by) <= ROOM else _ended(by, font, ROOM)
        pen.text((EDGE, top + 12), by, font=font, fill=QUIET)


def _foot(pen: "ImageDraw", card: Card) -> None:
    """Draw the action lines, as many as fit, and below them whose catalogue it is."""
    left: Any = EDGE
    font = _font(26)
    for text in map(plain, card.lines):
        width = font.getlength(text) + 36
        if left + width > WIDTH - EDGE:
            break
        pen.rounded_rectangle((left, 488, left + width, 534), 23, fill=SOFT)
        pen.text((left + 18, 511), text, font=font, fill=BRAND, anchor="lm")
        left += width + 12
    if drawable(card.site):
        pen.text((EDGE, 576), plain(card.site), font=_font(28, 700), fill=INK, anchor="lm")
