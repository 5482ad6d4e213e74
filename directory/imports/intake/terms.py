"""Terms of the vocabularies in a text, by their labels and the other names people use."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from directory.entries.vocabularies import Vocabularies
from directory.imports.intake.context import Known
from directory.imports.intake.cues import Cues, key_of


@dataclass(frozen=True)
class Reader:
    """What one state of the vocabularies knows: cues, labels, and where they stand in a text."""

    words: Vocabularies

    @cached_property
    def known(self) -> Known:
        """Return what the rules for names need of it."""
        short = {
            label
            for terms in self.words.terms.values()
            for term in terms.values()
            for label in (*term.alt_labels, term.label)
            if label.isupper() and len(label) <= 6
        }
        places = {
            label.casefold()
            for name in ("countries", "regions")
            for term in self.words.of(name).values()
            for label in (term.label, *term.alt_labels)
        }
        return Known(Cues.read(self.words), frozenset(short), frozenset(places))

    @cached_property
    def _indexes(self) -> dict[str, "_Index"]:
        return {}

    def index(self, vocabulary: str) -> "_Index":
        """Return the names of a vocabulary by their words."""
        if vocabulary not in self._indexes:
            self._indexes[vocabulary] = _Index.of(self.words, vocabulary)
        return self._indexes[vocabulary]

    def found(self, vocabulary: str, text: str) -> Iterator[tuple[str, int, int]]:
        """Yield (code, start, end) of each term that a text names, the longest name first.

        Short forms such as COP are found only as they are written.
        """
        index = self.index(vocabulary)
        words = _read_words(text)
        at = 0
        while at < len(words):
            name = index.longest(words, at)
            if name is None:
                at += 1
                continue
            start, end = words[at][1], words[at + len(name) - 1][2]
            said = text[start:end]
            if len(said) > 4 or said.isupper() or not index.is_short(name):
                yield index.codes[name], start, end
            at += len(name)

    def heading(self, vocabulary: str, text: str) -> str | None:
        """Return the term that a heading is the label or another name of."""
        index = self.index(vocabulary)
        for part in (text, *re.split(r"\s*[::–—|/]\s*", text)):
            plain = re.sub(r"\s*\([^)]*\)$", "", part).strip(" .:")
            words = tuple(w for w, _, _ in _read_words(plain))
            if found := index.codes.get(words) or index.by_key.get(key_of(plain)):
                return found
        return None

    def code(self, vocabulary: str, text: str) -> str | None:
        """Return the term whose name a text is, or else the first that it names."""
        return self.heading(vocabulary, text) or next(
            (code for code, _, _ in self.found(vocabulary, text)), None
        )


_WORDS = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
_MOST_WORDS = 10


@lru_cache(maxsize=2048)
def _read_words(text: str) -> list[tuple[str, int, int]]:
    return [(key_of(m[0]) or m[0], m.start(), m.end()) for m in _WORDS.finditer(text)]


@dataclass(frozen=True)
class _Index:
    """The names of a vocabulary as tuples of words in small letters, by their first word."""

    codes: dict[tuple[str, ...], str]
    lengths: dict[str, list[int]]
    by_key: dict[str, str]
    shorts: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, words: Vocabularies, vocabulary: str) -> "_Index":
        codes: dict[tuple[str, ...], str] = {}
        by_key: dict[str, str] = {}
        shorts = set()
        for code in words.of(vocabulary):
            for label in words.words(vocabulary, code):
                name = tuple(w for w, _, _ in _read_words(label))
                if not name or len(name) > _MOST_WORDS or len(label) < 2:
                    continue
                codes.setdefault(name, code)
                by_key.setdefault(key_of(label), code)
                if len(label) <= 4 and label.isupper():
                    shorts.add(name)
        lengths: dict[str, set[int]] = {}
        for name in codes:
            lengths.setdefault(name[0], set()).add(len(name))
        ordered = {w: sorted(found, reverse=True) for w, found in lengths.items()}
        return cls(codes, ordered, by_key, frozenset(shorts))

    def longest(self, words: list[tuple[str, int, int]], at: int) -> tuple[str, ...] | None:
        """Return the longest name that starts at a word, or None."""
        for length in self.lengths.get(words[at][0], ()):
            name = tuple(w for w, _, _ in words[at : at + length])
            if name in self.codes:
                return name
        return None

    def is_short(self, name: tuple[str, ...]) -> bool:
        """Say whether a name is a short form in capitals."""
        return name in self.shorts
