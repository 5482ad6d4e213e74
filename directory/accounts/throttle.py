"""Slow down what somebody could try for ever; counted in the database, so by all workers together.

Who tries is kept as a keyed hash: no list of addresses arises.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import Attempt
from directory.db import now
from directory.errors import TooMany
from directory.sealing import blur


def throttle(
    session: Session, kind: str, key: str, limit: int, window: timedelta, *, secret: str
) -> None:
    """Count one try; raise TooMany when there were `limit` within the window already.

    A try counts from its beginning, so call this in a short transaction of its own before the
    work: many at once do not slip through together. What was refused is not counted.
    """
    hashed = _hash(secret, kind, key)
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(bytes.fromhex(hashed)[:8], signed=True)
        session.execute(sa.text("SELECT pg_advisory_xact_lock(:n)"), {"n": number})
    moment = now()
    wait = _wait(_tries(session, hashed, moment - window, limit), limit, window, moment)
    if wait:
        raise TooMany(wait)
    # Rows that somebody else is removing just now are left to them: to wait for those could be to
    # wait for whoever waits for this one.
    over = select(Attempt.id).where(col(Attempt.expires_at) <= moment)
    session.exec(
        sa.delete(Attempt).where(col(Attempt.id).in_(over.with_for_update(skip_locked=True)))
    )
    session.add(Attempt(key=hashed, at=moment, expires_at=moment + window))
    session.flush()


def _hash(secret: str, kind: str, key: str) -> str:
    return blur(secret, "throttle", f"{kind} {key}")


def _tries(session: Session, hashed: str, since: datetime, limit: int) -> Sequence[datetime]:
    """Return the newest tries since a moment, at most `limit`, the newest first."""
    newest = select(Attempt.at).where(Attempt.key == hashed, col(Attempt.at) > since)
    return session.exec(newest.order_by(col(Attempt.at).desc()).limit(limit)).all()


def _wait(tries: Sequence[datetime], limit: int, window: timedelta, moment: datetime) -> int:
    """Return in how many seconds the oldest try that is in the way leaves the window, or 0."""
    if len(tries) < limit:
        return 0
    return int((tries[-1] + window - moment).total_seconds()) + 1


def forget(session: Session, kind: str, key: str, *, secret: str, newest: bool = False) -> None:
    """Forget the tries of a key, or only the newest one: this one was none of somebody guessing."""
    hashed = _hash(secret, kind, key)
    tries = select(Attempt.id).where(Attempt.key == hashed).order_by(col(Attempt.at).desc())
    ids = session.exec(tries.limit(1) if newest else tries).all()
    session.exec(sa.delete(Attempt).where(col(Attempt.id).in_(ids)))
