"""A copy in one file and the way back: whole, only into an empty database, never over anything."""

import json
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.engine import Engine
from sqlmodel import Session, SQLModel, select

from directory.accounts.models import BrowserSession, User
from directory.accounts.service import add_user
from directory.backup import LABEL, backup, checksums, restore
from directory.curation.editing import open_entry, save_and_move
from directory.curation.translating import Sent, open_translation, save_translation
from directory.db import Database, make_engine, now
from directory.entries.kinds import ORGANISATION
from directory.entries.translations import EntryTranslation
from directory.errors import Conflict, NotFound, SourceFailed
from directory.migrate import config, migrate, steps
from directory.search.query import SearchQuery
from directory.search.service import SearchService
from tests.conftest import postgres_database
from tests.test_cli import refused, run


def held(engine: Engine) -> dict[str, Any]:
    with Session(engine) as session:
        return checksums(session)


def say(database: Database, words: str) -> None:
    """Publish another summary of the same organisation."""
    with database.writing() as session:
        if not session.exec(select(User)).first():
            add_user(session, "eve@example.org", "curator")
        by = session.exec(select(User)).one()
        form = open_entry(session, ORGANISATION, "gcsp", by).form
        form = replace(form, values=form.values | {"summary": words})
        save_and_move(session, ORGANISATION, "gcsp", form, "publish", by=by, base_url="")


@pytest.fixture
def seeded(any_seeded: Engine) -> Database:
    return Database(any_seeded)


