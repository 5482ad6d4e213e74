"""What everything we give out depends on, in a few letters."""

from hashlib import sha256

from sqlmodel import Session, col, select

from directory.db import Change
from directory.entries.vocabularies import Vocabularies


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
