"""What the tests of the API share."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from directory.db import Database, make_engine
from directory.settings import Settings

Client = TestClient[Any]


@pytest.fixture
def desk_database(desk_settings: Settings) -> Iterator[Database]:
    """The database behind `desk`, for what a curator does while a program reads."""
    engine = make_engine(desk_settings.database_url)
    yield Database(engine)
    engine.dispose()
