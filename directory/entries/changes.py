"""What changed since, for programs that keep a copy: read from the change log, and nothing missed.

The order of the log is the order of commits (see `db.write_alone`), so that a number of the log
is a place to which one can come back without a lock: what is committed later stands behind it.
An entry counts once, where it changed last; who is half-way through meets it again further on.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from directory.db import Change
from directory.entries.kinds import Kind, kind_named
from directory.entries.models import Entry, State
from directory.entries.queries import Published, is_published, published_by_id
from directory.errors import Gone, Invalid
from directory.languages import gettext

PLACE = "([0-9]{1,18})-[0-9]{1,18}"
"""What a place looks like, as a regular expression."""

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """A place in the log. Its moment shows whether the log is still the one that it was read in."""

    sequence: int
    at: datetime

    def __str__(self) -> str:
        return f"{self.sequence}-{_microseconds(self.at)}"


START = Place(0, BEFORE_ALL)


def _microseconds(moment: datetime) -> int:
    passed = moment - BEFORE_ALL
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def read_moment(text: str) -> datetime:
    """Return a date or a moment that a program wrote (ISO 8601); without a zone it is in UTC.

    Raises ValueError for anything else.
    """
    moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # The first or the last hours of the calendar: the zone no longer matters.
        return moment.replace(tzinfo=UTC)


def newest_place(session: Session) -> Place:
    """Return the end of the log as this session sees it."""
    last = session.exec(select(Change).order_by(col(Change.sequence).desc()).limit(1)).first()
    return _place(last) if last else START


def _place(line: Change) -> Place:
    assert line.sequence is not None
    return Place(line.sequence, line.at)


def line_of(text: str | None) -> int:
    """Return the line of the log that a place names, 0 for what is none."""
    found = re.fullmatch(PLACE, text or "")
    return int(found[1]) if found else 0


def read_place(session: Session, text: str) -> Place:
    """Find a place that was given out.

    Raises Invalid for what never was one, and Gone when the log is another: the database was put
    back from a copy, and what was read since may not be there any more.
    """
    if text == str(START):
        return START
    found = re.fullmatch(PLACE, text)
    if found is None:
        raise Invalid(
            gettext("Some parameters need another look."),
            {
                "cursor": gettext(
                    "cursor is the text that an answer before this one gave, unchanged."
                )
            },
        )
    line = session.get(Change, int(found[1]))
    if line is None or str(_place(line)) != text:
        raise Gone(
            gettext("This cursor is of a list that is no more: read everything again, without it.")
        )
    return _place(line)


def before_moment(session: Session, moment: datetime) -> int:
    """Return the number of the last line of the log that a moment lies behind for certain.

    What stands after the first line of that moment counts, even with an earlier time on it: the
    clock of the server may have been put back.
    """
    first = sa.select(sa.func.min(col(Change.sequence))).where(col(Change.at) >= moment)
    found = session.scalar(first)
    return found - 1 if found is not None else newest_place(session).sequence


def last_lines(after: int) -> sa.Select[Change, Entry]:
    """Select (line, entry) of the last change of each entry that anybody ever saw, in order."""
    later = aliased(Change)
    again = sa.exists().where(
        col(later.entry_id) == col(Change.entry_id), col(later.sequence) > col(Change.sequence)
    )
    return (
        sa.select(Change, Entry)
        .join(Entry, col(Entry.id) == col(Change.entry_id))
        .where(col(Change.sequence) > after, ~again, col(Entry.published_at).is_not(None))
        .order_by(col(Change.sequence))
    )


def list_changed(
    session: Session, kind: Kind, since: int, *, after: int, offset: int, limit: int
) -> tuple[int, list[Published], int | None]:
    """Return how many public entries of a kind changed since a line, some of them, and the place.

    `after` is the place of the page before, or `since`; the place is None at the end.
    """
    wanted = (col(Entry.kind) == kind.name, is_published())
    every = last_lines(since).where(*wanted)
    total = session.scalar(sa.select(sa.func.count()).select_from(every.order_by(None).subquery()))
    some = last_lines(max(after, since)).where(*wanted)
    rows = session.execute(some.offset(offset).limit(limit + 1)).all()
    lines = [(line.sequence, line.entry_id) for line, _ in rows[:limit]]
    entries = published_by_id(session, [key for _, key in lines])
    return total or 0, entries, lines[-1][0] if len(rows) > limit else None


@dataclass(frozen=True)
class Changed:
    """An entry that changed, with what it is for the public now. `into` is what it was merged into.

    Nothing but its address is told of an entry that was taken down.
    """

    place: Place
    entry: Entry
    into: Entry | None

    @property
    def state(self) -> State:
        """Return what the public sees now; who was seen and is a draft again is withdrawn."""
        state = self.entry.state
        return State.WITHDRAWN if state is State.DRAFT else state


def address_of(entry: Entry) -> str:
    """Return the address of an entry, below that of the site."""
    return kind_named(entry.kind).url(entry.slug)


def changes_after(session: Session, after: int, limit: int) -> tuple[list[Changed], bool]:
    """Return the entries that changed after a place, in the order of commits, and whether more."""
    rows = session.execute(last_lines(after).limit(limit + 1)).all()
    targets = targets_of(session, [entry for _, entry in rows])
    found = [Changed(_place(line), e, targets.get(e.merged_into)) for line, e in rows[:limit]]
    return found, len(rows) > limit


def targets_of(session: Session, entries: list[Entry]) -> dict[uuid.UUID | None, Entry]:
    """Return by id what merged entries were merged into, as far as anybody ever saw it."""
    ids = {e.merged_into for e in entries if e.state is State.MERGED}
    found = select(Entry).where(col(Entry.id).in_(ids), col(Entry.published_at).is_not(None))
    return {e.id: e for e in session.exec(found)} if ids else {}
