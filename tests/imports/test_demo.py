"""Synthetic entries: what a curator could have published, and the same ones again."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.engine import Engine
from sqlmodel import Session, SQLModel, select

from directory.cli import main
from directory.curation.service import latest_revision, publish, read_draft, save_draft
from directory.db import Change, Database, make_engine
from directory.entries.kinds import KINDS, Kind
from directory.entries.models import Entry, EntryLink, EntryTerm, Revision, RunRow, TrackRow
from directory.errors import Conflict
from directory.imports.demo import fill
from directory.migrate import migrate
from directory.settings import data
from directory.sources.models import ClaimRow

TABLES = (Entry, *(k.table for k in KINDS.values()), EntryLink, EntryTerm, ClaimRow, RunRow)


def filled(engine: Engine, entries: int, seed: int) -> Database:
    migrate(engine)
    database = Database(engine)
    with database.writing() as session:
        fill(session, data("seed"), entries, seed)
    return database


@pytest.fixture
def demo(empty_engine: Engine) -> Database:
    return filled(empty_engine, 150, 7)


def rows(session: Session, table: type[SQLModel], **known: Any) -> list[dict[str, Any]]:
    """Return what a table says, without the numbers that the database gives."""
    given = set() if table is Entry else {"id", "run_id"}
    found = session.execute(sa.select(sa.inspect(table).local_table)).mappings()
    return sorted(
        (
            {name: value for name, value in row.items() if name not in given}
            for row in found
            if all(row[name] == value for name, value in known.items())
        ),
        key=repr,
    )


def test_the_same_seed_gives_the_same_entries(demo: Database, tmp_path: Path) -> None:
    again = filled(make_engine(f"sqlite:///{tmp_path / 'again.db'}"), 150, 7)
    other = filled(make_engine(f"sqlite:///{tmp_path / 'other.db'}"), 150, 8)
    with demo.reading() as first, again.reading() as second, other.reading() as third:
        for table in (*TABLES, Revision, Change, TrackRow):
            assert rows(first, table) == rows(second, table), table
        assert rows(first, Entry) != rows(third, Entry)


def test_a_curator_could_have_published_every_entry(demo: Database) -> None:
    with demo.writing() as session:
        for entry in session.exec(select(Entry)).all()[::5]:
            before = _said(session, entry)
            saved = latest_revision(session, entry)
            draft = read_draft(KINDS[entry.kind], entry.slug, saved.profile, saved.claims)
            _, revision = save_draft(session, draft, by=None)
            publish(session, entry, revision, by=None)
            session.flush()
            assert _said(session, entry) == before


def _said(session: Session, entry: Entry) -> list[Any]:
    """Return everything the tables say about an entry."""
    tables = (EntryLink, EntryTerm, ClaimRow, RunRow)
    runs = session.exec(select(RunRow.id).where(RunRow.entry_id == entry.id)).all()
    return [
        *(rows(session, table, entry_id=entry.id) for table in tables),
        rows(session, KINDS[entry.kind].table, id=entry.id),
        [rows(session, TrackRow, run_id=run) for run in runs],
    ]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_every_field_with_a_vocabulary_has_values(demo: Database, kind: Kind) -> None:
    with demo.reading() as session:
        found = session.exec(select(kind.table)).all()
        for name, declared in kind.fields.items():
            if declared.vocabulary or (declared.reference and declared.required):
                assert any(getattr(row, name) for row in found), name


def test_some_trainings_have_dates(demo: Database) -> None:
    with demo.reading() as session:
        assert session.exec(select(TrackRow)).first()


def test_a_database_with_entries_is_left_alone(demo: Database) -> None:
    with demo.writing() as session, pytest.raises(Conflict, match="empty database"):
        fill(session, data("seed"), 1, 7)


def test_the_command_refuses_in_one_sentence(
    demo: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIRECTORY_DATABASE_URL", str(demo.engine.url))
    found = CliRunner().invoke(main, ["demo", "--entries", "5", "--seed", "1"])
    assert found.exit_code == 1
    assert found.stderr.count("\n") == 1


@pytest.mark.postgres
def test_it_fills_postgresql_too(postgres_engine: Engine) -> None:
    with filled(postgres_engine, 60, 7).reading() as session:
        assert len(session.exec(select(Entry)).all()) == 60
