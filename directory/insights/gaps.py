"""The gap map: topics against one other facet, with how much is known of each topic.

An empty cell is a finding only where the sources say enough: if most entries of a topic do not
state their language, nobody knows that none is in French. Every count therefore comes with a
confidence, and with the search that shows exactly the entries counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from statistics import median_low

from pyroaring import BitMap
from sqlmodel import Session

from directory.entries.kinds import KINDS, Kind
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.insights.claims import days_checked
from directory.insights.query import GapQuery, columns_of
from directory.languages import marked
from directory.search.query import FACETS, FacetParameter
from directory.search.snapshot import Snapshot

MOST_COLUMNS = 25
MOST_ASKED = 50
"""So many entries of a row are asked how old their claims are; more would not move a median."""

FEW = 5
"""With fewer entries than this a topic is too thin for anybody to call it well known."""

OLD = timedelta(days=365)
"""A fee or a language that nobody looked at for a year may have changed."""


class Confidence(StrEnum):
    """How much a count can be trusted to be the whole, in English until it is shown."""

    KNOWN = marked("well known")
    PARTLY = marked("partly known")
    UNKNOWN = marked("mostly not stated")
    NOTHING = marked("nothing listed")


@dataclass(frozen=True)
class Column:
    """One value of the chosen facet."""

    value: str
    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Cell:
    """How many entries lie in a row and a column."""

    column: Column
    count: int
    url: str
    confidence: Confidence

    @property
    def is_gap(self) -> bool:
        """Say whether nothing lies here although enough is stated to know it."""
        return not self.count and self.confidence is Confidence.KNOWN


@dataclass(frozen=True)
class Row:
    """One topic: its cells, and how much is known of what lies in it."""

    value: str
    label: str
    depth: int
    count: int
    url: str
    unstated: int
    unstated_url: str
    checked: date | None
    confidence: Confidence
    cells: list[Cell]

    @property
    def share(self) -> float:
        """Return which share of the entries does not state the value of the columns."""
        return self.unstated / self.count if self.count else 0.0

    @property
    def without(self) -> list[Cell]:
        """Return the empty cells."""
        return [cell for cell in self.cells if not cell.count]


@dataclass(frozen=True)
class Known:
    """How much of one facet is stated, over all entries of the kind."""

    facet: FacetParameter
    unstated: int
    total: int
    url: str
    unstated_url: str

    @property
    def share(self) -> float:
        """Return which share of the entries does not state it."""
        return self.unstated / self.total if self.total else 0.0


@dataclass(frozen=True)
class GapMap:
    """The whole map."""

    query: GapQuery
    kind: Kind
    total: int
    columns: list[Column]
    all_columns: int
    rows: list[Row]
    known: list[Known]
    checked: date | None
    asked_some: bool

    @cached_property
    def most(self) -> int:
        """Return the largest count of a cell."""
        return max((cell.count for row in self.rows for cell in row.cells), default=0)

    @cached_property
    def topics(self) -> list[Row]:
        """Return the rows that are topics and have none below them."""
        rows = [row for row in self.rows if row.value != NOT_STATED]
        below = [after.depth > row.depth for row, after in pairwise(rows)]
        return [row for row, parent in zip(rows, [*below, False], strict=True) if not parent]

    @property
    def empty(self) -> list[Row]:
        """Return the topics under which nothing is listed."""
        return [row for row in self.topics if not row.count]

    @property
    def thin(self) -> list[Row]:
        """Return the topics with the fewest entries, but some."""
        return sorted((r for r in self.topics if r.count), key=lambda r: r.count)[:3]

    @property
    def gaps(self) -> list[tuple[Row, Cell]]:
        """Return the empty cells of well-known topics in columns that are not empty as a whole.

        The fullest topics and columns come first.
        """
        cells = [(row, cell) for row in self.topics for cell in row.cells]
        found = [(row, cell) for row, cell in cells if cell.is_gap and cell.column.count]
        return sorted(found, key=lambda gap: (-gap[0].count, -gap[1].column.count))

    @property
    def nowhere(self) -> list[Column]:
        """Return the columns without any entry."""
        return [column for column in self.columns if not column.count]

    @property
    def here(self) -> Known:
        """Return how much of the chosen facet is known."""
        return next(k for k in self.known if k.facet.name == self.query.by)


def confidence(count: int, unstated: int, checked: date | None, today: date) -> Confidence:
    """Say how far a count can be trusted: by what is not stated, and by how old the claims are."""
    if not count:
        return Confidence.NOTHING
    if unstated * 2 > count:
        return Confidence.UNKNOWN
    thin = count < FEW or unstated * 5 > count
    if thin or checked is None or today - checked > OLD:
        return Confidence.PARTLY
    return Confidence.KNOWN


def gap_map(session: Session, snapshot: Snapshot, query: GapQuery, today: date) -> GapMap:
    """Count every topic against every column."""
    kind, facets = KINDS[query.kind], snapshot.facets
    base = facets.having("kind", [query.kind], today)
    columns, of_all = _columns(snapshot, query, base, today)
    depths = _topics(snapshot.vocabularies, query.rows)
    within = {code: base & facets.having(query.rows, [code], today) for code in depths}
    if not within[NOT_STATED]:
        del within[NOT_STATED]
    days = days_checked(
        session,
        {code: [facets.ids[n] for n in spread(found)] for code, found in within.items()},
        _fields(snapshot.vocabularies, query, kind),
    )
    having = {
        value: facets.having(query.by, [value], today)
        for value in (NOT_STATED, *(column.value for column in columns))
    }
    rows = [
        _row(
            query,
            _Topic(code, snapshot.label(query.rows, code), depths[code], found, days[code]),
            columns,
            having,
            today,
        )
        for code, found in within.items()
    ]
    every = [day for found in days.values() for day in found]
    return GapMap(
        query=query,
        kind=kind,
        total=len(base),
        columns=columns,
        all_columns=of_all,
        rows=rows,
        known=_known(snapshot, query, kind, base, today),
        checked=median_low(every) if every else None,
        asked_some=any(len(found) > MOST_ASKED for found in within.values()),
    )


@dataclass(frozen=True)
class _Topic:
    """What a row is made of: its entries, and when their claims were checked."""

    code: str
    label: str
    depth: int
    found: BitMap
    days: list[date]


def _row(
    query: GapQuery,
    topic: _Topic,
    columns: list[Column],
    having: dict[str, BitMap],
    today: date,
) -> Row:
    """Count what lies in one row, and judge how sure that is."""
    count_in = topic.found.intersection_cardinality
    here = {query.rows: topic.code}
    count, unstated = len(topic.found), count_in(having[NOT_STATED])
    checked = median_low(topic.days) if topic.days else None
    sure = confidence(count, unstated, checked, today)

    def cell(column: Column) -> Cell:
        url = query.search(**here, **{query.by: column.value})
        return Cell(column, count_in(having[column.value]), url, sure)

    return Row(
        value=topic.code,
        label=topic.label,
        depth=topic.depth,
        count=count,
        url=query.search(**here),
        unstated=unstated,
        unstated_url=query.search(**here, **{query.by: NOT_STATED}),
        checked=checked,
        confidence=sure,
        cells=[cell(column) for column in columns],
    )


def spread(found: BitMap) -> list[int]:
    """Return at most `MOST_ASKED` numbers, spread evenly from the oldest entry to the newest."""
    if len(found) <= MOST_ASKED:
        return list(found)
    return [found[i * len(found) // MOST_ASKED] for i in range(MOST_ASKED)]


def _topics(words: Vocabularies, parameter: str) -> dict[str, int]:
    """Return the depth of each term in the order of the vocabulary; last, none at all."""
    vocabulary = FACETS[parameter].vocabulary or ""
    depths = {
        code: sum(above == vocabulary for above, _ in words.above(vocabulary, code))
        for code in words.terms.get(vocabulary, {})
    }
    return depths | {NOT_STATED: 0}


def _columns(
    snapshot: Snapshot, query: GapQuery, base: BitMap, today: date
) -> tuple[list[Column], int]:
    """Return the columns, and how many there would be with every term that has none above it.

    A vocabulary under a single root (the World) is shown by the root and what lies directly below.
    Of a long one, such as all languages, those stay that any entry has, the most frequent first,
    and the languages in which the vocabularies themselves speak: an empty one of these says more
    than one of two hundred others.
    """
    words, facets = snapshot.vocabularies, snapshot.facets
    vocabulary = FACETS[query.by].vocabulary or ""
    terms = words.terms.get(vocabulary, {})
    top = [code for code, term in terms.items() if term.broader not in terms]
    if len(top) == 1:
        # Antarctica lies in the World at once, but is a country.
        top += [c for c in words.narrower.get((vocabulary, top[0]), []) if c in terms]
    chosen = top
    if len(top) > MOST_COLUMNS:
        spoken = {language for term in terms.values() for language in term.labels}
        sizes = {code: len(facets.having(query.by, [code], today)) for code in top}
        some = [code for code in top if sizes[code] or code in spoken]
        some.sort(key=lambda code: (code not in spoken, -sizes[code]))
        chosen = sorted(some[:MOST_COLUMNS], key=lambda code: -sizes[code])
    return [
        Column(
            code,
            snapshot.label(query.by, code),
            facets.count(query.by, code, base, today),
            query.search(**{query.by: code}),
        )
        for code in chosen
    ], len(top)


def _fields(words: Vocabularies, query: GapQuery, kind: Kind) -> list[str]:
    """Return the fields that say something about the columns: countries say the region, too."""
    vocabulary = FACETS[query.by].vocabulary
    return [
        name
        for name, declared in kind.public_fields.items()
        if declared.facet
        and (held := words.vocabularies.get(declared.vocabulary or ""))
        and vocabulary in (held.name, held.broader_in)
    ]


def _known(
    snapshot: Snapshot, query: GapQuery, kind: Kind, base: BitMap, today: date
) -> list[Known]:
    """Return how much of each facet is stated, the least known first."""
    found = [
        Known(
            facet,
            snapshot.facets.count(name, NOT_STATED, base, today),
            len(base),
            query.changed(by=name).url(),
            query.search(**{name: NOT_STATED}),
        )
        for name, facet in columns_of(kind).items()
    ]
    return sorted(found, key=lambda known: -known.unstated)


TABLE = (
    "kind", "rows", "row", "row_label", "by", "value", "value_label", "count", "row_total",
    "row_not_stated", "row_checked_on", "confidence", "url",
)  # fmt: skip


def table_of(found: GapMap, site: str) -> Iterator[tuple[str | int, ...]]:
    """Yield the same figures, one line a cell; what is not stated is a cell like others.

    `site` is the address of the site, so that each search can be opened from the file.
    """
    query = found.query
    for row in found.rows:
        known = (
            row.count, row.unstated, str(row.checked or ""), row.confidence.value,
        )  # fmt: skip
        start = (query.kind, query.rows, row.value, row.label, query.by)
        for cell in row.cells:
            yield *start, cell.column.value, cell.column.label, cell.count, *known, site + cell.url
        yield *start, NOT_STATED, "Not stated", row.unstated, *known, site + row.unstated_url
