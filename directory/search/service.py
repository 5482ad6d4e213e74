"""Search for everybody: one object a process, always in step with the database."""

import uuid
from collections.abc import Callable, Iterable
from datetime import date
from itertools import combinations
from pathlib import Path

from pyroaring import BitMap

from directory.db import Database, is_behind, now
from directory.entries.kinds import Kind, kind_named
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.errors import Invalid
from directory.languages import gettext, language
from directory.search.budget import Budget, Cut
from directory.search.cards import Card, read_cards, read_elsewhere
from directory.search.facets import FacetIndex, newest
from directory.search.keeper import Keeper
from directory.search.match import Match
from directory.search.query import FACETS, PER_PAGE, SearchQuery
from directory.search.results import Drop, Hit, Results
from directory.search.snapshot import Snapshot
from directory.search.why import Why, say, seen

FEW = PER_PAGE
"""With fewer results than this for all words, entries with most of the words fill the page."""

WIDENING, COUNTING = 0.3, 0.9
"""What share of the time of a question may be spent before most words do, and before counting."""

DROPPING = 0.6
"""What share of it may be spent before another filter is tried for what is left without it."""

VALUES_SHOWN = 12
MOST_DROPS = 8
MOST_CARDS_KEPT = 8_000
MOST_WHYS_KEPT = 10_000


