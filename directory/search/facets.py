"""Which entries have which value: one roaring bitmap a value, and orders to sort by.

A `FacetIndex` never changes; a publication makes a new one that shares all that stayed the same.
Numbers of entries grow with their first publication, so that the newest has the highest.
"""

import uuid
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from heapq import heappush, heapreplace, nsmallest
from itertools import islice
from typing import Any, TypeVar

from pyroaring import BitMap

from directory.search.documents import Document
from directory.search.query import FACETS, YES
from directory.search.words import fold

OPEN_ENDED = [p for p, facet in FACETS.items() if facet.fields and not facet.vocabulary]
"""Facets without a vocabulary, which may have as many values as there are organisations."""

MOST_TRIED = 300
FEW_ENTRIES = 1_000

_Key = TypeVar("_Key")


@dataclass(frozen=True)
class Sortable:
    """A list of all numbers in one order, with the key of each number."""

    keys: dict[int, Any]
    order: list[int]

    @classmethod
    def of(cls, keys: dict[int, Any]) -> "Sortable":
        """Sort every number by its key, equal keys by number."""
        return cls(keys, sorted(keys, key=lambda n: (keys[n], n)))

    def changed(self, new: Mapping[int, Any], gone: Iterable[int]) -> "Sortable":
        """Return the order after some keys changed; cheaper than to sort again."""
        keys, order = dict(self.keys), list(self.order)

        def place(number: int) -> tuple[Any, int]:
            return keys[number], number

        for number in (*new, *gone):
            if number in keys:
                del order[bisect_left(order, place(number), key=place)]
                del keys[number]
        for number, key in new.items():
            keys[number] = key
            insort(order, number, key=place)
        return Sortable(keys, order)

    def first(self, chosen: BitMap, offset: int, limit: int) -> list[int]:
        """Return a page of the chosen numbers in this order.

        Few are sorted; of many, the order is walked until the page is full.
        """
        wanted = offset + limit
        if len(chosen) ** 2 < wanted * len(self.order):
            keys = self.keys
            return nsmallest(wanted, chosen, key=lambda n: (keys[n], n))[offset:]
        return list(islice((n for n in self.order if n in chosen), offset, wanted))


