"""From words to entries: which match, how well, and how the words were understood.

Queries are put together term by term, never parsed, so that no text can be a wrong query.
A word counts by how much it tells (inverse document frequency) and by where it stands.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import accumulate, chain, combinations, islice, pairwise
from threading import Lock
from typing import Any

import tantivy
from pyroaring import BitMap
from tantivy import Occur, Query

from directory.search.budget import Budget, Cut
from directory.search.facets import newest
from directory.search.index import NAMES, SCHEMA
from directory.search.marks import Seeking
from directory.search.units import Understanding, Unit
from directory.search.words import STOP_WORDS, Synonyms, query_words, stem, whole

WHOLE_NAME, WHOLE_ALIAS = 1000.0, 500.0
"""Who types all of a name wants that entry."""

NAME_OF_NEEDED, NAME_WITHIN = 0.1, 8.0
"""How much counts a whole name beside kinds (a share), and each word of one among other words."""

IN_NAME, TOGETHER, NEIGHBOURS = 8.0, 2.0, 1.0
"""How much it counts that all words stand together in a name, in a text, and two in a text."""

ENOUGH = 0.25
"""What share of the weight of a question an entry must have when it has not all of it."""

FIRST_HITS = 1_000

MOST_ORDERED = 200_000
"""More entries than this are not brought in order: a thousand of them cost a millisecond."""

ORDERING = 0.6
"""What share of the time of a question may be spent before all of its entries are ordered."""

SINKS = 0.9
"""What share of its score is left to an entry that nobody has confirmed for too long: it goes
behind what matches about as well, and never behind what matches worse by more than a tenth.
"""

Ordered = tuple["array[int]", "array[float]"]
"""Entries, best first, and their scores."""


_NOTHING_SOUGHT = Seeking(())


@dataclass(frozen=True)
class Match:
    """The entries a text finds: all as a set, the best in order; the rest in order when asked."""

    numbers: BitMap
    best: Ordered
    whole: Callable[[], Ordered]
    corrected: str | None = None
    relaxed: bool = False
    seeking: Seeking = _NOTHING_SOUGHT
    cut: tuple[Cut, ...] = ()

    @cached_property
    def ordered(self) -> Ordered:
        """Return all entries, best first, and their scores."""
        return self.best if len(self.best[0]) == len(self.numbers) else self.whole()

    @property
    def order(self) -> "array[int]":
        """Return all entries, best first."""
        return self.ordered[0]

    @property
    def scores(self) -> "array[float]":
        """Return the scores of all entries, best first."""
        return self.ordered[1]

    def sunk(self, stale: BitMap) -> "Match":
        """Return the same entries, those that are `stale` a little further down.

        The best keep to themselves, so that a page of them is the same with and without the rest.
        """
        if not self.numbers.intersect(stale):
            return self
        length, whole = len(self.best[0]), self.whole

        def all_of_it() -> Ordered:
            order, scores = whole()
            first = _sunk((order[:length], scores[:length]), stale)
            rest = _sunk((order[length:], scores[length:]), stale)
            return first[0] + rest[0], first[1] + rest[1]

        return replace(self, best=_sunk(self.best, stale), whole=all_of_it)

    def page(
        self, chosen: BitMap, offset: int, limit: int, budget: Budget | None = None
    ) -> list[tuple[int, float]]:
        """Return a page of the chosen entries, best first, with their scores.

        Behind the best, where there is no time to order so many, the newest come first.
        """

        def among(ordered: Ordered) -> list[tuple[int, float]]:
            pairs = (pair for pair in zip(*ordered, strict=True) if pair[0] in chosen)
            return list(islice(pairs, offset, offset + limit))

        found = among(self.best)
        if len(found) == min(limit, len(chosen) - offset):
            return found
        costly = len(self.numbers) > MOST_ORDERED and len(self.best[0]) < len(self.numbers)
        if budget and not budget.allows(Cut.ORDER, -1.0 if costly else ORDERING):
            first = BitMap(self.best[0]) & chosen
            behind = offset + len(found) - len(first)
            rest = newest(chosen - first, max(0, behind), limit - len(found))
            return [*found, *((number, 0.0) for number in rest)]
        return among(self.ordered)


def _sunk(ordered: Ordered, stale: BitMap) -> Ordered:
    """Take its share from the score of what is stale, and sort again."""
    scored = [
        (score * SINKS if n in stale else score, n) for n, score in zip(*ordered, strict=True)
    ]
    scored.sort(key=lambda pair: -pair[0])
    return array("I", (n for _, n in scored)), array("f", (score for score, _ in scored))


_NOTHING: Ordered = array("I"), array("f")


@dataclass(frozen=True)
class _Read:
    """How a text is understood: what is wanted, None for nothing, and what makes it better.

    `corrected` is the text as it was understood, None when every word was right.
    """

    units: Sequence[Unit]
    wanted: Query | None
    bonuses: list[tuple[Occur, Query]]
    corrected: str | None


AT_ONCE = 200_000
"""So many hits are read in one go: each is an object, and a million would take 150 MB."""

READING = Lock()
"""One at a time reads them, because two would take twice the memory and be no faster."""


class Matcher:
    """Finds entries by text in one state of the index."""

    def __init__(self, searcher: tantivy.Searcher, synonyms: Synonyms) -> None:
        self._searcher = searcher
        self._understanding = Understanding(searcher, synonyms)

    def match(
        self, text: str, budget: Budget | None = None, *, relaxed: bool = False
    ) -> Match | None:
        """Return what has all words of a text, or most when `relaxed`; None without words.

        A word is found by its stem, by its beginning, by other names of the term it names, and
        when nobody ever wrote it, by what is one edit away, or two for a long one.
        """
        budget = budget or Budget()
        read = self._read(text, budget, relaxed=relaxed)
        if read is None:
            return None
        found = Match(BitMap(), _NOTHING, lambda: _NOTHING)
        if read.wanted is not None:
            found = self._found(read.wanted, read.bonuses, partial(self._whole, text, relaxed))
        return replace(
            found,
            corrected=read.corrected,
            relaxed=relaxed,
            seeking=Seeking(tuple(unit.sought for unit in read.units)),
            cut=tuple(budget.cut),
        )

    def _read(self, text: str, budget: Budget, *, relaxed: bool) -> "_Read | None":
        """Return how a text is understood; None without words."""
        words, longer = query_words(text)
        if longer:
            budget.leave_out(Cut.WORDS)
        units = self._units(words, budget)
        if not units:
            return None
        corrected = _corrected(words, units)
        if corrected and len(again := self._units(corrected, budget)) < len(units):
            # Rightly spelt, some of the words belong together.
            words, units = corrected, again
        needed = [unit for unit in units if unit.needed] or units
        helpful = [unit for unit in units if unit not in needed]
        named = self._names_within(words)
        like = [query for unit in units for query in unit.like]
        better = [*_bonuses(words, units), *(unit.covered for unit in helpful), *named, *like]
        # A kind of thing that tells more than all the rest is an answer by itself: a prize.
        least = sum(unit.weight for unit in needed)
        kinds = [unit.query for unit in helpful if unit.weight > least]
        wanted = None
        if not relaxed:
            wanted = _any([_all(needed), *named])
        elif len(needed) > 1 or kinds:
            wanted = _any([_most(needed), *kinds, *named])
        bonuses = [(Occur.Should, bonus) for bonus in better]
        return _Read(units, wanted, bonuses, " ".join(corrected) or None)

    def _units(self, words: list[str], budget: Budget) -> list[Unit]:
        found = self._understanding.units(words, budget)
        return list({tuple(unit.words): unit for unit in found}.values())

    def _found(
        self, wanted: Query, bonuses: list[tuple[Occur, Query]], whole: Callable[[int], Ordered]
    ) -> Match:
        """Bring the best hits in order. Few words are common: most need this one short search.

        Of many hits the rest is brought without scores, which cost more than all else.
        """
        count, best = self._ordered(wanted, bonuses, FIRST_HITS)
        if count <= FIRST_HITS:
            return Match(BitMap(best[0]), best, lambda: best)
        anything, everything = Query.const_score_query(wanted, 1.0), BitMap()
        for start in range(0, count, AT_ONCE):
            with READING:
                some = self._searcher.search(anything, AT_ONCE, count=False, offset=start)
                everything.update(self._numbers(some.hits))
        return Match(everything, best, partial(whole, count))

    def _whole(self, text: str, relaxed: bool, count: int) -> Ordered:
        """Return so many entries in order, for a page far behind.

        The text is read again: it is small, and what tantivy makes of it need not be kept.
        """
        read = self._read(text, Budget.unlimited(), relaxed=relaxed)
        assert read and read.wanted is not None
        return self._ordered(read.wanted, read.bonuses, count)[1]

    def _ordered(
        self, wanted: Query, bonuses: list[tuple[Occur, Query]], limit: int
    ) -> tuple[int, Ordered]:
        """Return how many entries there are, and the best of them."""
        query = Query.boolean_query([(Occur.Must, wanted), *bonuses])
        found: Any = self._searcher.search(query, limit, True, weight_by_field="prior")
        hits = found.hits
        return found.count, (self._numbers(hits), array("f", [score for score, _ in hits]))

    def _numbers(self, hits: Any) -> "array[int]":
        addresses = [address for _, address in hits]
        found: Any = self._searcher.fast_field_values("number", addresses)
        return array("I", found)

    def _names_within(self, words: Sequence[str]) -> list[Query]:
        """Find what somebody calls by its whole name among other words, the longer the better."""
        found = []
        for start, end in combinations(range(len(words) + 1), 2):
            name = " ".join(words[start:end])
            for field in ("exact_name", "exact_alias"):
                if 1 < end - start < len(words) and self._searcher.doc_freq(field, name):
                    query = Query.term_query(SCHEMA, field, name)
                    found.append(Query.const_score_query(query, NAME_WITHIN * (end - start)))
        return found


def _near(field: str, words: Sequence[str], slop: int, weight: float) -> Query:
    """Find words that stand together in their order."""
    stems: list[Any] = [stem(word) for word in words]
    return Query.boost_query(Query.phrase_query(SCHEMA, field, stems, slop), weight)


def _bonuses(words: Sequence[str], units: Sequence[Unit]) -> Iterator[Query]:
    """Put whole names first, and words that stand together before words far apart."""
    understood = _understood(words, units)
    all_of, needed = _as_said_and_meant(units), _as_said_and_meant(u for u in units if u.needed)
    names = {whole(" ".join(some)) for some in (words, understood, _trimmed(understood), *all_of)}
    for field, weight in (("exact_name", WHOLE_NAME), ("exact_alias", WHOLE_ALIAS)):
        for name in names:
            yield Query.const_score_query(Query.term_query(SCHEMA, field, name), weight)
        for name in {" ".join(some) for some in needed} - names - {""}:
            found = Query.term_query(SCHEMA, field, name)
            yield Query.const_score_query(found, weight * NAME_OF_NEEDED)
    for some in all_of:
        yield from _together(some)


def _as_said_and_meant(units: Iterable[Unit]) -> list[tuple[str, ...]]:
    """Return the words of units as they were said, and in English where that differs."""
    pairs = [(unit.corrected, unit.meant) for unit in units]
    ways = (tuple(chain.from_iterable(way)) for way in zip(*pairs, strict=True))
    return list(dict.fromkeys(ways))


def _together(words: Sequence[str]) -> Iterator[Query]:
    """Put words that stand together, best in a name, before words far apart."""
    if len(words) > 1:
        yield _near("stems", words, 2, TOGETHER)
        for field in NAMES:
            yield _near(field, words, 1, IN_NAME)
    if len(words) > 2:
        for pair in pairwise(words):
            yield _near("stems", pair, 1, NEIGHBOURS)


def _trimmed(words: Sequence[str]) -> list[str]:
    """Return the words without small ones at the ends."""
    kept = [at for at, word in enumerate(words) if word not in STOP_WORDS]
    return list(words[kept[0] : kept[-1] + 1]) if kept else list(words)


def _all(units: Sequence[Unit]) -> Query:
    """Find what has all words."""
    return Query.boolean_query([(Occur.Must, unit.query) for unit in units])


def _most(needed: Sequence[Unit]) -> Query:
    """Find what has enough of the weight; more of it counts more than the same word often.

    Two conditions that whatever has enough fulfils: at least so many words, and one of those
    without which the others would not do.
    """
    units = sorted(needed, key=lambda unit: unit.weight)
    wanted = ENOUGH * sum(unit.weight for unit in units)
    heaviest = accumulate(unit.weight for unit in reversed(units))
    least = 1 + sum(weight < wanted for weight in heaviest)
    upwards = accumulate(unit.weight for unit in units)
    heavy = [unit for unit, weight in zip(units, upwards, strict=True) if weight >= wanted]
    return Query.boolean_query(
        [
            (Occur.Must, Query.boolean_query([(Occur.Should, u.covered) for u in units], least)),
            (Occur.Must, Query.const_score_query(_any([u.query for u in heavy]), 0.0)),
        ]
    )


def _any(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _understood(words: Sequence[str], units: Sequence[Unit]) -> list[str]:
    """Return the words as they were understood."""
    spelt = {
        said: meant
        for unit in units
        for said, meant in zip(unit.words, unit.corrected, strict=True)
    }
    return [spelt.get(word, word) for word in words]


def _corrected(words: Sequence[str], units: Sequence[Unit]) -> list[str]:
    """Return the words as they were understood; none when every word was right."""
    understood = _understood(words, units)
    return understood if understood != list(words) else []
