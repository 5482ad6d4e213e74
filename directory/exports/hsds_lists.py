"""Lists and single objects of the HSDS API: which ones, in which order, page by page."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.db import Database
from directory.entries.changes import read_moment
from directory.entries.kinds import ORGANISATION, PROGRAMME, TRAINING, Kind, kind_named
from directory.entries.models import Entry, EntryLink, EntryTerm
from directory.entries.queries import Published, is_published, published_by_id
from directory.entries.vocabularies import Term, Vocabularies
from directory.errors import Invalid, NotFound
from directory.exports import hsds
from directory.exports.results import BATCH

PER_PAGE, MOST_PER_PAGE, MOST_MINIMAL = 50, 100, 10_000
_TELL: Mapping[str, Callable[..., dict[str, Any]]] = {
    ORGANISATION.name: hsds.organization,
    PROGRAMME.name: hsds.program,
    TRAINING.name: hsds.service,
}
FIELDS_OF_A_PAGE = (
    "total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty",
    "contents",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for: filters combine as AND; `found` are the results of a search."""

    page: int = 1
    per_page: int = PER_PAGE
    ndjson: bool = False
    full: bool = False
    minimal: bool = False
    taxonomy_term_id: str = ""
    taxonomy_id: str = ""
    organization_id: str = ""
    modified_after: datetime | None = None
    top_only: bool = False
    parent_id: str = ""
    search: str = ""


