"""Which databases are taken, and what a reader sees while somebody writes."""

import sys

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from directory.db import Database, make_engine
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
