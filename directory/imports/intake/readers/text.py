"""Plain text: a block is a line; where paragraphs are broken over lines, a run of lines."""

import re
from collections.abc import Iterator

from directory.imports.intake.blocks import Block, Form
from directory.imports.intake.letters import plain_letters

_ITEM = re.compile(r"^\s*(?:[•▪◦‣·*–—-]|\d{1,2}[.)])\s+(?=\S)")
CARD = re.compile(r"^\s*([^\W\d_][\w ,()/’'-]{1,40}?)\s*[::]\s+(\S.*)$")
_ENDS_OPEN = re.compile(r"[.!?;:,…]['’”\"»)]*$")
_UNDERLINE = re.compile(r"^\s*[=~_*#-]{3,}\s*$")


def read_text(text: str) -> list[Block]:
    """Read a text; the locator of a block is its line, counted from 1."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    blocks = []
    for first, last, found in _paragraphs([plain_letters(line) for line in lines]):
        item = _ITEM.match(found)
        said = " ".join((found[item.end() :] if item else found).split())
        if not said:
            continue
        where = f"line {first}" if first == last else f"lines {first}-{last}"
        form = Form.ITEM if item else form_of(said)
        blocks.append(Block(said, form, where, 1 if form is Form.HEADING else 0))
    return blocks


def form_of(line: str) -> Form:
    """Say what a line is that no typography marks: a heading, a line of a card, or a paragraph."""
    words = line.split()
    if CARD.match(line) and len(words) <= 40 and len(CARD.sub(r"\1", line).split()) <= 4:
        return Form.CARD
    short = len(words) <= 12 and len(line) <= 90
    if short and not _ENDS_OPEN.search(line) and line[0].isupper() and "@" not in line:
        return Form.HEADING
    return Form.PARAGRAPH


def _paragraphs(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """Yield (first line, last line, text) of each paragraph.

    Lines of at most 100 characters that follow each other without an empty line, the next not
    starting anew, are one paragraph that was broken for a narrow page.
    """
    start, held = 0, ""
    for number, line in enumerate(lines, start=1):
        if _UNDERLINE.match(line) or not line.strip():
            if held:
                yield start, number - 1, held
            held = ""
        elif held and _goes_on(lines[number - 2], line):
            held = f"{held} {line.strip()}"
        else:
            if held:
                yield start, number - 1, held
            start, held = number, line
    if held:
        yield start, len(lines), held


def _goes_on(before: str, line: str) -> bool:
    if not 45 <= len(before.strip()) <= 100 or _ITEM.match(line) or CARD.match(line):
        return False
    first = line.strip()[0]
    return first.islower() or (not _ENDS_OPEN.search(before.strip()) and len(before) > 60)
