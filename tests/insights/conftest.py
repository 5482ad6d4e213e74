"""A library to count in, and somebody who looks at the whole of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.db import Database
from directory.insights.gaps import GapMap, gap_map
from directory.insights.query import GapQuery
from directory.search.service import SearchService
from tests.search.conftest import TODAY, Library


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Library]:
    """An empty library."""
    made = Library(tmp_path)
    yield made
    made.engine.dispose()


def look(db: Database, folder: Path, query: GapQuery) -> GapMap:
    """Return the gap map as anybody sees it today."""
    service = SearchService(db, folder, today=lambda: TODAY)
    try:
        with db.reading() as session:
            return gap_map(session, service.refresh(), query, TODAY)
    finally:
        service.close()
