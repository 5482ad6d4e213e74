"""What is not in a feed any more: missing twice means archived, with a reason.

Nothing is deleted. What a person works on, and what other feeds hold as well, is only reported.
"""

import uuid
from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.curation.workflow import make_move
from directory.entries.models import Entry, Revision, State, Waiting
from directory.imports.harvest.models import Feed, FeedItem
from directory.imports.harvest.report import ARCHIVED, MISSING, Report
from directory.languages import marked

MISSES = 2
_UNDECIDED = (Waiting.DRAFT, Waiting.IN_REVIEW, Waiting.CHANGES_REQUESTED)
_ONCE = marked("It is missing for the first time. If it is missing again, its entry is archived.")


def missing_ids(session: Session, feed: Feed, there: Collection[str] | None) -> list[str]:
    """Return the ids that a run has missed; None stands for a feed that says nothing changed."""
    rows = session.exec(
        select(FeedItem.remote_id, FeedItem.misses)
        .where(FeedItem.feed_id == feed.id)
        .order_by(col(FeedItem.remote_id))
    )
    if there is None:
        return [remote_id for remote_id, misses in rows if misses]
    ids = set(there)
    return [remote_id for remote_id, _ in rows if remote_id not in ids]


def miss(session: Session, feed: Feed, ids: Collection[str], report: Report) -> None:
    """Count these items as missing once more, and do what follows from it."""
    rows = session.exec(
        select(FeedItem)
        .where(FeedItem.feed_id == feed.id, col(FeedItem.remote_id).in_(list(ids)))
        .order_by(col(FeedItem.remote_id))
    ).all()
    for item in rows:
        item.misses += 1
        session.add(item)
        entry = session.get_one(Entry, item.entry_id)
        if item.misses < MISSES:
            report.gone(MISSING, item.title, entry, _ONCE)
        elif item.misses == MISSES:
            _end(session, feed, item, entry, report)


def _end(session: Session, feed: Feed, item: FeedItem, entry: Entry, report: Report) -> None:
    reason = f"It is no longer in the feed {feed.title}, where it came from."
    kept = _why_kept(session, item, entry)
    if kept:
        report.gone(MISSING, item.title, entry, f"{reason} {kept}")
    elif entry.state is State.PUBLISHED:
        make_move(session, entry, "archive", by=None, reason=reason)
        item.archived = True
        report.gone(ARCHIVED, item.title, entry, reason)
    else:
        make_move(session, entry, "refuse", by=None, reason=reason)
        report.gone(MISSING, item.title, entry, f"{reason} Its draft was taken out of review.")


def _why_kept(session: Session, item: FeedItem, entry: Entry) -> str:
    """Return why an entry stays as it is, or an empty text."""
    others = sa.select(col(FeedItem.remote_id)).where(
        col(FeedItem.entry_id) == entry.id,
        sa.or_(col(FeedItem.feed_id) != item.feed_id, col(FeedItem.remote_id) != item.remote_id),
        col(FeedItem.misses) < MISSES,
    )
    if not item.created:
        return "The entry was here before the feed, so it stays."
    if session.execute(others.limit(1)).first():
        return "Another feed or item still brings the entry, so it stays."
    if entry.state is State.PUBLISHED:
        return ""
    if entry.state is not State.DRAFT:
        return f"The entry is {entry.state.value} already."
    if entry.waiting not in _UNDECIDED or _by_people(session, entry.id):
        return "It was never public, and waits for a person."
    return ""


def _by_people(session: Session, entry_id: uuid.UUID) -> bool:
    written = select(Revision.id).where(
        Revision.entry_id == entry_id, col(Revision.author_id).is_not(None)
    )
    return session.exec(written.limit(1)).first() is not None