@pytest.fixture
def elsewhere(
    any_seeded: Engine, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Engine]:
    """Another database of the same kind, without any table."""
    if any_seeded.dialect.name == "postgresql":
        with postgres_database(request.getfixturevalue("postgres_server")) as engine:
            yield engine
        return
    engine = make_engine(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def seeded_backup(seeded_engine: Engine, tmp_path: Path) -> Path:
    backup(seeded_engine, tmp_path / "backup.zip")
    return tmp_path / "backup.zip"


def test_what_was_saved_comes_back_elsewhere(
    seeded: Database, elsewhere: Engine, tmp_path: Path
) -> None:
    label = backup(seeded.engine, tmp_path / "backup.zip")
    say(seeded, "Said after the backup.")
    done = restore(elsewhere, tmp_path / "backup.zip")
    assert done.compared
    assert done.parts == label.parts == held(elsewhere)
    assert done.parts != held(seeded.engine)
    say(Database(elsewhere), "Work goes on.")


def test_translations_come_back_too(seeded: Database, elsewhere: Engine, tmp_path: Path) -> None:
    say(seeded, "A centre.")
    with seeded.writing() as session:
        by = session.exec(select(User)).one()
        opened = open_translation(session, ORGANISATION, "gcsp", "fr", by)
        sent = Sent({"summary": "Un centre."}, {}, opened.original.number)
        save_translation(session, ORGANISATION, "gcsp", "fr", sent, by=by)
    backup(seeded.engine, tmp_path / "backup.zip")
    assert restore(elsewhere, tmp_path / "backup.zip").parts["translations"].rows == 1
    with Database(elsewhere).reading() as session:
        (row,) = session.exec(select(EntryTranslation)).all()
    assert (row.texts, row.made_from) == ({"summary": "Un centre."}, {"summary": "A centre."})


def test_an_empty_database_with_its_tables_may_be_filled(
    seeded: Database, elsewhere: Engine, tmp_path: Path
) -> None:
    migrate(elsewhere)
    label = backup(seeded.engine, tmp_path / "backup.zip")
    assert restore(elsewhere, tmp_path / "backup.zip").parts == label.parts


@pytest.mark.skipif(len(steps()) < 2, reason="the schema has had one step so far")
def test_a_backup_of_an_older_release_gets_the_newest_schema(
    seeded: Database, elsewhere: Engine, tmp_path: Path
) -> None:
    with seeded.engine.connect() as connection:
        command.downgrade(config(connection), steps()[-2])
    label = backup(seeded.engine, tmp_path / "backup.zip")
    assert label.schema_revision == steps()[-2]
    done = restore(elsewhere, tmp_path / "backup.zip")
    assert not done.compared
    assert all(done.parts[name].rows == part.rows for name, part in label.parts.items())
    say(Database(elsewhere), "Work goes on.")


def test_a_database_with_entries_is_left_alone(seeded: Database, tmp_path: Path) -> None:
    backup(seeded.engine, tmp_path / "backup.zip")
    say(seeded, "Said after the backup.")
    before = held(seeded.engine)
    with pytest.raises(Conflict, match=r"holds entries already \(306\).*DIRECTORY_DATABASE_URL"):
        restore(seeded.engine, tmp_path / "backup.zip")
    assert held(seeded.engine) == before


def test_a_database_with_people_is_left_alone(
    seeded: Database, elsewhere: Engine, tmp_path: Path
) -> None:
    backup(seeded.engine, tmp_path / "backup.zip")
    migrate(elsewhere)
    with Database(elsewhere).writing() as session:
        add_user(session, "ana@example.org", "admin")
    with pytest.raises(Conflict, match="holds accounts already"):
        restore(elsewhere, tmp_path / "backup.zip")
    with Session(elsewhere) as session:
        assert len(session.exec(select(User)).all()) == 1


def test_signed_in_browsers_are_left_out(
    seeded: Database, elsewhere: Engine, tmp_path: Path
) -> None:
    with seeded.writing() as session:
        add_user(session, "ana@example.org", "curator")
        later = now() + timedelta(days=1)
        session.add(BrowserSession(key="of-ana", data=b"{}", expires_at=later))
    backup(seeded.engine, tmp_path / "backup.zip")
    restore(elsewhere, tmp_path / "backup.zip")
    with Session(elsewhere) as session:
        assert [user.email for user in session.exec(select(User))] == ["ana@example.org"]
        assert not session.exec(select(BrowserSession)).all()
        assert not session.execute(sa.text("SELECT 1 FROM password_link")).all()
    with zipfile.ZipFile(tmp_path / "backup.zip") as found:
        assert b"of-ana" not in b"".join(found.read(name) for name in found.namelist())


@pytest.mark.postgres
def test_the_same_content_has_the_same_checksums_on_both_databases(
    seeded_engine: Engine, postgres_engine: Engine
) -> None:
    migrate(postgres_engine)
    with seeded_engine.connect() as source, postgres_engine.begin() as target:
        target.exec_driver_sql("SET TIME ZONE 'Asia/Kathmandu'")
        for table in SQLModel.metadata.sorted_tables:
            if rows := source.execute(sa.select(table)).mappings().all():
                target.execute(sa.insert(table), [dict(row) for row in rows])
        assert checksums(Session(target)) == held(seeded_engine)


def test_an_old_index_does_not_speak_for_a_restored_database(
    seeded: Database, elsewhere: Engine, tmp_path: Path
) -> None:
    """The same entry is changed as often on both sides: only what was said differs."""

    def finds(engine: Engine, word: str) -> int:
        service = SearchService(Database(engine), tmp_path / "data")
        total = service.search(SearchQuery(q=word)).total
        service.close()
        return total

    backup(seeded.engine, tmp_path / "backup.zip")
    say(seeded, "A word of before: marzipan.")
    assert finds(seeded.engine, "marzipan") == 1
    restore(elsewhere, tmp_path / "backup.zip")
    say(Database(elsewhere), "A word of after: nougat.")
    assert finds(elsewhere, "marzipan") == 0
    assert finds(elsewhere, "nougat") == 1


def test_nothing_is_written_over_a_file(seeded_engine: Engine, seeded_backup: Path) -> None:
    before = seeded_backup.read_bytes()
    with pytest.raises(Conflict, match="is there already"):
        backup(seeded_engine, seeded_backup)
    assert seeded_backup.read_bytes() == before


def test_only_its_owner_can_read_a_backup_and_nothing_else_is_left(seeded_backup: Path) -> None:
    assert seeded_backup.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in seeded_backup.parent.iterdir()] == ["backup.zip"]


def test_without_a_database_there_is_nothing_to_save(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no database"):
        backup(make_engine(f"sqlite:///{tmp_path / 'none.db'}"), tmp_path / "backup.zip")
    assert not list(tmp_path.iterdir())


def test_a_database_without_tables_is_not_saved(any_engine: Engine, tmp_path: Path) -> None:
    with any_engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
    with pytest.raises(NotFound, match="no tables"):
        backup(any_engine, tmp_path / "backup.zip")
    assert not (tmp_path / "backup.zip").exists()


def relabel(file: Path, **changes: Any) -> None:
    """Write something else on the label of a backup."""
    with zipfile.ZipFile(file) as found:
        members = {name: found.read(name) for name in found.namelist()}
    members[LABEL] = json.dumps(json.loads(members[LABEL]) | changes).encode()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)


