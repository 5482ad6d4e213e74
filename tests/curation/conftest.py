from typing import Any

import pytest
from litestar.testing import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from directory.accounts import passwords
from directory.settings import Settings
from tests.people import enter_as


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHES", PasswordHash((quick,)))


@pytest.fixture
def curator(desk: TestClient[Any], desk_settings: Settings) -> TestClient[Any]:
    """The site as a curator has it open."""
    enter_as(desk, desk_settings, "curator")
    return desk


@pytest.fixture
def contributor(desk: TestClient[Any], desk_settings: Settings) -> TestClient[Any]:
    """The site as a contributor has it open."""
    enter_as(desk, desk_settings, "contributor")
    return desk
