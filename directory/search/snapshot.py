"""What search knows at one moment: an immutable `Snapshot`, and what it remembers of questions."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from pyroaring import BitMap

from directory.entries.kinds import KINDS
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.languages import gettext, language
from directory.search.budget import Budget, Cut
from directory.search.cards import Card
from directory.search.documents import Projection
from directory.search.facets import FacetIndex
from directory.search.match import Match, Matcher, Ordered
from directory.search.query import FACETS, SearchQuery
from directory.search.results import Counted, FacetValue, Results
from directory.search.why import Why
from directory.search.words import Synonyms

MOST_TEXTS_KEPT = 5_000
MOST_BYTES_KEPT = 32_000_000
"""How much of what texts found is kept, in bytes."""

MOST_ANSWERS_KEPT = 500
"""Answers hold cards: whoever forgets cards forgets the answers, too."""

MOST_COUNTED_KEPT = 500
"""Of so many questions the facets are kept: some thirty kilobytes each, as values and as HTML."""


class Matches:
    """What texts found, until it is too much to keep."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, bool, date], Match | None] = {}
        self._bytes = 0

    def keep(self, key: tuple[str, bool, date], match: Match | None) -> Match | None:
        """Keep one more, and forget all before when there are too many; return what is kept."""
        if len(self.found) >= MOST_TEXTS_KEPT or self._bytes > MOST_BYTES_KEPT:
            self.found, self._bytes = {}, 0
        if match:
            statistics: Any = match.numbers.get_statistics()
            sizes = (n for name, n in statistics.items() if name.startswith("n_bytes_"))
            self._bytes += sum(sizes) + _size(match.best)
            match = replace(match, whole=partial(self._whole, match.whole))
        self.found[key] = match
        return match

    def _whole(self, whole: Callable[[], Ordered]) -> Ordered:
        """Count what is put in order later: the order of many takes more than who they are."""
        found = whole()
        self._bytes += _size(found)
        return found


def _address(query: SearchQuery, today: date, values: int | None) -> tuple[Any, ...]:
    return query.url(), language().code, today, values


def _size(ordered: Ordered) -> int:
    return sum(part.itemsize * len(part) for part in ordered)


@dataclass(frozen=True)
class Snapshot:
    """Everything search knows at one moment of the database.

    `cards` are kept by language and number, `whys` by language, text, whether most of its words
    were enough, and number.
    """

    sequence: int
    words: str
    projection: Projection
    vocabularies: Vocabularies
    synonyms: Synonyms
    facets: FacetIndex
    matcher: Matcher
    names: dict[str, str]
    cards: dict[tuple[str, int], Card] = field(default_factory=dict)
    whys: dict[tuple[str, str, bool, int], Why] = field(default_factory=dict)
    answers: dict[tuple[Any, ...], Results] = field(default_factory=dict)
    _matches: Matches = field(default_factory=Matches)
    _counted: dict[tuple[Any, ...], Counted] = field(default_factory=dict)
    mark: int = 0

    def match(self, text: str, today: date, budget: Budget, *, relaxed: bool) -> Match | None:
        """Return what a text finds on a day, from memory when it was asked before.

        What was cut for want of time is not kept: there may be more of it the next time.
        """
        key = (text, relaxed, today)
        if key in (kept := self._matches.found):
            found = kept[key]
            for part in found.cut if found else ():
                budget.leave_out(part)
            return found
        found = self.matcher.match(text, budget, relaxed=relaxed)
        if found:
            found = found.sunk(self.facets.stale_on(today))
        if not found or not {*found.cut} - {Cut.WORDS}:
            found = self._matches.keep(key, found)
        return found

    def answer(
        self, query: SearchQuery, today: date, values: int | None, more: str | None
    ) -> Results | None:
        """Return the answer to a query with so many values of each facet, when it is in memory."""
        return None if more else self.answers.get(_address(query, today, values))

    def keep_answer(
        self, found: Results, today: date, values: int | None, more: str | None
    ) -> None:
        """Keep an answer, unless a part of it was cut or it has all values of a facet."""
        if found.cut or values is None or more:
            return
        if len(self.answers) >= MOST_ANSWERS_KEPT:
            self.answers.clear()
        self.answers[_address(found.query, today, values)] = found

    def counted(
        self,
        query: SearchQuery,
        within: Callable[[str], BitMap],
        today: date,
        limit: int | None,
        *,
        relaxed: bool,
        more: str | None,
        allowed: Callable[[], bool],
    ) -> Counted:
        """Return the `limit` largest values of every facet, and all of the facet `more`.

        `within` has by parameter the entries that count. The next page of a result, or its other
        order, has the same values, so they are kept, unless some were not `allowed`, or a facet
        has all of its values, which may be thousands.
        """
        key = (language().code, query.q, relaxed, *query.filters.items(), limit, today)
        if kept := None if more else self._counted.get(key):
            return kept
        found, whole = Counted(), True
        for parameter in FACETS:
            whole = whole and allowed()
            most = None if parameter == more else limit
            base = within(parameter)
            found[parameter] = self._values(query, parameter, base, today, most) if whole else []
        if whole and limit is not None and not more:
            if len(self._counted) >= MOST_COUNTED_KEPT:
                self._counted.clear()
            self._counted[key] = found
        return found

    def _values(
        self, query: SearchQuery, parameter: str, base: BitMap, today: date, limit: int | None
    ) -> list[FacetValue]:
        """Return the values of one facet, the most frequent first, then by label."""
        chosen = query.selected(parameter)
        counted = dict(self.facets.counts(parameter, base, today, limit))
        for value in chosen:
            if value not in counted:
                counted[value] = self.facets.count(parameter, value, base, today)
        found = [
            FacetValue(value, self.label(parameter, value), count, value in chosen)
            for value, count in counted.items()
        ]
        return sorted(found, key=lambda v: (-v.count, v.label))

    def label(self, parameter: str, value: str) -> str:
        """Return how a value of a facet is called."""
        if value == NOT_STATED:
            return gettext("Not stated")
        if parameter == "kind":
            return KINDS[value].plural if value in KINDS else value
        if parameter == "open":
            return gettext("Open for applications now")
        vocabulary = FACETS[parameter].vocabulary
        if vocabulary:
            return self.vocabularies.label(vocabulary, value)
        return self.names.get(value, value)
