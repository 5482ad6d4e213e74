"""Search for everybody: one object a process, always in step with the database."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyroaring import BitMap

from directory.db import Database, now
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.errors import Invalid
from directory.languages import gettext, language
from directory.search.cards import Card, read_cards
from directory.search.facets import newest
from directory.search.match import Match
from directory.search.query import FACETS, PER_PAGE, SearchQuery
from directory.search.snapshot import Keeper, Snapshot

FEW = PER_PAGE
"""With fewer results than this for all words, entries with most of the words fill the page."""

VALUES_SHOWN = 12
MOST_CARDS_KEPT = 20_000


@dataclass(slots=True)
class FacetValue:
    """A value one can filter by, with how many entries that would leave."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True)
class Hit:
    """One result: its card, how well it matches, and what depends on the day."""

    card: Card
    score: float
    open: bool
    deadline: date | None
    stale: bool


@dataclass(frozen=True)
class Results:
    """The answer to a query."""

    query: SearchQuery
    total: int
    hits: list[Hit]
    facets: dict[str, list[FacetValue]]
    corrected: str | None = None
    relaxed: bool = False

    @property
    def pages(self) -> int:
        """Return how many pages there are; an empty result has one, empty, page."""
        return max(1, -(-self.total // self.query.per_page))


class SearchService:
    """Answers queries. Threads may share it; processes share its index on disk."""

    def __init__(
        self, db: Database, data_dir: Path, *, today: Callable[[], date] = lambda: now().date()
    ) -> None:
        self._db = db
        self._today = today
        self._keeper = Keeper(db, data_dir / "index")

    def refresh(self) -> Snapshot:
        """Bring the index up to date now, rather than with the next question."""
        return self._keeper.current()

    def rebuild(self) -> None:
        """Make the index anew from the database."""
        self._keeper.rebuild()

    def close(self) -> None:
        """Let go of the database, at the end of the process."""
        self._keeper.close()

    def moves(self) -> int:
        """Return a number that moves when something may have been written: see `Keeper`."""
        return self._keeper.moves()

    @property
    def vocabularies(self) -> Vocabularies:
        """Return the vocabularies as they were when the index was last brought up to date."""
        return self.refresh().vocabularies

    def count(self, parameter: str) -> dict[str, int]:
        """Return by value of a facet how many entries it alone would find."""
        of_parameter = self.refresh().facets.values.get(parameter, {})
        return {value: len(numbers) for value, numbers in of_parameter.items()}

    def chosen(self, query: SearchQuery) -> list[tuple[str, str, str]]:
        """Return (parameter, value, label) of every filter of a query."""
        snapshot = self.refresh()
        return [
            (parameter, value, snapshot.label(parameter, value))
            for parameter, values in query.filters.items()
            for value in values
        ]

    def search(
        self, query: SearchQuery, *, values: int | None = VALUES_SHOWN, more: str | None = None
    ) -> Results:
        """Return one page of results, with the `values` largest values of each facet.

        Chosen values are always among them; None counts every value, and `more` names one facet
        of which every value is wanted.
        """
        snapshot, today = self.refresh(), self._today()
        match, base, others = self._matching(snapshot, query, today)
        relaxed = bool(match and match.relaxed)
        facets = {
            parameter: self._facet(
                snapshot,
                query,
                parameter,
                others.get(parameter, base),
                today,
                None if parameter == more else values,
                relaxed=relaxed,
            )
            for parameter in FACETS
        }
        page = self._page(snapshot, query, match, base, today)
        return Results(
            query=query,
            total=len(base),
            hits=self._hits(snapshot, page, today),
            facets=facets,
            corrected=match.corrected if match else None,
            relaxed=relaxed,
        )

    def ids(self, query: SearchQuery) -> list[uuid.UUID]:
        """Return every entry a query finds, in its order, for feeds and exports."""
        snapshot, today = self.refresh(), self._today()
        match, base, _ = self._matching(snapshot, query, today)
        whole = SearchQuery(query.q, query.filters, query.sort, 1, max(1, len(base)))
        return [snapshot.facets.ids[n] for n, _ in self._page(snapshot, whole, match, base, today)]

    def hits(self, ids: Iterable[uuid.UUID]) -> list[Hit]:
        """Return the cards of these entries, in this order; who is not found is left out."""
        snapshot, today = self.refresh(), self._today()
        numbers = (snapshot.facets.numbers.get(key) for key in ids)
        return self._hits(snapshot, [(n, 0.0) for n in numbers if n is not None], today)

    def check(self, query: SearchQuery) -> None:
        """Raise Invalid that names each parameter with a code nobody knows."""
        snapshot = self.refresh()
        wrong = {}
        for parameter, values in query.filters.items():
            vocabulary = FACETS[parameter].vocabulary
            known = (
                snapshot.vocabularies.terms.get(vocabulary, {}) if vocabulary else snapshot.names
            )
            unknown = [v for v in values if v not in known and v != NOT_STATED]
            if unknown and parameter not in ("kind", "open"):
                wrong[parameter] = gettext(
                    "%(name)s has no value %(values)s.",
                    name=parameter,
                    values=", ".join(unknown),
                )
        if wrong:
            raise Invalid(gettext("Some parameters need another look."), wrong)

    def suggest_drop(self, query: SearchQuery) -> list[tuple[str, int]]:
        """Return the filters that alone empty a result, with what dropping each would leave."""
        snapshot, today = self.refresh(), self._today()
        left = []
        for parameter in query.filters:
            _, base, _ = self._matching(snapshot, query.without(parameter), today)
            if base:
                left.append((parameter, len(base)))
        return sorted(left, key=lambda pair: -pair[1])

    @staticmethod
    def _matching(
        snapshot: Snapshot, query: SearchQuery, today: date
    ) -> tuple[Match | None, BitMap, dict[str, BitMap]]:
        """Return the text match, who passes everything, and who passes all but one filter."""
        facets = snapshot.facets
        match = snapshot.match(query.q, today, relaxed=False)
        chosen = match.numbers & facets.all if match else None
        base, others = facets.filtered(chosen, query.filters, today)
        if match and (len(match.numbers) < FEW or not base):
            wider = snapshot.match(query.q, today, relaxed=True)
            if wider and len(wider.numbers) > len(match.numbers):
                wide_base, wide_others = facets.filtered(
                    wider.numbers & facets.all, query.filters, today
                )
                if len(wide_base) > len(base):
                    return wider, wide_base, wide_others
        return match, base, others

    @staticmethod
    def _page(
        snapshot: Snapshot, query: SearchQuery, match: Match | None, base: BitMap, today: date
    ) -> list[tuple[int, float]]:
        """Return the numbers of one page with their scores.

        Without a text, what tells most is the best match.
        """
        facets, offset, limit = snapshot.facets, query.offset, query.per_page
        if offset >= len(base):
            return []
        if query.sort == "relevance" and match:
            return match.page(base, offset, limit)
        if query.sort == "relevance":
            found = facets.fullness.first(base, offset, limit)
        elif query.sort == "title":
            found = facets.titles.first(base, offset, limit)
        elif query.sort == "deadline":
            found = facets.by_deadline(base, today, offset, limit)
        else:
            found = newest(base, offset, limit)
        return [(number, 0.0) for number in found]

    @staticmethod
    def _facet(
        snapshot: Snapshot,
        query: SearchQuery,
        parameter: str,
        base: BitMap,
        today: date,
        limit: int | None,
        *,
        relaxed: bool,
    ) -> list[FacetValue]:
        """Return the values of one facet, the most frequent first, then by label."""
        others = tuple(item for item in query.filters.items() if item[0] != parameter)
        of = (query.q, relaxed, others)
        counted = snapshot.counts(of, parameter, base, today, limit)
        chosen = query.selected(parameter)
        if not chosen:
            return [FacetValue(value, label, count, False) for value, label, count in counted]
        found = [FacetValue(v, label, count, v in chosen) for v, label, count in counted]
        for value in {*chosen} - {v.value for v in found}:
            count = snapshot.facets.count(parameter, value, base, today)
            found.append(FacetValue(value, snapshot.label(parameter, value), count, True))
        return sorted(found, key=lambda v: (-v.count, v.label))

    def _hits(self, snapshot: Snapshot, page: list[tuple[int, float]], today: date) -> list[Hit]:
        """Read the cards that are not in memory, in one go, and put the page together."""
        facets, kept, reader = snapshot.facets, snapshot.cards, language().code
        ids = [facets.ids[number] for number, _ in page]
        cards = {key: card for key in ids if (card := kept.get((reader, key)))}
        if missing := [key for key in ids if key not in cards]:
            with self._db.reading() as session:
                read = read_cards(session, snapshot.vocabularies, missing)
            if len(kept) > MOST_CARDS_KEPT:
                kept.clear()
            kept.update({(reader, key): card for key, card in read.items()})
            cards |= read
        open_now, stale = facets.open_on(today), facets.stale_on(today)
        return [
            Hit(
                cards[key],
                score,
                number in open_now,
                facets.next_deadline(number, today),
                number in stale,
            )
            for (number, score), key in zip(page, ids, strict=True)
            if key in cards
        ]
