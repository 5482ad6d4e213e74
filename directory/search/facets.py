"""Which entries have which value: one roaring bitmap a value, and orders to sort by.

A `FacetIndex` never changes; a publication makes a new one that shares all that stayed the same.
Numbers of entries grow with their first publication, so that the newest has the highest.
"""

import uuid
from array import array
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from heapq import heappush, heapreplace
from itertools import islice
from typing import Any

from pyroaring import BitMap

from directory.search.documents import Document
from directory.search.packed import (
    Column,
    Days,
    Ids,
    Lists,
    Named,
    Numbers,
    Small,
    Sortable,
    Texts,
)
from directory.search.query import FACETS, YES
from directory.search.words import fold

OPEN_ENDED = [p for p, facet in FACETS.items() if facet.fields and not facet.vocabulary]
"""Facets without a vocabulary, which may have as many values as there are organisations."""

MOST_TRIED = 300
FEW_ENTRIES = 1_000

MOST_STATED = 1_000
"""More fields than any entry can state."""

AT_ONCE = 50_000
"""After so many entries their values are packed."""


@dataclass(frozen=True)
class FacetIndex:
    """Every published entry by number, with its values, orders and dates."""

    ids: Ids
    numbers: Numbers
    all: BitMap
    values: dict[str, dict[str, BitMap]]
    titles: Sortable
    fullness: Sortable
    open_until: Days
    deadlines: Column[Sequence[int]]
    dated: BitMap
    review_by: Days
    open_ended: dict[str, Named]
    _by_size: dict[str, list[str]] = field(default_factory=dict, repr=False)
    _of_day: dict[tuple[str, date], Any] = field(default_factory=dict, repr=False)

    def changed(self, new: Mapping[int, Document], gone: Iterable[uuid.UUID] = ()) -> "FacetIndex":
        """Return the index after some entries were published again, and some withdrawn."""
        gone_numbers = {n for key in gone if (n := self.numbers.get(key)) is not None}
        touched = BitMap(gone_numbers) | BitMap(new)
        before = (key for n in touched if (key := self.ids.get(n)))
        known: dict[uuid.UUID, int | None] = dict.fromkeys(before)
        values = self._changed_values(touched, new)
        return FacetIndex(
            ids=self.ids.changed({n: new[n].id if n in new else None for n in touched}),
            numbers=self.numbers.changed(known | {d.id: n for n, d in new.items()}),
            all=(self.all - touched) | BitMap(new),
            values=values,
            titles=self.titles.changed({n: _title(d) for n, d in new.items()}, gone_numbers),
            fullness=self.fullness.changed(
                {n: _emptiness(d) for n, d in new.items()}, gone_numbers
            ),
            open_until=self.open_until.changed(
                touched, {n: _ordinal(d.open_until) for n, d in new.items()}
            ),
            deadlines=self.deadlines.changed(
                touched, {n: _ordinals(d.deadlines) or None for n, d in new.items()}
            ),
            dated=(self.dated - touched) | BitMap([n for n, d in new.items() if d.deadlines]),
            review_by=self.review_by.changed(
                touched, {n: _ordinal(d.review_by) for n, d in new.items()}
            ),
            open_ended={
                parameter: of.changed(touched, {n: d.values.get(parameter) for n, d in new.items()})
                for parameter, of in self.open_ended.items()
            },
            _by_size=self._changed_sizes(values, touched, new.values()),
            _of_day=self._changed_days(touched, new),
        )

    def _changed_days(self, touched: BitMap, new: Mapping[int, Document]) -> dict[Any, Any]:
        """Return what was worked out for a day, with what changed of it: a million are a lot."""
        found = {}
        for (what, today), numbers in list(self._of_day.items()):
            holds = _DAILY.get(what)
            if holds:
                some = BitMap([n for n, d in new.items() if holds(d, today)])
                found[what, today] = (numbers - touched) | some
        return found

    def _changed_values(
        self, touched: BitMap, new: Mapping[int, Document]
    ) -> dict[str, dict[str, BitMap]]:
        """Copy only the bitmaps in which something changes; readers still hold the old ones."""
        added: dict[tuple[str, str], list[int]] = {}
        for number, document in new.items():
            for parameter, values in document.values.items():
                for value in values:
                    added.setdefault((parameter, value), []).append(number)
        found = {parameter: dict(values) for parameter, values in self.values.items()}
        for parameter, of_parameter in found.items():
            for value in self._values_of(parameter, touched):
                if not of_parameter[value].isdisjoint(touched):
                    of_parameter[value] = of_parameter[value] - touched
        for (parameter, value), numbers in added.items():
            of_parameter = found.setdefault(parameter, {})
            of_parameter[value] = of_parameter.get(value, BitMap()) | BitMap(numbers)
        for parameter, of_parameter in found.items():
            for value in self._values_of(parameter, touched):
                if not of_parameter[value]:
                    del of_parameter[value]
        return found

    def _values_of(self, parameter: str, some: BitMap) -> Iterable[str]:
        """Return the values that these entries may have; of thousands only those they have."""
        values = self.values.get(parameter, {})
        if parameter not in self.open_ended:
            return values
        return [v for v in self.open_ended[parameter].counted(some) if v in values]

    def _changed_sizes(
        self, values: Mapping[str, Mapping[str, BitMap]], touched: BitMap, new: Iterable[Document]
    ) -> dict[str, list[str]]:
        """Return the values by size of the long facets; short ones are sorted when asked for."""
        documents, found = list(new), {}
        for parameter in self.open_ended.keys() & self._by_size.keys():
            was, now = self.values.get(parameter, {}), values.get(parameter, {})
            order = list(self._by_size[parameter])
            moved = {value for d in documents for value in d.values.get(parameter, [])}
            moved.update(self._values_of(parameter, touched))
            for value in moved & was.keys():
                del order[bisect_left(order, _size(was, value), key=partial(_size, was))]
            for value in moved & now.keys():
                insort(order, value, key=partial(_size, now))
            found[parameter] = order
        return found

    def open_on(self, today: date) -> BitMap:
        """Return the entries that take applications on this day."""
        found: BitMap = self._for_day(
            "open", today, lambda: self.open_until.between(today.toordinal(), date.max.toordinal())
        )
        return found

    def stale_on(self, today: date) -> BitMap:
        """Return the entries that count as not confirmed on this day."""
        found: BitMap = self._for_day(
            "stale", today, lambda: self.review_by.between(1, today.toordinal())
        )
        return found

    def next_deadline(self, number: int, today: date) -> date | None:
        """Return the earliest deadline from today on."""
        day = today.toordinal()
        ahead = (d for d in self.deadlines.get(number) or () if d >= day)
        found = next(ahead, None)
        return None if found is None else date.fromordinal(found)

    def by_deadline(self, chosen: BitMap, today: date, offset: int, limit: int) -> list[int]:
        """Return a page in the order of the next deadline; without one last, newest first."""
        ahead: tuple[BitMap, Sortable] = self._for_day("ahead", today, lambda: self._ahead(today))
        dated = chosen & ahead[0]
        found = ahead[1].first(dated, offset, limit) if offset < len(dated) else []
        rest = chosen - dated
        return found + newest(rest, max(0, offset - len(dated)), limit - len(found))

    def _ahead(self, today: date) -> tuple[BitMap, Sortable]:
        """Return who has a deadline ahead, and these by the next one."""
        days = Small()
        numbers = []
        for number in self.dated:
            if day := self.next_deadline(number, today):
                days.add(number, day.toordinal())
                numbers.append(number)
        return BitMap(numbers), Sortable.of(days, numbers)

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
        many = len(self.values.get(parameter, {}))
        if len(base) == len(self.all):
            return [(value, size) for size, value, _ in islice(self._sizes(parameter), limit)]
        tried: int | None = None
        if limit is None:
            limit = many
        elif parameter in self.open_ended and many > MOST_TRIED and len(base) <= FEW_ENTRIES:
            return self.open_ended[parameter].counted(base).most_common(limit)
        elif parameter in self.open_ended:
            tried = MOST_TRIED
        best: list[tuple[int, str]] = []
        least, count_in = 0, base.intersection_cardinality
        for size, value, bitmap in islice(self._sizes(parameter), tried):
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

    def _sizes(self, parameter: str) -> Iterator[tuple[int, str, BitMap]]:
        """Yield the values of a facet with their sizes and entries, the largest first."""
        values, order = self.values.get(parameter, {}), self._by_size.get(parameter)
        if order is None:
            order = self._by_size[parameter] = sorted(values, key=partial(_size, values))
        for value in order:
            bitmap = values[value]
            yield len(bitmap), value, bitmap

    def count(self, parameter: str, value: str, base: BitMap, today: date) -> int:
        """Return how many entries of `base` have this value."""
        return base.intersection_cardinality(self.having(parameter, [value], today))


