"""Words as the index sees them: folded, cut, stemmed; and phrases that mean the same term."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache, lru_cache

import tantivy

from directory.entries.vocabularies import Vocabularies

LONGEST_WORD = 40
MOST_WORDS = 12
LONGEST_PHRASE = 5
MOST_ALTERNATIVES = 8

# fmt: off
STOP_WORDS = frozenset((
    "a", "an", "and", "any", "are", "as", "at", "be", "by", "can", "could", "do", "does", "for",
    "from", "how", "i", "in", "into", "is", "me", "my", "of", "on", "or", "our", "please",
    "that", "the", "their", "there", "these", "this", "those", "to", "we", "what", "where",
    "which", "with", "you", "your",
))
# fmt: on
"""Words of a question that need not stand in an answer. `who`, `it` and `us` are names here."""

WIDE = {"action-lines", "sdgs", "gdc-objectives"}
"""Vocabularies whose alternate labels name what lies within a term, not the term itself."""

# Scripts that put no space between words are read character by character.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
# Accents of Latin, Greek and Cyrillic letters, Arabic vowel signs and the Arabic stretch mark.
_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640]")
_JOINED = re.compile(r"\w+(?:-\w+)+")


def fold(text: str) -> str:
    """Return the text in small letters without accents, so that Genève and geneve meet."""
    if text.isascii():
        return text.lower()
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return _UNSPACED.sub(r" \g<0> ", plain)


@cache
def analyser(*, stemmed: bool) -> tantivy.TextAnalyzer:
    """Return the analyser for folded text: single words, as English stems when `stemmed`."""
    builder = (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(LONGEST_WORD + 1))
        .filter(tantivy.Filter.ascii_fold())
    )
    if stemmed:
        builder = builder.filter(tantivy.Filter.stemmer("english"))
    return builder.build()


def words_of(text: str) -> list[str]:
    """Return the folded words of a text, in order."""
    found: list[str] = analyser(stemmed=False).analyze(fold(text))
    return found


def query_words(text: str) -> list[str]:
    """Return at most twelve words of a question; an overlong word is cut, not dropped."""
    shortened = re.sub(rf"(\w{{{LONGEST_WORD}}})\w+", r"\1", fold(text))
    found: list[str] = analyser(stemmed=False).analyze(shortened)
    return found[:MOST_WORDS]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the English stem of a folded word; words of other languages mostly stay."""
    found = analyser(stemmed=True).analyze(word)
    return found[0] if found else word


def whole(text: str) -> str:
    """Return a name as one folded key, to recognise it when somebody types all of it."""
    return " ".join(words_of(text))


def joined(text: str) -> list[str]:
    """Return compounds written as one word, so that e-commerce is also found as ecommerce."""
    if "-" not in text:
        return []
    return [word.replace("-", "") for word in _JOINED.findall(text)]


def is_unspaced(word: str) -> bool:
    """Say whether a word is one character of a script without spaces."""
    return len(word) == 1 and bool(_UNSPACED.match(word))


Phrase = tuple[str, ...]
TermKey = tuple[str, str]


class Synonyms:
    """Phrases that name the same term: its label, short label and alternate labels."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self._terms: dict[Phrase, list[TermKey]] = {}
        self._phrases: dict[TermKey, list[Phrase]] = {}
        written: dict[str, list[TermKey]] = {}
        for vocabulary, terms in vocabularies.terms.items():
            for code, term in terms.items():
                key = (vocabulary, code)
                ours = [term.label, term.short or "", *term.alt_labels]
                if vocabulary not in WIDE:
                    self._phrases[key] = list(_phrases(ours))
                # A label in any language is understood; what is looked for instead is ours.
                labels = [*ours, *term.labels.values()]
                for phrase in _phrases(labels):
                    self._terms.setdefault(phrase, []).append(key)
                for text in labels:
                    written.setdefault(whole(text), []).append(key)
        self._written = sorted(written.items())

    def longest(self, words: list[str], start: int) -> int:
        """Return how many words from `start` on form the longest known phrase, 0 for none."""
        for length in range(min(LONGEST_PHRASE, len(words) - start), 0, -1):
            if _key(words[start : start + length]) in self._terms:
                return length
        return 0

    def terms(self, words: Iterable[str]) -> list[TermKey]:
        """Return the terms that these words name."""
        return self._terms.get(_key(words), [])

    def alternatives(self, words: Iterable[str]) -> list[Phrase]:
        """Return other phrases, as stems, for the terms that these words name."""
        here = _key(words)
        found: dict[Phrase, None] = {}
        for term in self._terms.get(here, []):
            found |= dict.fromkeys(p for p in self._phrases.get(term, []) if p != here)
        return list(found)[:MOST_ALTERNATIVES]

    def begun(self, words: Iterable[str]) -> list[TermKey]:
        """Return the terms with a label that begins with these words, the last one unfinished."""
        text = " ".join(words)
        found: dict[TermKey, None] = {}
        start = bisect_left(self._written, text, key=lambda pair: pair[0])
        for label, terms in self._written[start : start + MOST_ALTERNATIVES]:
            if label.startswith(text):
                found |= dict.fromkeys(terms)
        return list(found)

    def knows(self, word: str) -> bool:
        """Say whether a single word names a term."""
        return (stem(word),) in self._terms


def _key(words: Iterable[str]) -> Phrase:
    return tuple(stem(word) for word in words)


def _phrases(texts: Iterable[str]) -> dict[Phrase, None]:
    """Return each text as a phrase of stems, also as one word where it has a hyphen."""
    found: dict[Phrase, None] = {}
    for text in texts:
        for written in (text, *joined(text)):
            phrase = _key(words_of(written))
            if 0 < len(phrase) <= LONGEST_PHRASE and phrase[0] not in STOP_WORDS:
                found[phrase] = None
    return found
