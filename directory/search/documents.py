"""What the index holds for one entry: a projection of the published row and the vocabularies."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from directory.entries.fields import Declared
from directory.entries.kinds import KINDS, Kind
from directory.entries.models import Entry, EntryLink, RunRow, TrackRow
from directory.entries.queries import is_published
from directory.entries.translations import EntryTranslation
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.search.query import FACETS
from directory.search.words import TONGUES, TermKey

GROUPS = ("name", "alias", "terms", "summary", "text")
ALWAYS = date.max
ALWAYS_OPEN = {"any-time", "on-request"}
IDS_AT_ONCE = 500
IN_SPAN = 4_000

OVER = {("availabilities", "past"), ("programme-statuses", "ended")}
"""Terms of what is over: good to know of, but not the first answer."""

FULL = 24
"""So many stated fields make a full entry."""

MOST_PRIOR = 0.4

PARAMETER_OF = {facet.vocabulary: name for name, facet in FACETS.items() if facet.vocabulary}
"""Which facet shows the terms of a vocabulary, for terms reached from another one."""


@dataclass(slots=True)
class Document:
    """One entry as text groups, terms, facet values and sort keys.

    Terms stand as codes beside their labels: other names for them, in any language, are understood
    when somebody asks, and need not be written into every entry. `spoken` has once more, by
    language, what is written in one of the `TONGUES`.

    Facts that depend on the day (open, next deadline, not confirmed) are kept as dates, so that
    they are right tomorrow without indexing again.
    """

    id: uuid.UUID
    kind: str
    slug: str
    title: str
    texts: dict[str, list[str]]
    values: dict[str, list[str]]
    spoken: dict[str, list[str]] = field(default_factory=dict)
    carries: list[TermKey] = field(default_factory=list)
    within: list[TermKey] = field(default_factory=list)
    stated: int = 0
    open_until: date | None = None
    deadlines: list[date] = field(default_factory=list)
    review_by: date | None = None

    @property
    def prior(self) -> float:
        """Return from 0 to `MOST_PRIOR` how much fuller than empty it is, 0 for what is over.

        The index multiplies a score by log2(2 + prior), so this is a tenth at most: between
        answers that fit alike, the one that says more and still stands comes first.
        """
        if OVER.intersection(self.carries):
            return 0.0
        return MOST_PRIOR * min(1.0, self.stated / FULL)


@dataclass(frozen=True, slots=True)
class _Run:
    start: date | None
    deadline: date | None


class Projection:
    """Turns rows into documents. It remembers the words of each term, which repeat a lot."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self._vocabularies = vocabularies
        self._labels: dict[TermKey, str] = {}
        self._higher: dict[TermKey, list[TermKey]] = {}

    def documents(
        self, session: Session, ids: Iterable[uuid.UUID] | None = None
    ) -> Iterator[Document]:
        """Yield published entries: all of them, or those of the given ids."""
        for some in _spans(session) if ids is None else _portions(ids):
            links, names = _links(session, some)
            runs = _runs(session, some)
            translations = _translations(session, some)
            for kind in KINDS.values():
                for row in _rows(session, kind, some):
                    linked = links.get(row["entry_id"], [])
                    document = self._document(
                        kind, row, linked, names, runs.get(row["entry_id"], [])
                    )
                    _add_translations(document, kind, row, translations.get(row["entry_id"], []))
                    yield document

    def _document(
        self,
        kind: Kind,
        row: Mapping[str, Any],
        links: list["_Link"],
        names: Mapping[uuid.UUID, list[str]],
        runs: list[_Run],
    ) -> Document:
        facets = [d.facet for d in kind.public_fields.values() if d.facet]
        document = Document(
            id=row["entry_id"],
            kind=kind.name,
            slug=row["slug"],
            title=row["entry_title"],
            texts={group: [] for group in GROUPS},
            values={"kind": [kind.name]} | {facet: [] for facet in facets},
            review_by=row["review_by"],
        )
        document.texts["terms"] += [kind.label_in_english, kind.plural_in_english]
        own = row[kind.language_field]
        for name, declared in kind.public_fields.items():
            if row[name] is not None:
                document.stated += 1
                self._state(document, declared, row[name], own)
        for link in links:
            document.texts["terms"] += names.get(link.target, [link.title])
            if facet := kind.public_fields[link.field].facet:
                document.values[facet].append(link.slug)
        for found in document.values.values():
            if not found:
                found.append(NOT_STATED)
        return _dated(document, runs)

    def _state(self, document: Document, declared: Declared, value: Any, own: str | None) -> None:
        """Take the value of one field."""
        values = value if declared.many else [value]
        if declared.searchable:
            _say(document, declared.searchable, values, own)
        # Who looks for French looks for what is offered in it, not for what is told in it.
        if declared.vocabulary and not declared.written_in:
            for code in values:
                self._carry(document, declared, (declared.vocabulary, code))

    def _carry(self, document: Document, declared: Declared, term: TermKey) -> None:
        """Take a term with all that contains it: Kenya is also found in Africa."""
        document.carries.append(term)
        document.texts["terms"].append(self._called(term))
        if declared.facet:
            document.values[declared.facet].append(term[1])
        for above in self._above(term):
            document.within.append(above)
            facet = declared.facet if above[0] == term[0] else PARAMETER_OF.get(above[0])
            if declared.facet and facet in document.values:
                document.values[facet].append(above[1])

    def _above(self, term: TermKey) -> list[TermKey]:
        if term not in self._higher:
            self._higher[term] = list(self._vocabularies.above(*term))
        return self._higher[term]

    def _called(self, key: TermKey) -> str:
        """Return the code and the labels of a term."""
        if key not in self._labels:
            term = self._vocabularies.term(*key)
            labels = [term.label, term.short] if term else []
            self._labels[key] = "\n".join([key[1], *(label for label in labels if label)])
        return self._labels[key]


