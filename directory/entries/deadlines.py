"""What closes soon: deadlines ahead, counted in days where the provider is.

A deadline is a day, and it ends when that day ends in the zone of the run. Where no zone is stated,
or one that no clock knows, days are counted in UTC and no moment is named: nothing is guessed.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from directory.entries.kinds import KINDS
from directory.entries.models import Entry, RunRow, TrackRow
from directory.entries.queries import is_published

SOON = timedelta(days=30)
"""What ends within this time closes soon."""


@cache
def zone_named(name: str | None) -> ZoneInfo | None:
    """Return the time zone of this name (IANA), or None when there is no such zone."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


@dataclass(frozen=True)
class Deadline:
    """The last day to apply for a track of a run, or for a scholarship for it.

    `zone` is what the run says, word for word; `run` and `track` are names, if they have any.
    `updated_at` is when the entry changed last.
    """

    entry_id: uuid.UUID
    title: str
    url: str
    run: str | None
    track: str | None
    day: date
    zone: str | None
    scholarship: bool
    updated_at: datetime

    @property
    def ends(self) -> datetime | None:
        """Return the moment at which the day is over, in UTC; None where no zone is known."""
        zone = zone_named(self.zone)
        if zone is None or self.day == date.max:
            return None
        return datetime.combine(self.day + timedelta(days=1), time.min, zone).astimezone(UTC)

    @property
    def key(self) -> uuid.UUID:
        """Return an id of this deadline; one that moves to another day is another one."""
        about = f"{self.scholarship} {self.day} {self.run} {self.track}"
        return uuid.uuid5(self.entry_id, about)

    def left(self, moment: datetime) -> int:
        """Return how many days are left where it closes: 0 on the last day, less when over."""
        return (self.day - moment.astimezone(zone_named(self.zone) or UTC).date()).days


def closing(session: Session, moment: datetime, within: timedelta = SOON) -> list[Deadline]:
    """Return the deadlines of published trainings that end within a time, soonest first."""
    today, day = moment.astimezone(UTC).date(), timedelta(days=1)
    # Somewhere it is still yesterday, and somewhere already tomorrow.
    found = _between(session, today - day, today + within + day, sa.true())
    soon = [d for d in found if 0 <= d.left(moment) <= within.days]
    return sorted(soon, key=lambda d: (d.day, d.title.casefold(), d.run or "", d.scholarship))


def ahead_of(
    session: Session, ids: Iterable[uuid.UUID], moment: datetime
) -> dict[uuid.UUID, list[Deadline]]:
    """Return by id the deadlines of these trainings that are not over, soonest first."""
    first, those = moment.astimezone(UTC).date() - timedelta(days=1), col(Entry.id).in_(list(ids))
    found: dict[uuid.UUID, list[Deadline]] = {}
    for one in sorted(_between(session, first, date.max, those), key=lambda d: d.day):
        if one.left(moment) >= 0:
            found.setdefault(one.entry_id, []).append(one)
    return found


def _between(
    session: Session, first: date, last: date, those: sa.ColumnElement[bool]
) -> Iterator[Deadline]:
    """Yield every deadline of runs that take place, from a day to a day."""
    days = (col(TrackRow.application_deadline), col(TrackRow.scholarship_deadline))
    rows = session.execute(
        sa.select(Entry, RunRow, TrackRow)
        .join(RunRow, col(RunRow.entry_id) == col(Entry.id))
        .join(TrackRow, col(TrackRow.run_id) == col(RunRow.id))
        .where(
            is_published(),
            those,
            col(RunRow.cancelled).is_(False),
            sa.or_(*(of.between(first, last) for of in days)),
        )
        .order_by(col(RunRow.id), col(TrackRow.id))
    )
    for entry, run, track in rows:
        dated = ((track.application_deadline, False), (track.scholarship_deadline, True))
        for day, is_scholarship in dated:
            if day and first <= day <= last:
                yield Deadline(
                    entry.id,
                    entry.title,
                    KINDS[entry.kind].url(entry.slug),
                    run.label,
                    track.title,
                    day,
                    run.time_zone,
                    is_scholarship,
                    entry.updated_at,
                )
