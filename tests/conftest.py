"""What every test may ask for: a seeded database that forgets, and the whole application."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from directory.db import Database, make_engine
from directory.imports.seed import load_seed
from directory.migrate import migrate
from directory.settings import Settings, data

# How long an example takes depends on who else uses the machine.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

ALL = os.environ.get("DIRECTORY_TEST_ALL") == "1"


def need(found: object, what: str) -> None:
    """Skip with a one-line reason where something is absent; fail where nothing may be skipped."""
    if not found:
        (pytest.fail if ALL else pytest.skip)(f"{what} is not installed here")


def seeded(path: Path) -> Path:
    """Make a SQLite file, migrated and seeded, and return its path."""
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    with Database(engine).writing() as session:
        load_seed(session, data("seed"))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file, migrated and seeded once; copied or rolled back by whoever uses it."""
    return seeded(tmp_path_factory.mktemp("seeded") / "directory.db")


@pytest.fixture(scope="session")
def seeded_engine(seeded_file: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{seeded_file}")
    yield engine
    engine.dispose()


@pytest.fixture
def database(seeded_engine: Engine) -> Iterator[Database]:
    """The seeded database; whatever a test writes is rolled back after it."""
    with seeded_engine.connect() as connection:
        outer = connection.begin()
        yield Database(connection)
        outer.rollback()


@pytest.fixture
def empty_engine(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite database without any table."""
    engine = make_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    yield engine
    engine.dispose()


def settings_for(folder: Path, url: str) -> Settings:
    return Settings(
        database_url=url,
        data_dir=folder / "data",
        secret_key="a-key-for-tests-only-0123456789abcdef",
        base_url="http://testserver.local",
        # A test asks more in a minute than any program does; tests of the limit set their own.
        api_requests_a_minute=1_000_000,
        api_writes_a_minute=1_000_000,
    )


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[TestClient[Any]]:
    """A new installation, before anything is listed."""
    from directory.app import create_app

    settings = settings_for(tmp_path, f"sqlite:///{tmp_path / 'bare.db'}")
    engine = make_engine(settings.database_url)
    migrate(engine)
    engine.dispose()
    with TestClient(create_app(settings), base_url="http://testserver.local") as client:
        yield client


@pytest.fixture(scope="session")
def site(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Any]]:
    """The whole site for tests that only read; one for the session, so that it is quick."""
    from directory.app import create_app

    folder = tmp_path_factory.mktemp("site")
    copy = shutil.copy(seeded_file, folder / "directory.db")
    settings = settings_for(folder, f"sqlite:///{copy}")
    with TestClient(create_app(settings), base_url="http://testserver.local") as client:
        yield client


@pytest.fixture
def desk_settings(seeded_file: Path, tmp_path: Path) -> Settings:
    """Settings of a site with a database of its own, for tests that write."""
    copy = shutil.copy(seeded_file, tmp_path / "directory.db")
    return settings_for(tmp_path, f"sqlite:///{copy}")


@pytest.fixture
def desk(desk_settings: Settings) -> Iterator[TestClient[Any]]:
    """The whole site with a database of its own, for tests that write."""
    from directory.app import create_app

    with TestClient(create_app(desk_settings), base_url="http://testserver.local") as client:
        yield client


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of our own, on a socket file; stopped and removed afterwards."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    need(binaries, "PostgreSQL")
    bin_dir = binaries[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, capture_output=True, cwd="/")

    run(
        str(bin_dir / "initdb"),
        "-D",
        f"{folder}/data",
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
    )
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    control = str(bin_dir / "pg_ctl")
    run(control, "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
    yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    run(control, "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_database(server: str, template: str = "template1") -> Iterator[Engine]:
    """A PostgreSQL database, empty or like another one; removed afterwards."""
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"d{os.urandom(6).hex()}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    engine = make_engine(server.replace("/postgres?", f"/{name}?"))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def postgres_engine(postgres_server: str) -> Iterator[Engine]:
    """An empty PostgreSQL database."""
    with postgres_database(postgres_server) as engine:
        yield engine


@pytest.fixture(scope="session")
def seeded_template(postgres_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database, migrated and seeded once, to be copied."""
    with postgres_database(postgres_server) as engine:
        migrate(engine)
        with Database(engine).writing() as session:
            load_seed(session, data("seed"))
        engine.dispose()
        yield str(engine.url.database)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_seeded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A seeded database of its own, once of each kind we support."""
    if request.param == "sqlite":
        copy = shutil.copy(request.getfixturevalue("seeded_file"), tmp_path / "seeded.db")
        engine = make_engine(f"sqlite:///{copy}")
        yield engine
        engine.dispose()
        return
    template = request.getfixturevalue("seeded_template")
    with postgres_database(request.getfixturevalue("postgres_server"), template) as engine:
        yield engine


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_engine(request: pytest.FixtureRequest) -> Engine:
    """An empty database, once of each kind we support."""
    name = "empty_engine" if request.param == "sqlite" else "postgres_engine"
    engine: Engine = request.getfixturevalue(name)
    return engine
