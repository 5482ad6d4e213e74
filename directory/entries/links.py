"""The outgoing links of entries: which they are, and whether they still work.

What was learnt of an address is kept by address, because several entries may share one. The
checker that learns it is `imports/links.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from directory.db import Moment
from directory.entries.fields import Declared, holds_urls, is_model, is_url, urls_within
from directory.entries.kinds import KINDS, Kind
from directory.entries.models import Entry
from directory.entries.queries import Published, is_published
from directory.languages import gettext

# An index of PostgreSQL takes no longer text; nobody prints or reads such an address either.
LONGEST = 2000


class LinkState(StrEnum):
    """What is known of an address."""

    OK = "ok"
    BROKEN = "broken"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """Return the state as a curator reads it."""
        words = {
            "ok": gettext("works"),
            "broken": gettext("broken"),
            "unknown": gettext("not known"),
        }
        return words[self.value]


class LinkCheck(SQLModel, table=True):
    """What the last check of an address found.

    `since` is when the state began, `misses` how often in a row it did not work, `ok_at` when it
    last did.
    """

    __tablename__ = "link_check"

    url: str = Field(primary_key=True)
    state: str = Field(index=True)
    since: datetime = Field(sa_type=Moment)
    status_code: int | None = None
    reason: str
    checked_at: datetime = Field(sa_type=Moment)
    next_check_at: datetime = Field(sa_type=Moment, index=True)
    misses: int = 0
    ok_at: datetime | None = Field(default=None, sa_type=Moment)


@dataclass(frozen=True)
class TroubledLink:
    """An address that does not work, or of which that is not known, with a place it stands at."""

    kind: Kind
    slug: str
    title: str
    field: Declared
    check: LinkCheck

    @property
    def entry_url(self) -> str:
        """Return the address of the entry."""
        return self.kind.url(self.slug)


@cache
def fields_with_urls(kind: Kind) -> tuple[Declared, ...]:
    """Return the public fields of a kind that hold web addresses, themselves or inside a part."""
    return tuple(
        declared
        for declared in kind.public_fields.values()
        if is_url(declared.type, declared.limits)
        or (is_model(declared.type) and holds_urls(declared.type))
    )


def urls_in(kind: Kind, profile: Mapping[str, Any]) -> Iterator[tuple[Declared, str]]:
    """Yield every web address of a profile with its field, in page order."""
    for declared in fields_with_urls(kind):
        raw = profile.get(declared.name)
        for value in raw if isinstance(raw, list) else [raw] if raw else []:
            found = urls_within(declared.type, value) if is_model(declared.type) else [value]
            yield from ((declared, url) for url in found if len(url.encode()) <= LONGEST)


def published_urls(session: Session) -> set[str]:
    """Return every web address that a published entry shows."""
    return {url for kind in KINDS.values() for *_, url in _links(session, kind)}


def broken_links(session: Session, entries: Iterable[Published]) -> dict[str, datetime]:
    """Return the addresses in these entries that are broken, each with the day of its check."""
    urls = {url for e in entries for _, url in urls_in(e.kind, e.profile)}
    return {
        check.url: check.checked_at
        for check in checks_of(session, urls).values()
        if check.state == LinkState.BROKEN
    }


def ids_with_broken_links() -> sa.CompoundSelect[Any]:
    """Return the statement for the entries with a broken address in a plain field."""
    broken = sa.select(col(LinkCheck.url)).where(col(LinkCheck.state) == LinkState.BROKEN)
    tables: list[Any] = [kind.table for kind in KINDS.values()]
    return sa.union(
        *(
            sa.select(table.id).where(getattr(table, declared.name).in_(broken))
            for kind, table in zip(KINDS.values(), tables, strict=True)
            for declared in fields_with_urls(kind)
            if not declared.many and is_url(declared.type, declared.limits)
        )
    )


def checks_of(session: Session, urls: Iterable[str]) -> dict[str, LinkCheck]:
    """Return what is known of each of these addresses; those never checked are absent."""
    rows = session.exec(select(LinkCheck).where(col(LinkCheck.url).in_(list(urls))))
    return {check.url: check for check in rows}


def troubled_links(session: Session) -> list[TroubledLink]:
    """Return every link of a published entry that is broken or not known, the newest first.

    An address that several entries share stands in the list once for each.
    """
    checks = {
        check.url: check
        for check in session.exec(select(LinkCheck).where(LinkCheck.state != LinkState.OK))
    }
    troubled = sa.select(col(LinkCheck.url)).where(col(LinkCheck.state) != LinkState.OK)
    found = []
    for kind in KINDS.values():
        table: Any = kind.table
        may_hold = [
            # The database compares plain addresses; those inside a part are compared below.
            getattr(table, d.name).in_(troubled)
            if not d.many and is_url(d.type, d.limits)
            else getattr(table, d.name).is_not(None)
            for d in fields_with_urls(kind)
        ]
        for slug, title, field, url in _links(session, kind, sa.or_(*may_hold)):
            if url in checks:
                found.append(TroubledLink(kind, slug, title, field, checks[url]))
    return sorted(found, key=lambda link: link.check.since, reverse=True)


def _links(
    session: Session, kind: Kind, *conditions: sa.ColumnElement[bool]
) -> Iterator[tuple[str, str, Declared, str]]:
    """Yield (slug, title, field, address) for the published entries of a kind, by title."""
    table: Any = kind.table
    names = [declared.name for declared in fields_with_urls(kind)]
    columns: list[Any] = [Entry.slug, Entry.title, *(getattr(table, name) for name in names)]
    rows = session.execute(
        sa.select(*columns)
        .join(table, table.id == Entry.id)
        .where(is_published(), *conditions)
        .order_by(sa.func.lower(Entry.title))
    )
    for slug, title, *values in rows:
        for declared, url in urls_in(kind, dict(zip(names, values, strict=True))):
            yield slug, title, declared, url
