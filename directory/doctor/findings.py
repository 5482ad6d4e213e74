"""What a check says, and what it may look at."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from directory.db import Database, make_looking_engine, now
from directory.errors import DirectoryError
from directory.imports.fetch import Fetcher
from directory.settings import Settings

PATIENCE = 3
"""Seconds that a server of others has to answer."""

DAILY = timedelta(days=2)
"""Work that should be done every day is late after so long: one run may fail."""


class Level(StrEnum):
    """How bad it is. What could not be looked at is `unknown`, which is no fault of its own."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    UNKNOWN = "not checked"


@dataclass(frozen=True)
class Said:
    """What one check found, in one sentence; and what to do, in one more."""

    level: Level
    found: str
    todo: str = ""


def ok(found: str) -> Said:
    """Say that all is well."""
    return Said(Level.OK, found)


def warning(found: str, todo: str) -> Said:
    """Say that something works worse than it could, or will not work for long."""
    return Said(Level.WARNING, found, todo)


def fault(found: str, todo: str) -> Said:
    """Say that something does not work."""
    return Said(Level.FAULT, found, todo)


class NotSeen(DirectoryError):
    """A check cannot look at what it is about."""


@dataclass
class Place:
    """The installation that is looked at. Nothing here writes."""

    settings: Settings
    environment: dict[str, str]
    fetcher: Fetcher
    moment: datetime = field(default_factory=now)

    @cached_property
    def engine(self) -> Engine:
        """Return the engine; raises Invalid when the address is none of a database."""
        return make_looking_engine(self.settings.database_url, PATIENCE)

    @cached_property
    def trouble(self) -> str | None:
        """Return why the database cannot be read, asked once; None when it can."""
        try:
            with self.engine.connect() as connection:
                # The first bytes of a file are read only now.
                connection.exec_driver_sql(
                    "SELECT 1" if self.is_postgres else "SELECT 1 FROM sqlite_master LIMIT 1"
                )
        except (SQLAlchemyError, DirectoryError, OSError) as error:
            return " ".join(str(getattr(error, "orig", None) or error).split())
        return None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session; raises NotSeen when the database cannot be read."""
        if self.trouble:
            raise NotSeen("The database cannot be read.")
        with Database(self.engine).reading() as session:
            yield session

    @property
    def is_postgres(self) -> bool:
        """Say whether the database is a server."""
        return self.engine.dialect.name == "postgresql"

    @property
    def file(self) -> Path | None:
        """Return the file of the database; None where it is a server."""
        if self.is_postgres:
            return None
        return Path(str(sa.make_url(self.settings.database_url).database))

    @property
    def host(self) -> str:
        """Return the host of the public address."""
        try:
            return urlsplit(self.settings.base_url).hostname or ""
        except ValueError:
            return ""

    @property
    def is_public(self) -> bool:
        """Say whether others are meant to use it: its address is not that of this machine."""
        return not is_this_machine(self.host)


def is_this_machine(host: str) -> bool:
    """Say whether a host is a name of the machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def ago(span: timedelta) -> str:
    """Say how long something is ago, as one says it."""
    days = span.days
    if days:
        return f"{days} days ago" if days > 1 else "yesterday"
    return "today"


def counted(count: int, one: str, many: str) -> str:
    """Return a count with its noun: 1 letter, 1,204 letters."""
    return f"{count:,} {one if count == 1 else many}"
