"""A change log that is read while twenty people write misses nothing, on both databases.

Short here; `DIRECTORY_TEST_EXAMPLES` says how many times over.
"""

import os
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from directory.db import Change, Database, log_change, now
from directory.entries.changes import changes_after, newest_place
from directory.entries.models import Entry, State
from directory.migrate import migrate

EXAMPLES = int(os.environ.get("DIRECTORY_TEST_EXAMPLES", "2"))
WRITERS = 20

Transaction = tuple[list[int], float, bool]
"""Which entries change, for how many milliseconds it stays open, and whether it commits."""

TRANSACTIONS = st.lists(
    st.tuples(
        st.lists(st.integers(0, 9), min_size=1, max_size=3),
        st.floats(0, 3),
        st.integers(0, 4).map(bool),
    ),
    min_size=1,
    max_size=4,
)


class _TakenBack(Exception):
    """Somebody changed their mind."""


@pytest.fixture
def database(any_engine: Engine) -> Database:
    migrate(any_engine)
    return Database(any_engine)


@pytest.fixture
def entries(database: Database) -> list[uuid.UUID]:
    with database.writing() as session:
        rows = [
            Entry(
                kind="training", slug=f"t-{n}", title="T", state=State.PUBLISHED, published_at=now()
            )
            for n in range(10)
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def write(database: Database, entries: list[uuid.UUID], plan: list[Transaction]) -> list[int]:
    """Do what a plan says; return the numbers of the lines that were committed."""
    done = []
    for chosen, milliseconds, commits in plan:
        try:
            with database.writing() as session:
                ours: list[Any] = []
                for number in chosen:
                    log_change(session, entries[number])
                    ours += session.new
                session.flush()
                lines = list(dict.fromkeys(line.sequence for line in ours))
                time.sleep(milliseconds / 1000)
                if not commits:
                    raise _TakenBack
        except _TakenBack:
            continue
        done += lines
    return done


class Follower:
    """Reads on from where it was, again and again; `read` is one look."""

    def __init__(self, database: Database, read: Callable[[Any], Any]) -> None:
        self._database, self._read = database, read

    def until(self, over: threading.Event) -> None:
        ended = False
        while not ended:
            ended = over.is_set()  # One more look after the last writer.
            self._read(self._database)


def by_line(start: int, seen: list[int]) -> Callable[[Database], None]:
    """Read as an index of search does: what stands behind the last line."""
    last = start

    def read(database: Database) -> None:
        nonlocal last
        with database.reading() as session:
            found = session.exec(
                select(Change.sequence)
                .where(col(Change.sequence) > last)
                .order_by(col(Change.sequence))
            ).all()
        seen.extend(n for n in found if n is not None)
        last = seen[-1] if seen else last

    return read


def by_place(start: int, seen: dict[uuid.UUID, int]) -> Callable[[Database], None]:
    """Read as a program with a cursor does, a few at a time."""
    last = start

    def read(database: Database) -> None:
        nonlocal last
        more = True
        while more:
            with database.reading() as session:
                found, more = changes_after(session, last, 3)
            for changed in found:
                seen[changed.entry.id] = last = changed.place.sequence

    return read


def by_moment(start: datetime, seen: set[int]) -> Callable[[Database], None]:
    """Read as a harvester does: what changed since the moment of the last answer."""
    since = start

    def read(database: Database) -> None:
        nonlocal since
        moment = database.settled()
        with database.reading(newest=True) as session:
            found = session.exec(select(Change.sequence).where(col(Change.at) >= since))
            seen.update(n for n in found if n is not None)
        since = moment

    return read


def _last_of_each(session: Session, start: int) -> dict[uuid.UUID, int]:
    rows = session.execute(
        sa.select(col(Change.entry_id), sa.func.max(col(Change.sequence)))
        .where(col(Change.sequence) > start)
        .group_by(col(Change.entry_id))
    )
    return {key: number for key, number in rows}


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    # Threads never do the same twice: a shorter example would prove nothing.
    phases=[Phase.generate],
)
@given(plans=st.lists(TRANSACTIONS, min_size=WRITERS, max_size=WRITERS))
def test_nobody_who_follows_misses_anything(
    database: Database, entries: list[uuid.UUID], plans: list[list[Transaction]]
) -> None:
    with database.reading() as session:
        start = newest_place(session).sequence
    lines: list[int] = []
    places: dict[uuid.UUID, int] = {}
    moments: set[int] = set()
    reads = [by_line(start, lines), by_place(start, places), by_moment(now(), moments)]
    over = threading.Event()
    with ThreadPoolExecutor(WRITERS + len(reads)) as pool:
        followers = [pool.submit(Follower(database, read).until, over) for read in reads]
        writers = [pool.submit(write, database, entries, plan) for plan in plans]
        try:
            written = sorted(number for writer in writers for number in writer.result(60))
        finally:
            over.set()
        for follower in followers:
            follower.result(60)
    assert lines == written
    assert moments >= set(written)
    with database.reading() as session:
        assert places == _last_of_each(session, start)
