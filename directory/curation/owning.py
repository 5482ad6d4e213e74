"""Whose an entry is: the organisation itself, and whatever names it among those behind it."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import Grant, User
from directory.accounts.permissions import allow, is_allowed
from directory.curation.service import Draft
from directory.db import now
from directory.entries.kinds import ORGANISATION, Kind, kind_named
from directory.entries.models import Entry, EntryLink, Revision

SPEAKERS = ("provider", "lead", "co-lead", "operator", "secretariat")
"""In these roles an organisation speaks for something; who takes part or pays does not."""


def granted(session: Session, user: User) -> set[uuid.UUID]:
    """Return the ids of the organisations for which a person may speak today."""
    return set(
        session.exec(
            select(Grant.organisation_id).where(
                Grant.user_id == user.id,
                col(Grant.ended_at).is_(None),
                sa.or_(col(Grant.expires_at).is_(None), col(Grant.expires_at) > now()),
            )
        )
    )


def is_own(session: Session, entry: Entry, user: User) -> bool:
    """Say whether an entry is one of an organisation that was granted to a person.

    What is public is judged by what is public, so that no draft can make an entry one's own; an
    entry that was never public is its author's, or belongs to whom its newest revision names.
    """
    mine = granted(session, user)
    if not mine:
        return False
    if entry.version or entry.id in mine:
        return bool(spoken_for(session, entry, mine))
    newest = session.exec(
        select(Revision)
        .where(Revision.entry_id == entry.id)
        .order_by(col(Revision.number).desc())
        .limit(1)
    ).one()
    return names_own(session, kind_named(entry.kind), newest.profile, user)


def spoken_for(session: Session, entry: Entry, mine: set[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of these organisations speak for an entry, by what is public of it."""
    owners = session.exec(
        select(EntryLink.target_id).where(
            EntryLink.entry_id == entry.id, col(EntryLink.rel).in_(SPEAKERS)
        )
    )
    return mine & {entry.id, *owners}


def allow_new(session: Session, user: User, draft: Draft) -> None:
    """Raise NotAllowed unless a person may propose this new entry."""
    own = names_own(session, draft.kind, draft.values, user)
    allow(user.role, "save", own=own)


def names_own(session: Session, kind: Kind, profile: Mapping[str, Any], user: User) -> bool:
    """Say whether a profile names an organisation that was granted to a person."""
    mine = granted(session, user)
    named = set(_organisations(kind, profile))
    if not mine or not named:
        return False
    found = session.exec(
        select(Entry.id).where(
            Entry.kind == ORGANISATION.name, col(Entry.slug).in_(named), col(Entry.id).in_(mine)
        )
    )
    return found.first() is not None


def _organisations(kind: Kind, profile: Mapping[str, Any]) -> Iterable[str]:
    """Yield the slugs of the organisations that speak for what a profile describes."""
    for name, declared in kind.fields.items():
        value = profile.get(name)
        if not value or not declared.reference or declared.reference.kind != ORGANISATION.name:
            continue
        for part in value if declared.many else [value]:
            role = part["role"] if isinstance(part, dict) else declared.reference.rel
            if role in SPEAKERS:
                yield part["organisation"] if isinstance(part, dict) else part


def may_on(session: Session, user: User, action: str, entry: Entry | None) -> bool:
    """Say whether a person may do something to this entry."""
    if is_allowed(user.role, action):
        return True
    own = entry is not None and is_own(session, entry, user)
    return own and is_allowed(user.role, action, own=True)


def allow_on(session: Session, user: User, action: str, entry: Entry) -> None:
    """Raise NotAllowed, with a sentence for the person, unless they may do it to this entry."""
    allow(user.role, action, own=is_own(session, entry, user))


def are_own(session: Session, user: User) -> sa.ColumnElement[bool]:
    """Return `is_own` as a condition on entries, for lists of them."""
    mine = granted(session, user)
    if not mine:
        return sa.false()
    carried = sa.exists().where(
        col(EntryLink.entry_id) == Entry.id,
        col(EntryLink.rel).in_(SPEAKERS),
        col(EntryLink.target_id).in_(mine),
    )
    return sa.or_(
        col(Entry.id).in_(mine),
        sa.and_(col(Entry.version) > 0, carried),
        col(Entry.id).in_(_own_drafts(session, mine)),
    )


def _own_drafts(session: Session, mine: set[uuid.UUID]) -> list[uuid.UUID]:
    """Return what was never public and names one of these organisations; only what may is read."""
    slugs = set(session.exec(select(Entry.slug).where(col(Entry.id).in_(mine))))
    text = sa.cast(Revision.profile, sa.String)
    newest = (
        sa.select(sa.func.max(col(Revision.number)))
        .where(col(Revision.entry_id) == Entry.id)
        .correlate(Entry)
        .scalar_subquery()
    )
    rows = session.exec(
        select(Entry.id, Entry.kind, Revision.profile)
        .join(Revision, col(Revision.entry_id) == Entry.id)
        .where(
            Entry.version == 0,
            col(Revision.number) == newest,
            sa.or_(*(text.contains(f'"{slug}"', autoescape=True) for slug in slugs)),
        )
    )
    return [
        key
        for key, kind, profile in rows
        if not slugs.isdisjoint(_organisations(kind_named(kind), profile))
    ]
