"""Requests that a program may send again: the same key gets the same answer, and does it once.

After draft-ietf-httpapi-idempotency-key-header-07. The answer is kept in the transaction of the
change, so that neither is ever without the other: who is cut off sends the request again under
the same key. Only what was done is kept; a request that changed nothing may be tried afresh.
"""

import json
import re
import uuid
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col

from directory.accounts.models import User
from directory.db import Moment, now, write_alone
from directory.errors import Conflict, Invalid, TooMany
from directory.sealing import blur, seal, unseal

KEPT = timedelta(hours=24)
MOST = 10_000
"""So many answers are kept of one person."""

LONGEST = 200
_KEY = re.compile(rf'"([\x20\x21\x23-\x5b\x5d-\x7e]{{1,{LONGEST}}})"|([!#-~]{{1,{LONGEST}}})')


class KeptAnswer(SQLModel, table=True):
    """The answer to a request with a key. It may hold a draft, and is sealed."""

    __tablename__ = "kept_answer"

    key_hash: str = Field(primary_key=True, description="Keyed hash of the person and the key.")
    user_id: uuid.UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    request: str = Field(description="Hash of what was asked.")
    sealed: str
    expires_at: datetime = Field(sa_type=Moment, index=True)


@dataclass(frozen=True)
class Answered:
    """An answer as it was given."""

    status: int
    headers: dict[str, str]
    body: bytes


class KeyTaken(Invalid):
    """The key was used for another request."""


class StillRunning(Conflict):
    """The request under this key is being worked on just now."""


def read_key(text: str) -> str:
    """Return a key as it is meant: a quoted string (RFC 9651, 3.3.3), or the same without quotes.

    Raises Invalid for what is no key.
    """
    found = _KEY.fullmatch(text.strip(" "))
    if found is None:
        sentence = (
            f"Idempotency-Key is a text of at most {LONGEST} letters, digits and signs in quotes, "
            'such as "5d1f8a52-7f3f-4d0b-9f0e-0a1b2c3d4e5f".'
        )
        raise Invalid("The key cannot be read.", {"Idempotency-Key": sentence})
    return found[1] or found[2]


_running: set[str] = set()
_lock = Lock()


@contextmanager
def running(user: User, key: str) -> Iterator[None]:
    """Do one thing at a time under a key; raises StillRunning for a second one meanwhile.

    Another worker waits for its turn to write instead, and then finds the answer.
    """
    name = f"{user.id} {key}"
    with _lock:
        if name in _running:
            raise StillRunning("The first request with this key is still running. Wait for it.")
        _running.add(name)
    try:
        yield
    finally:
        with _lock:
            _running.discard(name)


def find_answer(
    session: Session, user: User, key: str, request: str, *, secret: str
) -> Answered | None:
    """Return what was answered under a key, or None; takes the turn to write until the commit.

    Raises KeyTaken when it was another request.
    """
    write_alone(session)
    session.exec(sa.delete(KeptAnswer).where(col(KeptAnswer.expires_at) <= now()))
    kept = session.get(KeptAnswer, _hash(user, key, secret))
    if kept is None:
        return None
    if kept.request != request:
        sentence = "This key was used for another request. Each request has a key of its own."
        raise KeyTaken(sentence, {"Idempotency-Key": sentence})
    status, headers, packed = json.loads(unseal(secret, "kept answer", kept.sealed))
    return Answered(status, headers, zlib.decompress(b64decode(packed)))


def keep_answer(
    session: Session, user: User, key: str, request: str, answer: Answered, *, secret: str
) -> None:
    """Keep what is answered, in the transaction of what was done.

    Raises TooMany when there are `MOST` answers already; nothing is done then.
    """
    mine = sa.select(sa.func.count(), sa.func.min(col(KeptAnswer.expires_at))).where(
        col(KeptAnswer.user_id) == user.id
    )
    count, first = session.execute(mine).one()
    if count >= MOST:
        wait = int((first - now()).total_seconds()) + 1
        raise TooMany(max(wait, 1), f"Only {MOST:,} requests a day may have an Idempotency-Key.")
    packed = b64encode(zlib.compress(answer.body)).decode()
    text = json.dumps([answer.status, answer.headers, packed])
    session.add(
        KeptAnswer(
            key_hash=_hash(user, key, secret),
            user_id=user.id,
            request=request,
            sealed=seal(secret, "kept answer", text),
            expires_at=now() + KEPT,
        )
    )


def forget_old(session: Session) -> int:
    """Delete the answers that are older than a day; return how many."""
    write_alone(session)
    old = sa.delete(KeptAnswer).where(col(KeptAnswer.expires_at) <= now())
    return int(session.exec(old).rowcount)


def _hash(user: User, key: str, secret: str) -> str:
    return blur(secret, "kept answer", f"{user.id} {key}")
