"""What the index holds for one entry: a projection of the published row and the vocabularies."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
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
from directory.search.words import TONGUES, TermKey, term_word

GROUPS = ("name", "alias", "terms", "summary", "text")
ALWAYS = date.max
ALWAYS_OPEN = {"any-time", "on-request"}
IDS_AT_ONCE = 500
IN_SPAN = 4_000
MOST_NAMES = 50_000
"""Of so many entries that others point to, the names are kept while documents are made."""

OVER = {term_word(("availabilities", "past")), term_word(("programme-statuses", "ended"))}
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
    carries: list[str] = field(default_factory=list)
    within: list[str] = field(default_factory=list)
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


class _Carried(NamedTuple):
    """What a term brings: its names, the terms that contain it, and the values of facets."""

    word: str
    called: str
    within: list[str]
    filed: list[tuple[str, str]]


class Projection:
    """Turns rows into documents. It remembers the words of each term, which repeat a lot."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self._vocabularies = vocabularies
        self._carried: dict[tuple[str, str | None, str | None], dict[str, _Carried]] = {}

    def documents(
        self, session: Session, ids: Iterable[uuid.UUID] | None = None
    ) -> Iterator[Document]:
        """Yield published entries: all of them, or those of the given ids."""
        names: _Names = {}
        for some in _spans(session) if ids is None else _portions(ids):
            links = _links(session, some)
            _read_names(session, names, links)
            runs = _runs(session, some)
            translations = _translations(session, some)
            for kind in KINDS.values():
                for key, row in _rows(session, kind, some):
                    linked = [(link, names[link.target]) for link in links.get(key, ())]
                    document = self._document(kind, row, linked, runs.get(key, []))
                    _add_translations(document, kind, row, translations.get(key, []))
                    yield document

    def _document(
        self,
        kind: Kind,
        row: "_Published",
        links: list[tuple["_Link", list[str]]],
        runs: list[_Run],
    ) -> Document:
        document = Document(
            id=row.id,
            kind=kind.name,
            slug=row.slug,
            title=row.title,
            texts={group: [] for group in GROUPS},
            values={"kind": [kind.name]} | {facet: [] for facet in _facets(kind)},
            review_by=row.review_by,
        )
        document.texts["terms"] += [kind.label_in_english, kind.plural_in_english]
        own = row.stated.get(kind.language_field)
        for name, value in row.stated.items():
            self._state(document, kind.public_fields[name], value, own)
        document.stated = len(row.stated)
        for link, names in links:
            document.texts["terms"] += names
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
            self._carry(document, declared, values)

    def _carry(self, document: Document, declared: Declared, codes: list[str]) -> None:
        """Take terms with all that contains them: Kenya is also found in Africa."""
        of = (document.kind, declared.facet, declared.vocabulary)
        known = self._carried.setdefault(of, {})
        called, filed = document.texts["terms"], document.values
        for code in codes:
            if (found := known.get(code)) is None:
                term = (str(declared.vocabulary), code)
                found = known[code] = self._carried_by(document, declared.facet, term)
            document.carries.append(found.word)
            called.append(found.called)
            document.within += found.within
            for facet, value in found.filed:
                filed[facet].append(value)

    def _carried_by(self, document: Document, own: str | None, term: TermKey) -> "_Carried":
        """Return what a term brings to a document of this kind, in a field with this facet."""
        within = list(self._vocabularies.above(*term))
        filed = [(own, term[1])] if own else []
        for above in within if own else ():
            facet = own if above[0] == term[0] else PARAMETER_OF.get(above[0])
            if facet in document.values:
                filed.append((facet, above[1]))
        return _Carried(term_word(term), self._called(term), [*map(term_word, within)], filed)

    def _called(self, key: TermKey) -> str:
        """Return the code and the labels of a term."""
        term = self._vocabularies.term(*key)
        labels = [term.label, term.short] if term else []
        return "\n".join([key[1], *(label for label in labels if label)])


def _say(document: Document, group: str, texts: list[str], language: str | None) -> None:
    """Take texts of a group, that are written in a language (BCP 47)."""
    document.texts[group] += texts
    if language in TONGUES:
        document.spoken.setdefault(language, []).extend(texts)


@cache
def _facets(kind: Kind) -> list[str]:
    return [d.facet for d in kind.public_fields.values() if d.facet]


def _add_translations(
    document: Document, kind: Kind, row: "_Published", translations: list["_Translation"]
) -> None:
    """Let words of a translation be found as those of its original are, while that is stated."""
    for language, texts in translations:
        for name, declared in kind.prose_fields.items():
            if declared.searchable and name in row.stated and name in texts:
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


