"""Who gets a mail when an entry moves: those whose work it is about, never whoever moved it."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.curation.owning import may_on
from directory.entries.kinds import kind_named
from directory.entries.models import Entry, Note, Revision
from directory.languages import gettext, marked, reading, worded
from directory.mail import queue_mail

_TO_WRITERS = {
    "request_changes": (
        marked("Please look again: %(title)s"),
        marked("A reviewer asks you to change something before this can be published."),
    ),
    "refuse": (
        marked("Not published: %(title)s"),
        marked("A reviewer decided not to publish this change."),
    ),
    "publish": (
        marked("Published: %(title)s"),
        marked("What you wrote is public now. Thank you."),
    ),
    "answer": (
        marked("A new answer: %(title)s"),
        marked("Somebody answered in the conversation about this entry."),
    ),
}
_TO_REVIEWERS = {
    "submit": (
        marked("For your review: %(title)s"),
        marked("This was sent to review, and it is assigned to you."),
    ),
    "answer": _TO_WRITERS["answer"],
}
"""The subject and the first sentence of a letter for each step, in English."""


def tell(session: Session, entry: Entry, note: Note, *, by: User, base_url: str) -> None:
    """Queue the mails about one step, in the transaction of that step.

    Writers hear what became of their work, with the reason and where to answer; the reviewer
    whose task it is hears that it waits. Nobody hears of what they may no longer read.
    """
    told = {by.id}
    for words, people in (
        (_TO_REVIEWERS.get(note.move), _reviewers(session, entry, note)),
        (_TO_WRITERS.get(note.move), _writers(session, entry, note)),
    ):
        for user in people if words else ():
            if words and user.id not in told and may_on(session, user, "read drafts", entry):
                told.add(user.id)
                # Whoever makes the step may read another language than who gets the letter.
                with reading(user.language):
                    subject = gettext(words[0], title=entry.title)
                    text = _text(entry, note, words[1], base_url)
                queue_mail(session, user.email, subject, text, key=f"note-{note.id}-{user.id}")


def _text(entry: Entry, note: Note, words: str, base_url: str) -> str:
    kind = kind_named(entry.kind)
    parts = [f"{entry.title} ({kind.label})", worded(words)]
    if note.text:
        parts.append(gettext("They wrote:"))
        parts.append("\n".join(f"  {line}" for line in note.text.splitlines()))
    if note.move == "publish":
        parts.append(f"{gettext('See it here:')}\n{base_url}{kind.url(entry.slug)}")
    parts.append(
        gettext("Read the conversation and answer here (you sign in first):")
        + f"\n{base_url}/curation{kind.url(entry.slug)}/review#conversation"
    )
    return "\n\n".join(parts) + "\n"


def _users(session: Session, ids: Iterable[UUID | None]) -> list[User]:
    wanted = {i for i in ids if i}
    still_here = select(User).where(col(User.id).in_(wanted), col(User.ended_at).is_(None))
    return list(session.exec(still_here.order_by(User.email)))


def _writers(session: Session, entry: Entry, note: Note) -> list[User]:
    """Return who wrote what the note is about: every revision since the one published before."""
    before = select(Revision.number).where(
        Revision.entry_id == entry.id,
        col(Revision.published_at).is_not(None),
        col(Revision.number) < note.revision,
    )
    live = max(session.exec(before), default=0)
    since = sa.select(col(Revision.author_id)).where(
        col(Revision.entry_id) == entry.id,
        col(Revision.number) > live,
        col(Revision.number) <= note.revision,
    )
    return _users(session, session.scalars(since))


def _reviewers(session: Session, entry: Entry, note: Note) -> list[User]:
    """Return whose task the entry is; of an answer also who moved the entry last."""
    found = [entry.assignee_id]
    if note.move == "answer":
        moved = (
            sa.select(col(Note.author_id))
            .where(col(Note.entry_id) == entry.id, col(Note.move) != "answer")
            .order_by(col(Note.created_at).desc(), col(Note.id).desc())
            .limit(1)
        )
        found += session.scalars(moved)
    return _users(session, found)
