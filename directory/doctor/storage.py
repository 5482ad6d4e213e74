"""Checks of the database, of its search index and of its log."""

import os
import shutil
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from alembic.migration import MigrationContext
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from directory.audit import verify_chain
from directory.db import Change, last_change
from directory.doctor.findings import NotSeen, Place, Said, counted, fault, ok, warning
from directory.entries.models import Entry
from directory.entries.vocabularies import Vocabularies
from directory.errors import DirectoryError
from directory.migrate import steps
from directory.search.index import Note, TextIndex, fingerprint, mark_of

MAGIC = b"SQLite format 3\x00"
ON_THE_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs")
DAMAGED = "malformed"
"""What SQLite says of a file that it cannot find its way in (SQLITE_CORRUPT)."""

MOUNTS = Path("/proc/mounts")
QUICK = 64_000_000
"""So many bytes of a SQLite file are looked through in less than a second."""

OLDEST_POSTGRES = 14
MANY_ROWS = 10_000
LATE = timedelta(hours=6)
ROWS = 500
"""So many rows at the end of the log are followed; `directory audit verify` follows all."""

TRIGGERS = {
    "sqlite": {"audit_no_update", "audit_no_delete"},
    "postgresql": {"audit_no_change"},
}


def database(place: Place) -> Said:
    """Find an address that is none, a file that is not there, a server that does not answer."""
    try:
        file = place.file
    except DirectoryError as error:
        return fault(str(error), "Set DIRECTORY_DATABASE_URL.")
    if file is not None and not file.exists():
        return fault(
            f"There is no database {file.absolute()}.",
            "Run `directory serve`, which makes one, or name the right file in "
            "DIRECTORY_DATABASE_URL; with four slashes, as in sqlite:////srv/some.db, the path "
            "is the same in whatever folder a command is run.",
        )
    if file is not None and not _is_sqlite(file):
        return fault(
            f"{file.absolute()} is no SQLite database.",
            "Name another file in DIRECTORY_DATABASE_URL.",
        )
    damaged = bool(file and place.trouble and DAMAGED in place.trouble)
    if place.trouble and not damaged:
        return fault(
            f"The database does not answer: {place.trouble}.",
            "See whether it runs, and whether host, name, user and password in "
            "DIRECTORY_DATABASE_URL are right."
            if file is None
            else f"Give {file.absolute()} and its folder to the user who runs the site.",
        )
    if sick := place.trouble or _sick(place, file):
        return fault(
            f"The database is damaged: {sick}.",
            "Stop the site, keep the file, and put the last backup back with `directory restore`.",
        )
    where = "The server" if file is None else str(file.absolute())
    return ok(f"{where} answers.")


def _is_sqlite(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            begins = opened.read(len(MAGIC))
    except OSError:
        return True  # The next question says why it cannot be read.
    return begins in (MAGIC, b"")


def _sick(place: Place, file: Path | None) -> str:
    """Return what a quick look through a small file finds; large ones take too long."""
    if file is None or file.stat().st_size > QUICK:
        return ""
    try:
        with place.reading() as session:
            found = session.scalar(sa.text("PRAGMA quick_check(1)"))
    except SQLAlchemyError as error:
        return str(getattr(error, "orig", error))
    return "" if found == "ok" else " ".join(str(found).split())[:200]


def schema(place: Place) -> Said:
    """Find a database that is older or newer than the program."""
    with place.reading() as session:
        here = MigrationContext.configure(session.connection()).get_current_revision()
    known = steps()
    if here is None:
        return fault("The database has no tables yet.", "Run `directory migrate`.")
    if here not in known:
        return fault(
            f"A newer release has changed this database (step {here}; this one knows {known[-1]}).",
            "Install the newer release, or put back a backup of this one.",
        )
    if here != known[-1]:
        missing = len(known) - known.index(here) - 1
        return fault(
            f"The database is {counted(missing, 'step', 'steps')} behind the program.",
            "Make a backup, then run `directory migrate`.",
        )
    return ok(f"Database and program are both at step {here}.")


def storage(place: Place) -> Said:
    """Find a SQLite file in a bad place, or a server without what the program relies on."""
    return _server(place) if place.is_postgres else _file(place)


def _file(place: Place) -> Said:
    file = place.file
    if place.trouble or file is None:
        raise NotSeen("The database cannot be read.")
    file = file.resolve()
    if (kind := _kind_of_disk(file)).startswith(ON_THE_NETWORK):
        return fault(
            f"{file} lies on a network drive ({kind}), where SQLite loses data.",
            "Move it to a disk of this machine, or use PostgreSQL.",
        )
    ours = [file.parent, file, *(file.with_name(f"{file.name}-{end}") for end in ("wal", "shm"))]
    if closed := next((p for p in ours if p.exists() and not os.access(p, os.W_OK)), None):
        return fault(
            f"Nothing can be written to {closed}.",
            "Give it to the user who runs the site, with `chown`. It happens when a command was "
            "run as another user.",
        )
    if file.stat().st_mode & stat.S_IWOTH:
        return fault(f"Everybody on this machine can change {file}.", f"Run `chmod 600 {file}`.")
    if place.is_public and is_open(file):
        return warning(
            f"Everybody on this machine can read {file}, drafts and accounts included.",
            f"Run `chmod 600 {file}`.",
        )
    with file.open("rb") as opened:
        how = opened.read(20)[18:20]
    if how not in (b"\x02\x02", b""):
        return warning(
            f"{file} has no write-ahead log: readers wait for whoever writes.",
            "Start the site once, which turns it on; if this comes back, move the file to another "
            "disk: this one does not allow it.",
        )
    return ok(f"{file.name} lies on a disk of this machine, with a write-ahead log.")


def is_open(file: Path) -> bool:
    """Say whether everybody can get to a file: it and all folders above it let them."""
    return bool(file.stat().st_mode & stat.S_IROTH) and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in file.parents
    )


