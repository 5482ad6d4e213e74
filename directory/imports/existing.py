"""What a file meets: the entries of its rows with their revisions, and those they refer to."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.curation.rows import targets_of
from directory.curation.service import Draft
from directory.entries.kinds import kind_named
from directory.entries.models import Entry, Redirect, Revision, State
from directory.imports.rows import Row

_Key = tuple[str, str]


@dataclass(frozen=True)
class Text:
    """What a revision says."""

    profile: Mapping[str, Any]
    claims: Mapping[str, Any]


@dataclass(frozen=True)
class Existing:
    """An entry with its newest revision, and the one that the file started from, if it says so."""

    entry: Entry
    number: int
    newest: Text
    base: Text | None
    merged_words: str = ""


def read_existing(
    session: Session, rows: Sequence[Row], seen: Mapping[str, int]
) -> dict[_Key, Existing]:
    """Return the entries of some rows by kind and slug; an old slug leads to its entry, too."""
    entries = _entries(session, [(row.kind.name, row.slug) for row in rows if row.kind])
    ids = {entry.id for entry in entries.values()}
    newest = _newest(session, ids)
    bases: dict[tuple[Any, int], None] = {}
    for row in rows:
        entry = entries.get((row.kind.name, row.slug)) if row.kind else None
        version = row.version or seen.get(row.place)
        if entry and version:
            bases[(entry.id, version)] = None
    old = _revisions(session, [key for key in bases if newest[key[0]][0] != key[1]])
    found = {}
    for row in rows:
        entry = entries.get((row.kind.name, row.slug)) if row.kind else None
        if entry is None or row.kind is None:
            continue
        number, text = newest[entry.id]
        version = row.version or seen.get(row.place)
        base = text if version == number else old.get((entry.id, version))
        words = _merged_words(session, entry)
        found[(row.kind.name, row.slug)] = Existing(entry, number, text, base, words)
    return found


def _merged_words(session: Session, entry: Entry) -> str:
    if entry.state is not State.MERGED or entry.merged_into is None:
        return ""
    other = session.get(Entry, entry.merged_into)
    return f", {other.slug}" if other else ""


def newest_numbers(
    session: Session, keys: Iterable[_Key]
) -> dict[_Key, tuple[uuid.UUID, State, int]]:
    """Return the entries of these kinds and slugs: id, state, number of the newest revision."""
    entries = _entries(session, keys)
    rows = session.execute(
        sa.select(col(Revision.entry_id), sa.func.max(col(Revision.number)))
        .where(col(Revision.entry_id).in_({entry.id for entry in entries.values()}))
        .group_by(col(Revision.entry_id))
    )
    numbers = {key: number for key, number in rows}
    return {key: (entry.id, entry.state, numbers[entry.id]) for key, entry in entries.items()}


def _entries(session: Session, keys: Iterable[_Key]) -> dict[_Key, Entry]:
    wanted: dict[str, set[str]] = {}
    for kind, slug in keys:
        if slug:
            wanted.setdefault(kind, set()).add(slug)
    found: dict[_Key, Entry] = {}
    for kind, slugs in wanted.items():
        here = session.exec(select(Entry).where(Entry.kind == kind, col(Entry.slug).in_(slugs)))
        found |= {(kind, entry.slug): entry for entry in here}
        if missing := [slug for slug in slugs if (kind, slug) not in found]:
            moved = session.exec(
                select(Redirect.slug, Entry)
                .join(Entry, col(Redirect.entry_id) == Entry.id)
                .where(Redirect.kind == kind, col(Redirect.slug).in_(missing))
            )
            found |= {(kind, slug): entry for slug, entry in moved}
    return found


def _newest(session: Session, ids: Iterable[Any]) -> dict[Any, tuple[int, Text]]:
    numbers = (
        sa.select(col(Revision.entry_id), sa.func.max(col(Revision.number)).label("number"))
        .where(col(Revision.entry_id).in_(list(ids)))
        .group_by(col(Revision.entry_id))
        .subquery()
    )
    rows = session.execute(
        sa.select(
            col(Revision.entry_id),
            col(Revision.number),
            col(Revision.profile),
            col(Revision.claims),
        ).join(
            numbers,
            sa.and_(
                numbers.c.entry_id == col(Revision.entry_id),
                numbers.c.number == col(Revision.number),
            ),
        )
    )
    return {key: (number, Text(profile, claims)) for key, number, profile, claims in rows}


def _revisions(session: Session, keys: Sequence[tuple[Any, int]]) -> dict[Any, Text]:
    if not keys:
        return {}
    # Two lists instead of one of pairs, for which SQLite would read the whole table.
    rows = session.execute(
        sa.select(
            col(Revision.entry_id),
            col(Revision.number),
            col(Revision.profile),
            col(Revision.claims),
        ).where(
            col(Revision.entry_id).in_({key for key, _ in keys}),
            col(Revision.number).in_({number for _, number in keys}),
        )
    )
    return {(key, number): Text(profile, claims) for key, number, profile, claims in rows}


class References:
    """Which entries there are to refer to; each is looked up once."""

    def __init__(self) -> None:
        self._known: dict[_Key, str] = {}

    def read(self, session: Session, rows: Sequence[Row], own: Mapping[str, set[str]]) -> None:
        """Look up what some rows refer to; `own` are the entries that the file itself holds."""
        wanted: dict[str, set[str]] = {}
        for row in rows:
            for name, value in row.values.items() if row.kind else ():
                if not value:
                    continue
                declared = row.kind.fields[name]  # type: ignore[union-attr]
                if not declared.reference:
                    continue
                kind = declared.reference.kind
                for slug in _slugs(value):
                    if (kind, slug) not in self._known:
                        wanted.setdefault(kind, set()).add(slug)
        for kind, slugs in wanted.items():
            self._look_up(session, kind, slugs, own.get(kind, set()))

    def _look_up(self, session: Session, kind: str, slugs: set[str], own: set[str]) -> None:
        some = list(slugs)
        for start in range(0, len(some), 5000):
            piece = some[start : start + 5000]
            here = session.execute(
                sa.select(col(Entry.slug), col(Entry.state)).where(
                    col(Entry.kind) == kind, col(Entry.slug).in_(piece)
                )
            )
            states = {slug: str(state) for slug, state in here}
            moved = session.execute(
                sa.select(col(Redirect.slug)).where(
                    col(Redirect.kind) == kind, col(Redirect.slug).in_(piece)
                )
            )
            states |= {slug: "" for (slug,) in moved if slug not in states}
            for slug in piece:
                absent = "" if slug in own else "absent"
                self._known[(kind, slug)] = states.get(slug, absent)

    def missing(self, draft: Draft, changed: Iterable[str]) -> dict[str, str]:
        """Return one sentence for each changed field that refers to what is not there."""
        wrong = {}
        for name in changed:
            declared = draft.kind.fields[name]
            value = draft.values.get(name)
            if not declared.reference or value is None:
                continue
            kind = kind_named(declared.reference.kind)
            for slug, _ in targets_of(declared, value):
                state = self._known.get((kind.name, slug), "")
                if state == "absent":
                    wrong[name] = (
                        f"There is no {kind.name} called {slug}: write the last part of "
                        "its address."
                    )
                elif state == State.MERGED:
                    wrong[name] = f"{slug} was merged into another entry: name that one."
        return wrong


def _slugs(value: Any) -> set[str]:
    items = value if isinstance(value, list) else [value]
    found = (item.get("organisation") if isinstance(item, dict) else item for item in items)
    return {slug for slug in found if isinstance(slug, str)}
