"""Work that may be stopped at any moment, by name: `publish a change`, `restore`, and so on.

Another operation is one more line of `OPERATIONS`: what makes it ready (in the parent,
undisturbed), the work itself (in the child that is killed), and what must be true afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.audit import AuditRow
from directory.backup import backup, checksums, restore
from directory.curation.editing import open_entry, save_and_move
from directory.curation.service import find_entry
from directory.db import Database, make_engine
from directory.entries.kinds import ORGANISATION, TRAINING, Kind
from directory.entries.merges import Merge, MergeStep
from directory.entries.models import Entry, EntryLink, Redirect, Revision, State
from directory.search.query import SearchQuery
from directory.search.service import SearchService
from tests.curation.together import FOLD, KEEP, do_merge, do_undo
from tests.faults.invariants import violations


def word(number: int) -> str:
    """Return a word that an attempt alone writes, like none other even with typos."""
    return "zq" + sha256(str(number).encode()).hexdigest()[:12].translate(LETTERS)


LETTERS = str.maketrans("0123456789", "ghijklmnop")


@dataclass(frozen=True)
class Place:
    """One installation: database, data folder, and a folder for files."""

    url: str
    folder: Path

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def other_url(self) -> str:
        """The address of a second database, for what is restored."""
        url = sa.make_url(self.url)
        name = f"{str(url.database).removesuffix('.db')}_other"
        name += ".db" if url.drivername == "sqlite" else ""
        return url.set(database=name).render_as_string(hide_password=False)


@dataclass(frozen=True)
class Operation:
    """`prepare` and `check` get the number of the attempt; `check` returns what is wrong."""

    prepare: Callable[[Place, int], None]
    work: Callable[[Place, int], None]
    check: Callable[[Place, int], list[str]]


def nothing(place: Place, number: int) -> None:
    """Nothing has to be made ready."""


def curator(session: Session) -> User:
    found = session.exec(select(User)).first()
    assert found, "the harness adds a curator first"
    return found


def add_curator(place: Place) -> None:
    engine = make_engine(place.url)
    with Database(engine).writing() as session:
        add_user(session, "ana@example.org", "curator")
    engine.dispose()


# Publication


def _publish(place: Place, kind: Kind, model: str, slug: str | None, number: int) -> None:
    """Publish what `model` says, with another summary, and answer a question as the site would."""
    database = Database(make_engine(place.url))
    with database.writing() as session:
        by = curator(session)
        form = open_entry(session, kind, model, by).form
        values = form.values | {"summary": f"As attempt {number} says: {word(number)}."}
        if slug is None:
            values |= {kind.title_field: f"Attempt {number}"}
        form = replace(form, values=values, slug=slug or f"attempt-{number}")
        save_and_move(session, kind, slug, form, "publish", by=by, base_url="")
    SearchService(database, place.data_dir).refresh()


def publish_a_change(place: Place, number: int) -> None:
    _publish(place, ORGANISATION, "gcsp", "gcsp", number)


def publish_a_new_one(place: Place, number: int) -> None:
    _publish(place, TRAINING, "cyber-school-initiative", None, number)


def check_publication(kind: Kind, slug: Callable[[int], str]) -> Callable[[Place, int], list[str]]:
    """Return a check that the entry is as before or as published, and the index says the same."""

    def check(place: Place, number: int) -> list[str]:
        engine = make_engine(place.url)
        database = Database(engine)
        with database.reading() as session:
            entry = find_entry(session, kind, slug(number))
            says = _says(session, entry.id, entry.version, number) if entry else False
        service = SearchService(database, place.data_dir)
        answer = service.search(SearchQuery(q=word(number)))
        hits = 0 if answer.corrected else answer.total
        found = violations(database, service, place.data_dir, [entry.id] if entry else [])
        service.close()
        engine.dispose()
        if hits != int(says):
            found.append(f"search finds {hits} entries with the word of attempt {number}")
        if entry and not says and kind is TRAINING:
            found.append("a new entry is there without being published")
        return found

    return check


def _says(session: Session, entry_id: Any, version: int, number: int) -> bool:
    wanted = select(Revision).where(Revision.entry_id == entry_id, Revision.number == version)
    live = session.exec(wanted).first()
    return bool(live and f"{word(number)}." in live.profile["summary"])


# Merging


def _merge(place: Place, number: int) -> None:
    _in_writing(place, do_merge)


def _undo(place: Place, number: int) -> None:
    _in_writing(place, do_undo)


def _in_writing(place: Place, work: Callable[[Session], object]) -> None:
    """Do something in one transaction, and answer a question as the site would."""
    database = Database(make_engine(place.url))
    with database.writing() as session:
        work(session)
    service = SearchService(database, place.data_dir)
    service.refresh()
    service.close()
    database.engine.dispose()


def make_two(place: Place, number: int) -> None:
    """Undo the merge that an attempt has completed."""
    if _are_one(place):
        _undo(place, number)


def make_one(place: Place, number: int) -> None:
    """Merge again what an attempt has separated."""
    if not _are_one(place):
        _merge(place, number)


def _are_one(place: Place) -> bool:
    engine = make_engine(place.url)
    with Session(engine) as session:
        found = session.exec(_open_merges()).first() is not None
    engine.dispose()
    return found


def _open_merges() -> Any:
    return select(Merge).where(col(Merge.undone_at).is_(None))


def check_merge(place: Place, number: int) -> list[str]:
    """Two entries or one, with all that belongs to either; never something between."""
    engine = make_engine(place.url)
    database = Database(engine)
    with database.reading() as session:
        both = select(Entry).where(
            Entry.kind == ORGANISATION.name, col(Entry.slug).in_((KEEP, FOLD))
        )
        pair = {entry.slug: entry for entry in session.exec(both)}
        keys = {entry.id for entry in pair.values()}
        refer = select(EntryLink.entry_id).where(col(EntryLink.target_id).in_(keys))
        touched = {*keys, *session.exec(refer), *session.exec(select(MergeStep.entry_id))}
        signs = {
            "the record": len(session.exec(_open_merges()).all()) == 1,
            "the state": pair[FOLD].state is State.MERGED,
            "the redirect": session.get(Redirect, (ORGANISATION.name, FOLD)) is not None,
        }
        told = _counted(session, "merge"), _counted(session, "undo merge")
        done = session.exec(select(Merge)).all()
    service = SearchService(database, place.data_dir)
    found = violations(database, service, place.data_dir, touched)
    service.close()
    engine.dispose()
    if len(set(signs.values())) > 1:
        found.append(
            f"merged according to {[name for name, holds in signs.items() if holds]} alone"
        )
    if told != (len(done), sum(m.undone_at is not None for m in done)):
        found.append(f"the audit log tells of {told} merges and undoings")
    return found


def _counted(session: Session, action: str) -> int:
    rows = select(func.count()).select_from(AuditRow).where(AuditRow.action == action)
    return session.exec(rows).one()


# Restoring


def _backup_file(place: Place) -> Path:
    return place.folder / "backup.zip"


def make_backup(place: Place, number: int) -> None:
    if not _backup_file(place).exists():
        engine = make_engine(place.url)
        backup(engine, _backup_file(place))
        engine.dispose()


def put_back(place: Place, number: int) -> None:
    restore(make_engine(place.other_url), _backup_file(place))


def check_restored(place: Place, number: int) -> list[str]:
    """Nothing or everything is there; after nothing, the next attempt succeeds on the same spot."""
    here, there = make_engine(place.url), make_engine(place.other_url)
    with Session(here) as session:
        wanted = checksums(session)
    with Session(there) as session:
        found = checksums(session)
        empty = all(part.rows == 0 for part in found.values())
    wrong = [] if empty or found == wanted else ["a part of the backup was restored"]
    if empty and restore(there, _backup_file(place)).parts != wanted:
        wrong.append("the next attempt restores something else")
    service = SearchService(Database(there), place.data_dir / "other")
    wrong += violations(Database(there), service, place.data_dir / "other", ())
    service.close()
    _clear(there)
    here.dispose()
    there.dispose()
    return wrong


def _clear(engine: sa.Engine) -> None:
    """Remove what was restored, so that the next attempt finds nothing."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        for ending in ("", "-wal", "-shm"):
            Path(f"{engine.url.database}{ending}").unlink(missing_ok=True)
        return
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")


OPERATIONS: dict[str, Operation] = {
    "publish a change": Operation(
        nothing, publish_a_change, check_publication(ORGANISATION, lambda n: "gcsp")
    ),
    "publish a new entry": Operation(
        nothing, publish_a_new_one, check_publication(TRAINING, lambda n: f"attempt-{n}")
    ),
    "merge": Operation(make_two, _merge, check_merge),
    "undo a merge": Operation(make_one, _undo, check_merge),
    "restore": Operation(make_backup, put_back, check_restored),
}
