"""A PostgreSQL server for the benchmark, with the entries of a SQLite file."""

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from directory.db import make_engine
from directory.migrate import migrate

SETTINGS = ("shared_buffers=512MB", "maintenance_work_mem=512MB", "max_wal_size=8GB")
AT_ONCE = 5_000
BESIDE = {"audit"}
"""What nobody reads here, and triggers guard."""


@contextmanager
def postgres_with(folder: Path, file: str) -> Iterator[str]:
    """Start a server whose database has the entries of a file; give its address.

    What was filled stays in the folder and is used again.
    """
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        raise RuntimeError("PostgreSQL is not installed here")
    programs, data = binaries[-1].parent, folder / "postgresql"
    as_user: list[str] = []
    sockets = Path(tempfile.mkdtemp(prefix="bench"))
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        data.mkdir(exist_ok=True)
        for path in (data, sockets):
            os.chown(path, user.pw_uid, user.pw_gid)
        for parent in data.parents:
            if parent.stat().st_mode & 0o001 == 0:
                raise RuntimeError(f"the user postgres may not pass through {parent}")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def run(program: str, *arguments: str) -> None:
        command = [*as_user, str(programs / program), "-D", str(data), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    if not (data / "PG_VERSION").exists():
        run("initdb", "--username=bench", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
    options = " ".join(f"-c {setting}" for setting in (*SETTINGS, "listen_addresses="))
    run(
        "pg_ctl",
        "-w",
        "-t",
        "300",
        "-l",
        str(sockets / "log"),
        "-o",
        f"-k {sockets} {options}",
        "start",
    )
    url = f"postgresql+psycopg://bench@/postgres?host={sockets}"
    try:
        if not (data / "filled").exists():
            _fill(url, folder / file)
            subprocess.run([*as_user, "touch", str(data / "filled")], check=True)
        yield url
    finally:
        run("pg_ctl", "-w", "-m", "fast", "stop")
        shutil.rmtree(sockets, ignore_errors=True)


def _fill(url: str, file: Path) -> None:
    """Copy every table that search and cards read."""
    target = make_engine(url)
    migrate(target)
    tables = [t for t in SQLModel.metadata.sorted_tables if t.name not in BESIDE]
    source = make_engine(f"sqlite:///{file}")
    with source.connect() as reading, target.connect() as writing:
        connection: Any = writing.connection.dbapi_connection
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table in tables:
                cursor.execute(f'TRUNCATE "{table.name}" CASCADE')
                _copy(reading, cursor, table)
        connection.commit()
        for table in tables:
            keys = [c for c in table.primary_key if isinstance(c.type, sa.Integer)]
            if (
                len(keys) == 1
                and len(table.primary_key) == 1
                and keys[0].autoincrement is not False
            ):
                name = keys[0].name
                writing.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{name}'), "
                    f'coalesce(max({name}), 1)) FROM "{table.name}"'
                )
        writing.commit()
    with target.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    target.dispose()


def _copy(reading: sa.Connection, cursor: Any, table: sa.Table) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    is_json = [isinstance(column.type, sa.JSON) for column in table.columns]
    rows = reading.execution_options(yield_per=AT_ONCE).execute(sa.select(table))
    with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(
                [
                    json.dumps(value) if holds and value is not None else _plain(value)
                    for value, holds in zip(row, is_json, strict=True)
                ]
            )


def _plain(value: Any) -> Any:
    """Return a word of a list as the text that is stored."""
    return str(value.value) if hasattr(value, "value") else value
