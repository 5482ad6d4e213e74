"""What a run would do with each item: three ways compared, field by field.

What the feed said last, what it says now, and what the entry says now. Only where the entry still
says what the feed said last, and no person holds the field, the feed is followed.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from directory.curation.held import held_fields
from directory.entries.fields import is_model
from directory.entries.kinds import ORGANISATION, Kind, kind_named
from directory.entries.models import Entry, Revision, State, Waiting
from directory.imports.harvest.items import Item
from directory.imports.harvest.matching import canonical
from directory.imports.harvest.models import Feed, FeedItem
from directory.imports.harvest.values import Understood
from directory.languages import marked

_OPEN = (Waiting.DRAFT, Waiting.IN_REVIEW, Waiting.CHANGES_REQUESTED)
_ROLE = "lead"


class Action(StrEnum):
    """What becomes of an item that was read."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Planned:
    """One item, and what becomes of it.

    `profile` is the whole new profile when a revision is to be saved; `taken` are the fields in
    it that the feed sets. `left` says of each field that stays why. `later` means that the item
    was put off and should be read again, whatever the feed says about its age.
    """

    action: Action
    item: Item
    understood: Understood
    known: FeedItem | None = None
    entry: Entry | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    taken: tuple[str, ...] = ()
    left: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    later: bool = False
    comes_back: bool = False


@dataclass
class Ground:
    """What some items of a feed are compared with; made anew for each batch of a run."""

    feed: Feed
    kind: Kind
    known: dict[str, FeedItem]
    by_page: dict[str, FeedItem]
    entry_pages: Mapping[str, uuid.UUID]
    shared: set[str]
    entries: dict[uuid.UUID, Entry]
    revisions: dict[uuid.UUID, list[Revision]]


def survey(
    session: Session,
    feed: Feed,
    items: Sequence[Item],
    *,
    formers: Mapping[str, str],
    shared: set[str],
    entry_pages: Mapping[str, uuid.UUID],
) -> Ground:
    """Read what these items may be about.

    `formers` are the ids that are gone by the address of the item, `shared` the addresses that
    several items of this reading have.
    """
    here = [item.remote_id for item in items]
    pages = [p for item in items if (p := canonical(item.link)) and p not in shared]
    rows = session.exec(
        select(FeedItem).where(
            FeedItem.feed_id == feed.id,
            col(FeedItem.remote_id).in_([*here, *(formers[p] for p in pages if p in formers)]),
        )
    ).all()
    known = {one.remote_id: one for one in rows}
    # An item whose id is gone, and whose address is there again, has got a new id.
    by_page = {p: known[formers[p]] for p in pages if formers.get(p) in known}
    wanted = {one.entry_id for one in rows} | {entry_pages[p] for p in pages if p in entry_pages}
    entries = _entries(session, wanted)
    revisions: dict[uuid.UUID, list[Revision]] = {}
    for revision in session.exec(
        select(Revision)
        .where(col(Revision.entry_id).in_([e.id for e in entries.values()]))
        .order_by(col(Revision.number))
    ):
        revisions.setdefault(revision.entry_id, []).append(revision)
    kind = kind_named(feed.kind)
    return Ground(feed, kind, known, by_page, entry_pages, shared, entries, revisions)


def _entries(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Entry]:
    """Return the entries by the ids by which they are known; a merged one is where it went."""
    found = {e.id: e for e in session.exec(select(Entry).where(col(Entry.id).in_(list(ids))))}
    for key, entry in list(found.items()):
        seen = {entry.id}
        while entry.merged_into and entry.merged_into not in seen:
            seen.add(entry.merged_into)
            entry = session.get_one(Entry, entry.merged_into)
        found[key] = entry
    return found


def plan(ground: Ground, item: Item, understood: Understood) -> Planned:
    """Say what becomes of one item; nothing is written."""
    if ground.kind.title_field not in understood.values:
        why = understood.notes.get(ground.kind.title_field, marked("It has no title."))
        return Planned(Action.REJECTED, item, understood, reason=why)
    page = canonical(item.link)
    page = None if page in ground.shared else page
    known = ground.known.get(item.remote_id) or (ground.by_page.get(page) if page else None)
    entry = ground.entries.get(known.entry_id) if known else None
    if entry is None and page and page in ground.entry_pages:
        entry = ground.entries.get(ground.entry_pages[page])
    if entry is None:
        return _new(ground, item, understood, known)
    if entry.kind != ground.kind.name:
        why = f"It was a {entry.kind} here before, and the feed now holds {ground.kind.name}s."
        return Planned(Action.REJECTED, item, understood, known, entry, reason=why)
    return _known(ground, item, understood, known, entry)


def _new(ground: Ground, item: Item, understood: Understood, known: FeedItem | None) -> Planned:
    values = understood.values
    return Planned(Action.ADDED, item, understood, known, profile=values, taken=tuple(values))


def _known(
    ground: Ground, item: Item, understood: Understood, known: FeedItem | None, entry: Entry
) -> Planned:
    """Compare an item with its entry."""
    history = ground.revisions[entry.id]
    before, said = history[-1].profile, known.said if known else {}
    ours = known is not None and known.archived and entry.state is State.ARCHIVED
    back = ours and known is not None and known.misses > 0
    same = Planned(Action.UNCHANGED, item, understood, known, entry, before)
    if entry.state is State.WITHDRAWN or (entry.state is State.ARCHIVED and not ours):
        if understood.values == said:
            return same
        why = f"The entry was {entry.state.value} by a person, and stays so."
        return _but(same, reason=why)
    profile, taken, left = compare(said, before, understood, held_fields(history))
    if not taken and not back:
        return _but(same, left=left)
    if entry.waiting in _OPEN and history[-1].author_id is not None:
        why = marked("Somebody is changing the entry; the feed waits until that is decided.")
        return _but(same, reason=why, later=True)
    return Planned(
        Action.UPDATED, item, understood, known, entry, before, profile, taken, left,
        comes_back=back,
    )  # fmt: skip


def _but(planned: Planned, **more: Any) -> Planned:
    return Planned(**{**vars(planned), **more})


def compare(
    said: Mapping[str, Any],
    present: Mapping[str, Any],
    understood: Understood,
    held: set[str],
) -> tuple[dict[str, Any], tuple[str, ...], dict[str, str]]:
    """Return the new profile, the fields taken from the feed, and those left with the reason."""
    profile, taken, left = dict(present), [], {}
    for name in sorted({*said, *understood.values}):
        new, old, here = understood.values.get(name), said.get(name), present.get(name)
        unreadable = new is None and name in understood.notes
        if new in (old, here) or unreadable:
            continue
        if name in held:
            left[name] = marked("A person has set it.")
        elif here != old:
            left[name] = marked("It says something else here, which is not from this feed.")
        else:
            profile[name] = new
            taken.append(name)
    return {n: v for n, v in profile.items() if v is not None}, tuple(taken), left


def with_owner(kind: Kind, item: Item, understood: Understood, owner: str) -> None:
    """Name the owner of a feed behind an item that names nobody."""
    for declared in kind.fields.values():
        about = declared.reference
        if about and about.kind == ORGANISATION.name and declared.required:
            if declared.name not in item.values:
                inside = is_model(declared.type)
                one = {about.kind: owner, "role": _ROLE} if inside else owner
                understood.values[declared.name] = [one]
                understood.by_owner = declared.name
            return