def _say(document: Document, group: str, texts: list[str], language: str | None) -> None:
    """Take texts of a group, that are written in a language (BCP 47)."""
    document.texts[group] += texts
    if language in TONGUES:
        document.spoken.setdefault(language, []).extend(texts)


def _add_translations(
    document: Document, kind: Kind, row: Mapping[str, Any], translations: list["_Translation"]
) -> None:
    """Let words of a translation be found as those of its original are, while that is stated."""
    for language, texts in translations:
        for name, declared in kind.prose_fields.items():
            if declared.searchable and row[name] is not None and name in texts:
                _say(document, declared.searchable, [texts[name]], language)


def _dated(document: Document, runs: list[_Run]) -> Document:
    """Set until when one can apply, and the deadlines.

    A run closes on its last deadline, or on the day it starts when no deadline is known.
    """
    document.deadlines = sorted({run.deadline for run in runs if run.deadline})
    if ALWAYS_OPEN.intersection(document.values.get("availability", [])):
        document.open_until = ALWAYS
        return document
    document.open_until = max(
        (day for run in runs if (day := run.deadline or run.start)), default=None
    )
    return document


def dependants(session: Session, ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return the entries that point to these ones and are therefore found by their names."""
    found: set[uuid.UUID] = set()
    for some in _portions(ids):
        rows = session.execute(
            sa.select(col(EntryLink.entry_id)).where(col(EntryLink.target_id).in_(some))
        )
        found.update(rows.scalars())
    return found


def order_of_publication(session: Session) -> Iterator[uuid.UUID]:
    """Yield the ids of all published entries, first published first."""
    rows = session.execute(
        sa.select(col(Entry.id))
        .where(is_published())
        .order_by(col(Entry.published_at), col(Entry.id))
        .execution_options(yield_per=IN_SPAN)
    )
    yield from rows.scalars()


class Span(NamedTuple):
    """All ids from one to another, both included."""

    first: uuid.UUID
    last: uuid.UUID


Some = list[uuid.UUID] | Span


def _spans(session: Session) -> Iterator[Span]:
    """Cut everything into parts of which each fits into memory, however much there is."""
    after = sa.true()
    while True:
        ids = sa.select(col(Entry.id)).where(after).order_by(col(Entry.id)).limit(IN_SPAN)
        some = session.execute(ids).scalars().all()
        if not some:
            return
        yield Span(some[0], some[-1])
        after = col(Entry.id) > some[-1]


def _portions(ids: Iterable[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    """Cut a list of ids into parts that any database takes."""
    whole = list(ids)
    for start in range(0, len(whole), IDS_AT_ONCE):
        yield whole[start : start + IDS_AT_ONCE]


def _among(column: Any, ids: Some) -> sa.ColumnElement[bool]:
    found: sa.ColumnElement[bool] = (
        column.between(ids.first, ids.last) if isinstance(ids, Span) else column.in_(ids)
    )
    return found


def _rows(session: Session, kind: Kind, ids: Some) -> Iterator[Any]:
    """Yield the published rows of a kind with what the entry adds; plain rows, no objects."""
    table = sa.inspect(kind.table).local_table
    public = [table.c[name] for name in kind.public_fields]
    entry: tuple[Any, ...] = (
        col(Entry.id).label("entry_id"),
        col(Entry.slug).label("slug"),
        col(Entry.title).label("entry_title"),
        col(Entry.review_by).label("review_by"),
    )
    query = (
        sa.select(*entry, *public)
        .join(Entry, col(Entry.id) == table.c.id)
        .where(is_published(), _among(table.c.id, ids))
        .execution_options(yield_per=2_000)
    )
    yield from session.execute(query).mappings()


_Translation = tuple[str, dict[str, str]]
"""A language (BCP 47), and texts by field."""


def _translations(session: Session, ids: Some) -> dict[uuid.UUID, list[_Translation]]:
    """Return the texts of entries in other languages; only documents of what is public ask."""
    rows = session.execute(
        sa.select(
            col(EntryTranslation.entry_id),
            col(EntryTranslation.language),
            col(EntryTranslation.texts),
        )
        .where(_among(col(EntryTranslation.entry_id), ids))
        .order_by(col(EntryTranslation.language))
    )
    found: dict[uuid.UUID, list[_Translation]] = {}
    for entry_id, language, texts in rows:
        found.setdefault(entry_id, []).append((language, texts))
    return found


@dataclass(frozen=True, slots=True)
class _Link:
    field: str
    target: uuid.UUID
    slug: str
    title: str


def _links(
    session: Session, ids: Some
) -> tuple[dict[uuid.UUID, list[_Link]], dict[uuid.UUID, list[str]]]:
    """Return what each entry points to, and every name of those targets."""
    # Whether the target is public is read, not asked for: see `cards.py`.
    rows = session.execute(
        sa.select(
            is_published(),
            col(EntryLink.entry_id),
            col(EntryLink.field),
            col(EntryLink.target_id),
            col(Entry.slug),
            col(Entry.title),
        )
        .join(Entry, col(EntryLink.target_id) == Entry.id)
        .where(_among(col(EntryLink.entry_id), ids))
        .order_by(col(EntryLink.id))
    )
    links: dict[uuid.UUID, list[_Link]] = {}
    for public, entry_id, name, target, slug, title in rows:
        if not public:
            continue
        links.setdefault(entry_id, []).append(_Link(name, target, slug, title))
    return links, _names(session, {link.target for ls in links.values() for link in ls})


def _names(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Return the names of entries, acronyms and aliases included."""
    found: dict[uuid.UUID, list[str]] = {}
    for some in _portions(ids):
        for kind in KINDS.values():
            table = sa.inspect(kind.table).local_table
            fields = [d for d in kind.public_fields.values() if d.searchable in ("name", "alias")]
            query = sa.select(table.c.id, *(table.c[d.name] for d in fields))
            for row in session.execute(query.where(_among(table.c.id, some))):
                names = found.setdefault(row[0], [])
                for declared, value in zip(fields, row[1:], strict=True):
                    if value:
                        names += value if declared.many else [value]
    return found


def _runs(session: Session, ids: Some) -> dict[uuid.UUID, list[_Run]]:
    """Return the runs that still count: those called off do not. One line a track."""
    rows = session.execute(
        sa.select(col(RunRow.entry_id), col(RunRow.start), col(TrackRow.application_deadline))
        .join(TrackRow, col(TrackRow.run_id) == RunRow.id, isouter=True)
        .where(col(RunRow.cancelled).is_(False), _among(col(RunRow.entry_id), ids))
    )
    found: dict[uuid.UUID, list[_Run]] = {}
    for entry_id, start, deadline in rows:
        found.setdefault(entry_id, []).append(_Run(start, deadline))
    return found
