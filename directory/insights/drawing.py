"""What drawings are made of: texts that fit, boxes with a shade, and what every chart has.

Lengths are units of the drawing, pixels at full size.
"""

import math
import re
from dataclasses import dataclass
from unicodedata import east_asian_width

SHADES = 5
LETTER = 0.53
"""How wide a letter is on average, in parts of its size; nobody can measure fonts on a server."""

_PARTS = re.compile(r"\s+|[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+")


def shade(count: int, most: int) -> int:
    """Return 0 for none, else 1 to `SHADES`: each step is a multiple, as counts differ so much."""
    if count <= 0:
        return 0
    if most <= 1:
        return 1
    return min(SHADES, 1 + int((SHADES - 1) * math.log(count) / math.log(most) + 1e-9))


def fitted(text: str, width: float, size: float) -> str:
    """Return a text on one line, cut to a width."""
    line = " ".join(text.split())
    most = max(1, int(width / (size * LETTER)))
    if _letters(line) <= most:
        return line
    while line and _letters(line) > most - 1:
        line = line[:-1]
    return line.rstrip() + "…"


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Return a text on as many lines as it needs: cut between words, or between Chinese letters."""
    lines = [""]
    for part in _PARTS.findall(text):
        if lines[-1] and _letters((lines[-1] + part).rstrip()) * size * LETTER > width:
            lines.append("")
        lines[-1] = (lines[-1] + part).lstrip()
    return [fitted(line, width, size) for line in lines if line]


def _letters(text: str) -> int:
    """Return how many letters wide a text is: a Chinese one takes the place of two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


@dataclass(frozen=True)
class Box:
    """A cell or a tile, with what stands in it, what it says in words, and where it leads."""

    x: float
    y: float
    text: str
    said: str
    url: str
    shade: int
    hatched: bool = False
    count: int = 0


@dataclass(frozen=True)
class Text:
    """A text at a place."""

    x: float
    y: float
    text: str
    url: str = ""
    said: str = ""


@dataclass(frozen=True)
class Chart:
    """What every chart has: a name, a description, and a size."""

    title: str
    description: str
    width: int
    height: int
