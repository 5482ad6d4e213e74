"""A copy of the whole database in one file, made while others work, and the way back.

A backup is a ZIP file with two members: `label.json` says what it is and what it holds, the other
is a SQLite database or an archive of `pg_dump`, which the tools of that database read as well.
Who is signed in, and links that work once, are left out: what was used or revoked since would
work again.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic import command
from alembic.migration import MigrationContext
from pydantic import BaseModel, ValidationError
from sqlalchemy.engine import Connection, Engine
from sqlmodel import Session, SQLModel

from directory.db import make_engine, now
from directory.errors import Conflict, NotFound, SourceFailed
from directory.migrate import alone, config, migrate, steps

COUNTED = {
    "entries": "entry",
    "revisions": "revision",
    "translations": "entry_translation",
    "audit lines": "audit",
}
"""What a backup vouches for, and the tables that hold it."""

LEFT_OUT = (
    "session",
    "password_link",
    "api_token",
    "kept_answer",
    "held_import_row",
    "held_import",
)
"""What lets somebody in: put back, it would work again after it was used or revoked. Answers to
requests that may be sent again: put back, they would tell of drafts that are not there. And files
that people have sent to look at, which are kept for a day alone."""
LABEL = "label.json"
NOTE = "last-backup"
MEMBERS = {"sqlite": "directory.db", "postgresql": "directory.dump"}


class Part(BaseModel):
    """How many rows a table has, and the SHA-256 of them all."""

    rows: int
    sha256: str


class Label(BaseModel):
    """What is written on a backup."""

    format: Literal[1] = 1
    database: Literal["sqlite", "postgresql"]
    schema_revision: str
    made_at: datetime
    parts: dict[str, Part]


@dataclass(frozen=True)
class Restored:
    """What is back, and whether it is compared with the label: not after a change of schema."""

    parts: dict[str, Part]
    compared: bool


def words_for(parts: dict[str, Part]) -> str:
    """Say what there is, with one SHA-256 over all of it: the same words, the same content."""
    counts = ", ".join(f"{name} {part.rows:,}" for name, part in parts.items())
    whole = sha256("".join(part.sha256 for part in parts.values()).encode()).hexdigest()
    return f"{counts}. Checksum {whole}"


def checksums(session: Session) -> dict[str, Part]:
    """Count and sum up entries, history and audit; the same content gives the same on any database.

    Only columns that this release knows and the database has: an older schema can be saved too.
    """
    inspector = sa.inspect(session.connection())
    parts = {}
    for name, table_name in COUNTED.items():
        table = SQLModel.metadata.tables.get(table_name)
        if table is None or not inspector.has_table(table_name):
            continue
        there = {c["name"] for c in inspector.get_columns(table_name)}
        columns = [table.c[c] for c in sorted(there & set(table.c.keys()))]
        rows = session.execute(
            sa.select(*columns).order_by(*table.primary_key), execution_options={"yield_per": 500}
        )
        digest, count = sha256(json.dumps([c.name for c in columns]).encode()), 0
        for row in rows:
            line = json.dumps(list(row), sort_keys=True, default=_plain)
            digest.update(line.encode() + b"\n")
            count += 1
        parts[name] = Part(rows=count, sha256=digest.hexdigest())
    return parts


def _plain(value: Any) -> str:
    """Write moments in UTC, whatever the zone of the connection; the rest writes itself."""
    return (value.astimezone(UTC).isoformat()) if isinstance(value, datetime) else str(value)


# There


def backup(engine: Engine, file: Path) -> Label:
    """Write a consistent copy of the database to a new file, and say what is in it.

    The file appears whole or not at all, readable to its owner alone. Raises Conflict when there is
    such a file already, NotFound when there is no database, and SourceFailed when the copy fails.
    """
    if file.exists():
        raise _taken(file)
    kind = _kind(engine)
    with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as folder:
        content, whole = Path(folder) / MEMBERS[kind], Path(folder) / "backup.zip"
        label = (_copy_sqlite if kind == "sqlite" else _dump_postgres)(engine, content)
        # An archive of pg_dump is compressed already.
        packing = zipfile.ZIP_DEFLATED if kind == "sqlite" else zipfile.ZIP_STORED
        with whole.open("xb") as out:
            os.fchmod(out.fileno(), 0o600)
            with zipfile.ZipFile(out, "w", packing) as made:
                made.writestr(LABEL, label.model_dump_json(indent=1))
                made.write(content, MEMBERS[kind])
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(whole, file)
        except FileExistsError as error:
            raise _taken(file) from error
    return label


def note_backup(data_dir: Path, label: Label) -> None:
    """Keep in the data folder when the last backup was made: nothing else could tell."""
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / NOTE).write_text(label.made_at.isoformat(), encoding="ascii")


def last_backup(data_dir: Path) -> datetime | None:
    """Return when the last backup was made here; None when there is no note of one."""
    try:
        return datetime.fromisoformat((data_dir / NOTE).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None


def _taken(file: Path) -> Conflict:
    return Conflict(f"{file} is there already. Nothing was written over it: name a new file.")


def _kind(engine: Engine) -> Literal["sqlite", "postgresql"]:
    return "sqlite" if engine.dialect.name == "sqlite" else "postgresql"


def _label(connection: Connection) -> Label:
    """Read what is to be written on a backup from the copy itself."""
    schema = MigrationContext.configure(connection).get_current_revision()
    if schema is None:
        raise NotFound("There is nothing to save: the database has no tables of ours.")
    return Label(
        database=_kind(connection.engine),
        schema_revision=schema,
        made_at=now(),
        parts=checksums(Session(connection)),
    )


def _copy_sqlite(engine: Engine, copy: Path) -> Label:
    """Copy page by page as of one moment; SQLite lets others write meanwhile."""
    path = Path(str(engine.url.database))
    if not path.exists():
        raise NotFound(f"There is no database at {path}.")
    with closing(engine.raw_connection()) as source, closing(sqlite3.connect(copy)) as target:
        source.driver_connection.backup(target)  # type: ignore[union-attr]
        target.execute("PRAGMA journal_mode=DELETE")
        target.execute("PRAGMA secure_delete=ON")
        for table in LEFT_OUT:
            if target.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
                target.execute(f'DELETE FROM "{table}"')
        target.commit()
        _check_whole(target)
    with _plain_engine(copy) as reading, reading.connect() as connection:
        return _label(connection)


def _check_whole(database: sqlite3.Connection) -> None:
    found = [row[0] for row in database.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise SourceFailed(f"The copy is not sound: {found[0]}.")


@contextmanager
def _plain_engine(path: Path) -> Iterator[Engine]:
    """Open a SQLite file that nobody else has, without a write-ahead log beside it."""
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    try:
        yield engine
    finally:
        engine.dispose()


def _dump_postgres(engine: Engine, dump: Path) -> Label:
    """Let pg_dump see the same moment of the database as the checksums."""
    with engine.connect().execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    ) as connection:
        label = _label(connection)
        moment = connection.scalar(sa.text("SELECT pg_export_snapshot()"))
        left_out = [f'--exclude-table-data="{table}"' for table in LEFT_OUT]
        words = ["--format=custom", "--no-owner", "--no-privileges", *left_out]
        _run(connection, "pg_dump", *words, f"--snapshot={moment}", f"--file={dump}")
    return label


def _run(connection: Connection, tool: str, *words: str) -> None:
    """Run a tool of PostgreSQL on this database; the password travels in the environment.

    Raises SourceFailed when the tool is absent, made for another release, or fails.
    """
    from psycopg.conninfo import make_conninfo

    release = (connection.dialect.server_version_info or (0,))[0]
    advice = f"install the client programs of PostgreSQL {release}, such as postgresql-client"
    if not (path := shutil.which(tool)):
        raise SourceFailed(f"{tool} is not installed here: {advice}.")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\) (\d+)", said)
    if not found or int(found[1]) != release:
        raise SourceFailed(
            f"The server is PostgreSQL {release}, but {tool} is of {found[1] if found else '?'}: "
            f"{advice}."
        )
    options = dict(connection.dialect.create_connect_args(connection.engine.url)[1])
    options.pop("context", None)
    environment = os.environ | {"PGPASSWORD": str(options.pop("password", "") or "")}
    done = subprocess.run(
        [path, f"--dbname={make_conninfo(**options)}", *words],
        env={k: v for k, v in environment.items() if k != "PGPASSWORD" or v},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = next(iter(done.stderr.strip().splitlines()), "it gives no reason")
        raise SourceFailed(f"{tool} did not do it: {reason}")


# And back


def restore(engine: Engine, file: Path) -> Restored:
    """Put a backup into an empty database and bring it to the newest schema.

    All of it or nothing, even when the machine stops half-way. Raises Conflict when the database
    holds entries or people, or a newer release made the backup; SourceFailed when the file is no
    backup, is of the other kind of database, or does not hold what its label says.
    """
    label = _read_label(file)
    if label.database != _kind(engine):
        raise SourceFailed(
            f"This backup is of {label.database}, but DIRECTORY_DATABASE_URL names another kind of "
            "database. `directory export` moves entries from one kind to the other."
        )
    known = steps()
    if label.schema_revision not in known:
        raise Conflict("A newer release made this backup; install that release to restore it.")
    compared = label.schema_revision == known[-1]
    put_back = _restore_sqlite if label.database == "sqlite" else _restore_postgres
    return Restored(put_back(engine, file, label, compared), compared)


def _read_label(file: Path) -> Label:
    try:
        with zipfile.ZipFile(file) as found:
            return Label.model_validate_json(found.read(LABEL))
    except (zipfile.BadZipFile, KeyError, ValidationError) as error:
        raise SourceFailed(f"{file} is not a backup of this directory, or is damaged.") from error


def _unpack(file: Path, label: Label, folder: Path) -> Path:
    """Take the database out of a backup; what was damaged on the way does not pass."""
    try:
        with zipfile.ZipFile(file) as found:
            return Path(found.extract(MEMBERS[label.database], folder))
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise SourceFailed(f"{file} is damaged. Nothing was restored.") from error


def _only_into_nothing(connection: Connection) -> None:
    """Refuse to write over what people made; terms and sources come with every release."""
    inspector = sa.inspect(connection)
    for table, people_call_it in (("entry", "entries"), ("user", "accounts")):
        if not inspector.has_table(table):
            continue
        count = connection.scalar(sa.select(sa.func.count()).select_from(sa.table(table)))
        if count:
            raise Conflict(
                f"This database holds {people_call_it} already ({count:,}). Nothing was restored: "
                "name a new database in DIRECTORY_DATABASE_URL."
            )


def _compare(parts: dict[str, Part], label: Label, compared: bool) -> None:
    if compared and parts != label.parts:
        raise SourceFailed("The backup does not hold what its label says; do not rely on it.")


def _restore_sqlite(engine: Engine, file: Path, label: Label, compared: bool) -> dict[str, Part]:
    """Make the copy ready beside the database, then write it there in one transaction."""
    path = Path(str(engine.url.database))
    with alone(engine):
        if path.exists():
            with _plain_engine(path) as there, there.connect() as connection:
                _only_into_nothing(connection)
        folder = path.with_name(f".{path.name}.restoring")
        shutil.rmtree(folder, ignore_errors=True)  # Of an attempt that was stopped.
        folder.mkdir(mode=0o700)
        try:
            copy = _unpack(file, label, folder)
            with closing(sqlite3.connect(copy)) as unpacked:
                _check_whole(unpacked)
            made = make_engine(f"sqlite:///{copy}")
            migrate(made)
            with made.connect() as connection:
                parts = checksums(Session(connection))
            made.dispose()
            _compare(parts, label, compared)
            with (
                closing(sqlite3.connect(copy)) as source,
                closing(sqlite3.connect(path, timeout=10)) as target,
            ):
                source.backup(target)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return parts


def _restore_postgres(engine: Engine, file: Path, label: Label, compared: bool) -> dict[str, Part]:
    """Take empty tables away, let pg_restore write all in one transaction, then migrate."""
    with tempfile.TemporaryDirectory() as folder, alone(engine), engine.connect() as connection:
        _only_into_nothing(connection)
        dump = _unpack(file, label, Path(folder))
        if sa.inspect(connection).has_table("alembic_version"):
            connection.rollback()
            command.downgrade(config(connection), "base")
            connection.execute(sa.text("DROP TABLE alembic_version"))
            connection.commit()
        words = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        _run(connection, "pg_restore", *words, str(dump))
    migrate(engine)
    with engine.connect() as connection:
        parts = checksums(Session(connection))
    _compare(parts, label, compared)
    return parts
