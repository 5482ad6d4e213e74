"""One shape for every document: blocks of text, each with its kind, its place and its typography."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any

MOST_BLOCKS = 20_000
LONGEST_BLOCK = 40_000
LONGEST_TEXT = 1_000_000
"""Limits of a document, in blocks and characters: far above any profile, far below trouble."""


class Form(StrEnum):
    """What a block is on its page."""

    HEADING = "heading"
    ITEM = "item"
    PARAGRAPH = "paragraph"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a block that stands out: `start` and `end` count characters."""

    start: int
    end: int
    look: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, item of a list or line of a card.

    `locator` says where it stands, in words: line 12, page 3, paragraph 4.
    """

    text: str
    form: Form
    locator: str
    level: int = 0
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Document:
    """A text as it was read. `name` is the file or the address."""

    name: str
    blocks: list[Block] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the text."""
        return sha256("\n".join(b.text for b in self.blocks).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the document as JSON."""
        return {"name": self.name, "blocks": [asdict(b) for b in self.blocks]}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "Document":
        """Read what `to_json` wrote."""
        return cls(
            found["name"],
            [
                Block(
                    b["text"],
                    Form(b["form"]),
                    b["locator"],
                    b["level"],
                    tuple(Span(**s) for s in b["spans"]),
                )
                for b in found["blocks"]
            ],
        )


class TextBuilder:
    """Puts the text of a block together, one space between words, and keeps what stands out."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._space = False
        self.spans: list[Span] = []

    def add(self, text: str, looks: Iterable[str] = ()) -> None:
        """Append a run of text with its looks (bold, italic, link)."""
        words = text.split()
        if text[:1].isspace() or not words:
            self._space = bool(text) or self._space
        if not words:
            return
        if self._space and self._length:
            self._put(" ")
        start = self._length
        self._put(" ".join(words))
        self.spans += [Span(start, self._length, look) for look in looks]
        self._space = text[-1:].isspace()

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def block(self, form: Form, locator: str, level: int = 0) -> Block | None:
        """Return the block, or None when nothing was written."""
        text = "".join(self._parts)
        if not text:
            return None
        return Block(text, form, locator, level, tuple(_joined(self.spans)))


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans in order; two of one look that touch are one."""
    last: dict[str, Span] = {}
    for span in spans:
        before = last.get(span.look)
        if before and span.start - before.end <= 1:
            last[span.look] = Span(before.start, span.end, span.look)
            continue
        if before:
            yield before
        last[span.look] = span
    yield from last.values()
