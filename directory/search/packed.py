"""What is known of every entry by its number, packed: a million of them in some tens of megabytes.

Objects of Python would take ten times as much in each worker. Everything here has a base, which is
packed once and shared by all later states, and the few things that changed since; so a publication
copies only those. Numbers are small and dense, because they are given out one after the other.
"""

import uuid
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge, nsmallest
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar, Union

from pyroaring import BitMap

_ID = 16
AT_ONCE = 100_000
"""So many numbers are sorted in one go."""

_Value = TypeVar("_Value")
_Value_co = TypeVar("_Value_co", covariant=True)


Packed = Union["array[int]", "memoryview[int]"]
"""Numbers one after the other: in an array while they are gathered, then often a part of a file."""


def numbers(size: int = 0) -> "array[int]":
    """Return so many zeros, of 32 bits each."""
    return array("I", bytes(4 * size))


def place(of: "array[int]", number: int, value: int) -> None:
    """Set the value of a number, making room where it is the highest one yet."""
    if number >= len(of):
        of.frombytes(bytes(4 * (number + 1 - len(of) + len(of) // 8)))
    of[number] = value


def in_order(some: Iterable[int], key: Callable[[int], Any]) -> "array[int]":
    """Sort numbers by their keys, equal keys in the order given, in parts: keys take room."""
    left, parts = iter(some), []
    while part := sorted(islice(left, AT_ONCE), key=key):
        parts.append(array("I", part))
    return parts[0] if len(parts) == 1 else array("I", merge(*parts, key=key))


class Base(Protocol[_Value_co]):
    """Values by number, packed."""

    def get(self, number: int) -> _Value_co | None:
        """Return the value of a number; None where it has none."""


class Texts:
    """Texts by number, as bytes."""

    def __init__(self) -> None:
        self._bytes = array("B")
        self._starts, self._ends = numbers(), numbers()

    def add(self, number: int, text: bytes) -> None:
        """Take one more."""
        place(self._starts, number, len(self._bytes))
        self._bytes.frombytes(text)
        place(self._ends, number, len(self._bytes))

    def get(self, number: int) -> bytes:
        """Return the text of a number."""
        return bytes(self._bytes[self._starts[number] : self._ends[number]])


class Small:
    """Whole numbers from 1 by number; 0 stands for none."""

    def __init__(self) -> None:
        self.values = numbers()

    def add(self, number: int, value: int) -> None:
        """Take one more."""
        place(self.values, number, value)

    def get(self, number: int) -> int | None:
        """Return the value of a number."""
        return (self.values[number] or None) if number < len(self.values) else None


class Lists:
    """A short list of whole numbers by number."""

    def __init__(self) -> None:
        self._flat = numbers()
        self._starts, self._ends = numbers(), numbers()

    def add(self, number: int, values: Iterable[int]) -> None:
        """Take one more."""
        place(self._starts, number, len(self._flat))
        self._flat.extend(values)
        place(self._ends, number, len(self._flat))

    def get(self, number: int) -> "Sequence[int] | None":
        """Return the list of a number."""
        if number >= len(self._ends) or not self._ends[number]:
            return None
        return self._flat[self._starts[number] : self._ends[number]] or None

    def __iter__(self) -> Iterator[int]:
        """Yield the numbers that have a list."""
        return (number for number, end in enumerate(self._ends) if end)


class Column(Generic[_Value]):
    """Values by number: a base, and what changed since."""

    def __init__(self, base: Base[_Value], since: Mapping[int, _Value | None] | None = None):
        self._base = base
        self._since = since or {}

    def get(self, number: int) -> _Value | None:
        """Return the value of a number; None where it has none."""
        return self._since[number] if number in self._since else self._base.get(number)

    def changed(self, touched: Iterable[int], new: Mapping[int, _Value | None]) -> "Column[_Value]":
        """Return a column in which what is touched has its new value, or none."""
        return Column(self._base, {**self._since, **dict.fromkeys(touched), **new})


class Days:
    """Days by number, as whole numbers."""

    def __init__(self, base: Small, since: Mapping[int, int | None] | None = None) -> None:
        self._base = base
        self._since = since or {}

    def get(self, number: int) -> int | None:
        """Return the day of a number; None where it has none."""
        return self._since[number] if number in self._since else self._base.get(number)

    def between(self, first: int, last: int) -> BitMap:
        """Return the numbers with a day from the first to the last."""
        found = BitMap([n for n, day in enumerate(self._base.values) if first <= day <= last])
        later = ((n, day) for n, day in self._since.items() if day)
        return (found - BitMap(self._since)) | BitMap(
            [n for n, day in later if first <= day <= last]
        )

    def changed(self, touched: Iterable[int], new: Mapping[int, int | None]) -> "Days":
        """Return the same with other days for what is touched, or none."""
        return Days(self._base, {**self._since, **dict.fromkeys(touched), **new})


class Named:
    """Lists of names by number, which are many times the same ones."""

    def __init__(self) -> None:
        self._lists = Lists()
        self._codes: dict[str, int] = {}
        self._names: list[str] = []
        self._since: Mapping[int, list[str] | None] = {}

    def add(self, number: int, names: Iterable[str]) -> None:
        """Take one more."""
        self._lists.add(number, [self._code(name) for name in names])

    def finish(self) -> None:
        """Forget what only `add` needs."""
        self._codes = {}

    def _code(self, name: str) -> int:
        code = self._codes.setdefault(name, len(self._names))
        if code == len(self._names):
            self._names.append(name)
        return code

    def get(self, number: int) -> list[str] | None:
        """Return the names of a number."""
        if number in self._since:
            return self._since[number]
        codes = self._lists.get(number)
        return [self._names[code] for code in codes] if codes else None

    def counted(self, among: Iterable[int]) -> "Counter[str]":
        """Return in how many of these numbers each name stands."""
        return Counter(name for number in among for name in self.get(number) or ())

    def changed(self, touched: Iterable[int], new: Mapping[int, list[str] | None]) -> "Named":
        """Return the same with other names for what is touched."""
        found = Named()
        found._lists, found._names = self._lists, self._names
        found._since = {**self._since, **dict.fromkeys(touched), **new}
        return found


class Ids:
    """The id of each number."""

    def __init__(self) -> None:
        self._bytes = array("B")
        self._since: Mapping[int, uuid.UUID | None] = {}

    def add(self, number: int, key: uuid.UUID) -> None:
        """Take one more."""
        self.add_bytes(number, key.bytes)

    def add_bytes(self, number: int, key: bytes) -> None:
        """Take one more, as its sixteen bytes."""
        start = number * _ID
        if start > len(self._bytes):
            self._bytes.frombytes(bytes(start - len(self._bytes)))
        self._bytes[start : start + _ID] = array("B", key)

    def get(self, number: int) -> uuid.UUID | None:
        """Return the id of a number."""
        if number in self._since:
            return self._since[number]
        found = self.bytes_of(number)
        return uuid.UUID(bytes=found) if any(found) else None

    def bytes_of(self, number: int) -> bytes:
        """Return the sixteen bytes of an id, as they were first."""
        return bytes(self._bytes[number * _ID : number * _ID + _ID])

    def __getitem__(self, number: int) -> uuid.UUID:
        """Return the id of a number that has one."""
        found = self.get(number)
        if found is None:
            raise KeyError(number)
        return found

    def changed(self, new: Mapping[int, uuid.UUID | None]) -> "Ids":
        """Return the same with other ids for some numbers."""
        found = Ids()
        found._bytes, found._since = self._bytes, {**self._since, **new}
        return found


class Numbers:
    """The number of each id: the numbers in the order of their ids, and what changed since."""

    def __init__(self, ids: Ids, order: Packed) -> None:
        self._ids = ids
        self._order = order
        self._since: Mapping[uuid.UUID, int | None] = {}

    @classmethod
    def of(cls, ids: Ids, some: Iterable[int]) -> "Numbers":
        """Sort the numbers by their ids."""
        return cls(ids, in_order(some, ids.bytes_of))

    def get(self, key: uuid.UUID) -> int | None:
        """Return the number of an id; None where it has none."""
        if key in self._since:
            return self._since[key]
        wanted = key.bytes
        at = bisect_left(self._order, wanted, key=self._ids.bytes_of)
        if at == len(self._order) or self._ids.bytes_of(self._order[at]) != wanted:
            return None
        return self._order[at]

    def __getitem__(self, key: uuid.UUID) -> int:
        """Return the number of an id that has one."""
        found = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: uuid.UUID) -> bool:
        return self.get(key) is not None

    def __iter__(self) -> Iterator[uuid.UUID]:
        first = (uuid.UUID(bytes=self._ids.bytes_of(number)) for number in self._order)
        yield from (key for key in first if key not in self._since)
        yield from (key for key, number in self._since.items() if number is not None)

    def changed(self, new: Mapping[uuid.UUID, int | None]) -> "Numbers":
        """Return the same with other numbers for some ids."""
        found = Numbers(self._ids, self._order)
        found._since = {**self._since, **new}
        return found


_Place = tuple[Any, ...]


class Sortable:
    """All numbers in the order of their keys, equal keys by number.

    What changed since stands before a place of the base: (place, 0, key, number), so that it can
    be compared with (place, 1), which is the base itself.
    """

    def __init__(self, keys: Base[Any], order: Packed, places: Packed) -> None:
        self._keys = keys
        self._order = order
        self._places = places
        self._moved: dict[int, _Place] = {}
        self._gone = BitMap()

    @classmethod
    def of(cls, keys: Base[Any], some: Iterable[int]) -> "Sortable":
        """Sort these numbers, which are given from the lowest to the highest, by their keys."""
        order = in_order(some, keys.get)
        places = numbers(max(order, default=-1) + 1)
        for at, number in enumerate(order):
            places[number] = at
        return cls(keys, order, places)

    def __len__(self) -> int:
        return len(self._order) + len(self._moved)

    def __iter__(self) -> Iterator[int]:
        order, start = memoryview(self._order), 0
        for moved in sorted(self._moved.values()):
            yield from self._stayed(order[start : moved[0]])
            yield moved[3]
            start = moved[0]
        yield from self._stayed(order[start:])

    def _stayed(self, some: "memoryview[int]") -> Iterator[int]:
        gone = self._gone
        return (n for n in some if n not in gone) if gone else iter(some)

    def changed(self, new: Mapping[int, Any], gone: Iterable[int]) -> "Sortable":
        """Return the order after some keys changed."""
        found = Sortable(self._keys, self._order, self._places)
        touched = BitMap(gone) | BitMap(new)
        found._gone = self._gone | touched
        found._moved = {n: place for n, place in self._moved.items() if n not in touched}

        def before(number: int) -> tuple[Any, int]:
            return self._keys.get(number), number

        for number, key in new.items():
            at = bisect_left(self._order, (key, number), key=before)
            found._moved[number] = (at, 0, key, number)
        return found

    def _place(self, number: int) -> _Place:
        return self._moved.get(number) or (self._places[number], 1)

    def first(self, chosen: BitMap, offset: int, limit: int) -> list[int]:
        """Return a page of the chosen numbers in this order.

        Few are sorted; of many, the order is walked until the page is full.
        """
        wanted = offset + limit
        if len(chosen) ** 2 < wanted * len(self):
            place: Callable[[int], Any] = self._place if self._moved else self._places.__getitem__
            return nsmallest(wanted, chosen, key=place)[offset:]
        return list(islice((n for n in self if n in chosen), offset, wanted))
