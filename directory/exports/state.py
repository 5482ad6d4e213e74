"""What everything we give out depends on, in a few letters."""

from hashlib import sha256

from sqlmodel import Session

from directory.db import last_change
from directory.entries.vocabularies import Vocabularies


def state(session: Session) -> str:
    """Return a text that differs after each publication and each change of a vocabulary."""
    words = Vocabularies.read(session)
    digests = "".join(sorted(v.digest for v in words.vocabularies.values()))
    return f"{last_change(session)}-{sha256(digests.encode()).hexdigest()[:16]}"
