"""Sessions as they are kept: found by the hash of their cookie, listed and ended by their owner.

A session that only half signed somebody in, or belongs to nobody, is gone in ten minutes. A whole
one ends after twelve idle hours, and after seven days in any case.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import BrowserSession, User
from directory.db import now

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
HALF = timedelta(minutes=10)
RENEW_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Holder:
    """Whose a new session is, whether it opens anything yet, and the browser in two words."""

    user_id: uuid.UUID | None = None
    whole: bool = False
    agent: str = ""


def key_of(session_id: str) -> str:
    """Return under what a session is kept: the cookie itself is nowhere in the database."""
    return hashlib.sha256(session_id.encode()).hexdigest()


def _end(created_at: datetime, whole: bool) -> datetime:
    return min(now() + IDLE, created_at + LONGEST) if whole else created_at + HALF


def read_session(session: Session, session_id: str) -> BrowserSession | None:
    """Return a session that was issued and has not expired."""
    row = session.get(BrowserSession, key_of(session_id))
    return row if row and row.expires_at > now() else None


def issue_session(
    session: Session, session_id: str, data: bytes, holder: Holder | None = None
) -> None:
    """Keep a new session, and remove those that have expired.

    One that another worker holds at the moment is left to the next: who signs in waits for nobody.
    """
    expired = (
        sa.select(col(BrowserSession.key))
        .where(col(BrowserSession.expires_at) <= now())
        .with_for_update(skip_locked=True)
    )
    session.exec(sa.delete(BrowserSession).where(col(BrowserSession.key).in_(expired)))
    holder, moment = holder or Holder(), now()
    session.add(
        BrowserSession(
            key=key_of(session_id),
            data=data,
            user_id=holder.user_id,
            whole=holder.whole,
            agent=holder.agent,
            created_at=moment,
            seen_at=moment,
            expires_at=_end(moment, holder.whole),
        )
    )


def renew_session(session: Session, session_id: str, data: bytes | None = None) -> None:
    """Keep a session longer, with new data if there are any; an ended one stays ended."""
    row = session.get(BrowserSession, key_of(session_id), with_for_update=True)
    if row is None:
        return
    row.data = row.data if data is None else data
    row.seen_at = now()
    row.expires_at = _end(row.created_at, row.whole)
    if row.whole:
        seen = sa.update(User).where(col(User.id) == row.user_id).values(seen_at=row.seen_at)
        session.exec(seen)


def delete_session(session: Session, session_id: str) -> None:
    """Forget a session; harmless when there is none."""
    session.exec(sa.delete(BrowserSession).where(col(BrowserSession.key) == key_of(session_id)))


def sessions_of(session: Session, user: User) -> Sequence[BrowserSession]:
    """Return the whole sessions of a person that hold today, the last seen first."""
    mine = select(BrowserSession).where(
        BrowserSession.user_id == user.id,
        col(BrowserSession.whole),
        col(BrowserSession.expires_at) > now(),
    )
    return session.exec(mine.order_by(col(BrowserSession.seen_at).desc())).all()


def end_sessions(session: Session, user_id: uuid.UUID, *, keep: str = "", only: str = "") -> int:
    """End the sessions of a person, all but the key `keep`, or `only` one; return how many."""
    chosen = sa.delete(BrowserSession).where(col(BrowserSession.user_id) == user_id)
    if only:
        chosen = chosen.where(col(BrowserSession.key) == only)
    return session.exec(chosen.where(col(BrowserSession.key) != keep)).rowcount
