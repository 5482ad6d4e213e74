"""Many drafts in one go: what `save_draft` does for one, in a few statements for all."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from directory.accounts.models import User
from directory.audit import Happened, record_all
from directory.curation.rows import insert
from directory.curation.service import Draft, note_draft, seal
from directory.db import new_id, now, write_alone
from directory.entries.kinds import Kind
from directory.entries.models import Entry, Revision

_KEPT_IN_STEP = ("title", "updated_at", "waiting", "waiting_since")


@dataclass(frozen=True)
class Saved:
    """What a checked draft says, as it is stored, and where it goes.

    That is an entry, after its newest revision, or a new one.
    """

    kind: Kind
    slug: str
    title: str
    values: dict[str, Any]
    claims: dict[str, Any]
    entry: Entry | None
    number: int

    @classmethod
    def of(cls, draft: Draft, entry: Entry | None, number: int) -> "Saved":
        """Return what is stored of a draft."""
        return cls(
            draft.kind, draft.slug, draft.title, draft.values, draft.claims_json, entry, number
        )


def save_drafts(
    session: Session, drafts: Sequence[Saved], *, by: User | None, comment: str
) -> list[Entry]:
    """Add a revision for each draft, and the entries that are new; return the entries in order.

    The caller has checked the drafts and read the entries, all after `write_alone` in this
    transaction, so that nobody can have saved since. Nothing public changes.
    """
    write_alone(session)
    entries = []
    new, revisions, happened = [], [], []
    moment = now()
    for one in drafts:
        entry = one.entry or Entry(kind=one.kind.name, slug=one.slug, title=one.title)
        note_draft(entry, one.title)
        if one.entry is None:
            new.append(entry.model_dump())
        entries.append(entry)
        revision = {
            "id": new_id(),
            "entry_id": entry.id,
            "number": one.number,
            "profile": one.values,
            "claims": one.claims,
            "comment": comment,
            "author_id": by.id if by else None,
            "created_at": moment,
        }
        revisions.append(revision)
        happened.append(
            Happened(
                "save",
                entry.title,
                entry.id,
                seal(one.number, one.values, one.claims),
            )
        )
    insert(session, Entry, new)
    _update(session, [one.entry for one in drafts if one.entry])
    insert(session, Revision, revisions)
    record_all(session, happened, by=by)
    return entries


def _update(session: Session, entries: Sequence[Entry]) -> None:
    """Write what `note_draft` has set, in one statement; entries here are in no session."""
    if not entries:
        return
    table = SQLModel.metadata.tables["entry"]
    changes: list[dict[str, object]] = [
        {"key": uuid.UUID(str(e.id)), **{name: getattr(e, name) for name in _KEPT_IN_STEP}}
        for e in entries
    ]
    session.connection().execute(
        sa.update(table)
        .where(table.c.id == sa.bindparam("key"))
        .values({name: sa.bindparam(f"{name}") for name in _KEPT_IN_STEP}),
        changes,
    )