@dataclass(frozen=True)
class FacetIndex:
    """Every published entry by number, with its values, orders and dates."""

    ids: dict[int, uuid.UUID]
    numbers: dict[uuid.UUID, int]
    all: BitMap
    values: dict[str, dict[str, BitMap]]
    titles: Sortable
    fullness: Sortable
    open_until: dict[int, date]
    deadlines: dict[int, list[date]]
    review_by: dict[int, date]
    open_ended: dict[str, dict[int, list[str]]]
    _by_size: dict[str, list[tuple[int, str, BitMap]]] = field(default_factory=dict, repr=False)
    _of_day: dict[tuple[str, date], Any] = field(default_factory=dict, repr=False)

    def changed(self, new: Mapping[int, Document], gone: Iterable[uuid.UUID] = ()) -> "FacetIndex":
        """Return the index after some entries were published again, and some withdrawn."""
        gone_numbers = {self.numbers[key] for key in gone if key in self.numbers}
        touched = BitMap(gone_numbers) | BitMap(new)
        left = {self.ids[n]: None for n in touched if n in self.ids}
        return FacetIndex(
            ids=_replaced(self.ids, touched, {n: d.id for n, d in new.items()}),
            numbers=_replaced(self.numbers, left, {d.id: n for n, d in new.items()}),
            all=(self.all - touched) | BitMap(new),
            values=self._changed_values(touched, new),
            titles=self.titles.changed({n: fold(d.title) for n, d in new.items()}, gone_numbers),
            fullness=self.fullness.changed({n: -d.stated for n, d in new.items()}, gone_numbers),
            open_until=_replaced(
                self.open_until, touched, {n: d.open_until for n, d in new.items()}
            ),
            deadlines=_replaced(self.deadlines, touched, {n: d.deadlines for n, d in new.items()}),
            review_by=_replaced(self.review_by, touched, {n: d.review_by for n, d in new.items()}),
            open_ended={
                parameter: _replaced(
                    of, touched, {n: d.values.get(parameter) for n, d in new.items()}
                )
                for parameter, of in self.open_ended.items()
            },
        )

    def _changed_values(
        self, touched: BitMap, new: Mapping[int, Document]
    ) -> dict[str, dict[str, BitMap]]:
        """Copy only the bitmaps in which something changes; readers still hold the old ones."""
        added: dict[tuple[str, str], list[int]] = {}
        for number, document in new.items():
            for parameter, values in document.values.items():
                for value in values:
                    added.setdefault((parameter, value), []).append(number)
        found = {
            parameter: {
                value: bitmap - touched if bitmap.intersect(touched) else bitmap
                for value, bitmap in values.items()
            }
            for parameter, values in self.values.items()
        }
        for (parameter, value), numbers in added.items():
            of_parameter = found.setdefault(parameter, {})
            of_parameter[value] = of_parameter.get(value, BitMap()) | BitMap(numbers)
        return {p: {v: b for v, b in values.items() if b} for p, values in found.items()}

    def open_on(self, today: date) -> BitMap:
        """Return the entries that take applications on this day."""
        found: BitMap = self._for_day(
            "open", today, lambda: BitMap([n for n, d in self.open_until.items() if d >= today])
        )
        return found

    def stale_on(self, today: date) -> BitMap:
        """Return the entries that count as not confirmed on this day."""
        found: BitMap = self._for_day(
            "stale", today, lambda: BitMap([n for n, d in self.review_by.items() if d <= today])
        )
        return found

    def next_deadline(self, number: int, today: date) -> date | None:
        """Return the earliest deadline from today on."""
        return next((d for d in self.deadlines.get(number, ()) if d >= today), None)

    def by_deadline(self, chosen: BitMap, today: date, offset: int, limit: int) -> list[int]:
        """Return a page in the order of the next deadline; without one last, newest first."""
        ahead: Sortable = self._for_day("deadline", today, lambda: self._ahead(today))
        dated = chosen & BitMap(ahead.keys)
        found = ahead.first(dated, offset, limit) if offset < len(dated) else []
        rest = chosen - dated
        return found + newest(rest, max(0, offset - len(dated)), limit - len(found))

    def _ahead(self, today: date) -> Sortable:
        days = {n: self.next_deadline(n, today) for n in self.deadlines}
        return Sortable.of({n: day for n, day in days.items() if day})

    def _for_day(self, what: str, today: date, make: Callable[[], Any]) -> Any:
        """Return what was worked out for this day, forgetting other days."""
        found = self._of_day.get((what, today))
        if found is None:
            for key in [k for k in self._of_day if k[0] == what]:
                self._of_day.pop(key, None)
            found = self._of_day[what, today] = make()
        return found

    def having(self, parameter: str, values: Iterable[str], today: date) -> BitMap:
        """Return the entries with any of these values."""
        if parameter == "open":
            return self.open_on(today)
        known = self.values.get(parameter, {})
        return BitMap.union(*(known[v] for v in values if v in known), BitMap())

    def filtered(
        self, text: BitMap | None, filters: Mapping[str, tuple[str, ...]], today: date
    ) -> tuple[BitMap, dict[str, BitMap]]:
        """Return who passes text and all filters, and for each filter who passes all the others.

        The second is what the values of a facet are counted in, so that choosing one of its
        values does not make its other values vanish.
        """
        base = self.all if text is None else text
        passing = {p: self.having(p, values, today) for p, values in filters.items()}
        others = {}
        for parameter in passing:
            found = base
            for other, bitmap in passing.items():
                if other != parameter:
                    found = found & bitmap
            others[parameter] = found
        for bitmap in passing.values():
            base = base & bitmap
        return base, others

    def counts(
        self, parameter: str, base: BitMap, today: date, limit: int | None
    ) -> list[tuple[str, int]]:
        """Return the values with the most entries among `base`, in any order.

        Values are tried by size: when the next is smaller than the last one kept, none of the
        rest can be larger. So a long facet costs little more than what is shown of it. One with
        thousands of values (providers) is counted entry by entry in a small result; in a large one
        only its largest values are tried: their counts are right, but a smaller value that would
        come before them may be missing.
        """
        if parameter == "open":
            count = base.intersection_cardinality(self.open_on(today))
            return [(YES, count)] if count else []
        sizes = self._sizes(parameter)
        if len(base) == len(self.all):
            return [(value, size) for size, value, _ in islice(sizes, limit)]
        if limit is None:
            limit = len(sizes)
        elif parameter in self.open_ended and len(sizes) > MOST_TRIED and len(base) <= FEW_ENTRIES:
            of = self.open_ended[parameter]
            return Counter(v for n in base for v in of.get(n, ())).most_common(limit)
        elif parameter in self.open_ended:
            sizes = sizes[:MOST_TRIED]
        best: list[tuple[int, str]] = []
        least, count_in = 0, base.intersection_cardinality
        for size, value, bitmap in sizes:
            if size <= least:
                break
            count = count_in(bitmap)
            if count > least:
                if len(best) < limit:
                    heappush(best, (count, value))
                else:
                    heapreplace(best, (count, value))
                if len(best) == limit:
                    least = best[0][0]
        return [(value, count) for count, value in best]

    def _sizes(self, parameter: str) -> list[tuple[int, str, BitMap]]:
        found = self._by_size.get(parameter)
        if found is None:
            values = self.values.get(parameter, {})
            found = sorted(((len(b), v, b) for v, b in values.items()), key=lambda s: (-s[0], s[1]))
            self._by_size[parameter] = found
        return found

    def count(self, parameter: str, value: str, base: BitMap, today: date) -> int:
        """Return how many entries of `base` have this value."""
        return base.intersection_cardinality(self.having(parameter, [value], today))


