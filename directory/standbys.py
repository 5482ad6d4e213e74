"""The servers of one PostgreSQL database: a primary that is written to, standbys that are read.

A visitor reads from a standby. Who is signed in reads from the primary, and so does whoever must
see what was just written; while the primary is away, both read from the standby that knows most.

Every line of the change log has a number, and their order is the order of commits, here as on each
standby. So one number says how far a session sees, and a process never goes back behind what it
has seen: a standby that has not come as far is passed over.
"""

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from directory.errors import Unavailable

log = logging.getLogger("directory")

LONGEST_LAG = 5.0
"""Seconds: a standby that has not what the primary had so long ago is not read from."""

LOOK_EVERY = 1.0
REST = 5.0
"""Seconds for which a standby that failed is left alone."""

PATIENCE = 3
"""Seconds to wait for a connection."""

BEHIND = "behind"
"""Under this name a session says that it sees less than this process has seen before."""

_LINE = "newest_line"
_FAR = "SELECT sequence, at FROM change_log ORDER BY sequence DESC LIMIT 1"
_STATE = """
SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery()
THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0'::pg_lsn
"""
_NOT_NOW = ("08", "25006", "57P")
"""Beginnings of SQLSTATE: connections, a server that only reads, a server that shuts down."""


class Reader(Enum):
    """Who reads, for whom it is decided where."""

    COMMAND = "the primary or nothing"
    PERSON = "the primary; a standby while it is away"
    VISITOR = "a standby; the primary where none will do"


_reader: ContextVar[Reader] = ContextVar("reader", default=Reader.COMMAND)


@contextmanager
def reading_as(reader: Reader) -> Iterator[None]:
    """Let everything inside read as somebody."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def snapshots_of(engine: Engine) -> Engine:
    """Return the engine for sessions that see one moment and cannot write."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def is_away(error: DBAPIError) -> bool:
    """Say whether an error means that a server of PostgreSQL is not there, or only reads."""
    psycopg = type(error.orig).__module__.startswith("psycopg")
    # Who cannot even connect has neither a statement nor a state.
    refused = error.statement is None and isinstance(error, sa.exc.OperationalError)
    state = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or (psycopg and (refused or state.startswith(_NOT_NOW)))


class Server:
    """One server, as far as this process knows it."""

    def __init__(self, engine: Engine, watch: Engine) -> None:
        self.engine, self.snapshots = engine, snapshots_of(engine)
        self._watch = watch.execution_options(isolation_level="AUTOCOMMIT")
        self.name = engine.url.render_as_string()
        self.position = 0
        """How many bytes of the write-ahead log it has written or replayed."""

    def ask(self) -> bool:
        """Ask for the position, and say whether it can be written to; raises DBAPIError."""
        with self._watch.connect() as connection:
            recovers, position = connection.exec_driver_sql(_STATE).one()
        self.position = int(position or 0)
        return not recovers

    def open(self) -> Session:
        """Open a session that knows how far it sees; raises DBAPIError."""
        session = Session(self.snapshots, expire_on_commit=False, autoflush=False)
        try:
            newest_line(session)
        except BaseException:
            session.close()
            raise
        return session

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()
        self._watch.dispose()


def newest_line(session: Session) -> tuple[int, datetime | None]:
    """Return number and time of the last line of the change log that a session sees."""
    if _LINE not in session.info:
        found = session.execute(sa.text(_FAR)).first()
        session.info[_LINE] = tuple(found) if found else (0, None)
    line: tuple[int, datetime | None] = session.info[_LINE]
    return line


def far(session: Session) -> int:
    """Return the number of the last line of the change log that a session sees."""
    return newest_line(session)[0]


class Standby(Server):
    """A server that may be read from. It is not until it was looked at."""

    ready = False
    rests_until = 0.0


