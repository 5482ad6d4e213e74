"""Many drafts in one go: what `save_draft` does for one, in a few statements for all."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from directory.accounts.models import User
from directory.audit import Happened, record_all
from directory.curation.rows import insert
from directory.curation.service import Draft, changes_of_draft, seal
from directory.db import new_id, now, write_alone
from directory.entries.kinds import Kind
from directory.entries.models import Entry, Revision, State, Waiting


class Known(NamedTuple):
    """What an entry was like when its draft was checked; small, as it goes between processes."""

    id: uuid.UUID
    title: str
    version: int
    state: State
    waiting: Waiting | None

    @classmethod
    def of(cls, entry: Entry) -> "Known":
        """Return what a draft has to know of an entry."""
        return cls(entry.id, entry.title, entry.version, entry.state, entry.waiting)


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
    entry: Known | None
    number: int
    sealed: Mapping[str, Any]

    @classmethod
    def of(cls, draft: Draft, entry: Entry | None, number: int) -> "Saved":
        """Return what is stored of a draft."""
        claims = draft.claims_json
        return cls(
            draft.kind,
            draft.slug,
            draft.title,
            draft.values,
            claims,
            Known.of(entry) if entry else None,
            number,
            seal(number, draft.values, claims),
        )


def save_drafts(
    session: Session, drafts: Sequence[Saved], *, by: User | None, comment: str
) -> None:
    """Add a revision for each draft, and the entries that are new. Nothing public changes.

    The caller has checked the drafts and read the entries, all after `write_alone` in this
    transaction, so that nobody can have saved since.
    """
    write_alone(session)
    new, revisions, happened = [], [], []
    changed: dict[uuid.UUID, dict[str, Any]] = {}
    moment = now()
    for one in drafts:
        key = one.entry.id if one.entry else new_id()
        if one.entry:
            changed[key] = changes_of_draft(one.entry.version, one.entry.waiting, one.title)
        else:
            new.append(_new(key, one))
        revisions.append(
            {
                "id": new_id(),
                "entry_id": key,
                "number": one.number,
                "profile": one.values,
                "claims": one.claims,
                "comment": comment,
                "author_id": by.id if by else None,
                "created_at": moment,
            }
        )
        title = one.entry.title if one.entry and one.entry.version else one.title
        happened.append(Happened("save", title, key, one.sealed))
    insert(session, Entry, new)
    _update(session, changed)
    insert(session, Revision, revisions)
    record_all(session, happened, by=by)


def _new(key: uuid.UUID, draft: Saved) -> dict[str, Any]:
    """Return the row of a new entry; what it does not name is as the table says."""
    address = {"id": key, "kind": draft.kind.name, "slug": draft.slug}
    return address | changes_of_draft(0, None, draft.title)


def _update(session: Session, changed: Mapping[uuid.UUID, Mapping[str, Any]]) -> None:
    """Write what changes in entries, in a statement for all in which the same columns change."""
    together: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for key, changes in changed.items():
        if changes:
            together[tuple(changes)].append({"key": key, **changes})
    table = SQLModel.metadata.tables["entry"]
    for names, rows in together.items():
        session.connection().execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("key"))
            .values({name: sa.bindparam(name) for name in names}),
            rows,
        )
