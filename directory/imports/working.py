"""Read and save a file in the background, in steps that anybody may take up again.

The work is a row of the database, not a thread: a server that stops half-way leaves a file that is
taken up by whoever looks at its page next. Two never work on the same one.
"""

import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import allow
from directory.db import Database, new_id, now
from directory.entries.written import Order
from directory.errors import DirectoryError, NotAllowed, NotFound
from directory.imports.entries import Plan, Planned, in_batches, preview
from directory.imports.held import SEAL, HeldImport, HeldRow, Stage, write_rows
from directory.imports.merging import Side
from directory.imports.readers import open_file
from directory.imports.rows import Reading
from directory.imports.saving import apply
from directory.imports.survey import survey
from directory.languages import gettext, marked
from directory.sealing import unseal_file
from directory.settings import Settings

SILENT = timedelta(seconds=60)
"""Who has not moved for so long has stopped; the longest step takes some seconds."""
# A file in work takes memory; further ones wait for their turn.
_slots = threading.BoundedSemaphore(2)


class _Taken(Exception):
    """Somebody else works on this file now."""


def work_on(database: Database, settings: Settings, key: uuid.UUID) -> None:
    """Start the work that a file waits for, unless somebody is at it; return at once."""
    if not _slots.acquire(blocking=False):
        return
    try:
        threading.Thread(target=_work, args=(database, settings, key), daemon=True).start()
    except BaseException:
        _slots.release()
        raise


def _work(database: Database, settings: Settings, key: uuid.UUID) -> None:
    try:
        work(database, settings, key)
    finally:
        _slots.release()


def work(database: Database, settings: Settings, key: uuid.UUID) -> None:
    """Do all the work that a file waits for; what goes wrong is written down for its sender."""
    worker = new_id()
    if not _claim(database, key, worker):
        return
    try:
        with database.reading() as session:
            held = session.get(HeldImport, key)
        if held is None:
            return
        with _on_disk(held, settings.secret) as file:
            _read(database, held, worker, file) if held.stage is Stage.READING else _save(
                database, held, worker, file
            )
    except _Taken:
        return
    except DirectoryError as error:
        _finish(database, key, worker, Stage.FAILED, str(error))
    except Exception:
        _finish(
            database,
            key,
            worker,
            Stage.FAILED,
            marked("The work on this file failed. Send it again."),
        )
        raise


def _claim(database: Database, key: uuid.UUID, worker: uuid.UUID) -> bool:
    free = sa.or_(col(HeldImport.worker).is_(None), col(HeldImport.worked_at) < now() - SILENT)
    with database.writing() as session:
        done = session.exec(
            sa.update(HeldImport)
            .where(
                col(HeldImport.id) == key,
                col(HeldImport.state).in_([Stage.READING, Stage.SAVING]),
                free,
            )
            .values(worker=worker, worked_at=now())
        )
        return bool(done.rowcount)


def _note(session: Session, key: uuid.UUID, worker: uuid.UUID, **values: object) -> None:
    """Write down how far one is; raises _Taken when somebody else has taken over."""
    done = session.exec(
        sa.update(HeldImport)
        .where(col(HeldImport.id) == key, col(HeldImport.worker) == worker)
        .values(worked_at=now(), **values)
    )
    if not done.rowcount:
        raise _Taken


def _finish(
    database: Database, key: uuid.UUID, worker: uuid.UUID, stage: Stage, message: str = ""
) -> None:
    with database.writing() as session:
        done = (
            sa.update(HeldImport)
            .where(col(HeldImport.id) == key, col(HeldImport.worker) == worker)
            .values(state=stage, message=message, worker=None)
        )
        session.exec(done)


@contextmanager
def _on_disk(held: HeldImport, secret: str) -> Iterator[Path]:
    """Lay the file on disk for as long as it is read, readable by this process alone."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(unseal_file(secret, SEAL, held.content))
        file.flush()
        yield Path(file.name)


def _read(database: Database, held: HeldImport, worker: uuid.UUID, file: Path) -> None:
    opened = open_file(file, name=held.name, encoding=held.encoding)
    found = survey(opened, held.kind)
    order = Order(held.dates) if held.dates else None
    reading = Reading.of(opened, found, kind=held.kind, source=held.source, order=order)
    with database.writing() as session:
        _note(session, held.id, worker, done=0, total=found.total, told=found.told)
        session.exec(sa.delete(HeldRow).where(col(HeldRow.import_id) == held.id))
    done = 0
    for planned in preview(database, in_batches(opened, reading), Plan(found)):
        with database.writing() as session:
            write_rows(session, held.id, done, planned, saved=False)
            done += len(planned)
            _note(session, held.id, worker, done=done)
    _finish(database, held.id, worker, Stage.READY)


def _save(database: Database, held: HeldImport, worker: uuid.UUID, file: Path) -> None:
    """Save what was looked at; an entry that has changed since is a conflict now."""
    with database.reading() as session:
        by = session.get(User, held.user_id)
        if by is None or by.ended_at:
            raise NotFound(gettext("The person who sent this file has no access any more."))
        allow(by.role, "bring in")
        rows_now = session.exec(
            select(HeldRow.place, HeldRow.base, HeldRow.chosen).where(
                HeldRow.import_id == held.id, col(HeldRow.action).in_(["update", "conflict"])
            )
        ).all()
    seen = {place: base for place, base, _ in rows_now if base}
    chosen = {p: {n: Side(s) for n, s in c.items()} for p, _, c in rows_now if c}
    opened = open_file(file, name=held.name, encoding=held.encoding)
    found = survey(opened, held.kind)
    order = Order(held.dates) if held.dates else None
    reading = Reading.of(opened, found, kind=held.kind, source=held.source, order=order)
    plan = Plan(found, Side(held.prefer) if held.prefer else None, chosen, seen)
    done = 0

    def note(session: Session, planned: list[Planned]) -> None:
        nonlocal done
        # Who was refused the right meanwhile saves nothing more.
        author = session.get(User, held.user_id)
        if author is None or author.ended_at:
            raise NotAllowed(gettext("The person who sent this file has no access any more."))
        write_rows(session, held.id, done, planned, saved=True)
        done += len(planned)
        _note(session, held.id, worker, done=done)

    for _ in apply(database, in_batches(opened, reading), plan, held.name, by=by, note=note):
        pass
    _finish(database, held.id, worker, Stage.DONE)
