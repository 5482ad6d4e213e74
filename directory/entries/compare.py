"""Entries side by side: a visitor's first questions, then whatever is stated of any of them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlmodel import Session

from directory.entries.fields import Declared, Section
from directory.entries.kinds import kind_named
from directory.entries.links import broken_links
from directory.entries.models import Entry
from directory.entries.queries import read_published
from directory.entries.shortlist import Shortlist, find_entries
from directory.entries.shown import Shown, Value
from directory.entries.vocabularies import Vocabularies
from directory.languages import marked
from directory.sources.queries import sources_by_slug

MOST = 4
QUESTIONS = marked("First questions")

Verdict = Literal["differs", "same", "alone"]


@dataclass(frozen=True)
class Row:
    """One field of all entries; None where the kind of an entry has no such field."""

    titles: list[str]
    cells: list[Value | None]

    @property
    def title(self) -> str:
        """Return the question or title, in the words of each kind where they differ."""
        return " / ".join(self.titles)

    @property
    def verdict(self) -> Verdict:
        """Say whether the entries agree; a field that only one of them has is neither.

        To be silent is an answer of its own here: stated and not stated differ.
        """
        known = [cell for cell in self.cells if cell]
        if len(known) < 2:
            return "alone"
        return "same" if len({_meaning(cell.raw) for cell in known}) == 1 else "differs"


@dataclass(frozen=True)
class Group:
    """Rows under one heading, which is in English."""

    heading: str
    rows: list[Row]


@dataclass(frozen=True)
class Comparison:
    """Up to four entries, what is known of them in rows, and what nobody states of any.

    `shortlist` names everything that was asked for and found, in the order of `entries` and then
    of `others`, which did not fit; `problems` says what was not found.
    """

    entries: list[Shown]
    groups: list[Group]
    silent: list[str]
    shortlist: Shortlist
    others: list[Entry]
    problems: list[str]


def read_comparison(session: Session, words: Vocabularies, asked: Shortlist) -> Comparison:
    """Return the first four published entries of a list side by side."""
    found = find_entries(session, asked)
    sources = sources_by_slug(session)
    read = [read_published(session, kind_named(e.kind), e.slug) for e in found.entries[:MOST]]
    broken = broken_links(session, read)
    entries = [Shown(published, words, sources, broken) for published in read]
    groups, silent = _groups(entries)
    others = found.entries[MOST:]
    return Comparison(entries, groups, silent, Shortlist.of(found.entries), others, found.problems)


def _groups(entries: Sequence[Shown]) -> tuple[list[Group], list[str]]:
    """Return the rows by heading, and the titles of the fields that nobody states of any entry.

    Kinds may differ: fields of the same name share a row.
    """
    asked = _rows(entries, _question)
    groups = [Group(QUESTIONS, list(asked.values()))] if asked else []
    placed, silent = set(asked), list[str]()
    for section in Section:
        rows = []
        for name, row in _rows(entries, _title_in(section)).items():
            if name in placed:
                continue
            placed.add(name)
            if any(cell and cell.stated for cell in row.cells):
                rows.append(row)
            else:
                silent.append(row.title)
        if rows:
            groups.append(Group(section.value, rows))
    return groups, silent


def _question(declared: Declared) -> tuple[int, str] | None:
    """Return the question that a field answers, with its place among them."""
    return (declared.answers.order, declared.answers.question) if declared.answers else None


def _title_in(section: Section) -> Callable[[Declared], tuple[int, str] | None]:
    """Return what gives the title of a field of this section; the page keeps their order."""
    return lambda declared: (0, declared.title) if declared.section is section else None


def _rows(
    entries: Sequence[Shown], heading: Callable[[Declared], tuple[int, str] | None]
) -> dict[str, Row]:
    """Return a row for each field that has a heading in the kind of any entry, by field."""
    titles: dict[str, dict[str, None]] = {}
    for shown in entries:
        kind = shown.published.kind
        found = [
            (said, name)
            for name, declared in kind.public_fields.items()
            if not declared.ours and name != kind.title_field and (said := heading(declared))
        ]
        for (_, title), name in sorted(found, key=lambda pair: pair[0][0]):
            titles.setdefault(name, {})[title] = None
    return {
        name: Row(list(said), [shown.values.get(name) for shown in entries])
        for name, said in titles.items()
    }


def _meaning(raw: Any) -> str:
    """Return a text that is equal for equal values; the order of a list means nothing."""
    parts = raw if isinstance(raw, list) else [raw]
    return "\n".join(sorted(json.dumps(part, sort_keys=True, default=str) for part in parts))