class SearchService:
    """Answers queries. Threads may share it; processes share its index on disk."""

    def __init__(
        self,
        db: Database,
        data_dir: Path,
        *,
        today: Callable[[], date] = lambda: now().date(),
        budget: Callable[[], Budget] = Budget,
    ) -> None:
        self._db = db
        self._today = today
        self._budget = budget
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

    def moves(self) -> object:
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
        return _chosen(self.refresh(), query)

    def kept(
        self, query: SearchQuery, *, values: int | None = VALUES_SHOWN, more: str | None = None
    ) -> Results | None:
        """Return what `search` would, if that is in memory and certain; never waits."""
        snapshot = self._keeper.known()
        return snapshot.answer(query, self._today(), values, more) if snapshot else None

    def search(
        self, query: SearchQuery, *, values: int | None = VALUES_SHOWN, more: str | None = None
    ) -> Results:
        """Return one page of results, with the `values` largest values of each facet.

        Chosen values are always among them; None counts every value, and `more` names one facet
        of which every value is wanted.
        """
        snapshot, today, budget = self.refresh(), self._today(), self._budget()
        if found := snapshot.answer(query, today, values, more):
            return found
        match, base, others = self._matching(snapshot, query, today, budget)
        relaxed = bool(match and match.relaxed)
        page = self._page(snapshot, query, match, base, today, budget)
        facets = snapshot.counted(
            query,
            lambda parameter: others.get(parameter, base),
            today,
            values,
            relaxed=relaxed,
            more=more,
            allowed=lambda: budget.allows(Cut.COUNTS, COUNTING),
        )
        drops = [] if base or not query.filters else self._drops(snapshot, query, today, budget)
        # Asked before it is said what was cut: reasons are the last that may be.
        asked = (query.q, match) if match and budget.allows(Cut.REASONS) else None
        found = Results(
            query=query,
            total=len(base),
            hits=self._hits(snapshot, page, today, asked),
            facets=facets,
            chosen=_chosen(snapshot, query),
            corrected=match.corrected if match else None,
            relaxed=relaxed,
            cut=tuple(budget.cut),
            drops=drops,
        )
        # Cards that a standby gave which is behind are not kept, and no answer with them is.
        kept = [snapshot.cards.get((language().code, number)) for number, _ in page]
        if kept == [hit.card for hit in found.hits]:
            snapshot.keep_answer(found, today, values, more)
        return found

    def ids(self, query: SearchQuery) -> list[uuid.UUID]:
        """Return every entry a query finds, in its order, for feeds and exports."""
        snapshot, today, budget = self.refresh(), self._today(), Budget.unlimited()
        match, base, _ = self._matching(snapshot, query, today, budget)
        whole = SearchQuery(query.q, query.filters, query.sort, 1, max(1, len(base)))
        page = self._page(snapshot, whole, match, base, today, budget)
        return [snapshot.facets.ids[number] for number, _ in page]

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

    def _drops(
        self, snapshot: Snapshot, query: SearchQuery, today: date, budget: Budget
    ) -> list[Drop]:
        """Return which filters to drop where nothing fits, with what that would leave.

        One filter where that is enough, else two, else all of them; nothing where the words
        themselves find nothing.
        """
        for many in (1, 2):
            found = []
            for gone in combinations(query.filters, many):
                if not budget.allows(Cut.DROPS, DROPPING):
                    break
                _, base, _ = self._matching(snapshot, query.without(*gone), today, budget)
                if base:
                    found.append(Drop(gone, len(base)))
            if found:
                return sorted(found, key=lambda drop: -drop.total)[:MOST_DROPS]
        if not budget.allows(Cut.DROPS):
            return []
        _, base, _ = self._matching(snapshot, query.without(), today, budget)
        return [Drop(tuple(query.filters), len(base))] if base else []

    @staticmethod
    def _matching(
        snapshot: Snapshot, query: SearchQuery, today: date, budget: Budget
    ) -> tuple[Match | None, BitMap, dict[str, BitMap]]:
        """Return the text match, who passes everything, and who passes all but one filter."""
        facets = snapshot.facets
        match = snapshot.match(query.q, today, budget, relaxed=False)
        chosen = match.numbers & facets.all if match else None
        base, others = facets.filtered(chosen, query.filters, today)
        few = match and (len(match.numbers) < FEW or not base)
        if match and few and budget.allows(Cut.RELAXED, WIDENING):
            wider = snapshot.match(query.q, today, budget, relaxed=True)
            if wider and len(wider.numbers) > len(match.numbers):
                wide_base, wide_others = facets.filtered(
                    wider.numbers & facets.all, query.filters, today
                )
                if len(wide_base) > len(base):
                    return wider, wide_base, wide_others
        return match, base, others

    @staticmethod
    def _page(
        snapshot: Snapshot,
        query: SearchQuery,
        match: Match | None,
        base: BitMap,
        today: date,
        budget: Budget,
    ) -> list[tuple[int, float]]:
        """Return the numbers of one page with their scores.

        Without a text, what tells most is the best match.
        """
        facets, offset, limit = snapshot.facets, query.offset, query.per_page
        if offset >= len(base):
            return []
        if query.sort == "relevance" and match:
            return match.page(base, offset, limit, budget)
        if query.sort == "relevance":
            found = facets.fullness.first(base, offset, limit)
        elif query.sort == "title":
            found = facets.titles.first(base, offset, limit)
        elif query.sort == "deadline":
            found = facets.by_deadline(base, today, offset, limit)
        else:
            found = newest(base, offset, limit)
        return [(number, 0.0) for number in found]

    def _hits(
        self,
        snapshot: Snapshot,
        page: list[tuple[int, float]],
        today: date,
        asked: tuple[str, Match] | None = None,
    ) -> list[Hit]:
        """Read the cards that are not in memory, in one go, and put the page together."""
        facets, kept, reader = snapshot.facets, snapshot.cards, language().code
        cards = {n: card for n, _ in page if (card := kept.get((reader, n)))}
        if missing := [number for number, _ in page if number not in cards]:
            with self._db.reading() as session:
                read = read_cards(session, snapshot.vocabularies, _by_kind(facets, missing))
                keeps = not is_behind(session)
            new = {n: card for n in missing if (card := read.get(facets.ids[n]))}
            if len(kept) > MOST_CARDS_KEPT:
                kept.clear()
                snapshot.answers.clear()
            if keeps:
                kept.update({(reader, number): card for number, card in new.items()})
            cards |= new
        whys = self._whys(snapshot, asked, cards) if asked else {}
        open_now, stale = facets.open_on(today), facets.stale_on(today)
        return [
            Hit(
                cards[number],
                score,
                number in open_now,
                facets.next_deadline(number, today),
                number in stale,
                whys.get(number),
            )
            for number, score in page
            if number in cards
        ]

    def _whys(
        self, snapshot: Snapshot, asked: tuple[str, Match], cards: dict[int, Card]
    ) -> dict[int, Why]:
        """Return why each was found. Only where something is missing other languages are read."""
        facets, kept, (text, match) = snapshot.facets, snapshot.whys, asked
        of, seeking = (language().code, text, match.relaxed), match.seeking
        found = {number: why for number in cards if (why := kept.get((*of, number)))}
        if len(found) == len(cards):
            return found
        new = [number for number in cards if number not in found]
        for number in new:

            def filed(parameter: str, code: str, number: int = number) -> str | None:
                having = facets.values.get(parameter, {}).get(code, ())
                return snapshot.label(parameter, code) if number in having else None

            found[number] = seen(seeking, cards[number], filed)
        wanting = {number: cards[number] for number in new if found[number].wants}
        if any(card.elsewhere is None for card in wanting.values()):
            with self._db.reading() as session:
                read_elsewhere(session, wanting.values())
        for number, card in wanting.items():
            say(seeking, found[number], card, card.elsewhere or ())
        if len(kept) > MOST_WHYS_KEPT:
            kept.clear()
            snapshot.answers.clear()
        kept.update({(*of, number): why for number, why in found.items()})
        return found


def _chosen(snapshot: Snapshot, query: SearchQuery) -> list[tuple[str, str, str]]:
    return [
        (parameter, value, snapshot.label(parameter, value))
        for parameter, values in query.filters.items()
        for value in values
    ]


def _by_kind(facets: FacetIndex, numbers: Iterable[int]) -> dict[Kind, list[uuid.UUID]]:
    """Return the ids by kind, since each has a table of its own."""
    found: dict[Kind, list[uuid.UUID]] = {}
    numbered = BitMap(numbers)
    for name, having in facets.values.get("kind", {}).items():
        if some := numbered & having:
            found[kind_named(name)] = [facets.ids[number] for number in some]
    return found
