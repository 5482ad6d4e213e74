"""How much one sender may send, without a puzzle and without keeping network addresses."""

from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session

from directory.accounts.throttle import throttle
from directory.errors import TooMany
from directory.languages import gettext
from directory.sealing import blur
from directory.web.network import network

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Limit = tuple[str, str, int, timedelta]
"""What is counted, its key, how many, and in how long."""


def sender_key(secret: str, address: str) -> str:
    """Return the keyed hash of a network address; nobody reads the address from it.

    Of IPv6 the first 64 bits count: a household or an office has all the others to itself.
    """
    return blur(secret, "sender", network(address))


def check_limits(session: Session, limits: Iterable[Limit], *, secret: str) -> None:
    """Count an attempt against each limit; raises TooMany, and then counts none of them.

    The caller's transaction is what takes the counts back.
    """
    waits = [_wait(session, limit, secret) for limit in limits]
    if max(waits):
        raise TooMany(max(waits), gettext("Too much was sent from here."))


def _wait(session: Session, limit: Limit, secret: str) -> int:
    try:
        throttle(session, *limit, secret=secret)
    except TooMany as error:
        return error.wait
    return 0
