"""Twenty editors save drafts over and over while `directory backup` runs in another process."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from directory.backup import checksums, restore
from directory.curation.service import get_entry, latest_revision, read_draft, save_draft
from directory.db import Database
from directory.entries.kinds import kind_named
from directory.entries.models import Entry, Revision
from tests.faults.operations import Place

EDITORS = 20


@dataclass(frozen=True)
class Saved:
    """A save that was acknowledged, and when."""

    slug: str
    number: int
    words: str
    at: float


@dataclass
class Outcome:
    """What a backup under load kept."""

    saves: int = 0
    before: int = 0
    during: int = 0
    lost: list[Saved] = field(default_factory=list)
    agree: bool = False
    gaps: int = 0
    seconds: float = 0.0

    @property
    def line(self) -> str:
        return (
            f"{self.saves} saves acknowledged, {self.before} of them before the backup began, "
            f"{self.during} while it ran ({self.seconds:.1f} s); {len(self.lost)} lost, "
            f"checksums {'agree' if self.agree else 'DIFFER'}, {self.gaps} gaps in the history"
        )


class _Editor(threading.Thread):
    """Saves drafts of one entry until told to stop; only what was committed counts."""

    def __init__(self, database: Database, entry: Entry, stop: threading.Event) -> None:
        super().__init__()
        self._database, self._entry, self._stop_now = database, entry, stop
        self.saved: list[Saved] = []

    def run(self) -> None:
        kind, slug = kind_named(self._entry.kind), self._entry.slug
        while not self._stop_now.is_set():
            words = f"Save {len(self.saved)} of {self.name}."
            try:
                with self._database.writing() as session:
                    before = latest_revision(session, get_entry(session, kind, slug))
                    profile = {**before.profile, "summary": words}
                    draft = read_draft(kind, slug, profile, before.claims)
                    _, revision = save_draft(session, draft, by=None)
                    number = revision.number
            except OperationalError:
                continue  # The database was busy for too long: nothing was acknowledged.
            self.saved.append(Saved(slug, number, words, time.monotonic()))


def directory(url: str, place: Place, *words: str) -> str:
    """Run a command as somebody at a terminal would."""
    done = subprocess.run(
        [sys.executable, "-m", "directory", *words],
        env=os.environ
        | {
            "DIRECTORY_DATABASE_URL": url,
            "DIRECTORY_DATA_DIR": str(place.data_dir),
            "DIRECTORY_API_REQUESTS_A_MINUTE": "1000000",
            "DIRECTORY_API_WRITES_A_MINUTE": "1000000",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def backup_under_load(engine: sa.Engine, place: Place, there: sa.Engine, saves: int) -> Outcome:
    """Let all save until there are `saves`, back up meanwhile, restore elsewhere, compare."""
    database, stop = Database(engine), threading.Event()
    with database.reading() as session:
        entries = session.exec(select(Entry).limit(EDITORS // 2)).all()
    editors = [_Editor(database, entries[n % len(entries)], stop) for n in range(EDITORS)]
    file = place.folder / "under-load.zip"
    for editor in editors:
        editor.start()
    try:
        _until(editors, saves // 2)
        begun = time.monotonic()
        directory(place.url, place, "backup", str(file))
        ended = time.monotonic()
        _until(editors, saves)
    finally:
        stop.set()
        for editor in editors:
            editor.join()
    outcome = Outcome(seconds=ended - begun)
    done = restore(there, file)
    outcome.agree = done.compared
    every = [saved for editor in editors for saved in editor.saved]
    outcome.saves, outcome.before = len(every), sum(s.at < begun for s in every)
    outcome.during = sum(begun <= s.at <= ended for s in every)
    with Session(there) as session:
        outcome.agree &= checksums(session) == done.parts
        outcome.lost = [s for s in every if s.at < begun and not _is_there(session, s)]
        outcome.gaps = _gaps(session)
    return outcome


def _until(editors: list[_Editor], saves: int) -> None:
    while sum(len(editor.saved) for editor in editors) < saves:
        assert any(editor.is_alive() for editor in editors), "every editor has failed"
        time.sleep(0.01)


def _is_there(session: Session, saved: Saved) -> bool:
    entry = select(Entry.id).where(Entry.slug == saved.slug)
    wanted = select(Revision).where(Revision.entry_id.in_(entry), Revision.number == saved.number)  # type: ignore[attr-defined]
    return any(r.profile.get("summary") == saved.words for r in session.exec(wanted))


def _gaps(session: Session) -> int:
    """Count entries whose revisions are not numbered without a gap."""
    numbers = sa.func.max(Revision.number) - sa.func.count()
    per_entry = sa.select(numbers).group_by(Revision.entry_id)  # type: ignore[arg-type]
    return sum(1 for gap in session.execute(per_entry).scalars() if gap)
