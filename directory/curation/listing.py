"""A list of the desk as somebody narrows it: one page of it, and the way from entry to entry."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.curation.lists import (
    Asked,
    Condition,
    DeskList,
    list_named,
    visible,
)
from directory.curation.quality import Quality, measure
from directory.db import now
from directory.entries.kinds import KINDS, Kind, kind_named
from directory.entries.models import Entry, EntryTerm, State
from directory.entries.queries import claims_of, profiles
from directory.languages import gettext, marked, worded
from directory.web.pagination import Paging

PER_PAGE = 50
SORTS = {
    "": marked("Most urgent first"),
    "title": marked("By name"),
    "changed": marked("Changed last first"),
}
WHOSE = {
    "": marked("Anybody's"),
    "mine": marked("Taken by me"),
    "nobody": marked("Taken by nobody"),
}
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Narrowed:
    """How somebody narrows a list down; every part is text as it stands in the address."""

    name: str
    kind: str = ""
    q: str = ""
    area: str = ""
    who: str = ""
    sort: str = ""
    field: str = ""
    page: int = 1

    @classmethod
    def read(cls, name: str, params: Iterable[tuple[str, str]]) -> "Narrowed":
        """Read the parameters of an address; what nobody knows is left out."""
        given = dict(params)
        text = " ".join(given.get("q", "").replace("\x00", " ").split())[:LONGEST_TEXT]
        number = given.get("page", "")
        plain = number.isascii() and number.isdecimal() and len(number) < 7
        return cls(
            name=name,
            kind=given["kind"] if given.get("kind") in KINDS else "",
            q=text,
            area=given.get("area", "").replace("\x00", ""),
            who=given["who"] if given.get("who") in WHOSE else "",
            sort=given["sort"] if given.get("sort") in SORTS else "",
            field=given.get("field", ""),
            page=max(1, int(number)) if plain else 1,
        )

    def query(self, **more: str) -> str:
        """Return the narrowing as the part of an address after the question mark."""
        names = ("kind", "q", "area", "who", "sort", "field")
        pairs = [(name, getattr(self, name)) for name in names if getattr(self, name)]
        return urlencode([*more.items(), *pairs])

    @property
    def walk(self) -> str:
        """Return what an entry opened from the list carries along, with its question mark."""
        return "?" + self.query(list=self.name)

    @property
    def url(self) -> str:
        """Return the address of the list, from its first page."""
        query = self.query()
        return f"/curation/lists/{self.name}" + (f"?{query}" if query else "")

    def at_page(self, number: int) -> str:
        """Return the address of one page of the list."""
        query = self.query(page=str(number)) if number > 1 else self.query()
        return f"/curation/lists/{self.name}" + (f"?{query}" if query else "")

    @property
    def narrow(self) -> bool:
        """Say whether anything is left out."""
        return replace(self, sort="", field="", page=1) != Narrowed(self.name)


@dataclass(frozen=True)
class Row:
    """One entry of a list."""

    kind: Kind
    entry: Entry
    tells: str
    quality: Quality | None
    may_confirm: bool


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    of: DeskList
    title: str
    narrowed: Narrowed
    rows: list[Row]
    paging: Paging


def count_of(session: Session, condition: Condition) -> int:
    """Return how many entries there are under a condition."""
    return session.scalar(sa.select(sa.func.count()).select_from(Entry).where(condition)) or 0


def _asked(narrowed: Narrowed, user: User) -> Asked:
    kind_name, _, name = narrowed.field.partition(".")
    declared = KINDS[kind_name].public_fields.get(name) if kind_name in KINDS else None
    field = (KINDS[kind_name], declared) if declared else None
    return Asked(user, now().date(), field)


def on_list(session: Session, narrowed: Narrowed, user: User) -> Condition:
    """Return which entries stand on a list for this person, narrowed down."""
    one = list_named(narrowed.name)
    parts = [one.which(session, _asked(narrowed, user)), visible(session, user, one.action)]
    if narrowed.kind:
        parts.append(col(Entry.kind) == narrowed.kind)
    if narrowed.q:
        title = sa.func.lower(Entry.title)
        parts.append(title.contains(narrowed.q.lower(), autoescape=True))
    if narrowed.area:
        of_area = sa.select(col(EntryTerm.entry_id)).where(
            col(EntryTerm.vocabulary) == "policy-areas", col(EntryTerm.code) == narrowed.area
        )
        parts.append(col(Entry.id).in_(of_area))
    if one.assigned and narrowed.who:
        mine = col(Entry.assignee_id) == user.id
        parts.append(mine if narrowed.who == "mine" else col(Entry.assignee_id).is_(None))
    return sa.and_(*parts)


def _order(narrowed: Narrowed) -> tuple[Any, ...]:
    of = {
        "title": (sa.func.lower(Entry.title),),
        "changed": (col(Entry.updated_at).desc(),),
    }
    return (*of.get(narrowed.sort, list_named(narrowed.name).order), col(Entry.id))


def read_list(session: Session, narrowed: Narrowed, user: User, per_page: int = PER_PAGE) -> Page:
    """Return one page of a list; raises NotFound when there is no such list or field."""
    one, asked = list_named(narrowed.name), _asked(narrowed, user)
    condition = on_list(session, narrowed, user)
    paging = Paging(count_of(session, condition), narrowed.page, per_page)
    entries = session.exec(
        select(Entry)
        .where(condition)
        .order_by(*_order(narrowed))
        .offset(paging.offset)
        .limit(per_page)
    ).all()
    tells = one.tells(session, entries, asked)
    figures = qualities(session, entries, asked.today)
    public = [e.id for e in entries if e.state is State.PUBLISHED]
    may = _may_confirm(session, user, public)
    rows = [
        Row(kind_named(e.kind), e, tells.get(e.id, ""), figures.get(e.id), e.id in may)
        for e in entries
    ]
    return Page(one, _title(one, asked), narrowed, rows, paging)


def _title(one: DeskList, asked: Asked) -> str:
    if not (one.of_a_field and asked.field):
        return worded(one.title)
    kind, declared = asked.field
    return gettext(
        "%(list)s: %(field)s (%(kinds)s)",
        list=worded(one.title),
        field=declared.title,
        kinds=kind.plural,
    )


def _may_confirm(session: Session, user: User, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    condition = visible(session, user, "confirm")
    return set(session.exec(select(Entry.id).where(col(Entry.id).in_(ids), condition)))


def qualities(
    session: Session, entries: Sequence[Entry], today: date
) -> Mapping[uuid.UUID, Quality]:
    """Return how complete each of these entries is, as far as it is public."""
    ids = [e.id for e in entries if e.state is State.PUBLISHED]
    claims = claims_of(session, ids)
    rows = {k: v for kind in KINDS.values() for k, v in profiles(session, kind, ids).items()}
    return {
        e.id: measure(kind_named(e.kind), rows[e.id], claims.get(e.id, {}), e.confirmed_at, today)
        for e in entries
        if e.id in rows
    }


# From one entry to the next


@dataclass(frozen=True)
class Walk:
    """Where an entry stands in the list from which it was opened; `place` is None when it has left.

    Then `after` is the first of those that are still there.
    """

    title: str
    narrowed: Narrowed
    place: int | None
    total: int
    before: str | None
    after: str | None

    @property
    def onwards(self) -> str:
        """Return where to go when this entry is done."""
        return self.after or self.narrowed.url


def read_walk(session: Session, narrowed: Narrowed, user: User, entry: Entry) -> Walk:
    """Return the neighbours of an entry in a list, worked out by the database."""
    one = list_named(narrowed.name)
    title = _title(one, _asked(narrowed, user))
    over, condition = _order(narrowed), on_list(session, narrowed, user)
    places = (
        sa.select(
            col(Entry.id).label("id"),
            sa.func.row_number().over(order_by=over).label("place"),
            sa.func.lag(col(Entry.id), type_=sa.Uuid()).over(order_by=over).label("before"),
            sa.func.lead(col(Entry.id), type_=sa.Uuid()).over(order_by=over).label("after"),
        )
        .where(condition)
        .subquery()
    )
    row = session.execute(sa.select(places).where(places.c.id == entry.id)).first()
    total = count_of(session, condition)
    if row is None:
        first = session.execute(sa.select(places.c.id).where(places.c.place == 1)).scalar()
        found = _addresses(session, one, narrowed, [first])
        return Walk(title, narrowed, None, total, None, found.get(first))
    found = _addresses(session, one, narrowed, [row.before, row.after])
    return Walk(title, narrowed, row.place, total, found.get(row.before), found.get(row.after))


def _addresses(
    session: Session, one: DeskList, narrowed: Narrowed, ids: Iterable[Any]
) -> dict[Any, str]:
    rows = session.exec(select(Entry).where(col(Entry.id).in_([key for key in ids if key])))
    return {e.id: address_of(one, narrowed, e) for e in rows}


def address_of(one: DeskList, narrowed: Narrowed, entry: Entry) -> str:
    """Return where a row of a list leads to."""
    return f"/curation/{kind_named(entry.kind).path}/{entry.slug}{one.opens}{narrowed.walk}"
