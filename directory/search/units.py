"""How a question is understood: cut into units, each with the query that finds it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log

import tantivy
from tantivy import Occur, Query

from directory.search.budget import Budget, Cut
from directory.search.index import SCHEMA
from directory.search.marks import Sought, spellings
from directory.search.spelling import corrections, otherwise
from directory.search.words import (
    KIND,
    KIND_VOCABULARIES,
    LONGEST_PHRASE,
    MOST_PAIRS,
    OTHER,
    PERHAPS_NAMES,
    SENTENCE,
    STOP_WORDS,
    TONGUES,
    Phrase,
    Synonyms,
    TermKey,
    is_unspaced,
    stem,
    telling,
    term_word,
)

WEIGHTS = {"name": 3.0, "alias": 2.5, "summary": 1.5, "terms": 1.0, "stems": 1.0}
"""How much a word counts in each group of text."""

ALSO = 0.3
"""How much counts what a word or phrase finds besides its best place."""

CARRIED, CONTAINED = 2.0, 1.0
"""How much it counts that an entry carries a term, or one within it."""

OF_KIND, LIKE_KIND, KIND_SAID = 2.0, 2.0, 0.5
"""Asked for a course: how much counts a course, any training, and the mere word."""

COVERED = 4.0
"""How much a word counts by itself when not every entry found has all words."""

BEGINNING, NAME_BEGINNING = 0.3, 4.0
SPELLING = 0.3
"""What share of the time of a question may be spent before a word is looked at for mistakes."""

SHORTEST_PREFIX = 3
SHORTEST_KNOWN_PREFIX = 4


@dataclass(frozen=True, eq=False)
class Unit:
    """A word, or words that belong together, with the query that finds them.

    `weight` is how much it tells; what is not `needed` only moves entries up, and so does what is
    like it. `meant` is what is meant in the language of most entries. `sought` is what to mark in a
    text.
    """

    query: Query
    words: Sequence[str]
    corrected: Sequence[str]
    meant: Sequence[str]
    weight: float
    needed: bool
    like: Sequence[Query]
    sought: Sought

    @property
    def covered(self) -> Query:
        """Return the query that also counts the word as such, for where not all entries have it."""
        by_itself = Query.const_score_query(Query.all_query(), COVERED * self.weight)
        return Query.boolean_query([(Occur.Must, self.query), (Occur.Must, by_itself)])


class Understanding:
    """Understands questions in the words of one state of the index."""

    def __init__(self, searcher: tantivy.Searcher, synonyms: Synonyms) -> None:
        self._searcher = searcher
        self._synonyms = synonyms

    def units(self, words: list[str], budget: Budget) -> Iterator[Unit]:
        """Cut a text into words and known phrases; leave out what only joins them."""
        meaningful = telling(words)
        perhaps = PERHAPS_NAMES if len(meaningful) >= SENTENCE else frozenset[str]()
        kinds = not all(self._synonyms.kinds([word]) for word in meaningful)
        at = 0
        while at < len(words):
            length = (
                self._synonyms.longest(words, at)
                or self._ending(words, at)
                or self._run(words, at)
                or self._compound(words, at)
            )
            some = words[at : at + max(1, length)]
            at += len(some)
            alone = len(some) == 1 or is_unspaced(some[0])
            if alone and not any(word in meaningful for word in some):
                continue
            wanted = self._synonyms.kinds(some) if kinds else []
            letter = len(some[0]) == 1 == len(some) < len(meaningful) and some[0].isascii()
            needed = not (wanted or letter or some[0] in perhaps)
            yield self._unit(some, budget, last=at >= len(words), wanted=wanted, needed=needed)

    def _ending(self, words: list[str], start: int) -> int:
        """Return how many words are left when they begin a label: electronic comm."""
        rest = words[start:]
        return len(rest) if 1 < len(rest) <= LONGEST_PHRASE and self._synonyms.begun(rest) else 0

    def _run(self, words: list[str], start: int) -> int:
        """Return how many characters without spaces follow, up to where a known phrase begins."""
        length = 0
        for end in range(start, len(words)):
            if not is_unspaced(words[end]) or (length and self._synonyms.longest(words, end) > 1):
                break
            length += 1
        return length

    def _compound(self, words: list[str], start: int) -> int:
        """Return 2 when somebody writes this word and the next as one: cyber security."""
        two = "".join(words[start : start + 2])
        return 2 if two != words[start] and self._count("stems", stem(two)) else 0

    def _unit(
        self,
        words: list[str],
        budget: Budget,
        *,
        last: bool,
        wanted: list[TermKey],
        needed: bool,
    ) -> Unit:
        known = len(words) > 1 and bool(self._synonyms.terms(words))
        ends = [last and position == len(words) for position in range(1, len(words) + 1)]
        understood = [
            self._word(word, budget, last=end, known=known)
            for word, end in zip(words, ends, strict=True)
        ]
        parts, corrected = [query for query, _ in understood], [spelt for _, spelt in understood]
        if is_unspaced(words[0]) and len(words) > 1:
            here = _phrase(tuple(words)) if known else _characters(words)
        elif len(parts) == 1:
            here = parts[0]
        else:
            here = Query.boolean_query([(Occur.Must, part) for part in parts])
        like: list[Query] = []
        if wanted:
            ways, like = self._kinds(here, parts, wanted)
        else:
            ways = [here, *self._same(corrected, last=last)]
        meant = [] if wanted else self._synonyms.in_english(corrected)
        if told := telling(meant):
            ways.append(Query.boolean_query([(Occur.Must, self._exact(word)) for word in told]))
        query = Query.disjunction_max_query(ways, ALSO) if len(ways) > 1 else here
        sought = self._sought(words, corrected, told, last=last, needed=needed)
        weight = self._weight(corrected)
        return Unit(query, words, corrected, meant or corrected, weight, needed, like, sought)

    def _sought(
        self,
        words: list[str],
        corrected: list[str],
        meant: list[str],
        *,
        last: bool,
        needed: bool,
    ) -> Sought:
        """Return what shows in a text that an entry was found by these words."""
        understood = [
            [spelt for spelt in (meant, said, otherwise(said)) if spelt]
            for said, meant in zip(words, corrected, strict=True)
        ]
        phrases = [*self._synonyms.alternatives(corrected)]
        phrases += [(stem("".join(words)),)] if len(words) > 1 else []
        terms = self._synonyms.terms(corrected) or (self._begun(words) if last else ())
        begins = words[-1] if last else ""
        some = _beside(spellings(words, understood), meant)
        return Sought(some, begins, tuple(phrases), tuple(terms), needed)

    def _kinds(
        self, here: Query, parts: Sequence[Query], wanted: Sequence[TermKey]
    ) -> tuple[list[Query], list[Query]]:
        """Return what finds a kind of thing, and what is like it: half its name, any training.

        A course is a course whether or not its name says so, so that words count less here.
        """
        exactly = [self._of_kind(term, OF_KIND) for term in wanted if term[0] != KIND]
        alike = [self._of_kind(term, LIKE_KIND) for term in wanted if term[0] == KIND]
        halves = [Query.boost_query(part, KIND_SAID) for part in parts if len(parts) > 1]
        return [Query.boost_query(here, KIND_SAID), *(exactly or alike)], [*halves, *alike]

    def _weight(self, words: Sequence[str]) -> float:
        """Return how much these words tell, or what they name: a whole name tells most."""
        name = " ".join(words)
        if named := sum(self._count(field, name) for field in ("exact_name", "exact_alias")):
            return self._telling(named)
        having = min(max(n for _, _, n in self._ways(word)) for word in words)
        for term in self._synonyms.terms(words):
            carried = [self._count(field, term_word(term)) for field in ("carries", "within")]
            having = max(having, *carried)
        telling = self._telling(having)
        # That nothing carries a known term is a finding; the rest of the question still counts.
        return telling if having or not self._synonyms.terms(words) else telling / 2

    def _telling(self, having: int) -> float:
        """Return the inverse document frequency of what so many entries have."""
        having = min(having, self._searcher.num_docs)
        return log(1 + (self._searcher.num_docs - having + 0.5) / (having + 0.5))

    def _is_held(self, word: str) -> bool:
        """Say whether an entry has the word today."""
        return bool(self._searcher.search(self._exact(word), limit=1, count=False).hits)

    def _ways(self, word: str) -> Iterator[tuple[str, str, int]]:
        """Yield a field and the stem that a word has there, with how many entries have it."""
        for field, of in (("stems", stem(word)), *((f, stem(word, f)) for f in TONGUES.values())):
            yield field, of, self._count(field, of)

    def _exact(self, word: str) -> Query:
        """Find a word by its stem, worth more where it says more."""
        places = [
            Query.boost_query(Query.term_query(SCHEMA, field, stem(word), "freq"), weight)
            for field, weight in WEIGHTS.items()
        ]
        places += [
            Query.term_query(SCHEMA, field, of, "freq")
            for field, of, count in self._ways(word)
            if count and field not in WEIGHTS
        ]
        return Query.disjunction_max_query(places, ALSO)

    def _count(self, field: str, word: str) -> int:
        found: int = self._searcher.doc_freq(field, word)
        return found

    def _of_kind(self, term: TermKey, weight: float) -> Query:
        """Find what is of a kind, worth more where few are; not who merely offers such things."""
        both = {term, (KIND, KIND_VOCABULARIES.get(term[0], term[1]))}
        queries = [Query.term_query(SCHEMA, "carries", term_word(t), "basic") for t in both]
        query = Query.boolean_query([(Occur.Must, query) for query in queries])
        telling = self._telling(self._count("carries", term_word(term)))
        return Query.const_score_query(query, weight * telling)

    def _same(self, words: list[str], *, last: bool) -> Iterator[Query]:
        """Find what carries the term that these words name, or says it in other words."""
        others = [
            _said(phrase, sure) for phrase, sure in self._synonyms.alternatives(words).items()
        ]
        others += [_phrase((stem("".join(words)),))] if len(words) > 1 else []
        if others:
            yield Query.disjunction_max_query(others)
        terms = self._synonyms.terms(words)
        if last and not terms:
            terms = dict.fromkeys(self._begun(words), BEGINNING)
        for field, weight in (("carries", CARRIED), ("within", CONTAINED)) if terms else ():
            found = [
                Query.boost_query(
                    Query.term_query(SCHEMA, field, term_word(term), "basic"), weight * sure
                )
                for term, sure in terms.items()
            ]
            yield Query.disjunction_max_query(found)

    def _begun(self, words: list[str]) -> list[TermKey]:
        """Return the terms whose label somebody is about to type; one word must be new for that."""
        if len(words) == 1 and (len(words[0]) < SHORTEST_PREFIX or self._count("words", words[0])):
            return []
        return self._synonyms.begun(words)

    def _halves(self, word: str) -> Iterator[tuple[str, str]]:
        """Yield two known words that somebody has written as one."""
        for at in range(SHORTEST_PREFIX, len(word) - SHORTEST_PREFIX + 1):
            if self._count("words", word[:at]) and self._count("words", word[at:]):
                yield word[:at], word[at:]

    def _corrections(self, word: str, budget: Budget) -> Iterator[str]:
        """Yield what may be meant by a word nobody wrote, while there is time."""
        if budget.allows(Cut.SPELLING, SPELLING):
            known, held = self._synonyms.offered, self._is_held
            yield from corrections(self._searcher, word, known=known, held=held)

    def _word(self, word: str, budget: Budget, *, last: bool, known: bool) -> tuple[Query, str]:
        """Return the query for one word, and how it was understood; it may be `known` already."""
        written = self._count("words", word) > 0
        shortest = SHORTEST_KNOWN_PREFIX if written else 1 if last else SHORTEST_PREFIX
        ways = [self._exact(word)]
        if (other := otherwise(word)) and self._count("stems", stem(other)):
            ways.append(self._exact(other))
        begun = len(word) >= shortest and self._searcher.terms_with_prefix("words", word, limit=2)
        if begun and any(found != word for found, _ in begun):
            named = BEGINNING if written else NAME_BEGINNING
            ways += [_begins("words", word, BEGINNING), _begins("name", word, named)]
        spelt = word
        understood = (
            known or written or begun or len(ways) > 1 or bool(self._synonyms.known([word]))
        )
        if not understood and not any(n for _, _, n in self._ways(word)):
            ways += [_phrase((stem(one), stem(other))) for one, other in self._halves(word)]
            for corrected in self._corrections(word, budget):
                spelt = corrected if spelt == word else spelt
                ways.append(self._exact(corrected))
        return (ways[0] if len(ways) == 1 else Query.disjunction_max_query(ways, ALSO)), spelt


def _beside(
    spelt: tuple[tuple[str, ...], ...], meant: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    """Let what is meant in another language count as the words said, in their order.

    The two need not have as many words: each word said stands for its share of those meant.
    """
    many = len(spelt)
    starts = [len(meant) * at // many for at in range(many + 1)]
    return tuple(
        (*words, *meant[start : max(start + 1, end)])
        for words, (start, end) in zip(spelt, pairwise(starts), strict=True)
    )


def _begins(field: str, word: str, weight: float) -> Query:
    """Find words that begin so: a fuzzy beginning, with no letter wrong.

    To make a pattern of it would take 0.2 ms and a tenth of a megabyte.
    """
    return Query.const_score_query(
        Query.fuzzy_term_query(SCHEMA, field, word, distance=0, prefix=True), weight
    )


def _phrase(stems: Phrase, field: str = "stems") -> Query:
    """Find stems that stand in a row."""
    if len(stems) == 1:
        return Query.term_query(SCHEMA, field, stems[0], "freq")
    return Query.phrase_query(SCHEMA, field, list(stems))


def _characters(words: Sequence[str]) -> Query:
    """Find words of a script without spaces: in a row, or most pairs of neighbours.

    Nobody says where a word ends, and a pair that belongs to two words need not stand anywhere.
    """
    whole = _phrase(tuple(words))
    pairs = [pair for pair in pairwise(words) if not STOP_WORDS.intersection(pair)]
    if len(words) < 3 or not pairs:
        return whole
    least = ceil(MOST_PAIRS * len(pairs))
    loose = Query.boolean_query([(Occur.Should, _phrase(pair)) for pair in pairs], least)
    return Query.disjunction_max_query([Query.boost_query(whole, 2.0), loose], ALSO)


def _said(phrase: Phrase, sure: float) -> Query:
    """Find another name of what is looked for; a sure one best in the name of an entry."""
    if sure < OTHER:
        return Query.boost_query(_phrase(phrase), sure)
    named = Query.boost_query(_phrase(phrase, "name"), WEIGHTS["name"])
    return Query.boost_query(Query.disjunction_max_query([named, _phrase(phrase)], ALSO), sure)
