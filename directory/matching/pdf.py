"""Papers as PDF (A4), with an embedded font, so that they print the same everywhere."""

import logging
import re
import unicodedata
from functools import cache

import fontpkg  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.fonts import TTFFont

from directory.languages import gettext, locale
from directory.matching.paper import (
    Block,
    Bullets,
    Heading,
    Pairs,
    Paper,
    Paragraph,
    ToFillIn,
    texts_of,
)

FAMILY = "Fira Sans"
"""Under the SIL Open Font License: Latin, Greek and Cyrillic letters."""

SIZES = (10.0, 9.0, 8.0, 7.0)
"""Points. The first at which every sheet fits on one page is taken."""

MARGIN, TERM, LEADING = 18, 38, 0.48
"""Millimetres; the height of a line in millimetres for each point of its letters."""

# It says at each file which letters were in it, and that is nobody's business.
logging.getLogger("fontTools").setLevel(logging.WARNING)

INK, QUIET = (22, 32, 42), (82, 94, 106)
STAND_IN = "[…]"
_STAND_INS = re.compile(r"\[…\](?:[^\w\[]*\[…\])+")
NARROW_SPACE, WIDE_SPACE = "\u202f", "\u00a0"
"""The first stands in French numbers, and the font has only the second."""


def draw(paper: Paper) -> bytes:
    """Return a paper as PDF; one that is too long for its pages even in small letters gets more.

    The language that is read is noted in it.
    """
    drawn = b""
    for size in SIZES:
        pdf = FPDF(format="A4")
        try:
            _draw(pdf, paper, size)
            fits = pdf.page_no() == len(paper.sheets)
            if fits or size == SIZES[-1]:
                drawn = bytes(pdf.output())
                break
        finally:
            _close_fonts(pdf)
    return drawn


def _close_fonts(pdf: FPDF) -> None:
    """Close the files of the fonts, which the library leaves to the garbage collector."""
    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            font.ttfont.close()


def _draw(pdf: FPDF, paper: Paper, size: float) -> None:
    pdf.set_title(_printable(paper.title))
    pdf.set_lang(locale().replace("_", "-"))
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(True, MARGIN)
    pdf.add_font(FAMILY, "", fontpkg.path(FAMILY))
    pdf.add_font(FAMILY, "B", fontpkg.path(FAMILY, weight=700))
    for sheet in paper.sheets:
        pdf.add_page()
        for number, block in enumerate(sheet):
            _block(pdf, block, size, first=number == 0)
        if any(_lacking(c) for text in texts_of(sheet) for c in text):
            said = gettext(
                "[…] stands for words in letters that this file cannot show. "
                "The same paper as a page of the site shows them."
            )
            _block(pdf, Paragraph(said, quiet=True), size, first=False)


def _block(pdf: FPDF, block: Block, size: float, *, first: bool) -> None:
    match block:
        case Heading():
            pdf.ln(0 if first else size * 0.25)
            _line(pdf, block.text, size * (1.5 if first else 1.15), bold=True, link=block.link)
        case Paragraph():
            _line(pdf, block.text, size * (0.88 if block.quiet else 1), quiet=block.quiet)
            pdf.ln(size * 0.1)
        case Pairs():
            for term, text in block.items:
                _pair(pdf, term, text, size)
            pdf.ln(size * 0.1)
        case Bullets():
            for text in block.items:
                _line(pdf, f"•  {text}", size)
            pdf.ln(size * 0.1)
        case ToFillIn():
            _line(pdf, f"{block.label}:", size, quiet=True)
            pdf.ln(size * 0.55)
            pdf.set_draw_color(*QUIET)
            pdf.line(pdf.l_margin, pdf.get_y(), pdf.w - pdf.r_margin, pdf.get_y())
            pdf.ln(size * 0.2)


def _line(
    pdf: FPDF,
    text: str,
    size: float,
    *,
    bold: bool = False,
    quiet: bool = False,
    link: str | None = None,
) -> None:
    pdf.set_font(FAMILY, "B" if bold else "", size)
    pdf.set_text_color(*(QUIET if quiet else INK))
    pdf.multi_cell(
        0,
        size * LEADING,
        _printable(text),
        align="L",
        link=link or "",
        new_x="LMARGIN",
        new_y="NEXT",
    )


def _pair(pdf: FPDF, term: str, text: str, size: float) -> None:
    """Draw a term and, beside it, what is said of it; the row ends below the longer of them."""
    height, top = size * LEADING, pdf.get_y()
    pdf.set_font(FAMILY, "", size)
    pdf.set_text_color(*QUIET)
    if top + 2 * height > pdf.page_break_trigger:
        pdf.add_page()
        top = pdf.get_y()
    page = pdf.page
    pdf.multi_cell(TERM, height, _printable(term), align="L", new_x="RIGHT", new_y="NEXT")
    end = pdf.get_y()
    pdf.set_xy(pdf.l_margin + TERM, top)
    pdf.set_text_color(*INK)
    pdf.multi_cell(0, height, _printable(text), align="L", new_x="LMARGIN", new_y="NEXT")
    if pdf.page == page:
        pdf.set_y(max(end, pdf.get_y()))


@cache
def _letters() -> frozenset[int]:
    """Return the characters that the font has."""
    pdf = FPDF()
    pdf.add_font(FAMILY, "", fontpkg.path(FAMILY))
    fonts = [font for font in pdf.fonts.values() if isinstance(font, TTFFont)]
    found = frozenset(letter for font in fonts for letter in font.cmap)
    _close_fonts(pdf)
    return found


def _lacking(letter: str) -> bool:
    """Say whether a character can be seen and the font does not have it."""
    seen = unicodedata.category(letter)[0] not in "CMZ"
    return seen and ord(letter) not in _letters()


def _printable(text: str) -> str:
    """Return a text in which what the font lacks has a stand-in; the library would log it."""
    text = text.replace(NARROW_SPACE, WIDE_SPACE)
    drawn = "".join(
        c if ord(c) in _letters() or c == "\n" else STAND_IN if _lacking(c) else "" for c in text
    )
    return _STAND_INS.sub(STAND_IN, drawn)
