"""A million entries: those of a smaller database ten times, each with an id and a slug of its own.

To make them one by one would take half an hour. The words of synthetic entries are drawn from one
list whatever their number, so that ten copies are as frequent and as rare as ten times as many.
What no search and no card reads (revisions, the audit log, claims) is not copied.
"""

from pathlib import Path

import sqlalchemy as sa
from sqlmodel import SQLModel

import directory.migrate  # noqa: F401
from directory.db import Change
from directory.entries.kinds import KINDS
from directory.entries.models import Entry, EntryLink, EntryTerm, RunRow, TrackRow

TIMES = 10
PREFIX = 5
"""So many digits of the ids of synthetic entries are the same; the copies count on from them."""

FAR = 10_000_000
"""What is added to the number of a run for each copy."""

TABLES: list[type[SQLModel]] = [
    Entry,
    *(kind.table for kind in KINDS.values()),
    EntryTerm,
    EntryLink,
    RunRow,
    TrackRow,
    Change,
]


def multiply(engine: sa.Engine, times: int = TIMES) -> None:
    """Add copies of every entry until there are so many times as many."""
    is_sqlite = engine.dialect.name == "sqlite"
    # Not through the engine, which would begin a transaction before anything can be said.
    connection = engine.raw_connection()
    cursor = connection.cursor()

    def one(question: str) -> str:
        cursor.execute(question)
        (found,) = cursor.fetchone() or ("",)
        return str(found)

    if is_sqlite:
        # Who is interrupted begins again: nothing needs to be safe meanwhile.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF"):
            cursor.execute(f"PRAGMA {pragma}")
    first, last = (one(f"SELECT {end}(CAST(id AS text)) FROM entry") for end in ("min", "max"))
    assert first[:PREFIX] == last[:PREFIX], "ids that copies could meet"
    before = {}
    for table in TABLES:
        key = next(iter(sa.inspect(table).local_table.primary_key))
        name = key.name if isinstance(key.type, sa.Integer) else f"CAST({key.name} AS text)"
        last = one(f'SELECT max({name}) FROM "{table.__tablename__}"')
        before[table] = f"{key.name} <= '{last}'"
    for copy in range(1, times):
        prefix = f"{int(first[:PREFIX], 16) + copy:0{PREFIX}x}"
        if is_sqlite:
            cursor.execute("BEGIN")
        for table in TABLES:
            cursor.execute(_copying(table, prefix, copy, before[table], is_sqlite))
        connection.commit()
    if not is_sqlite:
        for name in ("run", "track"):
            number = f"pg_get_serial_sequence('{name}', 'id')"
            cursor.execute(f"SELECT setval({number}, max(id)) FROM {name}")
    cursor.execute("ANALYZE")
    connection.commit()
    if is_sqlite:
        cursor.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _copying(table: type[SQLModel], prefix: str, copy: int, of: str, is_sqlite: bool) -> str:
    """Return the statement that copies the first rows of a table."""
    columns, values = [], []
    for column in sa.inspect(table).local_table.columns:
        name = f'"{column.name}"'
        if isinstance(column.type, sa.Uuid):
            moved = f"'{prefix}' || substr(CAST({name} AS text), {PREFIX + 1})"
            value = moved if is_sqlite else f"CAST({moved} AS uuid)"
        elif column.name == "slug":
            value = f"slug || '-{copy}'"
        elif (table is RunRow and column.name == "id") or column.name == "run_id":
            value = f"{name} + {copy * FAR}"
        elif column.primary_key and isinstance(column.type, sa.Integer):
            continue  # The database gives the next number.
        else:
            value = name
        columns.append(name)
        values.append(value)
    name = f'"{table.__tablename__}"'
    rows = f"SELECT {', '.join(values)} FROM {name} WHERE {of}"
    return f"INSERT INTO {name} ({', '.join(columns)}) {rows}"


def multiply_peer(file: Path, times: int = TIMES) -> None:
    """Do the same to the one table of a peer, and index its texts again."""
    import sqlite3

    with sqlite3.connect(file) as db:
        db.execute("PRAGMA journal_mode=OFF")
        (count,) = db.execute("SELECT max(id) FROM entry").fetchone()
        names = [row[1] for row in db.execute("PRAGMA table_info(entry)") if row[1] != "id"]
        for copy in range(1, times):
            values = [f"slug || '-{copy}'" if name == "slug" else name for name in names]
            db.execute(
                f"INSERT INTO entry ({', '.join(names)}) SELECT {', '.join(values)} FROM entry "
                f"WHERE id <= {count}"
            )
        db.execute("INSERT INTO entry_fts(entry_fts) VALUES ('rebuild')")
        db.execute("INSERT INTO entry_fts(entry_fts) VALUES ('optimize')")
    db.close()
