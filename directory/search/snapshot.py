"""What search knows at one moment: an immutable `Snapshot`, and what it remembers of questions."""

import uuid
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
from directory.search.query import FACETS
from directory.search.why import Why
from directory.search.words import Synonyms

MOST_TEXTS_KEPT = 5_000
MOST_BYTES_KEPT = 32_000_000
"""How much of what texts found is kept, in bytes."""

MOST_COUNTS_KEPT = 20_000


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


def _size(ordered: Ordered) -> int:
    return sum(part.itemsize * len(part) for part in ordered)


@dataclass(frozen=True)
class Snapshot:
    """Everything search knows at one moment of the database."""

    sequence: int
    words: str
    projection: Projection
    vocabularies: Vocabularies
    synonyms: Synonyms
    facets: FacetIndex
    matcher: Matcher
    names: dict[str, str]
    cards: dict[tuple[str, uuid.UUID], Card] = field(default_factory=dict)
    whys: dict[tuple[str, str, bool, uuid.UUID], Why] = field(default_factory=dict)
    _matches: Matches = field(default_factory=Matches)
    _counts: dict[tuple[Any, ...], list[tuple[str, str, int]]] = field(default_factory=dict)
    _labels: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
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

    def counts(
        self, of: tuple[Any, ...], parameter: str, base: BitMap, today: date, limit: int | None
    ) -> list[tuple[str, str, int]]:
        """Return (value, label, count) of a facet within `base`, the largest count first.

        `of` names the base, so that the counts can be kept: the next page of a result, or its
        other order, has the same ones.
        """
        reader = language().code
        key = (reader, *of, parameter, today, limit)
        found = self._counts.get(key)
        if found is None:
            counted = self.facets.counts(parameter, base, today, limit)
            labels = self._labels.setdefault((reader, parameter), {})
            for value, _ in counted:
                if value not in labels:
                    labels[value] = self.label(parameter, value)
            found = [(value, labels[value], count) for value, count in counted]
            found.sort(key=lambda v: (-v[2], v[1]))
            if len(self._counts) > MOST_COUNTS_KEPT:
                self._counts.clear()
            self._counts[key] = found
        return found

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
