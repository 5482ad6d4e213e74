"""Fold one entry into another: all of it in one transaction, or nothing.

What is public changes by new revisions only, so that the history tells what happened. A change
that waits beside a public version stays waiting, on top of the new one.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import Grant, User
from directory.audit import record
from directory.curation.merge_choices import read_choices, rebased
from directory.curation.pairing import (
    Naming,
    Pairing,
    Side,
    content_of,
    naming,
    open_pair,
    side_of,
)
from directory.curation.references import Content, with_references
from directory.curation.rows import clear
from directory.curation.service import (
    publish,
    read_draft,
    save_draft,
)
from directory.curation.translating import carry
from directory.db import log_change, now, write_alone
from directory.entries.kinds import ORGANISATION, Kind, kind_named
from directory.entries.merges import Merge, MergeStep
from directory.entries.models import Entry, EntryLink, Redirect, State
from directory.errors import Conflict, Invalid
from directory.languages import gettext

STANDS = ("state", "state_reason", "waiting", "waiting_since", "assignee_id")
"""What a new revision must not change: where an entry stands, how far its change has come."""


def merge(
    session: Session,
    kind: Kind,
    keep: str,
    fold: str,
    *,
    by: User,
    choices: Mapping[str, str] | None = None,
    seen: tuple[int, int] | None = None,
) -> Merge:
    """Fold one entry into another of its kind, both named by their slugs.

    `choices` says for a field keep, theirs or both; where nothing is said, what loses least.
    `seen` are the numbers of the newest revisions that the person has looked at. Raises NotFound,
    NotAllowed, Conflict when somebody was faster, and Invalid for a pair that cannot be one or
    for what publication would still need.
    """
    write_alone(session)
    pairing = open_pair(session, kind, keep, fold, by)
    if seen not in (None, pairing.seen):
        raise Conflict(
            gettext(
                "One of the two entries was saved since you opened this page. Look at both again."
            )
        )
    stays, goes = pairing.keep.entry, pairing.fold.entry
    others = naming(session, pairing)
    done = Merge(
        survivor_id=stays.id,
        folded_id=goes.id,
        folded_was={name: _written(getattr(goes, name)) for name in STANDS},
        redirects=list(pairing.old_slugs[1:]),
        grants=[],
        by_id=by.id,
    )
    session.add(done)
    session.flush()
    _write_survivor(session, done, pairing, choices or {}, by)
    _fold(session, done, pairing)
    carry(session, goes, stays, kind, by=by)
    for other in others:
        _move_references(session, done, pairing, other, by)
    if kind is ORGANISATION:
        _move_grants(session, done)
    session.flush()
    detail = {"into": str(stays.id), "merge": str(done.id), "references": len(others)}
    record(session, "merge", goes.title, by=by, entry_id=goes.id, **detail)
    return done


def _written(value: Any) -> Any:
    """Write a value of an entry as JSON."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def _write_survivor(
    session: Session, done: Merge, pairing: Pairing, said: Mapping[str, str], by: User
) -> None:
    side, goes = pairing.keep, pairing.fold.entry
    after = pairing.composed(read_choices(pairing.questions, said))
    on_top = None
    if waits := side.waits:
        on_top = with_references(
            pairing.kind, rebased(waits, side.says, after), pairing.moved_inside
        )
    step = _begin(done, side)
    live, newest = (after, on_top) if pairing.is_public else (None, after)
    # Both were public with what they name; nothing else comes in.
    known = _linked(session, side.entry.id, goes.id)
    write_content(session, side.entry, live, newest, f"Merged with {goes.title}.", by, known)
    _end(session, step, side.entry)


