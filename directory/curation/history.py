"""What an entry said before: its revisions, what changed between them, and who said each value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.curation.changes import Change, changes_between
from directory.curation.controls import Control
from directory.curation.editing import controls_for, move_saved
from directory.curation.merging import Said, said
from directory.curation.owning import allow_on
from directory.curation.service import (
    check_base,
    get_entry,
    latest_revision,
    read_draft,
    save_draft,
)
from directory.curation.workflow import MOVES, notes_on
from directory.db import write_alone
from directory.entries.kinds import Kind
from directory.entries.models import Entry, Note, Revision
from directory.errors import Invalid, NotFound
from directory.languages import gettext, worded

PER_PAGE = 50
_LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True)
class Step:
    """A revision in the history; `notes` are the steps of its review, with who made each.

    `changed` are the titles of the fields in which it differs from the one before it, and None
    for the first one.
    """

    revision: Revision
    author: str | None
    changed: list[str] | None
    notes: list[tuple[Note, str | None]] = field(default_factory=list)


@dataclass(frozen=True)
class History:
    """Some of the revisions of an entry, newest first, and how many there are."""

    entry: Entry
    total: int
    newest: int
    steps: list[Step]


def read_history(session: Session, kind: Kind, slug: str, user: User, page: int = 1) -> History:
    """Return a page of the history, from 1; raises NotFound and NotAllowed."""
    entry = get_entry(session, kind, slug)
    allow_on(session, user, "read drafts", entry)
    total, newest = session.execute(
        sa.select(sa.func.count(), sa.func.max(Revision.number)).where(
            col(Revision.entry_id) == entry.id
        )
    ).one()
    # One more than is shown, to compare the last one with.
    rows = _with_authors(session, entry, (page - 1) * PER_PAGE, PER_PAGE + 1)
    notes: dict[int, list[tuple[Note, str | None]]] = {}
    for note, person in notes_on(session, entry):
        notes.setdefault(note.revision, []).append((note, person))
    controls = controls_for(kind, user)
    steps = []
    for n, (revision, author) in enumerate(rows[:PER_PAGE]):
        before = rows[n + 1][0] if n + 1 < len(rows) else None
        changed = [c.control.title for c in changes_between(controls, before, revision)]
        steps.append(
            Step(revision, author, changed if before else None, notes.get(revision.number, []))
        )
    return History(entry, total, newest, steps)


def _with_authors(
    session: Session, entry: Entry, offset: int, limit: int
) -> list[tuple[Revision, str | None]]:
    rows = session.exec(
        select(Revision, User.email)
        .join(User, col(Revision.author_id) == User.id, isouter=True)
        .where(Revision.entry_id == entry.id)
        .order_by(col(Revision.number).desc())
        .offset(min(offset, _LARGEST_NUMBER))
        .limit(limit)
    )
    return [(revision, email) for revision, email in rows]


def read_revision(
    session: Session, kind: Kind, slug: str, number: int, user: User
) -> tuple[Entry, Revision]:
    """Return an entry and one of its revisions; raises NotFound and NotAllowed."""
    entry = get_entry(session, kind, slug)
    allow_on(session, user, "read drafts", entry)
    return entry, _revision(session, entry, number)


def _revision(session: Session, entry: Entry, number: int) -> Revision:
    # A number that no database can hold is no number of a revision either.
    found = None
    if 0 < number <= _LARGEST_NUMBER:
        here = select(Revision).where(Revision.entry_id == entry.id, Revision.number == number)
        found = session.exec(here).first()
    if found is None:
        raise NotFound(
            gettext("%(title)s has no revision %(number)s.", title=entry.title, number=str(number))
        )
    return found


@dataclass(frozen=True)
class Comparison:
    """Two revisions of an entry, the older one first, and the fields in which they differ."""

    entry: Entry
    older: Revision
    newer: Revision
    newest: int
    changes: list[Change]


def compare_revisions(
    session: Session, kind: Kind, slug: str, one: int | None, other: int | None, user: User
) -> Comparison:
    """Compare two revisions in the order of their numbers; raises NotFound and NotAllowed.

    Without numbers these are the newest one and the one before the other.
    """
    entry = get_entry(session, kind, slug)
    allow_on(session, user, "read drafts", entry)
    newest = latest_revision(session, entry).number
    other = newest if other is None else other
    one = max(1, other - 1) if one is None else one
    older, newer = (_revision(session, entry, n) for n in sorted((one, other)))
    changes = changes_between(controls_for(kind, user), older, newer)
    return Comparison(entry, older, newer, newest, changes)


def restore(
    session: Session,
    kind: Kind,
    slug: str,
    number: int,
    *,
    base: int,
    by: User,
    publish_at: str | None = None,
) -> tuple[Entry, Revision]:
    """Save what a revision said as a new revision, and publish it if asked to.

    `publish_at` is the address of the site, for the mails that publication sends.

    `base` is the newest revision that the person has seen. What they may not see stays as it is
    today. Raises NotFound, NotAllowed, Conflict when somebody has saved since, and Invalid with the
    fields that do not fit today, or when there is nothing to restore.
    """
    write_alone(session)
    entry = get_entry(session, kind, slug)
    allow_on(session, by, "save", entry)
    check_base(session, entry, base)
    old, newest = _revision(session, entry, number), latest_revision(session, entry)
    controls = controls_for(kind, by)
    if not changes_between(controls, newest, old):
        raise Invalid(
            gettext("The newest revision says the same as revision %(number)s.", number=str(number))
        )
    profile, claims = (
        {n: v for n, v in before.items() if n in controls}
        | {n: v for n, v in today.items() if n not in controls}
        for before, today in ((old.profile, newest.profile), (old.claims, newest.claims))
    )
    draft = read_draft(kind, entry.slug, profile, claims)
    comment = f"Restored revision {number}."
    entry, revision = save_draft(session, draft, by=by, comment=comment, base=base)
    if publish_at is not None:
        move_saved(session, entry, revision, "publish", by=by, base_url=publish_at)
    return entry, revision


# Who said each value


@dataclass(frozen=True)
class Origin:
    """A field of the newest revision, and since which revision it has said so without a break."""

    control: Control
    said: Said
    since: Revision
    author: str | None


def since_when(revisions: Sequence[Revision], names: Iterable[str]) -> dict[str, int]:
    """Return, for each field that the last revision has a value for, since which position it has.

    Revisions are in the order of their numbers. A value that went and came back counts from when
    it came back.
    """
    found: dict[str, int] = {}
    before: dict[str, Any] = {}
    for position, revision in enumerate(revisions):
        for name in names:
            value = revision.profile.get(name)
            if value is None:
                found.pop(name, None)
            elif name not in found or value != before.get(name):
                found[name] = position
        before = revision.profile
    return found


def read_origins(
    session: Session, kind: Kind, slug: str, user: User
) -> tuple[Entry, Revision, list[Origin]]:
    """Return who wrote each value of the newest revision; raises NotFound and NotAllowed."""
    entry = get_entry(session, kind, slug)
    allow_on(session, user, "read drafts", entry)
    rows = _with_authors(session, entry, 0, _LARGEST_NUMBER)[::-1]
    controls: Mapping[str, Control] = controls_for(kind, user)
    newest = rows[-1][0]
    since = since_when([revision for revision, _ in rows], list(controls))
    origins = [
        Origin(control, said(newest, name), *rows[since[name]])
        for name, control in controls.items()
        if name in since
    ]
    return entry, newest, origins


def words_of_move(note: Note) -> str:
    """Return what happened to an entry in a step of a review."""
    return worded(MOVES[note.move].done) if note.move in MOVES else gettext("it got an answer")