class Standbys:
    """Chooses where to read. One for each process; threads may share it."""

    def __init__(
        self,
        primary: Server,
        standbys: list[Standby],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.primary, self.standbys = primary, standbys
        self.primary_is_away = False
        self._clock = clock
        self._seen = 0
        self._lock = threading.Lock()
        self._past: deque[tuple[float, int]] = deque()
        self._wake, self._ends = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    # Where to read

    def open(self, settle: Callable[[], object], *, newest: bool, at_least: int) -> Session:
        """Open a session where whoever reads may read; raises Unavailable where there is none.

        It sees the line `at_least`; `newest` asks the primary whoever reads, or nobody. It sees
        no less than this process has seen before; only while the primary is away, and no standby
        has come so far, it may be BEHIND. `settle` waits for whoever writes.
        """
        reader = _reader.get()
        if reader is Reader.VISITOR and not newest:
            ready = [s for s in self.standbys if s.ready]
            for standby in random.sample(ready, len(ready)):
                if (session := self._try(standby)) is None:
                    continue
                if far(session) >= max(self._seen, at_least):
                    return self._noted(session)
                session.close()
        try:
            return self._of_the_primary(settle, at_least)
        except Unavailable:
            if newest or reader is Reader.COMMAND:
                raise
            return self._furthest(at_least)

    def _of_the_primary(self, settle: Callable[[], object], at_least: int) -> Session:
        self.expect_primary()
        try:
            wanted = max(self._seen, at_least)
            session = self.primary.open()
            if far(session) < wanted:
                # With synchronous replication a standby may show a line before the primary does,
                # which waits for it. Whoever wrote that line is done when nobody writes.
                session.close()
                settle()
                session = self.primary.open()
        except DBAPIError as error:
            if self.is_lost(error):
                raise Unavailable from error
            raise
        if far(session) < wanted:
            # What the primary says counts: this is the log of another database, such as one that
            # was put back from a copy.
            with self._lock:
                self._seen = far(session)
        return self._noted(session)

    def _furthest(self, at_least: int) -> Session:
        """Open a session on the standby that knows most; its lag matters less than an answer."""
        tried = [self._try(s) for s in self.standbys if self._clock() >= s.rests_until]
        opened = sorted((session for session in tried if session), key=far)
        if not opened:
            raise Unavailable
        best = opened.pop()
        for session in opened:
            session.close()
        if far(best) < at_least:
            best.close()
            raise Unavailable
        best.info[BEHIND] = far(best) < self._seen
        return self._noted(best)

    def _try(self, standby: Standby) -> Session | None:
        try:
            return standby.open()
        except DBAPIError as error:
            self.failed(standby, error)
            return None

    def _noted(self, session: Session) -> Session:
        with self._lock:
            self._seen = max(self._seen, far(session))
        return session

    # What is away

    def expect_primary(self) -> None:
        """Raise Unavailable at once while the primary is known to be away."""
        if self.primary_is_away:
            raise Unavailable

    def is_lost(self, error: DBAPIError, bind: object = None) -> bool:
        """Say whether an error means that a server is away, and remember it.

        `bind` is that of the session; without one it was the primary.
        """
        if not is_away(error):
            return False
        standby = next((s for s in self.standbys if s.snapshots is bind), None)
        if standby is not None:
            self.failed(standby, error)
        elif not self.primary_is_away:
            log.warning("The primary is away: %s", _reason(error))
            self.primary_is_away = True
            self._wake.set()
        return True

    def failed(self, standby: Standby, error: DBAPIError) -> None:
        """Leave a standby alone for a while."""
        if standby.ready:
            log.warning("The standby %s is away: %s", standby.name, _reason(error))
        standby.ready, standby.rests_until = False, self._clock() + REST

    def look(self) -> None:
        """See which servers are there, and how far each standby is."""
        try:
            away = not self.primary.ask()
        except DBAPIError:
            away = True
        else:
            self._past.append((self._clock(), self.primary.position))
        if self.primary_is_away and not away:
            log.warning("The primary is there again.")
        self.primary_is_away = away
        for standby in self.standbys:
            if self._clock() >= standby.rests_until:
                self._look_at(standby)

    def _look_at(self, standby: Standby) -> None:
        try:
            standby.ask()
        except DBAPIError as error:
            self.failed(standby, error)
            return
        ready = standby.position >= self._wanted()
        if standby.ready and not ready:
            log.warning("The standby %s lags.", standby.name)
        standby.ready = ready

    def _wanted(self) -> int:
        """Return the position that the primary had so long ago that every standby should have it.

        While nobody knows where the primary is, no standby lags behind it.
        """
        before = self._clock() - LONGEST_LAG
        while len(self._past) > 1 and self._past[1][0] <= before:
            self._past.popleft()
        moment, position = self._past[0] if self._past else (before + 1, 0)
        return position if moment <= before else 0

    # Looking all the time

    def start(self) -> None:
        """Look again and again, in a thread, until closed."""
        self._thread = threading.Thread(target=self._go_on, name="standbys", daemon=True)
        self._thread.start()

    def _go_on(self) -> None:
        while not self._ends.is_set():
            try:
                self.look()
            except Exception:
                log.exception("The standbys were not looked at")
            self._wake.wait(LOOK_EVERY)
            self._wake.clear()

    def close(self) -> None:
        """Stop looking, and let go of all connections."""
        self._ends.set()
        self._wake.set()
        if self._thread:
            self._thread.join()
        for server in (self.primary, *self.standbys):
            server.close()


def _reason(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split())
