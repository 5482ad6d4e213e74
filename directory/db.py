"""The database: engine, sessions for reading and for writing, and the change log.

SQLite by default, PostgreSQL where users outgrow one machine. A session is opened inside the
handler or command that needs it, never by a generator dependency, which deadlocks under load.
"""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session, SQLModel
from uuid_utils.compat import uuid7

from directory.errors import DirectoryError, Invalid, Unavailable
from directory.settings import Settings
from directory.standbys import (
    BEHIND,
    PATIENCE,
    Server,
    Standby,
    Standbys,
    is_away,
    snapshots_of,
)

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

POOL_SIZE = 20
DRIVERS = ("sqlite", "postgresql", "postgresql+psycopg")
CHANGE_LOG_LOCK = 0x0D1C_0001


class Moment(TypeDecorator[datetime]):
    """A point in time, always UTC; SQLite would return it without its zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back that SQLite drops."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


def now() -> datetime:
    """Return the present moment in UTC, to the microsecond."""
    return datetime.now(UTC)


def new_id() -> uuid.UUID:
    """Return a UUID of version 7 (RFC 9562): unique, and sorted by time."""
    return uuid7()


class Change(SQLModel, table=True):
    """One line of the change log: this entry is different from now on.

    Written in the transaction of the change itself; every derived index reads it in order, and
    so does whoever mirrors the catalogue.
    """

    __tablename__ = "change_log"
    __table_args__ = (sa.Index(None, "entry_id", "sequence"),)

    sequence: int | None = Field(default=None, primary_key=True)
    entry_id: uuid.UUID
    at: datetime = Field(sa_type=Moment, index=True)
    what: str = Field(
        default="updated", description="published, updated, archived, withdrawn or merged."
    )


def _prepare_sqlite(engine: Engine) -> None:
    """Make SQLite keep foreign keys, wait for other writers, and obey explicit transactions."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "busy_timeout=10000",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A reader that turns writer half-way is refused at once when another has written since:
        # who means to write says so at the start.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_OPTIONS: dict[str, Any] = {
    "pool_size": POOL_SIZE,
    "max_overflow": 0,
    # A long table reads and writes two texts a row; the standard library takes twice as long.
    "json_serializer": _as_json,
    "json_deserializer": msgspec.json.decode,
}
_LINE = {
    # Seconds, and milliseconds for the last: a server without power says nothing at all.
    "connect_timeout": PATIENCE,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


def make_engine(url: str) -> Engine:
    """Return an engine for `sqlite:///…` or `postgresql+psycopg://…`; raises Invalid for others."""
    known = _read_url(url)
    if known.drivername == "sqlite":
        engine = sa.create_engine(known, **_OPTIONS)
        _prepare_sqlite(engine)
        return engine
    return _postgres_engine(_to_the_primary(known), **_OPTIONS, pool_pre_ping=True)


def _to_the_primary(url: sa.URL) -> sa.URL:
    """Of several hosts take the one that can be written to (libpq, target_session_attrs)."""
    hosts = url.query.get("host", ())
    several = "," in hosts if isinstance(hosts, str) else len(hosts) > 1
    if not several or "target_session_attrs" in url.query:
        return url
    return url.update_query_dict({"target_session_attrs": "read-write"})


def open_database(settings: Settings) -> "Database":
    """Return the database of an installation, with its standbys; raises Invalid."""
    engine = make_engine(settings.database_url)
    if not settings.standbys:
        return Database(engine)
    if engine.dialect.name != "postgresql":
        raise Invalid("DIRECTORY_REPLICA_URLS names standbys, which only PostgreSQL has.")
    primary = Server(engine, _watching(engine.url))
    standbys = []
    for text in settings.standbys:
        url = _read_url(text, "DIRECTORY_REPLICA_URLS")
        if url.drivername == "sqlite":
            raise Invalid("DIRECTORY_REPLICA_URLS names standbys, which only PostgreSQL has.")
        made = _postgres_engine(url, **_OPTIONS, pool_pre_ping=True)
        standbys.append(Standby(made, _watching(url)))
    return Database(engine, Standbys(primary, standbys))


def _watching(url: sa.URL) -> Engine:
    return _postgres_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)


def _postgres_engine(url: sa.URL, **options: Any) -> Engine:
    line = {name: value for name, value in _LINE.items() if name not in url.query}
    options["connect_args"] = line | options.get("connect_args", {})
    try:
        return sa.create_engine(url, **options)
    except ImportError as error:
        raise Invalid(
            "PostgreSQL needs a driver: pip install 'capacity-directory[postgres]'."
        ) from error


def make_looking_engine(url: str, patience: int) -> Engine:
    """Return an engine for somebody who looks at a database and must leave no trace.

    On SQLite it makes no file, not even those of the write-ahead log where nobody else has it
    open. `patience` is how many seconds a server has to answer. Raises Invalid for other addresses.
    """
    known = _read_url(url)
    options: dict[str, Any] = {
        "poolclass": NullPool,
        "json_deserializer": _OPTIONS["json_deserializer"],
    }
    if known.drivername != "sqlite":
        known = _to_the_primary(known)
        return _postgres_engine(known, connect_args={"connect_timeout": patience}, **options)
    file = Path(str(known.database)).absolute()

    def connect() -> sqlite3.Connection:
        in_use = Path(f"{file}-wal").exists()
        address = f"{file.as_uri()}?mode=ro{'' if in_use else '&immutable=1'}"
        return sqlite3.connect(address, uri=True, timeout=patience, check_same_thread=False)

    return sa.create_engine("sqlite://", creator=connect, **options)


