"""Bring a database to the newest schema, one process at a time."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.engine import Connection, Engine

# Imported for their tables: the metadata must know all of them.
import directory.accounts.models
import directory.accounts.repeats
import directory.accounts.tokens
import directory.alerts.models
import directory.audit
import directory.curation.autosave
import directory.entries.freshness
import directory.entries.links
import directory.entries.merges
import directory.entries.models
import directory.entries.translations
import directory.entries.vocabularies
import directory.imports.harvest.models
import directory.imports.held
import directory.imports.intake.models
import directory.inbox.models
import directory.mail
import directory.matching.models
import directory.sources.models
import directory.webhooks.models  # noqa: F401
from directory.db import make_engine
from directory.errors import Conflict
from directory.settings import Settings, data

LOCK = 0x0D1C_0002


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Keep other processes from migrating the same database meanwhile."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT pg_advisory_lock(:n)"), {"n": LOCK})
            connection.commit()
            try:
                yield
            finally:
                connection.execute(sa.text("SELECT pg_advisory_unlock(:n)"), {"n": LOCK})
                connection.commit()
        return
    file = engine.url.database
    if not file or file == ":memory:":
        yield
        return
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    with open(f"{file}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _located() -> Config:
    made = Config()
    made.set_main_option("script_location", str(data("migrations")).replace("%", "%%"))
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return made


def config(connection: Connection) -> Config:
    """Return Alembic's configuration, the same from a checkout and from a wheel."""
    made = _located()
    made.attributes["connection"] = connection
    return made


def steps() -> list[str]:
    """Return every step of the schema that this release knows, the oldest first."""
    found = ScriptDirectory.from_config(_located()).walk_revisions()
    return [step.revision for step in found][::-1]


def migrate(engine: Engine, revision: str = "head") -> None:
    """Upgrade to a revision, by default the newest; harmless when already there.

    Raises Conflict for a database that a newer release has migrated.
    """
    with alone(engine), engine.connect() as connection:
        try:
            command.upgrade(config(connection), revision)
        except CommandError as error:
            raise Conflict(
                f"A newer release has changed this database; install that release. ({error})"
            ) from error


def write_revision(message: str) -> None:
    """Write the migration that brings the newest schema to the models, for a developer to read."""
    engine = make_engine(Settings().database_url)
    migrate(engine)
    with engine.connect() as connection:
        made = config(connection)
        command.revision(made, message, autogenerate=True, rev_id=f"{len(steps()) + 1:04}")


if __name__ == "__main__":
    write_revision(" ".join(sys.argv[1:]) or "change")
