"""What everything we give out depends on, in a few letters."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.db import Change, Database
from directory.entries.links import LinkCheck, LinkState
from directory.entries.models import Entry
from directory.entries.queries import is_published
from directory.entries.vocabularies import Vocabularies
from directory.sources.models import Paragraph, Source

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def changed_at(session: Session) -> datetime:
    """Return when what is public was last published; before that, the beginning of Unix time."""
    newest = select(Entry.updated_at).where(is_published()).order_by(col(Entry.updated_at).desc())
    return session.exec(newest.limit(1)).first() or _NEVER


def state(session: Session) -> str:
    """Return a text that differs after each publication and each change of a vocabulary.

    The moment stands beside the number: a database put back from a copy counts again from before.
    """
    newest = select(Change).order_by(col(Change.sequence).desc()).limit(1)
    last = session.exec(newest).first()
    words = Vocabularies.read(session)
    digests = "".join(sorted(v.digest for v in words.vocabularies.values()))
    change = f"{last.sequence}-{last.at:%Y%m%d%H%M%S%f}" if last else "0"
    return f"{change}-{sha256(digests.encode()).hexdigest()[:16]}"


def whole_state(session: Session) -> str:
    """Return the same for pages, which also show sources and which links are broken."""
    sources, paragraphs = (sa.inspect(table).local_table for table in (Source, Paragraph))
    digest = sha256()
    for table in (sources, paragraphs):
        for row in session.execute(sa.select(table).order_by(*table.primary_key)):
            digest.update(repr(tuple(row)).encode())
    broken = sa.select(sa.func.count(), sa.func.max(col(LinkCheck.checked_at))).where(
        col(LinkCheck.state) == LinkState.BROKEN
    )
    digest.update(repr(tuple(session.execute(broken).one())).encode())
    return f"{state(session)}-{digest.hexdigest()[:16]}"


class PublicState:
    """Knows what state pages are of; asks the database again only when something was written."""

    def __init__(self, db: Database, watch: Callable[[], object]) -> None:
        """Take what moves with each write to a SQLite file, whatever is written."""
        self._db = db
        self._watch = watch if db.is_sqlite else None
        self._seen: tuple[object, str] | None = None

    def known(self) -> str | None:
        """Return the state if nothing was written since; None where only the database can tell."""
        seen = self._seen
        return seen[1] if self._watch and seen and seen[0] == self._watch() else None

    def current(self) -> str:
        """Return the state of now."""
        # Noted before reading: what is committed meanwhile moves it once more.
        moved = self._watch() if self._watch else None
        with self._db.reading() as session:
            if self._watch is None:
                # Which transactions are visible: the same text, the same data (PostgreSQL, 9.27.9).
                moved = session.scalar(sa.text("SELECT pg_current_snapshot()::text"))
            seen = self._seen
            if self._watch is None and seen and seen[0] == moved:
                return seen[1]
            found = whole_state(session)
        self._seen = (moved, found)
        return found
