"""Entries that may be one and the same: shown while one writes, listed for those who tidy up."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.audit import record
from directory.curation.likeness import STRONG, Words, signs_of
from directory.curation.lookalikes import Known, Pair, lookalikes_of
from directory.curation.owning import allow_on, may_on
from directory.curation.pairing import entry_at, side_of
from directory.curation.workflow import check_reason
from directory.db import write_alone
from directory.entries.kinds import KINDS, Kind
from directory.entries.merges import NotDuplicate
from directory.entries.models import Entry, State
from directory.errors import Invalid
from directory.languages import gettext

MOST_SIMILAR = 5


@dataclass(frozen=True)
class Similar:
    """An entry that looks the same as what somebody writes, and why."""

    known: Known
    score: float
    reasons: tuple[Words, ...]

    @property
    def strong(self) -> bool:
        """Say whether a new entry is held up for it once."""
        return self.score >= STRONG


def similar(
    session: Session, kind: Kind, profile: Mapping[str, Any], user: User, *, but: str = ""
) -> list[Similar]:
    """Return the entries most like a profile, however unfinished it is, most alike first.

    `but` is the slug of the entry that is being edited. Drafts are shown to those alone who may
    read them.
    """
    signs = signs_of(kind, but, profile)
    if not (signs.names or signs.shorts or signs.pages or signs.identifiers):
        return []
    found = []
    for known, likeness in lookalikes_of(session).alike(session, kind, signs):
        if known.slug != but and _may_see(session, known, user):
            found.append(Similar(known, likeness.score, likeness.reasons))
        if len(found) == MOST_SIMILAR:
            break
    return found


def _may_see(session: Session, known: Known, user: User) -> bool:
    return known.state is not State.DRAFT or may_on(
        session, user, "read drafts", session.get(Entry, known.id)
    )


def likely_pairs(session: Session, kind: Kind | None = None) -> list[Pair]:
    """Return the pairs that may be one and the same, most alike first.

    Without those of which somebody has said that they are different.
    """
    different = {
        frozenset(ids)
        for ids in session.execute(
            sa.select(col(NotDuplicate.first_id), col(NotDuplicate.second_id))
        )
    }
    found = [
        pair
        for one in ([kind] if kind else KINDS.values())
        for pair in lookalikes_of(session).pairs(session, one)
        if frozenset((pair.a.id, pair.b.id)) not in different
    ]
    return sorted(found, key=lambda p: (-p.score, p.a.title.casefold(), p.a.id, p.b.id))


def what_they_say(session: Session, pairs: Iterable[Pair]) -> dict[uuid.UUID, dict[str, Any]]:
    """Return the profile of each entry of some pairs: what is public of it, or its draft."""
    ids = {known.id for pair in pairs for known in (pair.a, pair.b)}
    entries = session.exec(select(Entry).where(col(Entry.id).in_(ids)))
    return {entry.id: side_of(session, entry).says.profile for entry in entries.all()}


@dataclass(frozen=True)
class Different:
    """A pair that somebody looked at, and found to be two."""

    remembered: NotDuplicate
    a: Entry
    b: Entry
    by: str | None


def remembered_as_different(session: Session) -> list[Different]:
    """Return every pair that was found to be different, newest first, and who said so."""
    rows = session.exec(
        select(NotDuplicate, User.email)
        .join(User, col(NotDuplicate.by_id) == col(User.id), isouter=True)
        .order_by(col(NotDuplicate.at).desc())
    ).all()
    ids = {key for pair, _ in rows for key in (pair.first_id, pair.second_id)}
    entries = {e.id: e for e in session.exec(select(Entry).where(col(Entry.id).in_(ids)))}
    return [Different(p, entries[p.first_id], entries[p.second_id], email) for p, email in rows]


def say_different(
    session: Session, kind: Kind, one: str, other: str, reason: str, *, by: User
) -> NotDuplicate:
    """Remember that two entries are not the same; said twice, the first reason stays.

    Raises NotFound, NotAllowed, and Invalid, under `reason` for an overlong text.
    """
    write_alone(session)
    a, b = _both(session, kind, one, other, by)
    reason = check_reason(reason, needed=False)
    if found := _remembered(session, a, b):
        return found
    first, second = sorted((a.id, b.id))
    found = NotDuplicate(first_id=first, second_id=second, reason=reason, by_id=by.id)
    session.add(found)
    session.flush()
    record(
        session, "not a duplicate", a.title, by=by, entry_id=a.id, other=str(b.id), reason=reason
    )
    return found


def take_back_different(session: Session, kind: Kind, one: str, other: str, *, by: User) -> None:
    """Forget that two entries are different, so that they are listed again.

    Raises NotFound and NotAllowed.
    """
    write_alone(session)
    a, b = _both(session, kind, one, other, by)
    if found := _remembered(session, a, b):
        session.delete(found)
        session.flush()
        record(session, "maybe a duplicate", a.title, by=by, entry_id=a.id, other=str(b.id))


def _remembered(session: Session, a: Entry, b: Entry) -> NotDuplicate | None:
    return session.get(NotDuplicate, tuple(sorted((a.id, b.id))))


def _both(session: Session, kind: Kind, one: str, other: str, by: User) -> tuple[Entry, Entry]:
    """Return two different entries by their slugs, which must be theirs today."""
    found = [entry_at(session, kind, slug) for slug in (one, other)]
    if found[0].id == found[1].id:
        raise Invalid(gettext("An entry cannot be compared with itself. Choose another one."))
    for entry in found:
        allow_on(session, by, "merge", entry)
    return found[0], found[1]