class _Reading:
    """Reads parameters, and keeps a sentence for each that does not fit."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given, self.wrong = given, dict[str, str]()

    def number(self, name: str, default: int, most: int) -> int:
        text = self.given.get(name, str(default))
        if text.isascii() and text.isdigit() and 1 <= int(text[:12]) <= most:
            return int(text)
        self.wrong[name] = f"{name} is a whole number from 1 to {most:,}."
        return default

    def switch(self, name: str) -> bool:
        text = self.given.get(name, "false").lower()
        if text not in ("true", "false"):
            self.wrong[name] = f"{name} is true or false."
        return text == "true"

    def key(self, name: str) -> str:
        text = self.given.get(name, "")
        try:
            return str(uuid.UUID(text)) if name in self.given else ""
        except ValueError:
            self.wrong[name] = f"{name} is the id of something in this API, a UUID."
            return ""

    def moment(self, name: str) -> datetime | None:
        if name not in self.given:
            return None
        try:
            return read_moment(self.given[name])
        except ValueError:
            self.wrong[name] = f"{name} is a moment, such as 2026-11-25T10:00:00Z."
            return None


def read_wanted(pairs: Sequence[tuple[str, str]], allowed: Sequence[str]) -> Wanted:
    """Read the parameters of a list; raises Invalid that names each one that does not fit."""
    names = [name for name, _ in pairs]
    reading = _Reading(dict(pairs))
    for name in names:
        if name not in allowed:
            reading.wrong[name] = f"There is no parameter {name} here."
        elif names.count(name) > 1:
            reading.wrong[name] = f"{name} is given more than once."
    form = reading.given.get("format", "json")
    if form not in ("json", "ndjson"):
        reading.wrong["format"] = "format is json or ndjson."
    search = reading.given.get("search", "")
    if len(search) > 500 or any(ord(c) < 32 for c in search):
        reading.wrong["search"] = "search is a text of at most 500 characters."
    minimal = reading.switch("minimal")
    wanted = Wanted(
        page=reading.number("page", 1, 1_000_000),
        per_page=reading.number("per_page", PER_PAGE, MOST_MINIMAL if minimal else MOST_PER_PAGE),
        ndjson=form == "ndjson",
        full=reading.switch("full"),
        minimal=minimal,
        taxonomy_term_id=reading.key("taxonomy_term_id"),
        taxonomy_id=reading.key("taxonomy_id"),
        organization_id=reading.key("organization_id"),
        modified_after=reading.moment("modified_after"),
        top_only=reading.switch("top_only"),
        parent_id=reading.key("parent_id"),
        search=search,
    )
    if reading.wrong:
        raise Invalid("Some parameters need another look.", reading.wrong)
    return wanted


def page_of(wanted: Wanted, total: int, contents: list[Any]) -> dict[str, Any]:
    """Return a page as HSDS wants it (3.1.1: `empty` is required)."""
    pages = max(1, -(-total // wanted.per_page))
    values = (
        total, pages, wanted.page, len(contents), wanted.page == 1, wanted.page >= pages,
        not contents, contents,
    )  # fmt: skip
    return dict(zip(FIELDS_OF_A_PAGE, values, strict=True))


class Chosen:
    """The entries that fit: how many there are, all of them if they are at hand, and a page."""

    def __init__(self, ids: list[uuid.UUID], wanted: Wanted, total: int | None = None) -> None:
        self.all = ids
        self.total = len(ids) if total is None else total
        start = (wanted.page - 1) * wanted.per_page
        self.page = ids[start : start + wanted.per_page] if total is None else ids


def choose(
    session: Session, kind: Kind, wanted: Wanted, found: Sequence[uuid.UUID] | None
) -> Chosen:
    """Choose the entries that fit, by id; `found` are those that a search has named, in order.

    Where only a page is asked for, no more than that page is read.
    """
    query = select(Entry.id).where(is_published(), Entry.kind == kind.name).order_by(col(Entry.id))
    if wanted.modified_after:
        query = query.where(col(Entry.updated_at) >= wanted.modified_after)
    for key, by_id in ((wanted.taxonomy_term_id, _terms), (wanted.taxonomy_id, _vocabularies)):
        if key:
            carries = sa.select(col(EntryTerm.entry_id)).where(by_id(session, key))
            query = query.where(col(Entry.id).in_(carries))
    if wanted.organization_id:
        given = sa.select(col(EntryLink.entry_id)).where(
            col(EntryLink.target_id) == uuid.UUID(wanted.organization_id),
            col(EntryLink.rel) == "provider",
        )
        query = query.where(col(Entry.id).in_(given))
    if found is not None:
        fits = set(session.exec(query))
        return Chosen([key for key in found if key in fits], wanted)
    if wanted.ndjson:
        return Chosen(list(session.exec(query)), wanted)
    total = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    start = (wanted.page - 1) * wanted.per_page
    return Chosen(list(session.exec(query.offset(start).limit(wanted.per_page))), wanted, total)


def _terms(session: Session, key: str) -> sa.ColumnElement[bool]:
    """Return the condition that a row carries a term, or one that lies in it."""
    words = Vocabularies.read(session)
    term = find_term(words, key)
    if term is None:
        return sa.false()
    codes, waiting = [term.code], [(term.vocabulary, term.code)]
    while waiting:
        below = words.narrower.get(waiting.pop(), [])
        codes += below
        waiting += [(term.vocabulary, code) for code in below]
    return sa.and_(col(EntryTerm.vocabulary) == term.vocabulary, col(EntryTerm.code).in_(codes))


def _vocabularies(session: Session, key: str) -> sa.ColumnElement[bool]:
    names = [
        v.name for v in hsds.taxonomies_told(Vocabularies.read(session))
        if hsds.taxonomy_id(v.name) == key
    ]  # fmt: skip
    return col(EntryTerm.vocabulary).in_(names)


def find_term(words: Vocabularies, key: str) -> Term | None:
    """Return the term with an id of this API."""
    return next(
        (t for t in hsds.terms_told(words) if hsds.term_id(t.vocabulary, t.code) == key), None
    )


def around(session: Session, base_url: str, entries: Sequence[Published]) -> hsds.Around:
    """Return what is needed to tell these entries: the ids of those that they name, too."""
    named = {(link.kind, link.slug) for one in entries for link in one.links}
    rows = session.exec(
        select(Entry).where(is_published(), col(Entry.slug).in_({slug for _, slug in named}))
    )
    ids = {(e.kind, e.slug): str(e.id) for e in rows}
    return hsds.Around(Vocabularies.read(session), base_url, ids)


def tell(
    session: Session, ids: Sequence[uuid.UUID], base_url: str, wanted: Wanted
) -> list[dict[str, Any]]:
    """Return these entries as HSDS tells them, in this order."""
    entries = published_by_id(session, ids)
    if wanted.minimal:
        return [
            {"id": str(e.entry.id), "modified_date": e.entry.updated_at.isoformat()}
            for e in entries
        ]
    given = around(session, base_url, entries)
    return [_TELL[e.kind.name](e, given, full=wanted.full) for e in entries]


def stream(
    database: Database, ids: Sequence[uuid.UUID], base_url: str, wanted: Wanted
) -> Iterator[dict[str, Any]]:
    """Yield all these entries, a few at a time, each batch in a session of its own."""
    for start in range(0, len(ids), BATCH):
        with database.reading() as session:
            batch = tell(session, ids[start : start + BATCH], base_url, wanted)
        yield from batch


def read_one(session: Session, kind: Kind, key: uuid.UUID, base_url: str) -> dict[str, Any]:
    """Return one entry with everything that belongs to it; raises NotFound."""
    found = [p for p in published_by_id(session, [key]) if p.kind is kind]
    if not found:
        raise NotFound("There is nothing with this id, or it is no longer listed.")
    given = around(session, base_url, found)
    told = _TELL[kind.name](found[0], given, full=True)
    if kind is TRAINING:
        told |= _above(session, told, base_url)
    if kind is ORGANISATION:
        told |= _below(session, key)
    return told


def _above(session: Session, told: dict[str, Any], base_url: str) -> dict[str, Any]:
    """Return the organisation and the programme of a service, as objects."""
    found = {}
    for name, kind in (("organization", ORGANISATION), ("program", PROGRAMME)):
        if key := told.get(f"{name}_id"):
            (one,) = published_by_id(session, [uuid.UUID(key)])
            given = around(session, base_url, [one])
            found[name] = _TELL[kind.name](one, given, full=False)
    return found


def _below(session: Session, key: uuid.UUID) -> dict[str, Any]:
    """Return the services of an organisation, each by its id and name."""
    rows = session.exec(
        select(Entry)
        .join(EntryLink, col(EntryLink.entry_id) == col(Entry.id))
        .where(is_published(), EntryLink.target_id == key, EntryLink.rel == "provider")
        .order_by(col(Entry.id))
    )
    services = [{"id": str(e.id), "name": e.title} for e in rows if kind_named(e.kind) is TRAINING]
    return {"services": services} if services else {}