def _kind_of_disk(file: Path) -> str:
    """Return the kind of file system that a file lies on; empty where nobody can tell."""
    try:
        lines = [line.split() for line in MOUNTS.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    found = [
        (len(row[1]), row[2])
        for row in lines
        if file.is_relative_to(row[1].encode().decode("unicode_escape"))
    ]
    return max(found, default=(0, ""))[1]


def _server(place: Place) -> Said:
    with place.reading() as session:
        release = int((session.connection().dialect.server_version_info or (0,))[0])
        encoding = session.scalar(sa.text("SHOW server_encoding"))
        unseen = session.scalar(
            sa.text(
                "SELECT count(*) FROM pg_stat_user_tables WHERE n_live_tup > :many "
                "AND last_analyze IS NULL AND last_autoanalyze IS NULL"
            ),
            {"many": MANY_ROWS},
        )
    if release < OLDEST_POSTGRES:
        return fault(
            f"The server is PostgreSQL {release}, which is not supported any more.",
            f"Move to PostgreSQL {OLDEST_POSTGRES} or newer.",
        )
    if encoding != "UTF8":
        return fault(
            f"The database keeps text as {encoding}; names in many languages cannot be saved.",
            "Make one with ENCODING 'UTF8', and move the entries with `directory export`.",
        )
    if unseen:
        return warning(
            "The database has never counted its rows, so that searches take the long way.",
            "Run `ANALYZE` in it, and turn autovacuum on.",
        )
    if (ours := tools()) != release:
        return warning(
            f"`directory backup` will fail: the server is PostgreSQL {release}, pg_dump here is "
            f"{f'of {ours}' if ours else 'not installed'}.",
            f"Install the client programs of PostgreSQL {release}.",
        )
    return ok(f"PostgreSQL {release} with UTF8; pg_dump fits.")


def tools() -> int | None:
    """Return the release of pg_dump on this machine."""
    if not (path := shutil.which("pg_dump")):
        return None
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    number = said.rpartition(") ")[2].partition(".")[0]
    return int(number) if number.isdigit() else None


def search_index(place: Place) -> Said:
    """Find an index that is missing, cannot be read, or is behind what was published."""
    root = place.settings.data_dir / "index"
    build = "Run `directory index` as the user who runs the site."
    with place.reading() as session:
        last = last_change(session)
        if not last:
            return ok("Nothing was published yet.")
        if not (root / "current").exists():
            return warning(
                "There is no search index yet.", f"The next start builds it, or: {build}"
            )
        text = TextIndex.current(root, fingerprint(Vocabularies.read(session)))
        note = text.note() if text else None
        if note is None:
            return fault("The search index cannot be read, or is of another release.", build)
        if not _is_of(session, note, last):
            return fault("The search index was made from another database.", build)
        late = session.scalar(
            sa.select(sa.func.min(col(Change.at))).where(col(Change.sequence) > note.complete)
        )
    if late and place.moment - late > LATE:
        return warning(
            f"The search index is behind since {late:%Y-%m-%d %H:%M} UTC: the site does not run, "
            "or cannot write to it.",
            build,
        )
    return ok("The search index holds everything that was published.")


def _is_of(session: Session, note: Note, last: int) -> bool:
    if note.complete > last:
        return False
    change = session.get(Change, note.complete)
    return note.mark == (mark_of(change.entry_id, change.at) if change else 0)


def audit_log(place: Place) -> Said:
    """Look at the end of the log, and whether the database still refuses to change it."""
    with place.reading() as session:
        checked = verify_chain(session, ROWS)
        kind = session.get_bind().dialect.name
        names = (
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
            if kind == "postgresql"
            else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        )
        there = set(session.scalars(sa.text(names)))
        entries = session.scalar(sa.select(sa.func.count()).select_from(Entry))
    if checked.broken:
        row, reason = checked.broken
        return fault(
            f"Row {row} of the log of who did what is wrong: {reason}.",
            "Somebody has changed it. Keep a copy, run `directory audit verify`, and find out who "
            "can write to the database.",
        )
    if missing := TRIGGERS[kind] - there:
        return fault(
            f"Nothing keeps people from changing the log: {', '.join(sorted(missing))} is gone.",
            "Put the last backup back with `directory restore`: a copy made by another tool may "
            "lose triggers.",
        )
    if entries and not checked.rows:
        return fault(
            "The log of who did what is empty, although there are entries.",
            "Somebody has emptied it. Compare with the last backup.",
        )
    return ok(f"The end of the log fits; it has {checked.rows:,} rows.")