def _fold(session: Session, done: Merge, pairing: Pairing) -> None:
    """Take the folded entry away from the public; its addresses lead to the one that stays."""
    side, stays = pairing.fold, pairing.keep.entry
    step, entry = _begin(done, side), side.entry
    if entry.version:
        clear(session, entry)
    entry.state, entry.merged_into, entry.updated_at = State.MERGED, stays.id, now()
    entry.state_reason = entry.waiting = entry.waiting_since = entry.assignee_id = None
    session.add(entry)
    lead(session, entry.kind, pairing.old_slugs[1:], stays)
    session.add(Redirect(kind=entry.kind, slug=entry.slug, entry_id=stays.id))
    session.flush()
    log_change(session, entry.id, State.MERGED.value)
    _end(session, step, entry)


def lead(session: Session, kind: str, slugs: Collection[str], to: Entry) -> None:
    """Let old addresses lead to another entry."""
    session.execute(
        sa.update(Redirect)
        .where(col(Redirect.kind) == kind, col(Redirect.slug).in_(slugs))
        .values(entry_id=to.id)
    )


def _move_references(
    session: Session, done: Merge, pairing: Pairing, other: Naming, by: User
) -> None:
    """Let an entry name the one that stays, in what is public and in what waits."""
    side, step = other.side, _begin(done, other.side)

    def moved(said: Content) -> Content:
        return with_references(other.kind, said, pairing.moved)

    live = moved(side.says) if other.in_live else None
    waits = content_of(side.newest) if side.live is None else side.waits
    newest = None
    if waits is not None:
        newest = moved(rebased(waits, side.says, live) if live else waits)
    stays, goes = pairing.keep.entry, pairing.fold.entry
    known = {*_linked(session, side.entry.id), stays.id}
    comment = f"{goes.title} was merged into {stays.title}."
    write_content(session, side.entry, live, newest, comment, by, known)
    _end(session, step, side.entry)


def _move_grants(session: Session, done: Merge) -> None:
    """Whoever may edit the folded organisation may edit the one that stays."""
    found = session.exec(select(Grant).where(Grant.organisation_id == done.folded_id)).all()
    for grant in found:
        grant.organisation_id = done.survivor_id
        session.add(grant)
    done.grants = [str(grant.id) for grant in found]
    session.add(done)


def _linked(session: Session, *ids: uuid.UUID) -> set[uuid.UUID]:
    """Return what these entries name in public; it was public when they were published."""
    links = select(EntryLink.target_id).where(col(EntryLink.entry_id).in_(ids))
    return set(session.exec(links))


def write_content(
    session: Session,
    entry: Entry,
    live: Content | None,
    newest: Content | None,
    comment: str,
    by: User,
    known: Collection[uuid.UUID],
) -> None:
    """Add a public revision, and on top of it one that is not; each only where there is one.

    Where the entry stands, and how far its change has come, stays as it is. `known` are entries
    it may name though they are not public any more. Raises Invalid that names the entry.
    """
    stands = {name: getattr(entry, name) for name in STANDS}
    try:
        if live is not None:
            _, revision = save_draft(session, _draft(entry, live), by=by, comment=comment)
            publish(session, entry, revision, by=by, together=known)
        if newest is not None:
            save_draft(session, _draft(entry, newest), by=by, comment=comment)
    except Invalid as error:
        said = " ".join(error.by_field.values())
        raise Invalid(
            gettext(
                "%(title)s cannot be written as it would be: %(problem)s",
                title=entry.title,
                problem=said,
            ),
            error.by_field,
        ) from None
    for name, value in stands.items():
        setattr(entry, name, value)
    session.add(entry)
    session.flush()


def _draft(entry: Entry, said: Content) -> Any:
    return read_draft(kind_named(entry.kind), entry.slug, said.profile, said.claims)


def _begin(done: Merge, side: Side) -> MergeStep:
    return MergeStep(
        merge_id=done.id,
        entry_id=side.entry.id,
        live_before=side.entry.version,
        newest_before=side.newest.number,
        live_after=0,
        newest_after=0,
    )


def _end(session: Session, step: MergeStep, entry: Entry) -> None:
    step.live_after = entry.version
    step.newest_after = side_of(session, entry).newest.number
    session.add(step)
    session.flush()