def _read_url(text: str, setting: str = "DIRECTORY_DATABASE_URL") -> sa.URL:
    """Return the address of a database of a kind we support; raises Invalid for any other.

    SQLite in memory is none: every connection would have a database of its own.
    """
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in DRIVERS or url.database in (None, "", ":memory:"):
        raise Invalid(
            f"{setting} is not the address of a database: write sqlite:///file.db "
            "or postgresql+psycopg://user@host/name."
        )
    return url


class Database:
    """Opens sessions. Bound to an engine, or in tests to one connection that is rolled back."""

    def __init__(self, bind: Engine | Connection, standbys: Standbys | None = None) -> None:
        self._bind = bind
        self.standbys = standbys
        # SQLite shows a reader one moment of the database; PostgreSQL does so only on request.
        is_server = isinstance(bind, Engine) and bind.dialect.name == "postgresql"
        self._snapshots = snapshots_of(bind) if is_server else bind  # type: ignore[arg-type]
        self.is_sqlite = bind.dialect.name == "sqlite"

    @property
    def engine(self) -> Engine:
        """Return the engine, for migrations and backups."""
        return self._bind if isinstance(self._bind, Engine) else self._bind.engine

    def answers(self) -> bool:
        """Say whether the database is there and has its tables."""
        try:
            with self.reading() as session:
                session.execute(sa.text("SELECT 1 FROM entry LIMIT 1"))
        except (SQLAlchemyError, DirectoryError):
            return False
        return True

    @contextmanager
    def reading(self, *, newest: bool = False, at_least: int = 0) -> Iterator[Session]:
        """Open a session that only reads, one moment of the database; what it read stays usable.

        Visitors read from a standby, where there are any: see `standbys`. It sees the line
        `at_least` of the change log, and with `newest` whatever was committed before. Raises
        Unavailable where no server is there that can keep this.
        """
        opened = self._open(newest, at_least)
        try:
            with opened as session:
                yield session
        except DBAPIError as error:
            if self._is_lost(error, opened.bind):
                raise Unavailable from error
            raise

    def _open(self, newest: bool, at_least: int) -> Session:
        if self.standbys is None:
            return Session(self._snapshots, expire_on_commit=False, autoflush=False)
        return self.standbys.open(self.settled, newest=newest, at_least=at_least)

    def _is_lost(self, error: DBAPIError, bind: object = None) -> bool:
        """Say whether an error means that a server is away."""
        return self.standbys.is_lost(error, bind) if self.standbys else is_away(error)

    def settled(self) -> datetime:
        """Wait for whoever is writing now, and return a moment that misses nothing.

        A session opened afterwards with `newest` sees every change that carries an earlier time,
        because writers take their time and commit while they hold the lock. Who reads again later
        asks for what changed since this moment.
        """
        moment = now()
        with self.writing() as session:
            write_alone(session)
        return moment

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that commits at the end, or on any error leaves nothing behind.

        Raises Unavailable where the database cannot be written to. If that happens while it
        commits, nobody knows whether it was saved.
        """
        if isinstance(self._bind, Connection):
            mode: Any = "create_savepoint"
            with Session(self._bind, expire_on_commit=False, join_transaction_mode=mode) as session:
                yield session
                session.commit()
            return
        if self.standbys is not None:
            self.standbys.expect_primary()
        try:
            with (
                self._bind.connect().execution_options(writes=True) as connection,
                Session(connection, expire_on_commit=False) as session,
            ):
                yield session
                session.commit()
        except DBAPIError as error:
            if self._is_lost(error):
                raise Unavailable from error
            raise

    def close(self) -> None:
        """Stop looking at the standbys, and let go of them."""
        if self.standbys is not None:
            self.standbys.close()


def is_behind(session: Session) -> bool:
    """Say whether a session sees less than this process has seen before: see `standbys`."""
    return bool(session.info.get(BEHIND))


def write_alone(session: Session) -> None:
    """Wait until nobody else writes to the catalogue, and let nobody else until the commit.

    On PostgreSQL a sequence hands out numbers before the commit, so that a reader could see 7
    before 6; with this lock the order of numbers is the order of commits. Who writes takes it
    before any row, because two who hold a row each and want the other's would wait for ever.
    SQLite has one writer at a time anyway, from the start of its transaction.
    """
    session.connection()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(:n)"), {"n": CHANGE_LOG_LOCK})


def log_change(session: Session, entry_id: uuid.UUID, what: str = "updated") -> None:
    """Append to the change log; `what` is one of the words of `Change.what`."""
    write_alone(session)
    session.add(Change(entry_id=entry_id, at=now(), what=what))


def last_change(session: Session) -> int:
    """Return the number of the newest change, 0 when there is none."""
    return session.scalar(sa.select(sa.func.max(sa.column("sequence"))).select_from(Change)) or 0
