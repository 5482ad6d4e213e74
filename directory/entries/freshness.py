"""How long an entry can be trusted: until one of its values has not been looked at for too long.

To look is to compare a value with its source, or to confirm the whole entry. A changed value is a
third thing: `confirmed_at` and `updated_at` never move each other.
"""

import uuid
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col

from directory.db import Moment, now
from directory.entries.fields import Declared, dates_within, is_model
from directory.entries.kinds import Kind
from directory.entries.models import Entry

MONTHS = {"deadline": 12, "fee": 12, "contact": 12, "mission": 36}
"""For how many months a look holds, by the `Ages` marker of the field; unmarked: mission."""

AFTER_CLOSING = timedelta(days=7)
"""So long after its last date a value with dates waits to be looked at again."""


class Reminder(SQLModel, table=True):
    """A letter about an entry and the day by which it wanted a look."""

    entry_id: uuid.UUID = Field(foreign_key="entry.id", ondelete="CASCADE", primary_key=True)
    review_by: date = Field(primary_key=True)
    stage: str = Field(primary_key=True, description="soon, before that day, or past.")
    queued_at: datetime = Field(default_factory=now, sa_type=Moment)


class Checked(Protocol):
    """A claim, saved or published."""

    @property
    def checked_on(self) -> date:
        """Return when somebody last compared the value with the source."""


def review_by(
    kind: Kind,
    profile: Mapping[str, Any],
    claims: Mapping[str, Sequence[Checked]],
    confirmed_at: datetime | None,
) -> date | None:
    """Return the day from which an entry counts as not confirmed: the earliest of its fields.

    `profile` is JSON, as published. None when nothing is stated that anybody could look at.
    """
    return min(limits_of(kind, profile, claims, confirmed_at).values(), default=None)


def limits_of(
    kind: Kind,
    profile: Mapping[str, Any],
    claims: Mapping[str, Sequence[Checked]],
    confirmed_at: datetime | None,
) -> dict[str, date]:
    """Return for each stated field the day from which its value counts as not confirmed."""
    found = {}
    for name, declared in kind.public_fields.items():
        value = profile.get(name)
        looked = [claim.checked_on for claim in claims.get(name, ())]
        if confirmed_at:
            looked.append(confirmed_at.date())
        if value is not None and looked and not declared.ours:
            found[name] = _limit(declared, value, max(looked))
    return found


def _limit(declared: Declared, value: Any, looked: date) -> date:
    """Return until when one value holds.

    Dates that are over ask for a look once: after that they are history, and age like the rest.
    """
    limit = _months_after(looked, MONTHS[declared.ages])
    if declared.ages == "deadline":
        last = max(_dates(declared, value), default=None)
        if last and looked <= last:
            return min(limit, _days_after(last))
    return limit


def _dates(declared: Declared, value: Any) -> Iterator[date]:
    """Yield the dates in a structured value; what was cancelled has none."""
    if is_model(declared.type):
        for item in value if declared.many else [value]:
            if not item.get("cancelled"):
                yield from dates_within(declared.type, item)


def _months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _days_after(day: date) -> date:
    return day + AFTER_CLOSING if day <= date.max - AFTER_CLOSING else date.max


def is_stale(entry: Entry, today: date) -> bool:
    """Say whether an entry counts as not confirmed today."""
    return entry.review_by is not None and entry.review_by <= today


def is_stale_on(today: date) -> sa.ColumnElement[bool]:
    """Return the same as a condition."""
    return col(Entry.review_by) <= today
