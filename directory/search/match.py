"""From words to entries: which match, how well, and how the words were understood.

Queries are put together term by term, never parsed, so that no text can be a wrong query.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import tantivy
from pyroaring import BitMap
from tantivy import Occur, Query

from directory.search.index import SCHEMA, term_word
from directory.search.words import (
    LONGEST_PHRASE,
    STOP_WORDS,
    Phrase,
    Synonyms,
    TermKey,
    is_unspaced,
    query_words,
    stem,
    whole,
)

WEIGHTS = {"name": 8.0, "alias": 5.0, "terms": 3.0, "summary": 2.0, "stems": 1.0}
WHOLE_NAME, WHOLE_ALIAS = 1000.0, 500.0
CARRIED, CONTAINED = 2.0, 0.5
SAME_TERM, BEGINNING, NAME_BEGINNING, TOGETHER, EACH_WORD = 1.0, 0.3, 4.0, 2.0, 10.0
SHORTEST_PREFIX = 3
SHORTEST_TYPO = 4
MOST_CORRECTIONS = 3
FIRST_HITS = 1_000

_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "абвгдежзиклмнопрстуфхцчшщъыьэюяё",
    "αβγδεζηθικλμνξοπρσςτυφχψω",
    "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي",
)


@dataclass(frozen=True)
class Match:
    """The entries a text finds, best first, with their scores."""

    order: "array[int]"
    scores: "array[float]"
    corrected: str | None = None
    relaxed: bool = False

    @cached_property
    def numbers(self) -> BitMap:
        """Return the entries as a set."""
        return BitMap(self.order)

    def page(self, chosen: BitMap, offset: int, limit: int) -> list[tuple[int, float]]:
        """Return a page of the chosen entries, best first, with their scores."""
        pairs = zip(self.order, self.scores, strict=True)
        return list(islice((p for p in pairs if p[0] in chosen), offset, offset + limit))


@dataclass(frozen=True)
class _Unit:
    """A word, or words that belong together, with the query that finds them."""

    query: Query
    words: Sequence[str]
    corrected: Sequence[str]


class Matcher:
    """Finds entries by text in one state of the index."""

    def __init__(self, searcher: tantivy.Searcher, synonyms: Synonyms) -> None:
        self._searcher = searcher
        self._synonyms = synonyms

    def match(self, text: str, *, relaxed: bool = False) -> Match | None:
        """Return what has all words of a text, or most when `relaxed`; None without words.

        A word is found by its stem, by its beginning, by other names of the term it names, and
        when nobody ever wrote it, by what is one edit away.
        """
        words = query_words(text)
        units = list({tuple(unit.words): unit for unit in self._units(words)}.values())
        if not units:
            return None
        bonuses = [(Occur.Should, bonus) for bonus in self._bonuses(whole(text), units)]
        order, scores = array("I"), array("f")
        if not relaxed:
            order, scores = self._all_hits(_all(units), bonuses)
        elif len(units) > 1:
            # Half of the words, or where nothing has even those, any.
            for least in ((len(units) + 1) // 2, 1):
                if not order:
                    order, scores = self._all_hits(_most(units, least), bonuses)
        return Match(order, scores, _corrected(words, units), relaxed)

    def _all_hits(
        self, wanted: Query, bonuses: list[tuple[Occur, Query]]
    ) -> "tuple[array[int], array[float]]":
        """Bring every hit, best first. Few words are common: most need one short search."""
        query = Query.boolean_query([(Occur.Must, wanted), *bonuses])
        found: Any = self._searcher.search(query, limit=FIRST_HITS, count=True)
        hits = found.hits
        if found.count > FIRST_HITS:
            hits = self._searcher.search(query, limit=found.count, count=False).hits
        addresses = [address for _, address in hits]
        numbers: Any = self._searcher.fast_field_values("number", addresses)
        return array("I", numbers), array("f", [score for score, _ in hits])

    def _bonuses(self, name: str, units: Sequence[_Unit]) -> Iterator[Query]:
        """Put whole names first, and words that stand together before words far apart."""
        for field, weight in (("exact_name", WHOLE_NAME), ("exact_alias", WHOLE_ALIAS)):
            yield Query.const_score_query(Query.term_query(SCHEMA, field, name), weight)
        if len(units) > 1:
            kept: list[Any] = [stem(word) for unit in units for word in unit.corrected]
            yield Query.boost_query(Query.phrase_query(SCHEMA, "stems", kept, 2), TOGETHER)

    def _units(self, words: list[str]) -> Iterator[_Unit]:
        """Cut a text into words and known phrases; leave out what only joins them."""
        meaningful = [w for w in words if w not in STOP_WORDS] or words
        at = 0
        while at < len(words):
            length = (
                self._synonyms.longest(words, at)
                or self._ending(words, at)
                or _run(words, at)
                or self._compound(words, at)
            )
            some = words[at : at + max(1, length)]
            at += len(some)
            if len(some) == 1 and some[0] not in meaningful:
                continue
            yield self._unit(some, last=at >= len(words))

    def _ending(self, words: list[str], start: int) -> int:
        """Return how many words are left when they begin a label: electronic comm."""
        rest = words[start:]
        return len(rest) if 1 < len(rest) <= LONGEST_PHRASE and self._synonyms.begun(rest) else 0

    def _compound(self, words: list[str], start: int) -> int:
        """Return 2 when somebody writes this word and the next as one: cyber security."""
        two = "".join(words[start : start + 2])
        return 2 if self._searcher.doc_freq("words", two) and two != words[start] else 0

    def _unit(self, words: list[str], *, last: bool) -> _Unit:
        corrected: list[str] = []
        parts = []
        for position, word in enumerate(words):
            query, spelt = self._word(word, last=last and position == len(words) - 1)
            parts.append(query)
            corrected.append(spelt)
        if is_unspaced(words[0]) and len(words) > 1:
            here = _phrase(tuple(words))
        else:
            here = (
                parts[0]
                if len(parts) == 1
                else Query.boolean_query([(Occur.Must, part) for part in parts])
            )
        ways = [here, *self._same(corrected, last=last)]
        either = Query.boolean_query([(Occur.Should, way) for way in ways])
        return _Unit(either if len(ways) > 1 else here, words, corrected)

    def _same(self, words: list[str], *, last: bool) -> Iterator[Query]:
        """Find what carries the term that these words name, or says it in other words."""
        others = [_phrase(p) for p in self._synonyms.alternatives(words)]
        others += [_phrase((stem("".join(words)),))] if len(words) > 1 else []
        if others:
            yield Query.boost_query(Query.disjunction_max_query(others), SAME_TERM)
        terms, sure = self._synonyms.terms(words), 1.0
        if last and not terms:
            terms, sure = self._begun(words), BEGINNING
        for field, weight in (("carries", CARRIED), ("within", CONTAINED)) if terms else ():
            found = [Query.term_query(SCHEMA, field, term_word(t), "basic") for t in terms]
            yield Query.boost_query(Query.disjunction_max_query(found), weight * sure)

    def _begun(self, words: list[str]) -> list[TermKey]:
        """Return the terms whose label somebody is about to type; one word must be new for that."""
        if len(words) == 1 and (
            len(words[0]) < SHORTEST_PREFIX or self._searcher.doc_freq("words", words[0])
        ):
            return []
        return self._synonyms.begun(words)

    def _word(self, word: str, *, last: bool) -> tuple[Query, str]:
        """Return the query for one word, and how it was understood."""
        known = self._searcher.doc_freq("words", word) > 0
        shortest = 1 if last and not known else 2 if last else SHORTEST_PREFIX
        ways = [(Occur.Should, _exact(word))]
        begun = len(word) >= shortest and self._searcher.terms_with_prefix("words", word, limit=2)
        if begun and any(found != word for found, _ in begun):
            ways += [
                (Occur.Should, _begins("words", word, BEGINNING)),
                (Occur.Should, _begins("name", word, NAME_BEGINNING)),
            ]
        spelt = word
        if not (known or begun or self._synonyms.knows(word)) and not self._searcher.doc_freq(
            "stems", stem(word)
        ):
            for corrected in self._corrections(word):
                spelt = corrected if spelt == word else spelt
                ways.append((Occur.Should, _exact(corrected)))
        return (ways[0][1] if len(ways) == 1 else Query.boolean_query(ways)), spelt

    def _corrections(self, word: str) -> list[str]:
        """Return the known words one edit away, the most frequent first."""
        if len(word) < SHORTEST_TYPO:
            return []
        count = self._searcher.doc_freq
        known = [
            (-n, edit)
            for edit in _edits(word)
            if (n := count("words", edit) or self._synonyms.knows(edit))
        ]
        return [edit for _, edit in sorted(known)[:MOST_CORRECTIONS]]


def _run(words: list[str], start: int) -> int:
    """Return how many characters without spaces between them follow from here."""
    end = start
    while end < len(words) and is_unspaced(words[end]):
        end += 1
    return end - start


def _exact(word: str) -> Query:
    """Find a word by its stem, worth more where it says more."""
    of = stem(word)
    return Query.boolean_query(
        [
            (Occur.Should, Query.boost_query(Query.term_query(SCHEMA, field, of, "freq"), weight))
            for field, weight in WEIGHTS.items()
        ]
    )


def _begins(field: str, word: str, weight: float) -> Query:
    """Find words that begin so. Folded words hold no character that means more in a pattern."""
    return Query.const_score_query(Query.regex_query(SCHEMA, field, f"{word}.*"), weight)


def _phrase(stems: Phrase) -> Query:
    """Find stems that stand in a row."""
    if len(stems) == 1:
        return Query.term_query(SCHEMA, "stems", stems[0], "freq")
    return Query.phrase_query(SCHEMA, "stems", list(stems))


def _edits(word: str) -> set[str]:
    """Return everything one edit away: a letter less, more, other, or two swapped."""
    alphabet = next((a for a in _ALPHABETS if word[0] in a), "".join(sorted(set(word))))
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    found = {a + b[1:] for a, b in cuts if b}
    found |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    found |= {a + c + b[1:] for a, b in cuts if b for c in alphabet}
    found |= {a + c + b for a, b in cuts for c in alphabet}
    return found - {word}


def _all(units: Sequence[_Unit]) -> Query:
    """Find what has all words."""
    return Query.boolean_query([(Occur.Must, unit.query) for unit in units])


def _most(units: Sequence[_Unit], least: int) -> Query:
    """Find what has at least so many words; more words weigh more than the same ones often."""
    each = Query.const_score_query(Query.all_query(), EACH_WORD)
    parts = [
        (Occur.Should, Query.boolean_query([(Occur.Must, unit.query), (Occur.Must, each)]))
        for unit in units
    ]
    return Query.boolean_query(parts, least)


def _corrected(words: Sequence[str], units: Sequence[_Unit]) -> str | None:
    """Return the question as it was understood; None when every word was right."""
    spelt = {
        said: meant
        for unit in units
        for said, meant in zip(unit.words, unit.corrected, strict=True)
        if said != meant
    }
    return " ".join(spelt.get(word, word) for word in words) if spelt else None
