"""What OAI-PMH gives out: every entry that ever was public, by the moment of its last change.

An entry that was taken down stays as a deleted record, for ever (OAI-PMH 2.0, 2.5.1). Records come
in the order of (moment, id), so that a list can be read on from any of them. One that changes
while somebody reads moves to the end: it comes again as what it is then, and none is left out.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.db import now
from directory.entries.kinds import KINDS, kind_named
from directory.entries.models import Entry, Revision, State
from directory.entries.queries import Published, published_by_id
from directory.entries.vocabularies import Vocabularies
from directory.errors import NotFound

PAGE = 100
LINES = "action-lines"
_KIND, _LINE = "kind", "action-line"
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Place:
    """A place in the list: after the record with this moment and id."""

    at: datetime
    id: uuid.UUID


@dataclass(frozen=True)
class Record:
    """An entry as a harvester sees it; `published` is None for a deleted one."""

    entry: Entry
    sets: list[str]
    published: Published | None

    @property
    def place(self) -> Place:
        """Return where it stands in the list."""
        return Place(self.entry.updated_at, self.entry.id)


@dataclass(frozen=True)
class Asked:
    """Which records are asked for: moments are inclusive, to the second, `until` to its end."""

    since: datetime | None = None
    until: datetime | None = None
    set: str | None = None


def all_sets(words: Vocabularies) -> Iterator[tuple[str, str]]:
    """Yield (setSpec, name) of every set, broader ones first."""
    yield _KIND, "All entries, by kind"
    for kind in KINDS.values():
        yield f"{_KIND}:{kind.name}", kind.plural
    yield _LINE, "Entries with a WSIS action line"
    for code in words.of(LINES):
        yield _spec(words, code), f"WSIS action line {code}: {words.label(LINES, code)}"


def _spec(words: Vocabularies, code: str) -> str:
    """Return the setSpec of an action line: C7-EGOV lies in C7, and so do their sets."""
    term = words.term(LINES, code)
    above = f"{term.broader}:" if term and term.broader else ""
    return f"{_LINE}:{above}{code}"


def earliest(session: Session) -> datetime:
    """Return the moment of the oldest record, or now while there is none."""
    return session.scalar(sa.select(sa.func.min(col(Entry.updated_at))).where(_ever())) or now()


def _ever() -> sa.ColumnElement[bool]:
    """Return the condition under which an entry has been public once."""
    return col(Entry.version) > 0


def find_record(session: Session, words: Vocabularies, key: uuid.UUID) -> Record:
    """Return one record; raises NotFound for an entry that never was public."""
    entry = session.exec(select(Entry).where(Entry.id == key, _ever())).first()
    if entry is None:
        raise NotFound("There is no such record.")
    return _records(session, words, [entry])[0]


def list_records(
    session: Session, words: Vocabularies, asked: Asked, after: Place | None = None
) -> tuple[list[Record], bool]:
    """Return the next records, at most `PAGE`, and whether there are more.

    One more is looked for than is given, because only then is it known whether the list goes on.
    """
    found: list[Record] = []
    while True:
        rows = session.exec(_rows(asked, after).limit(PAGE + 1)).all()
        records = _records(session, words, rows)
        found += [r for r in records if asked.set is None or _in(r.sets, asked.set)]
        if len(found) > PAGE or len(rows) <= PAGE:
            return found[:PAGE], len(found) > PAGE
        after = records[-1].place


def _rows(asked: Asked, after: Place | None) -> Any:
    moment, key = col(Entry.updated_at), col(Entry.id)
    query = select(Entry).where(_ever()).order_by(moment, key)
    if asked.since:
        query = query.where(moment >= asked.since)
    if asked.until:
        query = query.where(moment < asked.until + _SECOND)
    if asked.set and asked.set.startswith(f"{_KIND}:"):
        query = query.where(Entry.kind == asked.set.removeprefix(f"{_KIND}:"))
    if after:
        query = query.where(sa.or_(moment > after.at, sa.and_(moment == after.at, key > after.id)))
    return query


def _in(sets: Sequence[str], wanted: str) -> bool:
    """Say whether a record lies in a set: what lies in C7-EGOV lies in C7 as well."""
    return any(one == wanted or one.startswith(f"{wanted}:") for one in sets)


def _records(session: Session, words: Vocabularies, entries: Sequence[Entry]) -> list[Record]:
    public = {
        p.entry.id: p
        for p in published_by_id(session, [e.id for e in entries if e.state is State.PUBLISHED])
    }
    lines = _lines(session, [e for e in entries if e.id not in public])
    lines |= {key: p.profile.get("action_lines") or [] for key, p in public.items()}
    return [
        Record(
            entry,
            [
                f"{_KIND}:{kind_named(entry.kind).name}",
                *(_spec(words, code) for code in lines.get(entry.id, [])),
            ],
            public.get(entry.id),
        )
        for entry in entries
    ]


def _lines(session: Session, entries: Sequence[Entry]) -> dict[uuid.UUID, list[str]]:
    """Return the action lines that entries had when they were public last.

    Who harvests a set must hear that a record of it is gone, also of one that was merged.
    """
    rows = session.exec(
        select(Revision)
        .join(
            Entry,
            sa.and_(
                col(Entry.id) == col(Revision.entry_id),
                col(Entry.version) == col(Revision.number),
            ),
        )
        .where(col(Entry.id).in_([e.id for e in entries]))
    )
    return {r.entry_id: r.profile.get("action_lines") or [] for r in rows}
