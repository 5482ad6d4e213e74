"""What everything we give out depends on, in a few letters."""

from datetime import UTC, datetime
from hashlib import sha256

from sqlmodel import Session, col, select

from directory.db import Change
from directory.entries.models import Entry
from directory.entries.queries import is_published
from directory.entries.vocabularies import Vocabularies

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
