"""The columns of a table: which field each one is, by its name or its title."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from directory.entries.cells import ABOUT, ORIGIN
from directory.entries.fields import Declared, is_model, parts_of
from directory.entries.kinds import KINDS, Kind

_PART = re.compile(r"(\w+)\.([1-9]\d?)\.(\w+)(?:\.([1-9]\d?)\.(\w+))?")
# Columns of our own exports that an import needs no more than people do.
_PASSED_OVER = {"url", "id", "link"}


@dataclass(frozen=True)
class PartColumn:
    """A column for one part of a structured value, such as runs.1.start.

    `path` leads to it: (1st run, start), or further down, (1st run, tracks, 1st track, title).
    """

    index: int
    header: str
    declared: Declared
    path: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Columns:
    """What stands where in the rows of one kind. `foreign` are columns of other kinds only."""

    about: dict[str, int]
    fields: tuple[tuple[int, Declared], ...]
    parts: tuple[PartColumn, ...]
    foreign: tuple[tuple[int, str], ...]
    unknown: tuple[str, ...]
    twice: tuple[str, ...]


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().split()).rstrip(" *:")


@cache
def _words(kind: Kind) -> dict[str, str]:
    """Map what a column may be called to the name of its field; names win over titles."""
    titles = {_plain(declared.title_in_english): name for name, declared in kind.fields.items()}
    return titles | {_plain(name): name for name in kind.fields}


@lru_cache(maxsize=64)
def read_header(kind: Kind, header: tuple[str, ...]) -> Columns:
    """Find out what each column of a table is for entries of a kind."""
    about: dict[str, int] = {}
    fields: dict[str, tuple[int, Declared]] = {}
    parts, foreign, unknown, twice = [], [], [], []
    for index, text in enumerate(header):
        name = _words(kind).get(_plain(text))
        word = _plain(text)
        if word in (*ABOUT, *ORIGIN):
            (twice.append(text) if word in about else about.setdefault(word, index))
        elif name:
            declared = kind.fields[name]
            twice.append(text) if name in fields else fields.setdefault(name, (index, declared))
        elif part := _part(kind, index, text):
            parts.append(part)
        elif any(_words(other).get(word) for other in KINDS.values()):
            foreign.append((index, text))
        elif text and word not in _PASSED_OVER:
            unknown.append(text)
    return Columns(
        about, tuple(fields.values()), tuple(parts), tuple(foreign), tuple(unknown), tuple(twice)
    )


def _part(kind: Kind, index: int, text: str) -> PartColumn | None:
    found = _PART.fullmatch(text.strip().lower())
    declared = kind.fields.get(found[1]) if found else None
    if not found or declared is None or not is_model(declared.type):
        return None
    path = [(int(found[2]) - 1, found[3])]
    model = declared.type
    if found[3] not in parts_of(model):
        return None
    if found[5]:
        model = parts_of(model)[found[3]][0]
        if not is_model(model) or found[5] not in parts_of(model):
            return None
        path.append((int(found[4]) - 1, found[5]))
    return PartColumn(index, text, declared, tuple(path))


def known_among(header: Iterable[str]) -> int:
    """Return how many of these names are columns of any kind."""
    words = {_plain(text) for text in header}
    known = {*ABOUT, *ORIGIN, *_PASSED_OVER}
    for kind in KINDS.values():
        known |= set(_words(kind))
    return len(words & known)


@lru_cache(maxsize=64)
def holds_dates(kind: Kind, header: tuple[str, ...]) -> list[int]:
    """Return the columns that may hold dates, alone or inside structured values."""
    columns = read_header(kind, header)
    structured = [i for i, declared in columns.fields if is_model(declared.type)]
    return [*structured, *(part.index for part in columns.parts)]
