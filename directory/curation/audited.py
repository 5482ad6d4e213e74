"""The audit log against what it is about: whether the two agree, and what stands in it."""

import json
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.audit import AuditRow, Verified, verify_chain
from directory.curation.service import sealed
from directory.curation.workflow import MOVES
from directory.entries.kinds import kind_named
from directory.entries.models import Entry, Note, Revision

AT_ONCE = 500
_PUBLISHES = ("publish", "seed", "demo")
_Key = tuple[uuid.UUID, int]


# Whether it is whole


@dataclass
class _Rows:
    """What the log says about revisions: who sealed them, who made them public, which moves."""

    seals: dict[_Key, tuple[int, str]] = field(default_factory=dict)
    public: set[_Key] = field(default_factory=set)
    moves: Counter[tuple[uuid.UUID, int, str]] = field(default_factory=Counter)
    first: dict[uuid.UUID, int] = field(default_factory=dict)
    began: datetime | None = None
    broken: tuple[int, str] | None = None


@dataclass(frozen=True)
class Checked(Verified):
    """What a check found; `older` counts the revisions that were saved before the log began."""

    older: int = 0


def verify(session: Session) -> Checked:
    """Follow the chain of the log, and compare it with every revision and note.

    Whoever can write to the database could write the whole chain anew; then the revisions tell.
    `broken` names the first row that does not fit; a row that is missing at the end has the number
    that it would have.
    """
    chain = verify_chain(session)
    rows = _read_rows(session, chain.rows)
    found = [chain.broken, rows.broken]
    older = 0
    for title, revision in _revisions(session):
        key = (revision.entry_id, revision.number)
        what = f"revision {revision.number} of “{title}”"
        if seal := rows.seals.pop(key, None):
            sequence, said = seal
            if sealed(revision)["digest"] != said:
                found.append((sequence, f"{what} no longer says what was saved"))
            elif revision.published_at and key not in rows.public and not chain.broken:
                found.append((chain.rows + 1, f"nobody is named who published {what}"))
        elif _is_older(revision, rows):
            older += 1
        elif not chain.broken:
            found.append((chain.rows + 1, f"{what} was saved, and the log does not say so"))
    found += [(at, "the revision that it tells of is gone") for at, _ in rows.seals.values()]
    if not chain.broken:
        found += ((chain.rows + 1, words) for words in _missing_moves(session, rows))
    first = min((one for one in found if one), default=None)
    return Checked(chain.rows, chain.head, first, older)


def _read_rows(session: Session, last: int) -> _Rows:
    """Read the rows about entries, up to the last one that the chain holds."""
    said = _Rows()
    first = session.exec(select(AuditRow.at).order_by(col(AuditRow.sequence)).limit(1)).first()
    said.began = first
    rows = session.exec(
        select(AuditRow.sequence, AuditRow.action, AuditRow.entry_id, AuditRow.detail)
        .where(col(AuditRow.entry_id).is_not(None), col(AuditRow.sequence) <= last)
        .order_by(col(AuditRow.sequence))
        .execution_options(yield_per=AT_ONCE)
    )
    for sequence, action, entry_id, detail in rows:
        assert entry_id
        try:
            told = dict(json.loads(detail))
        except (ValueError, TypeError):
            said.broken = said.broken or (sequence, "its detail cannot be read")
            continue
        number = told.get("revision")
        if not isinstance(number, int):
            continue
        key = (entry_id, number)
        if "digest" in told:
            if key in said.seals:
                said.broken = said.broken or (sequence, "it tells of a revision for a second time")
            said.seals.setdefault(key, (sequence, str(told["digest"])))
            said.first.setdefault(entry_id, number)
        if action in _PUBLISHES:
            said.public.add(key)
        said.moves[(entry_id, number, action)] += 1
    return said


def _revisions(session: Session) -> Iterator[tuple[str, Revision]]:
    rows = session.exec(
        select(Entry.title, Revision)
        .join(Entry, col(Revision.entry_id) == Entry.id)
        .order_by(col(Revision.entry_id), col(Revision.number))
        .execution_options(yield_per=AT_ONCE)
    )
    for title, revision in rows:
        session.expunge(revision)
        yield title, revision


