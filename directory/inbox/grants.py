"""Who edits which organisation for its provider: holding, renewing and ending a grant."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import Grant, User
from directory.accounts.permissions import allow
from directory.audit import record
from directory.db import now, write_alone
from directory.entries.models import Entry
from directory.errors import Conflict, NotFound
from directory.inbox import letters
from directory.inbox.words import check_words
from directory.languages import gettext, marked, reading, worded
from directory.mail import queue_mail
from directory.settings import Settings

LASTS = timedelta(days=730)
"""24 months; a holder who confirms it gets as long again."""

WARNED_BEFORE = timedelta(days=30)
GIVEN_UP, HANDED_OVER, EXPIRED = marked("given up"), marked("handed over"), marked("expired")


@dataclass(frozen=True)
class Held:
    """A grant with the organisation and the person it is about."""

    grant: Grant
    organisation: Entry
    user: User


def in_force(moment: datetime | None = None) -> sa.ColumnElement[bool]:
    """Return the condition under which a grant counts."""
    ends = col(Grant.expires_at)
    return sa.and_(col(Grant.ended_at).is_(None), sa.or_(ends.is_(None), ends > (moment or now())))


def grants_of(session: Session, user: User) -> list[Held]:
    """Return the organisations that a person edits today, by name."""
    return _held(session, Grant.user_id == user.id, in_force())


def holders_of(session: Session, organisation: Entry) -> list[Held]:
    """Return who edits an organisation today, the first one first."""
    return _held(session, Grant.organisation_id == organisation.id, in_force())


def all_grants(session: Session) -> list[Held]:
    """Return every grant in force, by organisation."""
    return _held(session, in_force())


def _held(session: Session, *conditions: sa.ColumnElement[bool] | bool) -> list[Held]:
    rows = session.exec(
        select(Grant, Entry, User)
        .join(Entry, col(Grant.organisation_id) == Entry.id)
        .join(User, col(Grant.user_id) == User.id)
        .where(*conditions)
        .order_by(sa.func.lower(Entry.title), col(Grant.granted_at), col(Grant.id))
    )
    return [Held(*row) for row in rows]


def held_by(session: Session, user: User, slug: str) -> Held:
    """Return a person's grant for an organisation; raises NotFound when there is none in force."""
    found = next((h for h in grants_of(session, user) if h.organisation.slug == slug), None)
    if found is None:
        raise NotFound(gettext("You do not edit an organisation at this address."))
    return found


def find_grant(session: Session, key: uuid.UUID) -> Held:
    """Return a grant, in force or not; raises NotFound."""
    found = _held(session, Grant.id == key)
    if not found:
        raise NotFound(gettext("There is no such grant."))
    return found[0]


def give_grant(session: Session, organisation: Entry, user: User, *, by: User) -> Grant:
    """Let a person edit an organisation for 24 months; the caller has checked who decides."""
    grant = Grant(
        user_id=user.id,
        organisation_id=organisation.id,
        granted_at=now(),
        granted_by=by.id,
        expires_at=now() + LASTS,
    )
    session.add(grant)
    session.flush()
    return grant


def renew(session: Session, held: Held, *, by: User) -> None:
    """Confirm that a person still speaks for an organisation, for 24 months from now.

    Raises NotFound unless it is the holder who says so, while the grant is in force.
    """
    write_alone(session)
    held = _own(session, held, by)
    held.grant.expires_at = now() + LASTS
    session.add(held.grant)
    _record(session, "renew grant", held, by)


def renew_for(session: Session, user: User, organisations: set[uuid.UUID]) -> None:
    """Renew what a person holds of these organisations: who confirms an entry still speaks."""
    for held in grants_of(session, user):
        if held.organisation.id in organisations:
            renew(session, held, by=user)


def give_up(session: Session, held: Held, *, by: User, settings: Settings) -> None:
    """End one's own grant; raises NotFound as `renew` does."""
    write_alone(session)
    end_grant(session, _own(session, held, by), GIVEN_UP, by=by, settings=settings)


def _own(session: Session, held: Held, user: User) -> Held:
    session.refresh(held.grant)
    found = held_by(session, user, held.organisation.slug)
    if found.grant.id != held.grant.id:
        raise NotFound(gettext("You do not edit an organisation at this address."))
    return found


def revoke(session: Session, held: Held, reason: str, *, by: User, settings: Settings) -> None:
    """End somebody's grant; raises NotAllowed, Invalid without a reason, Conflict when ended."""
    write_alone(session)
    allow(by.role, "grant")
    session.refresh(held.grant)
    if held.grant.ended_at:
        raise Conflict(gettext("This grant has ended already."))
    reason = check_words(reason, "reason", needed=gettext("Say why: the person reads it."))
    end_grant(session, held, reason, by=by, settings=settings, action="revoke grant")


def end_grant(
    session: Session,
    held: Held,
    because: str,
    *,
    by: User | None,
    settings: Settings,
    action: str = "end grant",
) -> None:
    """End a grant and tell its holder why; the caller holds the lock and has checked who may."""
    held.grant.ended_at, held.grant.ended_because = now(), because
    session.add(held.grant)
    _record(session, action, held, by, because=because)
    said = {
        GIVEN_UP: marked("you have given it up."),
        HANDED_OVER: marked("you have handed it over, and a curator has agreed."),
        EXPIRED: marked("nobody confirmed it within 24 months."),
    }.get(because)
    with reading(held.user.language):
        why = worded(said) if said else because
        queue_mail(session, held.user.email, *letters.ended(settings, held.organisation, why))


def _record(session: Session, action: str, held: Held, by: User | None, **detail: str) -> None:
    """Write down what happened to a grant; it is named by its id, its holder by theirs."""
    whose = {"grant": str(held.grant.id), "holder": str(held.user.id)}
    entry = held.organisation
    record(session, action, entry.title, by=by, entry_id=entry.id, **whose, **detail)


def end_what_has_run_out(session: Session, settings: Settings) -> int:
    """End grants whose time is over and warn of those that end soon; return how many ended."""
    write_alone(session)
    over = _held(session, col(Grant.ended_at).is_(None), col(Grant.expires_at) <= now())
    for held in over:
        end_grant(session, held, EXPIRED, by=None, settings=settings)
    for held in _held(session, in_force(), col(Grant.expires_at) <= now() + WARNED_BEFORE):
        assert held.grant.expires_at
        with reading(held.user.language):
            letter = letters.ends_soon(settings, held.organisation, held.grant.expires_at)
        key = f"grant-ends:{held.grant.id}:{held.grant.expires_at.date()}"
        queue_mail(session, held.user.email, *letter, key=key)
    return len(over)
