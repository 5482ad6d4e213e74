"""What is asked of both applications: six classes of text, half of them with filters."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from directory.search.words import STOP_WORDS

CLASSES = ("no text", "common word", "rare word", "two words", "prefix", "typo")
EACH = 60
COMMON, MIDDLE = (0.10, 0.25), (0.002, 0.05)
RARE = (2, 20)
MANY = 100_000
"""Up to so many entries a rare word stands in that few; among more, in as small a share."""

ONE_OF = 20
LETTERS = "abcdefghijklmnopqrstuvwxyz"
FILTERS = (0, 0, 0, 0, 0, 1, 1, 1, 2, 2)
"""Half of the questions have none; questions without a text have at least one."""


@dataclass(frozen=True)
class Question:
    """A text of one class, with filters that both applications have."""

    of: str
    text: str
    filters: tuple[tuple[str, str], ...]


@dataclass
class Corpus:
    """In how many entries each word and each value stands, and the words of some entries."""

    count: int = 0
    frequency: Counter[str] = field(default_factory=Counter)
    values: dict[str, Counter[str]] = field(default_factory=dict)
    some: list[list[str]] = field(default_factory=list)

    def add(self, text: str, values: Mapping[str, str | None]) -> None:
        """Take one entry."""
        words = sorted({word for word in text.lower().split() if word not in STOP_WORDS})
        self.frequency.update(words)
        if self.count % ONE_OF == 0:
            self.some.append(words)
        self.count += 1
        for name, value in values.items():
            if value is not None:
                self.values.setdefault(name, Counter())[value] += 1

    @cached_property
    def words(self) -> list[str]:
        """Return every word in the order of the alphabet."""
        return sorted(self.frequency)

    def between(self, least: float, most: float) -> list[str]:
        """Return the words that stand in so many entries."""
        return [w for w in self.words if least <= self.frequency[w] <= most]

    def times(self, times: int) -> "Corpus":
        """Return the corpus of so many times the same entries."""
        return Corpus(
            self.count * times,
            Counter({word: n * times for word, n in self.frequency.items()}),
            {
                name: Counter({v: n * times for v, n in values.items()})
                for name, values in self.values.items()
            },
            self.some,
        )

    def begins(self, start: str) -> bool:
        """Say whether any word begins so."""
        at = bisect_left(self.words, start)
        return at < len(self.words) and self.words[at].startswith(start)


def questions(
    corpus: Corpus, rng: Random, each: int = EACH, *, but: Collection[Question] = ()
) -> list[Question]:
    """Return so many questions of each class, shuffled; the same for the same corpus and seed.

    No question stands there twice, nor any of `but`.
    """
    texts = _Texts(corpus, rng)
    found: dict[Question, None] = {}
    for of in CLASSES:
        wanted = len(found) + each
        while len(found) < wanted:
            filters = _filters(corpus, rng, without_text=of == "no text")
            question = Question(of, texts.of(of), filters)
            if question not in but:
                found[question] = None
    shuffled = list(found)
    rng.shuffle(shuffled)
    return shuffled


def _filters(corpus: Corpus, rng: Random, *, without_text: bool) -> tuple[tuple[str, str], ...]:
    count = rng.choice(FILTERS)
    names = rng.sample(sorted(corpus.values), max(count, 1) if without_text else count)
    return tuple(
        (name, rng.choices(list(values), list(values.values()))[0])
        for name in names
        if (values := corpus.values[name])
    )


class _Texts:
    def __init__(self, corpus: Corpus, rng: Random) -> None:
        count = corpus.count
        self._corpus, self._rng = corpus, rng
        self._common = corpus.between(COMMON[0] * count, COMMON[1] * count)
        times = max(1.0, count / MANY)
        self._rare = corpus.between(RARE[0] * times, RARE[1] * times)
        self._middle = set(corpus.between(MIDDLE[0] * count, MIDDLE[1] * count))
        self._known = corpus.between(RARE[0], count)

    def of(self, name: str) -> str:
        """Return a text of one class."""
        rng = self._rng
        if name == "common word":
            return rng.choice(self._common)
        if name == "rare word":
            return rng.choice(self._rare)
        if name == "two words":
            return " ".join(rng.sample(self._together(), 2))
        if name == "prefix":
            return rng.choice(self._known)[: rng.randint(3, 5)]
        return self._typo() if name == "typo" else ""

    def _together(self) -> list[str]:
        """Return words that stand in one entry, so that asking for two of them finds something."""
        while True:
            found = [w for w in self._rng.choice(self._corpus.some) if w in self._middle]
            if len(found) > 1:
                return found

    def _typo(self) -> str:
        """Return a word with one mistake, with which no known word begins."""
        while True:
            word = self._rng.choice(self._known)
            typos = [t for t in _mistakes(word, self._rng) if not self._corpus.begins(t)]
            if typos:
                return self._rng.choice(typos)


def _mistakes(word: str, rng: Random) -> Iterator[str]:
    at = rng.randrange(1, len(word) - 1)
    before, after = word[:at], word[at:]
    yield before + after[1:]
    yield before + after[1] + after[0] + after[2:]
    yield before + rng.choice(LETTERS) + after[1:]
    yield before + rng.choice(LETTERS) + after
