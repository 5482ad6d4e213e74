"""An installation that a test breaks, and what the doctor says of it."""

import shutil
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.db import Database, make_engine
from directory.doctor import Finding, Level, examine
from directory.search.service import SearchService
from directory.settings import Settings
from tests.conftest import settings_for

GOOD = (Level.OK, Level.UNKNOWN)


@dataclass
class Clinic:
    """An installation that a test breaks, and what the doctor says of it."""

    settings: Settings
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def ask(self, **more: Any) -> dict[str, Finding]:
        found = examine(self.settings, environment=self.environment, **more)
        return {one.check: one for one in found}

    def set(self, **values: Any) -> None:
        self.settings = Settings(**self.settings.model_dump() | values)

    @property
    def file(self) -> Path:
        return self.folder / "directory.db"

    def sql(self, *statements: str) -> None:
        with sqlite3.connect(self.file) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def add(self, *rows: Any) -> None:
        engine = make_engine(self.settings.database_url)
        with Database(engine).writing() as session:
            session.add_all(rows)
        engine.dispose()

    def one(self, column: Any) -> Any:
        engine = make_engine(self.settings.database_url)
        with Database(engine).reading() as session:
            found = session.scalar(sa.select(column).limit(1))
        engine.dispose()
        return found


def furnish(settings: Settings, engine: Engine) -> None:
    """Do what a good operator has done: a first start, an administrator."""
    settings.data_dir.mkdir()
    database = Database(engine)
    search = SearchService(database, settings.data_dir)
    search.rebuild()
    search.close()
    with database.writing() as session:
        add_user(session, "admin@example.org", "admin")
        session.flush()
        session.exec(sa.update(User).values(password_hash="a hash"))


@pytest.fixture(autouse=True)
def compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout that nobody has built has no compiled messages; here they are."""
    monkeypatch.setattr("directory.doctor.machine.is_compiled", lambda source: True)


@pytest.fixture(scope="module")
def furnished(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("furnished")
    copy = shutil.copy(seeded_file, folder / "directory.db")
    engine = make_engine(f"sqlite:///{copy}")
    furnish(settings_for(folder, f"sqlite:///{copy}"), engine)
    engine.dispose()
    return folder


@pytest.fixture
def clinic(furnished: Path, tmp_path: Path) -> Clinic:
    folder = shutil.copytree(furnished, tmp_path / "site")
    settings = settings_for(folder, f"sqlite:///{folder / 'directory.db'}")
    settings = Settings(**settings.model_dump() | {"base_url": "http://127.0.0.1:8000"})
    return Clinic(settings, folder)


def told(found: dict[str, Finding], check: str, level: Level) -> str:
    """Return what a check says, in one line; a fault never comes without a way out."""
    one = found[check]
    assert one.level == level, one
    assert one.todo.endswith("."), one
    return f"{one.found} {one.todo}"
