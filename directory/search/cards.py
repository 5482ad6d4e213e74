"""What the list of results shows of an entry, read once and kept until the entry changes."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlmodel import Session, SQLModel

from directory.entries.fields import Declared
from directory.entries.kinds import Kind
from directory.entries.models import Entry, EntryLink
from directory.entries.queries import Linked, is_published
from directory.entries.translations import Said, read_in, rows_of
from directory.entries.vocabularies import Vocabularies
from directory.languages import SOURCE, language
from directory.sources.models import ClaimRow, is_contradicted

LEADING = ("provider", "lead", "co-lead", "operator", "host", "secretariat")
"""Whose name stands on a card: the first of these roles that anybody has."""


SUMMARY = "summary"


class Fact(NamedTuple):
    """A field that decides, with its value in words; None is not stated."""

    field: str
    title: str
    text: str | None


class Chip(NamedTuple):
    """A term the entry carries, which is also a filter."""

    parameter: str
    code: str
    label: str


@dataclass(eq=False, slots=True)
class Card:
    """One entry in a list. `rendered` keeps what a template made of it.

    `texts` are what else is searched, by field, in the language that is read first; `elsewhere`
    those in other languages, once somebody needed them.
    """

    id: uuid.UUID
    kind: Kind
    slug: str
    title: str
    version: int
    kind_label: str
    summary: Said | None
    leaders: list[Linked]
    facts: list[Fact]
    chips: list[Chip]
    contradicted: bool
    language: str = SOURCE
    texts: list[tuple[str, Said]] = field(default_factory=list, repr=False)
    elsewhere: list[tuple[str, Said]] | None = field(default=None, repr=False)
    rendered: dict[Any, str] = field(default_factory=dict, repr=False)

    @property
    def url(self) -> str:
        """Return the address of the entry."""
        return self.kind.url(self.slug)

    @property
    def gaps(self) -> str:
        """Return the facts that no source states, in one line."""
        return ", ".join(fact.title for fact in self.facts if not fact.text)


def read_cards(
    session: Session, vocabularies: Vocabularies, ids: Mapping[Kind, Sequence[uuid.UUID]]
) -> dict[uuid.UUID, Card]:
    """Return the cards of these entries of each kind by id."""
    # Prepared statements on plain tables: this is the one read of every search.
    run = session.connection().execute
    leaders: dict[uuid.UUID, list[Linked]] = {}
    for public, key, *link in run(_LINKS, {"ids": [*chain(*ids.values())]}):
        if public:
            leaders.setdefault(key, []).append(Linked(*link))
    rows = [
        (kind, row)
        for kind, some in ids.items()
        for row in run(_rows_of(kind), {"ids": some}).mappings()
    ]
    read = read_in(session, {r["entry_id"]: r[kind.language_field] for kind, r in rows})
    return {
        (key := row["entry_id"]): _card(
            kind, row, read.get(key, {}), leaders.get(key, []), vocabularies
        )
        for kind, row in rows
    }


def read_elsewhere(session: Session, cards: Iterable[Card]) -> None:
    """Read what is searched of these entries in languages that are neither read nor their own."""
    wanted = {card.id: card for card in cards if card.elsewhere is None}
    rows = rows_of(session, wanted) if wanted else {}
    for key, card in wanted.items():
        card.elsewhere = [
            (name, Said(row.texts[name], row.language))
            for row in rows.get(key, ())
            if row.language not in (card.language, language().code)
            for name in (SUMMARY, *dict.fromkeys(name for name, _ in card.texts))
            if name in row.texts
        ]


def _table(model: type[SQLModel]) -> sa.Table:
    table: sa.Table = sa.inspect(model).local_table
    return table


def _among(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return column.in_(sa.bindparam("ids", expanding=True))


_ENTRY, _LINK, _CLAIM = _table(Entry), _table(EntryLink), _table(ClaimRow)
# That the target is public is read, not asked for: without statistics SQLite would begin with the
# index of states and walk through everything published.
_LINKS = (
    sa.select(
        is_published(),
        _LINK.c.entry_id,
        _LINK.c.rel,
        _LINK.c.field,
        _ENTRY.c.kind,
        _ENTRY.c.slug,
        _ENTRY.c.title,
    )
    .join(_ENTRY, _LINK.c.target_id == _ENTRY.c.id)
    .where(_among(_LINK.c.entry_id), _LINK.c.rel.in_(LEADING))
    .order_by(_LINK.c.id)
)
_CONTRADICTED = sa.exists().where(_CLAIM.c.entry_id == _ENTRY.c.id, is_contradicted())


@cache
def _rows_of(kind: Kind) -> sa.Select[Any]:
    """Return the statement for what the cards of a kind show."""
    table = _table(kind.table)
    about = (kind.kind_field, kind.language_field, SUMMARY)
    fields = (*_deciding(kind), *_topics(kind), *_searched(kind))
    shown = {*about, *(d.name for d in fields)}
    return (
        sa.select(
            _ENTRY.c.id.label("entry_id"),
            _ENTRY.c.slug,
            _ENTRY.c.version,
            _ENTRY.c.title.label("entry_title"),
            _CONTRADICTED.label("contradicted"),
            *(table.c[name] for name in sorted(shown)),
        )
        .join(_ENTRY, _ENTRY.c.id == table.c.id)
        .where(_among(table.c.id))
    )


def _card(
    kind: Kind,
    row: RowMapping,
    read: dict[str, str],
    links: list[Linked],
    vocabularies: Vocabularies,
) -> Card:
    code = row[kind.kind_field]
    declared = kind.public_fields[kind.kind_field]
    own = row[kind.language_field] or SOURCE
    summary = [said for _, said in _said(row, read, own, [kind.public_fields[SUMMARY]])]
    return Card(
        id=row["entry_id"],
        kind=kind,
        slug=row["slug"],
        title=row["entry_title"],
        version=row["version"],
        kind_label=vocabularies.label(str(declared.vocabulary), code) if code else kind.label,
        summary=summary[0] if summary else None,
        leaders=_leaders(links),
        facts=[
            _fact(d.name, d.title, *_in_words(d, row[d.name], vocabularies))
            for d in _deciding(kind)
        ],
        chips=[
            _chip(str(d.facet), code, vocabularies.label(str(d.vocabulary), code))
            for d in _topics(kind)
            for code in row[d.name] or []
        ],
        contradicted=row["contradicted"],
        language=own,
        texts=list(_said(row, read, own, _searched(kind))),
    )


def _said(
    row: RowMapping, read: dict[str, str], own: str, fields: Iterable[Declared]
) -> Iterator[tuple[str, Said]]:
    """Yield the texts of stated fields, in the language that is read before their own."""
    for declared in fields:
        if (value := row[declared.name]) is None:
            continue
        if text := read.get(declared.name):
            yield declared.name, Said(text, language().code)
        for text in value if declared.many else [value]:
            yield declared.name, Said(text, own)


def _leaders(links: list[Linked]) -> list[Linked]:
    """Return the organisations that give or lead it."""
    for role in LEADING:
        if found := [link for link in links if link.rel == role]:
            return found
    return []


@cache
def _deciding(kind: Kind) -> list[Declared]:
    """Return the fields that answer a visitor's first questions in a few words, in their order."""
    asked = [
        (d.answers.order, d)
        for d in kind.public_fields.values()
        if d.answers and d.widget != "text" and d.name != kind.kind_field
    ]
    return [d for _, d in sorted(asked, key=lambda pair: pair[0])]


def _in_words(declared: Declared, value: Any, vocabularies: Vocabularies) -> Iterator[str]:
    """Yield what is stated, each value in words."""
    for one in () if value is None else value if declared.many else (value,):
        yield vocabularies.label(declared.vocabulary, one) if declared.vocabulary else str(one)


# Thousands of cards say the same few things: each is kept once.


@lru_cache(maxsize=10_000)
def _fact(name: str, title: str, *stated: str) -> Fact:
    return Fact(name, title, ", ".join(stated) if stated else None)


@lru_cache(maxsize=10_000)
def _chip(parameter: str, code: str, label: str) -> Chip:
    return Chip(parameter, code, label)


@cache
def _searched(kind: Kind) -> list[Declared]:
    """Return the fields whose words are searched and that a card does not show, names first."""
    fields = [
        d
        for d in kind.public_fields.values()
        if d.searchable and d.name not in (kind.title_field, SUMMARY)
    ]
    return sorted(fields, key=lambda d: d.searchable == "text")


@cache
def _topics(kind: Kind) -> list[Declared]:
    """Return the fields shown as chips: action lines, then policy areas."""
    return [
        d
        for parameter in ("action_line", "policy_area")
        for d in kind.public_fields.values()
        if d.facet == parameter
    ]
