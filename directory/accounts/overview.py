"""For which organisations a person may speak."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import Grant, User
from directory.db import now
from directory.entries.models import Entry


@dataclass(frozen=True)
class Own:
    """An organisation that was granted to a person."""

    title: str
    slug: str
    since: datetime
    until: datetime | None


def organisations_of(session: Session, user: User) -> list[Own]:
    """Return the organisations for which a person may speak today, by title."""
    found = session.exec(
        select(Entry.title, Entry.slug, Grant.granted_at, Grant.expires_at)
        .join(Grant, col(Grant.organisation_id) == col(Entry.id))
        .where(
            Grant.user_id == user.id,
            col(Grant.ended_at).is_(None),
            sa.or_(col(Grant.expires_at).is_(None), col(Grant.expires_at) > now()),
        )
        .order_by(col(Entry.title))
    )
    return [Own(*row) for row in found]
