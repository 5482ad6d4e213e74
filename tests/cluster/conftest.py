"""A primary with one standby, made once, and a database of its own for every test."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from directory.db import Database, make_engine, open_database
from directory.imports.seed import load_seed
from directory.migrate import migrate
from directory.settings import Settings, data
from directory.standbys import Standby, Standbys
from tests.cluster.servers import (
    PostgresServer,
    binaries,
    folder_for_servers,
    free_port,
    until,
)
from tests.conftest import need, settings_for
from tests.people import quick_hashes

__all__ = ["quick_hashes"]

OPTIONS = ("fsync=off", "hot_standby_feedback=on", "wal_retrieve_retry_interval=100ms")


@dataclass
class Clock:
    """A clock that a test puts forward."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Pair:
    """A primary and its standby, with the name of the database that a test has to itself."""

    primary: PostgresServer
    standby: PostgresServer
    name: str = ""

    def settings(self, folder: Path) -> Settings:
        found = settings_for(folder, self.primary.url(self.name))
        standby = self.standby.url(self.name)
        return Settings(**found.model_dump() | {"replica_urls": standby})

    def caught_up(self) -> None:
        """Wait until the standby has all that the primary has."""
        wanted = self.primary.say("SELECT pg_current_wal_lsn()")
        until(
            lambda: self.standby.say(f"SELECT pg_last_wal_replay_lsn() >= '{wanted}'"),
            "to replay",
        )

    def pause(self) -> None:
        """Let the standby fall behind."""
        self.standby.say("SELECT pg_wal_replay_pause()")
        until(
            lambda: self.standby.say("SELECT pg_get_wal_replay_pause_state()") == "paused",
            "to pause",
        )

    def resume(self) -> None:
        self.standby.say("SELECT pg_wal_replay_resume()")
        self.caught_up()


@pytest.fixture(scope="session")
def servers() -> Iterator[Pair]:
    """Two servers; the first has a migrated and seeded database to copy."""
    need(binaries(), "PostgreSQL")
    with folder_for_servers() as folder:
        primary = PostgresServer(folder, "first", free_port(), OPTIONS)
        standby = PostgresServer(folder, "second", free_port(), OPTIONS)
        primary.create()
        primary.start()
        primary.say("CREATE DATABASE seeded")
        engine = make_engine(primary.url("seeded"))
        migrate(engine)
        with Database(engine).writing() as session:
            load_seed(session, data("seed"))
        engine.dispose()
        standby.follow(primary)
        standby.start()
        yield Pair(primary, standby)
        standby.stop("immediate")
        primary.stop("immediate")


@pytest.fixture
def pair(servers: Pair) -> Iterator[Pair]:
    """Both servers, running and in step, with a seeded database for one test."""
    name = f"d{free_port()}"
    servers.primary.say(f"CREATE DATABASE {name} TEMPLATE seeded STRATEGY file_copy")
    servers.caught_up()
    # A standby that is killed begins again here.
    servers.standby.say("CHECKPOINT")
    yield Pair(servers.primary, servers.standby, name)
    for server in (servers.primary, servers.standby):
        if not (server.data / "postmaster.pid").exists():
            server.start()
    servers.standby.say("SELECT pg_wal_replay_resume()")
    servers.primary.say(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class Node:
    """What one application knows of its servers."""

    database: Database
    clock: Clock

    @property
    def standbys(self) -> Standbys:
        assert self.database.standbys
        return self.database.standbys

    @property
    def standby(self) -> Standby:
        return self.standbys.standbys[0]

    def reads_from(self, **wanted: Any) -> str:
        """Say which of both servers a session is on."""
        with self.database.reading(**wanted) as session:
            recovers = session.scalar(sa.text("SELECT pg_is_in_recovery()"))
        return "standby" if recovers else "primary"


@pytest.fixture
def node(pair: Pair, tmp_path: Path) -> Iterator[Node]:
    """One application that has looked at its servers once; time stands still in it."""
    found = open_database(pair.settings(tmp_path))
    clock = Clock()
    assert found.standbys
    found.standbys._clock = clock
    found.standbys.look()
    yield Node(found, clock)
    found.close()
