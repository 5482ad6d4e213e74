"""What is different inside a value: words of a text, items of a list, or the whole."""

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rapidfuzz.distance import Indel

from directory.audit import canonical
from directory.curation.controls import Control

_WORD = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
_SPEAKS = re.compile(r"\w")


@dataclass(frozen=True)
class Mark:
    """A part of a value that stayed, went or came."""

    kind: Literal["same", "removed", "added"]
    item: Any


@dataclass(frozen=True)
class Marked:
    """A value in two versions; `words` says that the items of the marks are pieces of one text."""

    marks: list[Mark]
    words: bool = False


def mark_value(control: Control, before: Any, after: Any) -> Marked:
    """Mark what is different between two values of a control; None is not stated."""
    if isinstance(before, str) and isinstance(after, str) and not control.options_name:
        return Marked(mark_words(before, after), words=True)
    if control.many:
        return Marked(mark_items(before or [], after or []))
    one, other = ([] if value is None else [value] for value in (before, after))
    return Marked(mark_items(one, other))


def mark_words(before: str, after: str) -> list[Mark]:
    """Mark the words that went and came; what stayed and came, joined, is the text after.

    A single sign or word that stayed between two changes would tear a sentence apart: it is part
    of the change.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    found: list[tuple[list[str], list[str], list[str]]] = [([], [], [])]
    pieces = list(_pieces(old, new, lambda word: word.rstrip()))
    for number, (kind, removed, added) in enumerate(pieces):
        inside = 0 < number < len(pieces) - 1
        if kind == "same" and not (inside and _is_short(added)):
            # The space after a word that was the last one is gone, and shown with what follows.
            ended = added[-1].rstrip() == added[-1] != removed[-1]
            found.append((added, [removed[-1][len(added[-1]) :]] if ended else [], []))
            continue
        found[-1][1].extend(removed)
        found[-1][2].extend(added)
    marks = []
    for same, removed, added in found:
        texts: tuple[tuple[Literal["same", "removed", "added"], list[str]], ...]
        texts = (("same", same), ("removed", removed), ("added", added))
        said = ((kind, "".join(words)) for kind, words in texts)
        marks += [Mark(kind, text) for kind, text in said if text.strip() or kind != "removed"]
    return [mark for mark in marks if mark.item]


def _is_short(words: Sequence[str]) -> bool:
    return sum(1 for word in words if _SPEAKS.match(word)) < 2


def mark_items(before: Sequence[Any], after: Sequence[Any]) -> list[Mark]:
    """Mark the items of a list that went and came, in the order of the list after."""
    marks = []
    for kind, removed, added in _pieces(before, after, canonical):
        if kind == "same":
            marks += [Mark("same", item) for item in added]
            continue
        marks += [Mark("removed", item) for item in removed]
        marks += [Mark("added", item) for item in added]
    return marks


def _pieces(
    before: Sequence[Any], after: Sequence[Any], key: Callable[[Any], Hashable]
) -> Sequence[tuple[str, list[Any], list[Any]]]:
    """Return pieces in order: (same, as before, as after), or (changed, what went, what came)."""
    steps = Indel.opcodes([key(b) for b in before], [key(a) for a in after])
    found: list[tuple[str, list[Any], list[Any]]] = []
    for step in steps:
        kind = "same" if step.tag == "equal" else "changed"
        removed = list(before[step.src_start : step.src_end])
        added = list(after[step.dest_start : step.dest_end])
        if found and found[-1][0] == kind:
            found[-1][1].extend(removed)
            found[-1][2].extend(added)
        else:
            found.append((kind, removed, added))
    return found
