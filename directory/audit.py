"""Who did what and when: a log that only grows, each row sealed by the hash of the one before.

A row is written in the transaction of the change itself, so that neither is ever without the
other (OWASP ASVS 5, section 16). Triggers of the database refuse to change or delete rows; the
hashes show it where somebody did so all the same.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from directory.db import Moment, now, write_alone

FIRST = "0" * 64
"""What stands for the hash of the row before the first."""


class Actor(Protocol):
    """Whoever acts: a person with an account. Nobody (None) is the program itself."""

    id: uuid.UUID
    role: str


class AuditRow(SQLModel, table=True):
    """One thing that happened. `detail` is JSON with sorted keys, kept as text as it was hashed."""

    __tablename__ = "audit"

    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Moment)
    actor_id: uuid.UUID | None = None
    role: str = Field(description="Role of the actor at that moment; empty for the program.")
    action: str
    entry_id: uuid.UUID | None = Field(default=None, index=True)
    subject: str = Field(description="What it was done to, in words.")
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True)
class Happened:
    """What is to be written down."""

    action: str
    subject: str = ""
    entry_id: uuid.UUID | None = None
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Verified:
    """What a check of the chain found; `broken` is the first row that does not fit, and why."""

    rows: int
    head: str
    broken: tuple[int, str] | None = None


def canonical(value: Any) -> str:
    """Write JSON in the one way that is hashed: sorted keys, no spaces, no escapes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _seal(row: Mapping[str, Any]) -> str:
    """Return the hash of a row: of everything in it, and of the hash before it."""
    at = row["at"].isoformat(timespec="microseconds")
    ids = [str(row[name] or "") for name in ("actor_id", "entry_id")]
    words = [row[name] for name in ("role", "action", "subject", "detail", "previous")]
    return digest([row["sequence"], at, *ids, *words])


def _line(text: str) -> str:
    """Write a text so that nobody can forge a row in a printed log with it."""
    return "".join(c if c.isprintable() else " " for c in text)[:500]


def record(
    session: Session,
    action: str,
    subject: str = "",
    *,
    by: Actor | None,
    entry_id: uuid.UUID | None = None,
    **detail: Any,
) -> None:
    """Write down one thing that happens in this transaction."""
    record_all(session, [Happened(action, subject, entry_id, detail)], by=by)


def record_all(session: Session, happened: Iterable[Happened], *, by: Actor | None) -> None:
    """Write down several things in one go; whoever writes takes its turn until the commit."""
    write_alone(session)
    last = session.exec(select(AuditRow).order_by(col(AuditRow.sequence).desc()).limit(1)).first()
    sequence, previous = (last.sequence, last.hash) if last else (0, FIRST)
    moment, rows = now(), []
    for one in happened:
        sequence += 1
        row: dict[str, Any] = {
            "sequence": sequence,
            "at": moment,
            "actor_id": by.id if by else None,
            "role": by.role if by else "",
            "action": one.action,
            "entry_id": one.entry_id,
            "subject": _line(one.subject),
            "detail": canonical(dict(one.detail or {})),
            "previous": previous,
        }
        row["hash"] = previous = _seal(row)
        rows.append(row)
    if rows:
        session.connection().execute(sa.insert(SQLModel.metadata.tables["audit"]), rows)


def verify_chain(session: Session, last: int | None = None) -> Verified:
    """Follow the chain from its first row; stop at the first one that was changed or is missing.

    With `last` only so many rows at the end are followed, which takes no time worth naming.
    """
    count, previous = 0, FIRST
    asked = select(AuditRow).order_by(col(AuditRow.sequence))
    if last is not None and (start := _row_before(session, last)):
        count, previous = start
        asked = asked.where(col(AuditRow.sequence) > count)
    rows: Any = session.exec(asked.execution_options(yield_per=1000))
    try:
        for row in rows:
            reason = None
            if row.sequence != count + 1:
                reason = f"row {count + 1} is missing"
            elif row.previous != previous:
                reason = "it does not follow the row before it"
            elif row.hash != _seal(row.model_dump()):
                reason = "its content is not what was written"
            if reason:
                return Verified(count, previous, (row.sequence, reason))
            count, previous = row.sequence, row.hash
    finally:
        # It may stop half-way, and the server would keep the rest ready.
        rows.close()
    return Verified(count, previous)


def _row_before(session: Session, last: int) -> tuple[int, str] | None:
    """Return (number, hash) of the row before the last ones; None if there is none."""
    rows = sa.select(col(AuditRow.sequence), col(AuditRow.hash))
    found = session.execute(rows.order_by(col(AuditRow.sequence).desc()).offset(last).limit(1))
    row = found.first()
    return (row[0], row[1]) if row else None
