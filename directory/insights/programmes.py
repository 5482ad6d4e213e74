"""Which programmes the charts look at, so that a page costs the same in a directory of any size."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from directory.entries.kinds import PROGRAMME
from directory.entries.models import Entry
from directory.entries.queries import is_published

MOST = 2_000
"""Above this number, the programmes changed last stand for all: a drawing shows sixty anyway."""


def looked_at(most: int = MOST) -> sa.Select[Any]:
    """Return the query for the ids of the programmes looked at."""
    return (
        sa.select(col(Entry.id))
        .where(is_published(), col(Entry.kind) == PROGRAMME.name)
        .order_by(col(Entry.updated_at).desc(), col(Entry.id))
        .limit(most)
    )


def there_are_more(session: Session) -> bool:
    """Say whether some programmes are not looked at."""
    more = sa.select(sa.func.count()).select_from(looked_at(MOST + 1).subquery())
    return (session.scalar(more) or 0) > MOST
