"""Hashes that cost nothing: what is tested is not how slow argon2 is. And a clock to set."""

import pytest

import directory.accounts.factors
import directory.accounts.kept
import directory.accounts.people
import directory.accounts.service
import directory.accounts.sessions
import directory.accounts.throttle
from directory.db import now
from tests.accounts.steps import Clock
from tests.people import quick_hashes

__all__ = ["clock", "quick_hashes"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that accounts go by."""
    clock = Clock(now())
    for name in ("factors", "kept", "people", "service", "sessions", "throttle"):
        monkeypatch.setattr(getattr(directory.accounts, name), "now", clock)
    return clock
