"""What a curator sees on coming in: drafts that wait, what was published last, and histories."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.entries.kinds import Kind, kind_named
from directory.entries.models import Entry, Revision
from directory.entries.queries import Listed, newest

RECENT = 10


@dataclass(frozen=True)
class Waiting:
    """A draft that is not public yet."""

    kind: Kind
    entry: Entry
    revision: Revision
    author: str | None


@dataclass(frozen=True)
class Desk:
    """Mine first, because one goes on with one's own work."""

    mine: list[Waiting]
    others: list[Waiting]
    published: list[Listed]


def read_desk(session: Session, user: User) -> Desk:
    """Return every draft that waits, and what was published last."""
    waiting = _drafts(session)
    ids = {revision.author_id for _, revision in waiting}
    people = {u.id: u.email for u in session.exec(select(User).where(col(User.id).in_(ids)))}
    found = [
        Waiting(kind_named(e.kind), e, r, people.get(r.author_id) if r.author_id else None)
        for e, r in waiting
    ]
    return Desk(
        [w for w in found if w.revision.author_id == user.id],
        [w for w in found if w.revision.author_id != user.id],
        newest(session, RECENT),
    )


def _drafts(session: Session) -> list[tuple[Entry, Revision]]:
    """Return each entry whose newest revision is not the published one, newest first."""
    newest = (
        select(Revision.entry_id, sa.func.max(Revision.number).label("number"))
        .group_by(col(Revision.entry_id))
        .subquery()
    )
    rows = session.exec(
        select(Entry, Revision)
        .join(Revision, col(Revision.entry_id) == Entry.id)
        .join(
            newest,
            sa.and_(newest.c.entry_id == Revision.entry_id, newest.c.number == Revision.number),
        )
        .where(Revision.number != Entry.version)
        .order_by(col(Revision.created_at).desc())
    )
    return list(rows)
