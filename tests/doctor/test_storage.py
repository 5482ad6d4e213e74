"""Faults of the database, of its index and of its log are named, with what to do."""

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from directory.db import Change, now
from directory.doctor import CHECKS, Level, examine, storage
from directory.entries.models import Entry
from directory.migrate import steps
from tests.conftest import settings_for
from tests.doctor.clinic import Clinic, told
from tests.imports.sites import fetcher_for, running

*_, ONE_BEFORE, _NEWEST = steps()


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("mysql://host/name", "DIRECTORY_DATABASE_URL"),
        ("sqlite:///nowhere/none.db", "no database"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/none", "does not answer"),
    ],
)
def test_a_database_that_is_not_there_leaves_the_other_checks(
    clinic: Clinic, url: str, word: str
) -> None:
    clinic.set(database_url=url)
    found = clinic.ask()
    assert word in told(found, "database", Level.FAULT)
    assert len(found) == len(CHECKS)
    assert [f.check for f in found.values() if f.level == Level.FAULT] == ["database"]


def test_a_file_that_is_no_database_or_is_damaged(clinic: Clinic) -> None:
    whole = clinic.file.read_bytes()
    clinic.file.write_bytes(b"Dear operator" * 500)
    assert "no SQLite database" in told(clinic.ask(), "database", Level.FAULT)
    for at in (4096 * 3, 4096 * 400):
        clinic.file.write_bytes(whole[:at] + b"\xa7" * 4096 * 40 + whole[at + 4096 * 40 :])
        found = clinic.ask()
        assert "restore" in told(found, "database", Level.FAULT)
        assert len(found) == len(CHECKS)


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        (f"UPDATE alembic_version SET version_num = '{ONE_BEFORE}'", "1 step behind"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer release"),
        ("DELETE FROM alembic_version", "directory migrate"),
    ],
)
def test_a_schema_that_does_not_fit(clinic: Clinic, statement: str, word: str) -> None:
    clinic.sql(statement)
    assert word in told(clinic.ask(), "schema", Level.FAULT)


def test_a_file_on_a_network_drive(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = clinic.folder / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {clinic.folder} nfs4 rw 0 0\n")
    monkeypatch.setattr(storage, "MOUNTS", mounts)
    assert "nfs4" in told(clinic.ask(), "storage", Level.FAULT)


def test_a_file_that_others_can_change_or_read(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.file.chmod(0o666)
    assert "chmod 600" in told(clinic.ask(), "storage", Level.FAULT)
    clinic.file.chmod(0o644)
    clinic.set(base_url="https://directory.example")
    with running() as site:
        fetcher = fetcher_for(site)
        assert clinic.ask(fetcher=fetcher)["storage"].level == Level.OK, "a folder above is closed"
        monkeypatch.setattr(storage, "is_open", lambda file: True)
        assert "can read" in told(clinic.ask(fetcher=fetcher), "storage", Level.WARNING)


def test_a_file_without_write_ahead_log(clinic: Clinic) -> None:
    clinic.sql("PRAGMA journal_mode=DELETE")
    assert "write-ahead" in told(clinic.ask(), "storage", Level.WARNING)


@pytest.mark.postgres
def test_a_server_without_the_tools_for_backups(
    postgres_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path, postgres_engine.url.render_as_string(hide_password=False))
    monkeypatch.setattr(storage, "tools", lambda: None)
    found = {f.check: f for f in examine(settings, environment={})}
    assert "pg_dump" in told(found, "storage", Level.WARNING)
    monkeypatch.setattr(storage, "OLDEST_POSTGRES", 99)
    found = {f.check: f for f in examine(settings, environment={})}
    assert "not supported" in told(found, "storage", Level.FAULT)
    assert "directory migrate" in told(found, "schema", Level.FAULT)


def test_an_index_that_is_missing_broken_behind_or_of_another_database(clinic: Clinic) -> None:
    clinic.add(Change(entry_id=clinic.one(Entry.id), at=now() - timedelta(hours=7)))
    assert "is behind" in told(clinic.ask(), "search index", Level.WARNING)
    clinic.sql(
        "DELETE FROM change_log WHERE sequence = (SELECT max(sequence) FROM change_log)",
        "UPDATE change_log SET at = '2020-01-01 00:00:00.000000'",
    )
    assert "another database" in told(clinic.ask(), "search index", Level.FAULT)
    index = clinic.settings.data_dir / "index"
    for file in index.rglob("*.json"):
        file.write_text("nonsense")
    assert "directory index" in told(clinic.ask(), "search index", Level.FAULT)
    shutil.rmtree(index)
    assert "no search index" in told(clinic.ask(), "search index", Level.WARNING)


@pytest.mark.parametrize(
    ("statements", "word"),
    [
        (["UPDATE audit SET subject = 'else' WHERE sequence = 300"], "Row 300"),
        ([], "audit_no_update"),
        (["DELETE FROM audit"], "emptied"),
    ],
)
def test_a_log_that_somebody_has_changed(clinic: Clinic, statements: list[str], word: str) -> None:
    with sqlite3.connect(clinic.file) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).fetchall()
    connection.close()
    clinic.sql(*(f"DROP TRIGGER {name}" for name, _ in triggers), *statements)
    if statements:
        clinic.sql(*(text for _, text in triggers))
    assert word in told(clinic.ask(), "audit log", Level.FAULT)
