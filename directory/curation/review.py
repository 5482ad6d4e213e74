"""One change under review: what it would alter, what was said about it, and what can be done."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import ROLES, is_allowed
from directory.audit import record
from directory.curation.boxes import field_id
from directory.curation.changes import Change, changes_between
from directory.curation.editing import controls_for
from directory.curation.notices import tell
from directory.curation.owning import allow_on, may_on
from directory.curation.rules import unmet
from directory.curation.service import get_entry, latest_revision, read_draft
from directory.curation.workflow import Move, answer, make_move, moves_open_to, notes_on
from directory.db import write_alone
from directory.entries.kinds import Kind
from directory.entries.merges import what_became_of
from directory.entries.models import Entry, Note, Revision, Waiting
from directory.entries.queries import Linked, links_to
from directory.errors import Conflict, Invalid
from directory.languages import gettext

_ASKS = {Waiting.CHANGES_REQUESTED: "request_changes", Waiting.REFUSED: "refuse"}


@dataclass(frozen=True)
class Review:
    """Everything the page of a review shows to one person.

    `live` is the public version, None before there is one; `changes` are the fields in which the
    newest revision differs from it. `unmet` are the publishing rules that the newest revision does
    not meet yet, each with the place of its field in the form. `stays` is what the entry was merged
    into; the entry itself where it was not.
    """

    entry: Entry
    live: Revision | None
    newest: Revision
    stays: Entry
    author: str | None
    changes: list[Change]
    notes: list[tuple[Note, str | None]]
    moves: list[Move]
    unmet: list[tuple[str, str, str]]
    referring: list[Linked]
    assignee: User | None
    reviewers: list[User]
    may_answer: bool

    @property
    def profiles(self) -> list[dict[str, Any]]:
        """Return what is live, where anything is, and what is newest."""
        return [revision.profile for revision in (self.live, self.newest) if revision]

    @property
    def waits(self) -> bool:
        """Say whether the newest revision is one that the public does not see."""
        return self.live is None or self.live.number != self.newest.number


def read_review(
    session: Session, kind: Kind, slug: str, user: User, *, everything: bool = False
) -> Review:
    """Return the review of an entry; raises NotFound and NotAllowed.

    With `everything` also the fields that stay as they are.
    """
    entry = get_entry(session, kind, slug)
    allow_on(session, user, "read drafts", entry)
    newest = latest_revision(session, entry)
    live = _revision(session, entry, entry.version)
    controls = controls_for(kind, user)
    moves = moves_open_to(session, user, entry)
    takes_down = any(m.takes_down and m.explains for m in moves)
    reviews = may_on(session, user, "review", entry) and entry.waiting is not None
    author = session.get(User, newest.author_id) if newest.author_id else None
    return Review(
        entry=entry,
        live=live,
        newest=newest,
        stays=what_became_of(session, entry),
        author=author.email if author else None,
        changes=changes_between(controls, live, newest, same_too=everything),
        notes=list(notes_on(session, entry)),
        moves=moves,
        unmet=[
            (field_id(name), controls[name].title if name in controls else name, sentence)
            for name, sentence in _unmet(session, kind, entry.slug, newest).items()
        ],
        referring=links_to(session, entry) if takes_down else [],
        assignee=session.get(User, entry.assignee_id) if entry.assignee_id else None,
        reviewers=reviewers(session) if reviews else [],
        may_answer=may_on(session, user, "answer", entry),
    )


def _unmet(session: Session, kind: Kind, slug: str, revision: Revision) -> dict[str, str]:
    """Return what keeps a revision from being published; it may be older than the fields are."""
    try:
        draft = read_draft(kind, slug, revision.profile, revision.claims)
    except Invalid as error:
        return error.by_field
    return unmet(session, draft)


def _revision(session: Session, entry: Entry, number: int) -> Revision | None:
    wanted = select(Revision).where(Revision.entry_id == entry.id, Revision.number == number)
    return session.exec(wanted).first()


def reviewers(session: Session) -> list[User]:
    """Return everybody who may review any entry, by address."""
    roles = [role for role in ROLES if is_allowed(role, "review")]
    still_here = select(User).where(col(User.role).in_(roles), col(User.ended_at).is_(None))
    return list(session.exec(still_here.order_by(User.email)))


def asked_for(session: Session, entry: Entry) -> tuple[Note, str | None] | None:
    """Return what a reviewer wants from the author of what waits, and who said it."""
    move = _ASKS.get(entry.waiting) if entry.waiting else None
    if move is None:
        return None
    said = (
        select(Note, User.email)
        .join(User, col(Note.author_id) == User.id, isouter=True)
        .where(Note.entry_id == entry.id, Note.move == move)
        .order_by(col(Note.created_at).desc(), col(Note.id).desc())
        .limit(1)
    )
    return session.exec(said).first()


def move_entry(
    session: Session,
    kind: Kind,
    slug: str,
    name: str,
    *,
    by: User,
    reason: str,
    revision: int,
    base_url: str,
) -> tuple[Entry, Note]:
    """Make a move and tell whom it concerns; raises what `make_move` raises, and NotFound."""
    write_alone(session)
    entry = get_entry(session, kind, slug)
    note = make_move(session, entry, name, by=by, reason=reason, revision=revision)
    tell(session, entry, note, by=by, base_url=base_url)
    return entry, note


def say(session: Session, kind: Kind, slug: str, text: str, *, by: User, base_url: str) -> Entry:
    """Add to the conversation and tell whom it concerns; raises what `answer` raises."""
    write_alone(session)
    entry = get_entry(session, kind, slug)
    note = answer(session, entry, text, by=by)
    session.flush()
    tell(session, entry, note, by=by, base_url=base_url)
    return entry


def assign(session: Session, kind: Kind, slug: str, to: str, *, by: User) -> tuple[Entry, str]:
    """Give what waits to a reviewer, by id, or to nobody; return the entry and the address.

    Raises NotAllowed, Conflict when nothing waits any more, and Invalid under `to` for a person
    who may not review.
    """
    write_alone(session)
    entry = get_entry(session, kind, slug)
    session.refresh(entry)
    allow_on(session, by, "review", entry)
    if entry.waiting is None:
        raise Conflict(
            gettext("Nothing waits here any more, so there is no task to give to anybody.")
        )
    person = _reviewer(reviewers(session), to) if to else None
    entry.assignee_id = person.id if person else None
    session.add(entry)
    given = str(person.id) if person else ""
    record(session, "assign", entry.title, by=by, entry_id=entry.id, to=given)
    return entry, person.email if person else ""


def _reviewer(known: Sequence[User], text: str) -> User:
    try:
        wanted = uuid.UUID(text)
    except ValueError:
        wanted = None
    for user in known:
        if user.id == wanted:
            return user
    raise Invalid(
        gettext("Choose a reviewer."), {"to": gettext("Choose somebody who reviews entries.")}
    )