def test_a_backup_of_a_newer_release_is_refused(seeded_backup: Path, empty_engine: Engine) -> None:
    relabel(seeded_backup, schema_revision="9999")
    with pytest.raises(Conflict, match="newer release"):
        restore(empty_engine, seeded_backup)


def test_a_backup_of_the_other_kind_is_refused(seeded_backup: Path, empty_engine: Engine) -> None:
    relabel(seeded_backup, database="postgresql")
    with pytest.raises(SourceFailed, match="directory export"):
        restore(empty_engine, seeded_backup)


def test_a_backup_that_is_not_what_it_says_is_refused(
    seeded_backup: Path, empty_engine: Engine
) -> None:
    relabel(seeded_backup, parts={"entries": {"rows": 1, "sha256": "0"}})
    with pytest.raises(SourceFailed, match="does not hold what its label says"):
        restore(empty_engine, seeded_backup)
    assert not Path(str(empty_engine.url.database)).exists()


@pytest.mark.parametrize("harm", ["cut", "bit", "text"])
def test_a_damaged_file_changes_nothing(seeded_backup: Path, tmp_path: Path, harm: str) -> None:
    whole = bytearray(seeded_backup.read_bytes())
    if harm == "bit":
        whole[len(whole) // 2] ^= 1
    harmed = {"cut": whole[:-100], "bit": whole, "text": bytearray(b"not a backup")}
    seeded_backup.write_bytes(harmed[harm])
    said = refused(run(tmp_path, "restore", str(seeded_backup)))
    assert "damaged" in said
    assert not (tmp_path / "directory.db").exists()


def test_the_commands_say_what_is_saved_and_what_is_back(seeded_file: Path, tmp_path: Path) -> None:
    file, source = tmp_path / "backup.zip", f"sqlite:///{seeded_file}"
    saved = run(tmp_path, "backup", str(file), DIRECTORY_DATABASE_URL=source)
    assert saved.exit_code == 0, saved.output
    there = run(tmp_path, "restore", str(file))
    assert there.exit_code == 0, there.output
    assert "entries 306, revisions 306" in saved.stdout
    assert saved.stdout.split(": ", 1)[1].strip() in there.stdout
    assert "what the backup says" in there.stdout


@pytest.mark.postgres
class TestTools:
    """The programs of PostgreSQL: absent, of another release, failing, and what they are told."""

    def test_absent(
        self, postgres_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        migrate(postgres_engine)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(SourceFailed, match=r"pg_dump is not installed here: install .* \d+"):
            backup(postgres_engine, tmp_path / "backup.zip")

    def test_of_another_release(
        self, postgres_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        migrate(postgres_engine)
        self._stand_in(tmp_path, monkeypatch, 'echo "pg_dump (PostgreSQL) 9.6"')
        with pytest.raises(SourceFailed, match="but pg_dump is of 9"):
            backup(postgres_engine, tmp_path / "backup.zip")

    def test_what_it_says_when_it_fails(
        self, postgres_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        migrate(postgres_engine)
        with postgres_engine.connect() as connection:
            version = (connection.dialect.server_version_info or (0,))[0]
        same = f'test "$1" = --version && echo "pg_dump (PostgreSQL) {version}.1" && exit 0'
        self._stand_in(tmp_path, monkeypatch, f"{same}; echo no room left >&2; exit 1")
        with pytest.raises(SourceFailed, match="pg_dump did not do it: no room left"):
            backup(postgres_engine, tmp_path / "backup.zip")
        assert not (tmp_path / "backup.zip").exists()

    def test_the_password_is_in_the_environment_alone(
        self, postgres_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        migrate(postgres_engine)
        engine = make_engine(
            postgres_engine.url.set(password="geheim").render_as_string(hide_password=False)
        )
        told: list[tuple[list[str], dict[str, str]]] = []
        real = subprocess.run

        def run(words: list[str], **more: Any) -> Any:
            told.append((words, more.get("env") or {}))
            return real(words, **more)

        monkeypatch.setattr(subprocess, "run", run)
        backup(engine, tmp_path / "backup.zip")
        engine.dispose()
        assert not any("geheim" in word for words, _ in told for word in words)
        assert told[-1][1]["PGPASSWORD"] == "geheim"

    @staticmethod
    def _stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
        tool = folder / "pg_dump"
        tool.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
