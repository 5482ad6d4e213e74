"""Where the words of a question stand in a text: marks, and the piece of text around them.

A word is recognised as the index does it: folded, by its stem, by its beginning while somebody
types, by other phrases for the same term. A text is read as it stands, so that a mark begins and
ends with a word of it, whatever accents or vowel signs that has.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from directory.search.words import (
    MARKS,
    MOST_PAIRS,
    STOP_WORDS,
    TONGUES,
    UNSPACED,
    Phrase,
    TermKey,
    is_unspaced,
    stem,
    words_of,
)

Part = tuple[str, bool]
"""A piece of text, and whether it is marked."""

Span = tuple[int, int]
_Place = tuple[int, int]
"""A unit of the question, and a word of it."""

LONGEST_READ = 20_000
"""Characters of one text that are read for marks."""

AROUND, BEFORE = 170, 50
"""Characters of a piece of text, and how many of them stand before the first mark."""

SHORTEST_BEGINNING = 3

# One character of a script without spaces, or letters, digits and their accents in a row.
_TOKEN = re.compile(f"[{UNSPACED}]|(?:[^\\W{UNSPACED}]|[{MARKS}])+")
_JOINT = re.compile(r"[\s\-\u2010\u2011'\u2019]?")


@dataclass(frozen=True)
class Sought:
    """What is looked for as one: its words as they were understood, and what else stands for it.

    `words` has by word the spellings that count as it; in a script without spaces a word is a pair
    of neighbours.
    """

    words: tuple[tuple[str, ...], ...]
    begins: str
    phrases: tuple[Phrase, ...]
    terms: tuple[TermKey, ...]
    needed: bool


def spellings(
    words: Sequence[str], understood: Iterable[Iterable[str]]
) -> tuple[tuple[str, ...], ...]:
    """Return by word what counts as it; small words among others do not count."""
    if len(words) > 1 and is_unspaced(words[0]):
        return tuple((one + other,) for one, other in pairwise(words))
    some = [tuple(dict.fromkeys(spelt)) for spelt in understood]
    return tuple(spelt for spelt in some if spelt[0] not in STOP_WORDS) or tuple(some)


@dataclass(frozen=True)
class Seeking:
    """A question, as what is looked for in a text."""

    units: tuple[Sought, ...]

    def read(self, text: str, language: str = "") -> tuple[list[Span], set[_Place]]:
        """Return what to mark in a text (BCP 47 language), and which words were found."""
        tongue = TONGUES.get(language)
        spans: list[Span] = []
        found: set[_Place] = set()
        plain = text.isascii()
        # In small letters one pattern does; where letters have accents, every word is looked at.
        tokens, read = (self._likely, text.lower()) if plain else (_TOKEN, text)
        for token in tokens.finditer(read, 0, LONGEST_READ):
            at, end = token.span()
            last = spans[-1][1] if spans else -1
            if at < last and not is_unspaced(text[at]):
                continue
            end = self._at(read, at, end, tongue, found)
            if end > at and (at < last or (spans and _JOINT.fullmatch(text, last, at))):
                spans[-1] = (spans[-1][0], max(last, end))
            elif end > at:
                spans.append((at, end))
        return spans, found

    def missing(self, found: set[_Place]) -> list[int]:
        """Return the units an answer needs of which too few words were found."""
        return [
            n
            for n, unit in enumerate(self.units)
            if unit.needed
            and sum((n, word) in found for word in range(len(unit.words)))
            < MOST_PAIRS * len(unit.words)
        ]

    def _at(self, text: str, at: int, end: int, tongue: str | None, found: set[_Place]) -> int:
        """Return where the mark ends that begins here; `at` when there is none."""
        token = text[at:end]
        if end - at == 1 and is_unspaced(token):
            for word in (text[at : at + 2], token):
                if places := self._single.get(word):
                    found.update(places)
                    return at + len(word)
            return at
        folded, *forms = _forms(token, tongue)
        for phrase, unit in self._phrases.get(forms[0], ()) if forms else ():
            if after := _rest(text, end, phrase):
                found.update((unit, word) for word in range(len(self.units[unit].words)))
                return after
        marked = at
        for form in forms:
            if places := self._single.get(form):
                found.update(places)
                marked = end
        for start, place in self._begun:
            if folded.startswith(start):
                found.add(place)
                marked = end
        return marked

    @cached_property
    def _single(self) -> dict[str, set[_Place]]:
        """Return which words a stem stands for; that of a tongue is told from the others."""
        found: dict[str, set[_Place]] = {}
        for n, unit in enumerate(self.units):
            for word, some in enumerate(unit.words):
                for spelt in some:
                    for form in (spelt, stem(spelt), *(_in(t, spelt) for t in TONGUES.values())):
                        found.setdefault(form, set()).add((n, word))
        return found

    @cached_property
    def _phrases(self) -> dict[str, list[tuple[Phrase, int]]]:
        """Return the phrases that begin with a stem, each with its unit, the longest first."""
        found: dict[str, list[tuple[Phrase, int]]] = {}
        for n, unit in enumerate(self.units):
            for phrase in sorted(unit.phrases, key=len, reverse=True):
                found.setdefault(phrase[0], []).append((phrase, n))
        return found

    @cached_property
    def _begun(self) -> list[tuple[str, _Place]]:
        return [
            (unit.begins, (n, len(unit.words) - 1))
            for n, unit in enumerate(self.units)
            if len(unit.begins) >= SHORTEST_BEGINNING
        ]

    @cached_property
    def _likely(self) -> re.Pattern[str]:
        """Return what finds, in a text without accents, each word that may be meant.

        A stem begins like its word, but for the last letter: policy, polici.
        """
        forms = {form.partition("/")[2] or form for form in (*self._single, *self._phrases)}
        starts = {form[:-1] if len(form) > 3 else form for form in forms}
        starts |= {start for start, _ in self._begun}
        some = "|".join(sorted(re.escape(start) for start in starts if start.isascii()))
        return re.compile(rf"(?<![a-z0-9])(?:{some or '(?!)'})[a-z0-9]*")


def _in(tongue: str, word: str) -> str:
    return f"{tongue}/{stem(word, tongue)}"


@lru_cache(maxsize=20_000)
def _forms(token: str, tongue: str | None) -> tuple[str, ...]:
    """Return a word of a text folded, then every stem it may be recognised by."""
    words = words_of(token)
    stems = [stem(word) for word in words]
    return ("".join(words), *stems, *(_in(tongue, word) for word in words if tongue))


def _rest(text: str, end: int, phrase: Phrase) -> int:
    """Return where a phrase ends whose first word ends here; 0 when others follow."""
    for wanted in phrase[1:]:
        token = _TOKEN.match(text, _JOINT.match(text, end).end())  # type: ignore[union-attr]
        if not token or wanted not in _forms(token[0], None)[1:]:
            return 0
        end = token.end()
    return end


def parts(text: str, spans: Iterable[Span]) -> list[Part]:
    """Cut a text into what is marked and what is not."""
    return list(_parts(text, spans, 0, len(text)))


def _parts(text: str, spans: Iterable[Span], at: int, until: int) -> Iterator[Part]:
    for start, end in spans:
        if start < at or end > until:
            continue
        if start > at:
            yield text[at:start], False
        yield text[start:end], True
        at = end
    if at < until:
        yield text[at:until], False


def piece(text: str, spans: Sequence[Span]) -> list[Part]:
    """Return the piece of a text with the most marks, cut between words."""
    if len(text) <= AROUND:
        return parts(text, spans)
    within = [sum(at <= s and e <= at + AROUND - BEFORE for s, e in spans) for at, _ in spans]
    first = spans[max(range(len(spans)), key=within.__getitem__)][0]
    start = _between(text, max(0, min(first - BEFORE, len(text) - AROUND)), first)
    until = min(len(text), start + AROUND)
    if until < len(text):
        last = max((e for _, e in spans if e <= until), default=start)
        until = max(text.rfind(" ", last, until), last) if " " in text[last:until] else until
    found = list(_parts(text, spans, start, until))
    return [("…", False)] * (start > 0) + found + [("…", False)] * (until < len(text))


def _between(text: str, start: int, first: int) -> int:
    """Return the beginning of a word near `start`, before the first mark."""
    space = text.rfind(" ", max(0, start - 20), start + 1) if start else -1
    if space < 0:
        space = text.find(" ", start, first)
    return space + 1 if space >= 0 and start else start