_Key = Any
"""An id as the driver returns it: text on SQLite. Most are only compared."""


def _key(column: Any) -> sa.ColumnElement[Any]:
    # A million entries have nine million ids, and an object of each would take a minute.
    return sa.type_coerce(column, sa.types.NullType())


def _id(key: _Key) -> uuid.UUID:
    return key if isinstance(key, uuid.UUID) else uuid.UUID(key)


class _Published(NamedTuple):
    """A published row, with the values of its public fields that are stated."""

    id: uuid.UUID
    slug: str
    title: str
    review_by: date | None
    stated: dict[str, Any]


def _rows(session: Session, kind: Kind, ids: Some) -> Iterator[tuple[_Key, _Published]]:
    """Yield the published rows of a kind with what the entry adds; plain rows, no objects."""
    table = sa.inspect(kind.table).local_table
    names = list(kind.public_fields)
    public = [table.c[name] for name in names]
    entry: tuple[Any, ...] = (
        _key(Entry.id),
        col(Entry.slug),
        col(Entry.title),
        col(Entry.review_by),
    )
    query = (
        sa.select(*entry, *public)
        .join(Entry, col(Entry.id) == table.c.id)
        .where(is_published(), _among(table.c.id, ids))
        .execution_options(yield_per=2_000)
    )
    for key, slug, title, review_by, *values in session.execute(query):
        stated = {n: value for n, value in zip(names, values, strict=True) if value is not None}
        yield key, _Published(_id(key), slug, title, review_by, stated)


_Translation = tuple[str, dict[str, str]]
"""A language (BCP 47), and texts by field."""


def _translations(session: Session, ids: Some) -> dict[_Key, list[_Translation]]:
    """Return the texts of entries in other languages; only documents of what is public ask."""
    rows = session.execute(
        sa.select(
            _key(EntryTranslation.entry_id),
            col(EntryTranslation.language),
            col(EntryTranslation.texts),
        )
        .where(_among(col(EntryTranslation.entry_id), ids))
        .order_by(col(EntryTranslation.language))
    )
    found: dict[_Key, list[_Translation]] = {}
    for entry_id, language, texts in rows:
        found.setdefault(entry_id, []).append((language, texts))
    return found


@dataclass(frozen=True, slots=True)
class _Link:
    field: str
    target: _Key
    slug: str


def _links(session: Session, ids: Some) -> dict[_Key, list[_Link]]:
    """Return what each entry points to."""
    # Whether the target is public is read, not asked for: see `cards.py`.
    rows = session.execute(
        sa.select(
            is_published(),
            _key(EntryLink.entry_id),
            col(EntryLink.field),
            _key(EntryLink.target_id),
            col(Entry.slug),
        )
        .join(Entry, col(EntryLink.target_id) == Entry.id)
        .where(_among(col(EntryLink.entry_id), ids))
        .order_by(col(EntryLink.id))
    )
    links: dict[_Key, list[_Link]] = {}
    for public, entry_id, name, target, slug in rows:
        if public:
            links.setdefault(entry_id, []).append(_Link(name, target, slug))
    return links


_Names = dict[_Key, list[str]]
"""The names of entries that others point to, acronyms and aliases included."""


def _read_names(session: Session, known: _Names, links: Mapping[_Key, list[_Link]]) -> None:
    """Add the names of those that links lead to. Many lead to the same ones."""
    if len(known) > MOST_NAMES:
        known.clear()
    targets = {link.target for some in links.values() for link in some}
    new = targets - known.keys()
    known.update({target: [] for target in new})
    for some in _portions(map(_id, new)):
        for kind in KINDS.values():
            table = sa.inspect(kind.table).local_table
            fields = [d for d in kind.public_fields.values() if d.searchable in ("name", "alias")]
            query = sa.select(_key(table.c.id), *(table.c[d.name] for d in fields))
            for row in session.execute(query.where(_among(table.c.id, some))):
                for declared, value in zip(fields, row[1:], strict=True):
                    if value:
                        known[row[0]] += value if declared.many else [value]


def _runs(session: Session, ids: Some) -> dict[_Key, list[_Run]]:
    """Return the runs that still count: those called off do not. One line a track."""
    rows = session.execute(
        sa.select(_key(RunRow.entry_id), col(RunRow.start), col(TrackRow.application_deadline))
        .join(TrackRow, col(TrackRow.run_id) == RunRow.id, isouter=True)
        .where(col(RunRow.cancelled).is_(False), _among(col(RunRow.entry_id), ids))
    )
    found: dict[_Key, list[_Run]] = {}
    for entry_id, start, deadline in rows:
        found.setdefault(entry_id, []).append(_Run(start, deadline))
    return found
