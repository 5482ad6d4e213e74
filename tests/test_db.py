"""Which databases are taken, and what a reader sees while somebody writes."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from directory.db import Database, make_engine, now, write_alone
from directory.entries.models import Entry
from directory.errors import Invalid
from directory.migrate import migrate


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://h/n", "postgresql://h:port/n"],
)
def test_what_is_no_address_of_a_database_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(Invalid, match="DIRECTORY_DATABASE_URL"):
        make_engine(url)


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Invalid, match="postgres"):
        make_engine("postgresql+psycopg://nobody@localhost/name")


def test_a_reader_sees_one_moment_however_long_it_reads(any_engine: Engine) -> None:
    migrate(any_engine)
    database = Database(any_engine)
    titles = select(Entry.title).order_by(col(Entry.slug))
    with database.writing() as session:
        session.add(Entry(kind="training", slug="one", title="One"))
    with database.reading() as reader:
        assert list(reader.exec(titles)) == ["One"]
        with database.writing() as session:
            session.add(Entry(kind="training", slug="two", title="Two"))
        assert list(reader.exec(titles)) == ["One"]
    with database.reading() as reader:
        assert list(reader.exec(titles)) == ["One", "Two"]


def test_who_reads_after_the_writers_of_a_moment_misses_none_of_them(any_engine: Engine) -> None:
    migrate(any_engine)
    database = Database(any_engine)
    took_its_time, may_commit = threading.Event(), threading.Event()

    def write() -> None:
        with database.writing() as session:
            write_alone(session)
            entry = Entry(kind="training", slug="slow", title="Slow", updated_at=now())
            session.add(entry)
            took_its_time.set()
            may_commit.wait(10)

    with ThreadPoolExecutor(2) as pool:
        writer = pool.submit(write)
        took_its_time.wait(10)
        asked = pool.submit(database.settled)
        with pytest.raises(TimeoutError):
            asked.result(0.2)
        may_commit.set()
        moment = asked.result(10)
        writer.result(10)
    with database.reading() as reader:
        times = list(reader.exec(select(Entry.updated_at)))
    assert len(times) == 1
    assert times[0] < moment
