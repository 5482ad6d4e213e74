"""How old what we know is: when somebody last looked at the claims of some entries."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col

from directory.sources.models import ClaimRow

AT_ONCE = 500


def days_checked(
    session: Session, groups: Mapping[str, Iterable[uuid.UUID]], fields: Iterable[str]
) -> dict[str, list[date]]:
    """Return, for each group of entries, the day of each of their claims about these fields."""
    names = list(fields)
    members = {group: set(ids) for group, ids in groups.items()}
    wanted = sorted(set().union(*members.values()))
    days: dict[uuid.UUID, list[date]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = session.execute(
            sa.select(col(ClaimRow.entry_id), col(ClaimRow.checked_on)).where(
                col(ClaimRow.entry_id).in_(wanted[start : start + AT_ONCE]),
                col(ClaimRow.field).in_(names),
            )
        )
        for entry_id, day in rows:
            days.setdefault(entry_id, []).append(day)
    return {
        group: [day for key in ids for day in days.get(key, ())] for group, ids in members.items()
    }
