"""Writing what a run has planned: drafts for review, and what each item said."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from directory.curation.addresses import free_slug, slug_from
from directory.curation.service import find_entry, read_draft, save_draft
from directory.curation.workflow import make_move
from directory.db import now
from directory.entries.models import Entry, State, Waiting
from directory.imports.harvest.matching import canonical
from directory.imports.harvest.models import Feed, FeedItem
from directory.imports.harvest.planning import Action, Ground, Planned
from directory.languages import marked
from directory.sources.claims import Status

_LONGEST_LOCATOR = 300
_UNSENT = (Waiting.DRAFT, Waiting.CHANGES_REQUESTED)
BY_OWNER = marked("Whoever registered the feed says that everything in it is given by its owner.")


def apply(session: Session, ground: Ground, planned: Planned, today: date) -> Entry | None:
    """Save what an item brings as a draft in review; return the entry it is about.

    Nothing is published. An item that brings nothing new leaves no revision.
    """
    entry = planned.entry
    if planned.action is Action.REJECTED:
        return entry
    if planned.taken:
        entry = _save(session, ground, planned, today)
    if planned.comes_back and entry is not None and entry.waiting is None:
        # Nothing is different, and still a person decides whether it is shown again.
        entry.waiting, entry.waiting_since = Waiting.DRAFT, now()
        session.add(entry)
        session.flush()
    changed = planned.action is not Action.UNCHANGED
    if entry is not None and changed and entry.waiting in _UNSENT:
        make_move(session, entry, "submit", by=None, reason=_why(ground.feed, planned))
    if entry is not None and not planned.later and _differs(planned, entry):
        _remember(session, ground, planned, entry)
    return entry


def _why(feed: Feed, planned: Planned) -> str:
    return f"It is in the feed {feed.title} again." if planned.comes_back else ""


def _save(session: Session, ground: Ground, planned: Planned, today: date) -> Entry:
    kind, entry = ground.kind, planned.entry
    claims: dict[str, Any] = {}
    if entry is not None:
        claims = dict(ground.revisions[entry.id][-1].claims)
    for name in planned.taken:
        claims.pop(name, None)
        if name in planned.profile:
            claims[name] = [_claim(ground.feed, planned, name, today)]
    slug = entry.slug if entry else _free_slug(session, ground, planned)
    draft = read_draft(kind, slug, planned.profile, claims)
    comment = f"Read from the feed {ground.feed.title}."
    saved, revision = save_draft(session, draft, by=None, comment=comment)
    ground.revisions.setdefault(saved.id, []).append(revision)
    ground.entries[saved.id] = saved
    return saved


def _claim(feed: Feed, planned: Planned, name: str, today: date) -> dict[str, Any]:
    """Say where a value comes from: the item's address, or its id in the feed."""
    item = planned.item
    locator = item.link if item.link and len(item.link) <= _LONGEST_LOCATOR else item.remote_id
    claim = {
        "source": feed.source_slug,
        "locator": locator[:_LONGEST_LOCATOR],
        "status": Status.STATED.value,
        "checked_on": today.isoformat(),
    }
    if name == planned.understood.by_owner:
        claim |= {"status": Status.DERIVED.value, "note": BY_OWNER}
    return claim


def _free_slug(session: Session, ground: Ground, planned: Planned) -> str:
    """Return a slug that no entry of the kind has or had; likely duplicates are shown to people."""
    kind = ground.kind
    title = str(planned.profile.get(kind.title_field, ""))
    slug = slug_from(title) or f"{ground.feed.slug}-item"
    return free_slug(slug, lambda tried: find_entry(session, kind, tried) is not None)


def _remember(session: Session, ground: Ground, planned: Planned, entry: Entry) -> None:
    """Keep what the item said, under the id that it has now."""
    known, item = planned.known, planned.item
    said = _said(planned, known.said if known else {})
    if known is not None and known.remote_id != item.remote_id:
        session.delete(known)
        session.flush()
    row = ground.known.get(item.remote_id)
    if row is None:
        row = FeedItem(
            feed_id=ground.feed.id,
            remote_id=item.remote_id,
            entry_id=entry.id,
            title="",
            said={},
            created=known.created if known else planned.action is Action.ADDED,
            archived=bool(known and known.archived),
        )
        ground.known[item.remote_id] = row
    page = canonical(item.link)
    row.entry_id, row.said, row.url = entry.id, said, item.link
    row.page = None if page in ground.shared else page
    row.title = str(planned.understood.values[ground.kind.title_field])
    row.misses, row.archived = 0, row.archived and entry.state is State.ARCHIVED
    session.add(row)


def _differs(planned: Planned, entry: Entry) -> bool:
    """Say whether there is anything to remember, so that an unchanged item costs no write."""
    known, item = planned.known, planned.item
    return (
        known is None
        or known.misses > 0
        or (known.remote_id, known.url, known.entry_id) != (item.remote_id, item.link, entry.id)
        or known.said != _said(planned, known.said)
    )


def _said(planned: Planned, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the item said; of a field that could not be read, what it said before."""
    unread = {n: before[n] for n in planned.understood.notes if n in before}
    return {**unread, **planned.understood.values}