class Gathering:
    """Collects entries one by one, for the first `FacetIndex`."""

    def __init__(self) -> None:
        self._ids: dict[int, uuid.UUID] = {}
        self._values: dict[str, dict[str, list[int]]] = {}
        self._titles: dict[int, str] = {}
        self._fullness: dict[int, int] = {}
        self._open_until: dict[int, date] = {}
        self._deadlines: dict[int, list[date]] = {}
        self._review_by: dict[int, date] = {}
        self._open_ended: dict[str, dict[int, list[str]]] = {name: {} for name in OPEN_ENDED}

    def add(self, number: int, document: Document) -> None:
        """Take one entry."""
        self._ids[number] = document.id
        self._titles[number] = fold(document.title)
        self._fullness[number] = -document.stated
        if document.open_until:
            self._open_until[number] = document.open_until
        if document.review_by:
            self._review_by[number] = document.review_by
        if document.deadlines:
            self._deadlines[number] = document.deadlines
        for parameter, values in document.values.items():
            of_parameter = self._values.setdefault(parameter, {})
            for value in values:
                of_parameter.setdefault(value, []).append(number)
            if parameter in self._open_ended:
                self._open_ended[parameter][number] = values

    def index(self) -> FacetIndex:
        """Return the index of everything taken."""
        return FacetIndex(
            ids=self._ids,
            numbers={key: number for number, key in self._ids.items()},
            all=BitMap(self._ids),
            values={
                parameter: {value: BitMap(numbers) for value, numbers in found.items()}
                for parameter, found in self._values.items()
            },
            titles=Sortable.of(self._titles),
            fullness=Sortable.of(self._fullness),
            open_until=self._open_until,
            deadlines=self._deadlines,
            review_by=self._review_by,
            open_ended=self._open_ended,
        )


def newest(chosen: BitMap, offset: int, limit: int) -> list[int]:
    """Return a page of the chosen numbers, highest first."""
    last = len(chosen) - 1 - offset
    return [chosen[i] for i in range(last, max(last - limit, -1), -1)]


def _replaced(
    old: Mapping[_Key, Any], touched: Iterable[_Key], new: Mapping[_Key, Any]
) -> dict[_Key, Any]:
    """Return a copy without what is touched, and with what is new and not empty."""
    found = dict(old)
    for key in touched:
        found.pop(key, None)
    found.update((key, value) for key, value in new.items() if value is not None and value != [])
    return found
