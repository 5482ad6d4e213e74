"""Slow guessing down: only so many failed sign-ins in a quarter of an hour.

The counts live in the memory of one process. With several workers each counts for itself, so
that the true limit is as many times higher; a shared count can take this place when needed.
"""

import time
from collections import deque
from collections.abc import Callable

WINDOW = 15 * 60
PER_ACCOUNT = 5
PER_ADDRESS = 20
_SWEEP_EVERY = 60
_LONGEST_EMAIL = 254


def _account(email: str) -> tuple[str, str]:
    """Return the key of an account; a text too long for an address must not fill the memory."""
    return "account", email.strip().lower()[:_LONGEST_EMAIL]


class SignInAttempts:
    """Counts sign-ins that have not succeeded, by account and by network address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, str], deque[float]] = {}
        self._swept = clock()

    def begin(self, email: str, address: str) -> int:
        """Count an attempt; return 0, or the seconds to wait when there were too many.

        An attempt counts from its beginning, so that many at once do not slip through together.
        """
        moment = self._clock()
        account, network = _account(email), ("address", address)
        limits = ((account, PER_ACCOUNT), (network, PER_ADDRESS))
        wait = max(self._wait(key, limit, moment) for key, limit in limits)
        if wait:
            return wait
        for key, _ in limits:
            self._seen.setdefault(key, deque()).append(moment)
        if moment - self._swept > _SWEEP_EVERY:
            self._forget_old(moment)
        return 0

    def succeeded(self, email: str, address: str) -> None:
        """Forget the failures of an account, and that this attempt came from its address."""
        self._seen.pop(_account(email), None)
        if seen := self._seen.get(("address", address)):
            seen.pop()

    def _wait(self, key: tuple[str, str], limit: int, moment: float) -> int:
        seen = self._seen.get(key, deque())
        while seen and seen[0] <= moment - WINDOW:
            seen.popleft()
        return int(seen[0] + WINDOW - moment) + 1 if len(seen) >= limit else 0

    def _forget_old(self, moment: float) -> None:
        self._swept = moment
        self._seen = {k: v for k, v in self._seen.items() if v and v[-1] > moment - WINDOW}
