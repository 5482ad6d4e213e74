"""The schema: up, down and up again, on both databases, by one process or by many."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine
from sqlmodel import SQLModel

from directory.migrate import config, migrate
from directory.settings import data


def tables(engine: Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names())


def test_an_empty_database_gets_every_table(any_engine: Engine) -> None:
    migrate(any_engine)
    assert tables(any_engine) == set(SQLModel.metadata.tables) | {"alembic_version"}


def test_the_models_and_the_migrations_agree(any_engine: Engine) -> None:
    migrate(any_engine)
    with any_engine.connect() as connection:
        command.check(config(connection))


def test_there_is_one_newest_revision(empty_engine: Engine) -> None:
    with empty_engine.connect() as connection:
        assert len(ScriptDirectory.from_config(config(connection)).get_heads()) == 1


def test_every_step_can_be_taken_back_and_again(any_engine: Engine) -> None:
    with any_engine.connect() as connection:
        made = config(connection)
        steps = [s.revision for s in ScriptDirectory.from_config(made).walk_revisions()][::-1]
        for step in steps:
            command.upgrade(made, step)
            command.downgrade(made, "-1")
            command.upgrade(made, step)
        command.downgrade(made, "base")
        connection.rollback()
    assert tables(any_engine) <= {"alembic_version"}


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_processes_that_migrate_at_once_do_not_collide(
    kind: str, request: pytest.FixtureRequest
) -> None:
    fixture = "empty_engine" if kind == "sqlite" else "postgres_engine"
    engine: Engine = request.getfixturevalue(fixture)
    url = engine.url.render_as_string(hide_password=False)
    code = (
        "import sys; from directory.db import make_engine; from directory.migrate import migrate; "
        "migrate(make_engine(sys.argv[1]))"
    )
    several = [
        subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in several:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
    assert "entry" in tables(engine)


REBUILD = """\
from alembic import op

revision, down_revision = "9999", "{head}"

def upgrade():
    with op.batch_alter_table("source", recreate="always") as batch:
        batch.alter_column("title", nullable=True)
"""


def test_rebuilding_a_table_loses_no_child_row(
    empty_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite changes a column by building the table anew; foreign keys would then cascade."""
    migrate(empty_engine)
    with empty_engine.begin() as connection:
        head = MigrationContext.configure(connection).get_current_revision()
        for sql in (
            "INSERT INTO source (slug, title, short_title, kind, numbering, checked_on, position) "
            "VALUES ('paper', 'Paper', 'Paper', 'note', 'line', '2026-11-22', 0)",
            "INSERT INTO paragraph (source_slug, position, number, summary) "
            "VALUES ('paper', 0, '1', 'One line.')",
        ):
            connection.exec_driver_sql(sql)
    folder = shutil.copytree(data("migrations"), tmp_path / "migrations")
    rebuild = REBUILD.format(head=head)
    (folder / "versions" / "9999_rebuild.py").write_text(rebuild, encoding="utf-8")
    monkeypatch.setattr("directory.migrate.data", lambda name: tmp_path / name)
    migrate(empty_engine)
    columns = {c["name"]: c for c in sa.inspect(empty_engine).get_columns("source")}
    assert columns["title"]["nullable"]
    with empty_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM paragraph").scalar() == 1
