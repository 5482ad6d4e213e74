"""Which item is which: by feed and remote id, then by canonical address; and when to stop.

A feed that gives all its items new ids would bring everything in twice. Such a run stops before
anything is written, and a person looks at it.
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.curation.likeness import page_of
from directory.curation.owning import SPEAKERS
from directory.entries.fields import is_url
from directory.entries.kinds import Kind
from directory.entries.links import fields_with_urls
from directory.entries.models import Entry, EntryLink
from directory.entries.queries import is_published
from directory.imports.harvest.items import Item
from directory.imports.harvest.models import Feed, FeedItem


@dataclass(frozen=True)
class Former:
    """What is known of an item that a feed had before; `misses` counts the runs without it."""

    remote_id: str
    page: str | None
    title: str
    misses: int


def formers(session: Session, feed: Feed) -> list[Former]:
    """Return every item that a feed has had."""
    columns = [col(getattr(FeedItem, f.name)) for f in fields(Former)]
    rows = session.execute(sa.select(*columns).where(col(FeedItem.feed_id) == feed.id))
    return [Former(*row) for row in rows]


SHARE = 3
"""When more than one in so many of the known items is gone, a person is asked."""
AT_LEAST = 3
"""Fewer items than this are never a mass; two of three events may well be over."""


def canonical(url: str | None) -> str | None:
    """Return what an address says about identity: host, path and query, without tracking.

    None for the bare address of a site, which many items may share.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
        query = parse_qsl(parts.query)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    plain = [(n, v) for n, v in query if not n.lower().startswith("utm_")]
    page = page_of(parts._replace(query=urlencode(plain), fragment="").geturl())
    return page if "/" in page or "?" in page else None


def shared_pages(items: Iterable[Item]) -> set[str]:
    """Return the addresses that several items have, which therefore name none of them."""
    seen: set[str] = set()
    shared: set[str] = set()
    for item in items:
        if page := canonical(item.link):
            (shared if page in seen else seen).add(page)
    return shared


def pages_of_entries(session: Session, kind: Kind, owner: uuid.UUID | None) -> dict[str, uuid.UUID]:
    """Map the addresses of public entries to the one entry that has each of them.

    With an owner only what that organisation speaks for, so that nobody changes what belongs to
    others with a feed of their own.
    """
    table: Any = kind.table
    names = [d.name for d in fields_with_urls(kind) if not d.many and is_url(d.type, d.limits)]
    rows = session.execute(
        sa.select(col(Entry.id), *(getattr(table, name) for name in names))
        .join(table, table.id == Entry.id)
        .where(is_published())
    )
    found: dict[str, uuid.UUID | None] = {}
    own = _spoken_for_by(session, owner) if owner else None
    for entry_id, *urls in rows:
        for page in {canonical(url) for url in urls}:
            if page:
                found[page] = entry_id if found.get(page, entry_id) == entry_id else None
    return {
        page: entry_id
        for page, entry_id in found.items()
        if entry_id and (own is None or entry_id in own)
    }


def _spoken_for_by(session: Session, owner: uuid.UUID) -> set[uuid.UUID]:
    links = select(EntryLink.entry_id).where(
        EntryLink.target_id == owner, col(EntryLink.rel).in_(SPEAKERS)
    )
    return {owner, *session.exec(links)}


def mass_change(kind: Kind, known: Collection[Former], items: Collection[Item]) -> str | None:
    """Return why a person should look before anything is written, or None.

    `known` are the items that were there when the feed was last read.
    """
    ids = {item.remote_id for item in items}
    gone = [one for one in known if one.remote_id not in ids]
    if known and not items:
        return f"The feed is empty, and had {len(known):,} items before."
    if len(gone) < AT_LEAST or len(gone) * SHARE <= len(known):
        return None
    before = {one.remote_id for one in known}
    new = [item for item in items if item.remote_id not in before]
    pages = {canonical(item.link) for item in new} - {None}
    titles = {" ".join(str(item.values.get(kind.title_field)).split()).casefold() for item in new}
    renamed = sum(1 for one in gone if one.page in pages or one.title.casefold() in titles)
    if renamed * 2 > len(gone):
        return (
            f"{renamed:,} of {len(known):,} items have other ids than before, with the same "
            "address or title. If the feed has changed its ids, go on: each item is then found "
            "by its address."
        )
    return (
        f"{len(gone):,} of {len(known):,} items are gone at once. If that is right, go on; "
        "what is missing again in the next run is then archived."
    )
