"""How much one sender may send, without a puzzle and without keeping network addresses."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.db import now
from directory.errors import DirectoryError
from directory.inbox.models import Attempt

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Limit = tuple[str, str, int, timedelta]
"""What is counted, its key, how many, and in how long."""


class TooMany(DirectoryError):
    """A limit is reached; `wait` is the number of seconds until it is no longer."""

    def __init__(self, message: str, wait: int) -> None:
        super().__init__(message)
        self.wait = wait


def sender_key(secret: str, address: str) -> str:
    """Return the keyed hash of a network address; nobody reads the address from it.

    Of IPv6 the first 64 bits count: a household or an office has all the others to itself.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        plain = address
    else:
        is_long = isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None
        plain = str(int(parsed) >> 64) if is_long else str(getattr(parsed, "ipv4_mapped", parsed))
    return hmac.new(secret.encode(), f"sender:{plain}".encode(), hashlib.sha256).hexdigest()


def throttle(session: Session, kind: str, key: str, limit: int, window: timedelta) -> int:
    """Count an attempt; return 0, or the seconds to wait when there were too many.

    What is refused is not counted, so that who waits gets through.
    """
    moment = now()
    mine = (col(Attempt.kind) == kind, col(Attempt.key) == key)
    session.exec(sa.delete(Attempt).where(*mine, col(Attempt.at) <= moment - window))
    newest = select(Attempt.at).where(*mine).order_by(col(Attempt.at).desc()).limit(limit)
    seen = session.exec(newest).all()
    if len(seen) >= limit:
        return int((seen[-1] + window - moment).total_seconds()) + 1
    session.add(Attempt(kind=kind, key=key, at=moment))
    session.flush()
    return 0


def check_limits(session: Session, limits: Iterable[Limit]) -> None:
    """Count an attempt against each limit; raises TooMany for the longest wait."""
    wait = max(throttle(session, *limit) for limit in limits)
    if wait:
        raise TooMany(f"Too much was sent from here. Try again {in_words(wait)}.", wait)


def in_words(seconds: int) -> str:
    """Say when to try again: in 12 minutes, in 3 hours, in 2 days."""
    for length, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= length or word == "minute":
            count = -(-seconds // length)
            return f"in {count} {word}{'' if count == 1 else 's'}"
    raise AssertionError
