"""Who works at the desk."""

from typing import Any

import pytest
from litestar.testing import TestClient

from directory.settings import Settings
from tests.people import enter_as, quick_hashes

__all__ = ["contributor", "curator", "quick_hashes"]


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
