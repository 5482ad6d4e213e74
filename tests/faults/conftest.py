"""An installation to break, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from directory.db import make_engine
from tests.faults.operations import Place, add_curator


@pytest.fixture
def place(any_seeded: Engine, tmp_path: Path) -> Place:
    """A seeded installation with a curator; nobody is connected to its database."""
    url = any_seeded.url.render_as_string(hide_password=False)
    found = Place(url, tmp_path)
    add_curator(found)
    any_seeded.dispose()
    return found


@pytest.fixture
def elsewhere(place: Place) -> Iterator[Engine]:
    """The second database of the installation, empty."""
    if place.url.startswith("sqlite"):
        engine = make_engine(place.other_url)
        yield engine
        engine.dispose()
        return
    admin = sa.create_engine(place.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    name = sa.make_url(place.other_url).database
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine = make_engine(place.other_url)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()