def _is_older(revision: Revision, rows: _Rows) -> bool:
    """Say whether a revision was saved before there was a log.

    The numbers of an entry only rise: once one of its revisions is in the log, all later ones are.
    """
    first = rows.first.get(revision.entry_id, revision.number + 1)
    return revision.number < first and (rows.began is None or revision.created_at < rows.began)


def _missing_moves(session: Session, rows: _Rows) -> Iterator[str]:
    """Yield a sentence for each step of a review that the log does not know."""
    notes = session.execute(
        sa.select(Note.entry_id, Note.revision, Note.move, sa.func.count())  # type: ignore[call-overload]
        .where(col(Note.move).in_([*MOVES, "answer"]))
        .group_by(col(Note.entry_id), col(Note.revision), col(Note.move))
    )
    for entry_id, number, move, count in notes:
        if rows.moves[(entry_id, number, move)] < count:
            entry = session.get_one(Entry, entry_id)
            yield f"the log does not say who did “{move}” with revision {number} of “{entry.title}”"


# What stands in it


@dataclass(frozen=True)
class LogQuery:
    """Which rows are asked for: by action, address of the person, entry and day (UTC)."""

    action: str = ""
    person: str = ""
    entry: str = ""
    day: date | None = None
    page: int = 1

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "LogQuery":
        """Read the parameters of an address; what cannot be read is left out."""
        try:
            day = date.fromisoformat(given.get("day", ""))
        except ValueError:
            day = None
        page = given.get("page", "")
        texts = {n: given.get(n, "").replace("\x00", "").strip() for n in ("action", "person")}
        entry = given.get("entry", "").replace("\x00", "").strip()
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1
        return cls(**texts, entry=entry, day=day, page=max(1, number))

    def url(self, path: str, page: int = 1) -> str:
        """Return an address that asks the same."""
        here = {**vars(replace(self, page=page)), "day": self.day.isoformat() if self.day else ""}
        query = urlencode({n: v for n, v in here.items() if v and (n, v) != ("page", 1)})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True)
class Logged:
    """One row as people read it; `path` leads to the entry on the desk."""

    row: AuditRow
    person: str | None
    path: str | None

    @property
    def detail(self) -> list[tuple[str, str]]:
        """Return what else is known to people: empty values and hashes are left out."""
        told: dict[str, Any] = json.loads(self.row.detail)
        told.pop("digest", None)
        return [
            (name, ", ".join(map(str, v)) if isinstance(v, list) else str(v))
            for name, v in told.items()
            if v not in ("", None, [])
        ]


def actions_in(session: Session) -> list[str]:
    """Return every action that stands in the log."""
    return sorted(session.exec(select(AuditRow.action).distinct()))


def count_log(session: Session, query: LogQuery) -> int:
    """Return how many rows there are."""
    return session.scalar(_asked(sa.select(sa.func.count()).select_from(AuditRow), query)) or 0


def read_log(
    session: Session, query: LogQuery, *, limit: int, offset: int = 0, below: int | None = None
) -> list[Logged]:
    """Return rows, newest first; with `below` only those with smaller numbers."""
    rows = _asked(sa.select(AuditRow, col(User.email), Entry), query)
    if below is not None:
        rows = rows.where(col(AuditRow.sequence) < below)
    rows = rows.order_by(col(AuditRow.sequence).desc()).limit(limit).offset(offset)
    return [
        Logged(row, email, kind_named(entry.kind).url(entry.slug) if entry else None)
        for row, email, entry in session.execute(rows)
    ]


def _asked(rows: Any, query: LogQuery) -> Any:
    """Join people and entries to the rows of the log, and leave those that are asked for."""
    rows = rows.join(User, col(AuditRow.actor_id) == User.id, isouter=True).join(
        Entry, col(AuditRow.entry_id) == Entry.id, isouter=True
    )
    if query.action:
        rows = rows.where(AuditRow.action == query.action)
    if query.person:
        rows = rows.where(col(User.email).icontains(query.person, autoescape=True))
    if query.entry:
        slug = query.entry.rstrip("/").rpartition("/")[2]
        named = col(AuditRow.subject).icontains(query.entry, autoescape=True)
        rows = rows.where(sa.or_(col(Entry.slug) == slug, named))
    if query.day:
        begins = datetime.combine(query.day, time(), UTC)
        rows = rows.where(col(AuditRow.at) >= begins)
        if query.day < date.max:
            rows = rows.where(col(AuditRow.at) < begins + timedelta(days=1))
    return rows