class Gathering:
    """Collects entries one by one, for the first `FacetIndex`."""

    def __init__(self) -> None:
        self._all = BitMap()
        self._dated = BitMap()
        self._ids = Ids()
        self._waiting: dict[str, defaultdict[str, array[int]]] = {}
        self._count = 0
        self._values: dict[str, dict[str, BitMap]] = {}
        self._titles, self._emptiness = Texts(), Small()
        self._open_until, self._review_by = Small(), Small()
        self._deadlines = Lists()
        self._open_ended = {name: Named() for name in OPEN_ENDED}

    def add(self, number: int, document: Document) -> None:
        """Take one entry."""
        self._all.add(number)
        self._ids.add(number, document.id)
        self._titles.add(number, _title(document))
        self._emptiness.add(number, _emptiness(document))
        if day := _ordinal(document.open_until):
            self._open_until.add(number, day)
        if day := _ordinal(document.review_by):
            self._review_by.add(number, day)
        if document.deadlines:
            self._dated.add(number)
            self._deadlines.add(number, _ordinals(document.deadlines))
        for parameter, values in document.values.items():
            waiting = self._waiting.setdefault(parameter, defaultdict(partial(array, "I")))
            for value in values:
                waiting[value].append(number)
            if parameter in self._open_ended:
                self._open_ended[parameter].add(number, values)
        self._count += 1
        if self._count % AT_ONCE == 0:
            self._pack()

    def _pack(self) -> None:
        """Put what has been collected of values into their bitmaps."""
        for parameter, waiting in self._waiting.items():
            of_parameter = self._values.setdefault(parameter, {})
            for value, numbers in waiting.items():
                # In place: to put many small bitmaps together anew would leave holes in the memory.
                of_parameter.setdefault(value, BitMap()).update(numbers)
        self._waiting = {}

    def index(self) -> FacetIndex:
        """Return the index of everything taken."""
        self._pack()
        for of_parameter in self._values.values():
            for bitmap in of_parameter.values():
                bitmap.run_optimize()
                bitmap.shrink_to_fit()
        for named in self._open_ended.values():
            named.finish()
        return FacetIndex(
            ids=self._ids,
            numbers=Numbers.of(self._ids, self._all),
            all=self._all,
            values=self._values,
            titles=Sortable.of(self._titles, self._all),
            fullness=Sortable.of(self._emptiness, self._all),
            open_until=Days(self._open_until),
            deadlines=Column(self._deadlines),
            dated=self._dated,
            review_by=Days(self._review_by),
            open_ended=self._open_ended,
        )


def _title(document: Document) -> bytes:
    """Return what titles are sorted by; as UTF-8 they sort as they do as text."""
    return fold(document.title).encode("utf-8", "surrogatepass")


def _emptiness(document: Document) -> int:
    """Return a number that is smaller the more an entry states, and never 0."""
    return MOST_STATED - document.stated


def _ordinal(day: date | None) -> int | None:
    return day.toordinal() if day else None


def _ordinals(days: Iterable[date]) -> list[int]:
    return [day.toordinal() for day in days]


_DAILY: dict[str, Callable[[Document, date], bool]] = {
    "open": lambda d, today: d.open_until is not None and d.open_until >= today,
    "stale": lambda d, today: d.review_by is not None and d.review_by <= today,
}
"""Which entries are in a bitmap of a day."""


def _size(values: Mapping[str, BitMap], value: str) -> tuple[int, str]:
    """Return what values are sorted by: the largest first, then by name."""
    return -len(values[value]), value


def newest(chosen: BitMap, offset: int, limit: int) -> list[int]:
    """Return a page of the chosen numbers, highest first."""
    last = len(chosen) - 1 - offset
    return [chosen[i] for i in range(last, max(last - limit, -1), -1)]
