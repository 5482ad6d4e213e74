"""Words as the index sees them: folded, cut, stemmed; and phrases that mean the same term."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from itertools import accumulate

import tantivy

from directory.entries.kinds import KINDS
from directory.entries.vocabularies import Term, Vocabularies
from directory.languages import SOURCE, languages, reading
from directory.search.spelling import otherwise

LONGEST_WORD = 40
LONGEST_BYTES = 2 * LONGEST_WORD
MOST_WORDS = 12
LONGEST_PHRASE = 16
"""Words, or characters of a script without spaces."""

A_CHARACTER = 1 / 3
"""How much of a word one such character is."""

MOST_ALTERNATIVES = 8

# fmt: off
STOP_WORDS = frozenset((
    "a", "about", "after", "against", "all", "also", "am", "an", "and", "another", "any", "are",
    "as", "at", "be", "been", "before", "between", "by", "can", "could", "do", "does", "during",
    "every", "everyone", "find", "for", "from", "get", "give", "gives", "has", "have", "how", "i",
    "if", "in", "into", "is", "its", "let", "like", "look", "looking", "make", "me", "my", "need",
    "needs", "not", "of", "on", "or", "other", "our", "please", "should", "show", "so", "some",
    "someone", "that", "the", "their", "them", "there", "these", "they", "this", "those", "to",
    "via", "want", "wants", "was", "we", "were", "what", "when", "where", "which", "while", "whom",
    "whose", "why", "will", "with", "within", "would", "you", "your",
    "au", "aux", "avec", "con", "d", "dans", "de", "del", "des", "du", "el", "en", "et", "l", "la",
    "las", "le", "les", "los", "para", "por", "pour", "sobre", "sur", "una", "une", "y",
    "в", "во", "для", "за", "и", "из", "или", "к", "как", "на", "о", "об", "от", "по", "при", "с",
    "со", "у", "او", "الى", "عن", "على", "في", "من", "مع",
    *"与个为么于什们何关及和哪在如对想我找是有的要请面向",
))
# fmt: on
"""Words of a question, in each of the six languages, that need not stand in an answer."""

PERHAPS_NAMES = frozenset(("it", "us", "who"))
"""Small words that are also names: in a sentence they need not stand in an answer."""

SENTENCE = 4
"""So many words are a sentence, fewer may be the words of a name."""

KIND = "kind"
"""What stands for a vocabulary where the three kinds of entry are spoken of as terms."""

KIND_VOCABULARIES = {
    name: kind.name for kind in KINDS.values() if (name := kind.fields[kind.kind_field].vocabulary)
}
"""Vocabularies that say what kind of thing an entry is, with the kind of entry they belong to."""

WIDE = {"action-lines", "sdgs", "gdc-objectives"}
"""Vocabularies whose alternate labels name what lies within a term, not the term itself."""

PHRASES = "phrases"
"""The vocabulary of what entries say in English, with how it is said in other languages."""

TONGUES = {"fr": "french", "es": "spanish"}
"""Languages written like English whose endings its stemmer does not know, each with its own.

Texts in them stand once more in a field of that name. Nobody says in which language a question is,
so that a word of it is looked for as each of them would have it.
"""

LABEL, OTHER, PART = 1.0, 0.6, 0.3
"""How surely a label, another name, and the name of a part mean a term."""

MOST_PAIRS = 0.6
"""What share of the pairs of neighbours an entry must have, in a script without spaces."""

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
"""Scripts that put no space between words are read character by character."""

MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u0640"
"""Accents of Latin, Greek and Cyrillic letters, Arabic vowel signs and the Arabic stretch mark."""

_UNSPACED, _MARKS = re.compile(f"[{UNSPACED}]"), re.compile(f"[{MARKS}]")
# The Arabic article, alone or after a short word that is written together with it.
_ARTICLE = re.compile(
    "\\b(?:[\u0648\u0641\u0628\u0643]?\u0627\u0644|\u0644\u0644)(?=[\u0621-\u064a]{3})"
)
# Arabic endings that the stemmer leaves, with what stands for them: plurals, adjectives, bare ya.
_ENDINGS = (
    (re.compile("(?<=[\u0621-\u064a]{2})\u0627\u062a\\b"), "\u0629"),
    (re.compile("(?<=[\u0621-\u064a]{3})\u064a\u0629\\b"), "\u064a"),
    (re.compile("(?<=[\u0621-\u064a]{4})(?:\u064a\u0646|\u0648\u0646)\\b"), ""),
    (re.compile("(?<=[\u0621-\u064a]{3})\u0649\\b"), "\u064a"),
)
_DIGITS = {ord(d): str(n % 10) for n, d in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}
_STEMMED_BEFORE = re.compile("[\u0400-\u052f\u0620-\u06ff\u0750-\u077f]")
# Possessive, because it would try each word again from each of its letters.
_JOINED = re.compile(r"(?<!\w)\w++(?:-\w++)+")


def fold(text: str) -> str:
    """Return the text in small letters without accents, so that Genève and geneve meet."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    # The Russian short i is a letter of its own, without which endings cannot be told.
    plain = _MARKS.sub("", apart.replace("и\u0306", "й").replace("\u0671", "\u0627"))
    plain = _ARTICLE.sub("", plain).translate(_DIGITS)
    for ending, other in _ENDINGS:
        plain = ending.sub(other, plain)
    return _UNSPACED.sub(r" \g<0> ", plain)


STEMMERS = ("english", "russian", "arabic")
"""Each leaves the words of other scripts alone, so that one follows the other."""


@cache
def analyser(*stemmers: str) -> tantivy.TextAnalyzer:
    """Return the analyser for folded text: single words, cut by these stemmers."""
    builder = (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(LONGEST_BYTES + 1))
        .filter(tantivy.Filter.ascii_fold())
    )
    for language in stemmers:
        builder = builder.filter(tantivy.Filter.stemmer(language))
    return builder.build()


def words_of(text: str) -> list[str]:
    """Return the folded words of a text, in order."""
    found: list[str] = analyser().analyze(fold(text))
    return found


def query_words(text: str) -> tuple[list[str], bool]:
    """Return at most twelve words of a question, and whether it has more.

    An overlong word is cut, not dropped.
    """
    shortened = re.sub(rf"(\w{{{LONGEST_WORD}}})\w+", r"\1", fold(text))
    found: list[str] = analyser().analyze(shortened)
    lengths = accumulate(A_CHARACTER if is_unspaced(word) else 1 for word in found)
    some = [w for w, length in zip(found, lengths, strict=True) if length <= MOST_WORDS]
    return some, len(some) < len(found)


@lru_cache(maxsize=50_000)
def stem(word: str, *stemmers: str) -> str:
    """Return the stem of a folded word: English, Russian or Arabic, by its script.

    Or as the given `stemmers` have it: those of `TONGUES` one by one.
    """
    found = analyser(*(stemmers or STEMMERS)).analyze(word)
    return found[0] if found else word


def telling(words: Sequence[str]) -> list[str]:
    """Return the words that are no small ones; all of them when there are no others."""
    return [word for word in words if word not in STOP_WORDS] or list(words)


def partly_stemmed(text: str) -> str:
    """Return folded text in which only English words are left to stem.

    Most texts have no other scripts, and an index with one stemmer takes half as long to cut them.
    """
    if text.isascii() or not _STEMMED_BEFORE.search(text):
        return text
    words = analyser().analyze(text)
    return " ".join(stem(word) if _STEMMED_BEFORE.search(word) else word for word in words)


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


def term_word(term: TermKey) -> str:
    """Return a term as one word of the index."""
    return "/".join(term)


class Synonyms:
    """Phrases that name the same term: its label, short label and alternate labels."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self._terms: dict[Phrase, dict[TermKey, float]] = {}
        self._phrases: dict[TermKey, list[Phrase]] = {}
        self._ours: dict[TermKey, set[Phrase]] = {}
        self._english: dict[TermKey, str] = {}
        written: dict[str, list[TermKey]] = {}
        for vocabulary, terms in vocabularies.terms.items():
            for code, term in terms.items():
                key = (vocabulary, code)
                self._english[key] = _shortest(term)
                ours = [term.label, term.short or "", *term.alt_labels]
                self._phrases[key] = list(_phrases(ours[:2] if vocabulary in WIDE else ours))
                self._ours[key] = {*_phrases(ours[:2], loosely=True)}
                # A label in any language is understood; what is looked for instead is ours.
                labels = {SOURCE: term.label, "": term.short or "", **term.labels}
                if vocabulary == PHRASES:
                    # Nothing carries a phrase: in English its words are looked for like any others.
                    same = whole(term.label)
                    labels = {of: label for of, label in labels.items() if whole(label) != same}
                self._name(labels.values(), key, LABEL)
                for tongue in TONGUES.keys() & labels.keys():
                    self._name([labels[tongue]], key, LABEL, TONGUES[tongue])
                self._name(term.alt_labels, key, PART if vocabulary in WIDE else OTHER)
                for text in (*labels.values(), *term.alt_labels):
                    written.setdefault(whole(text), []).append(key)
        for kind, said in _kinds_said():
            self._name(said, (KIND, kind), LABEL)
            self._name(map(_respelt, said), (KIND, kind), LABEL)
        self._written = sorted(written.items())
        self._spelt = written.keys()
        # A question asks for the same words several times, and many questions do.
        self._named_so = lru_cache(maxsize=10_000)(partial(_look_up, self._terms))

    def _name(self, texts: Iterable[str], term: TermKey, sure: float, *tongue: str) -> None:
        """Let these texts, with or without the small words within them, name a term."""
        for phrase in _phrases(texts, *tongue, loosely=True):
            named = self._terms.setdefault(phrase, {})
            named[term] = max(sure, named.get(term, 0.0))

    def longest(self, words: list[str], start: int) -> int:
        """Return how many words from `start` on form the longest known phrase, 0 for none."""
        for length in range(min(LONGEST_PHRASE, len(words) - start), 0, -1):
            if self._named(words[start : start + length]):
                return length
        return 0

    def _named(self, words: Sequence[str]) -> dict[TermKey, float]:
        return self._named_so(tuple(words))

    def terms(self, words: Sequence[str]) -> dict[TermKey, float]:
        """Return the terms that these words name, with how surely they mean just that term.

        What is only a part of a wide term is left out where other terms are nearer.
        """
        named = self._named(words)
        least = min(max(named.values(), default=0.0), OTHER)
        return {term: sure for term, sure in named.items() if sure >= least}

    def alternatives(self, words: Sequence[str]) -> dict[Phrase, float]:
        """Return other phrases, as stems, for the terms that these words name, with how surely.

        Two other names of one term mean the same less surely than its label and another name. What
        names a part of a wide term does not mean the whole.
        """
        here = _key(words)
        found: dict[Phrase, float] = {}
        for term, sure in self._named(words).items():
            if term[0] in WIDE and sure < LABEL:
                continue
            for phrase in self._phrases.get(term, []):
                if phrase != here:
                    nearer = max(sure, self._terms.get(phrase, {}).get(term, LABEL))
                    alike = OTHER if nearer == LABEL else PART
                    found[phrase] = max(alike, found.get(phrase, 0.0))
        nearest = sorted(found.items(), key=lambda pair: -pair[1])
        return dict(nearest[:MOST_ALTERNATIVES])

    def in_english(self, words: Sequence[str]) -> list[str]:
        """Return in English what these words are a label of in another language; else nothing.

        Entries are mostly written in English; who asks in another language means the same words.
        """
        named, here = self._named(words), {_key(words), _key(_without_small(words) or words)}
        if any(here & self._ours.get(term, set()) for term in named):
            return []
        # A phrase is what entries say; of other terms the label may be a sentence.
        for term in sorted(named, key=lambda term: term[0] != PHRASES):
            if named[term] == LABEL and term in self._english:
                return words_of(self._english[term])
        return []

    def begun(self, words: Iterable[str]) -> list[TermKey]:
        """Return the terms with a label that begins with these words, the last one unfinished."""
        text = " ".join(words)
        found: dict[TermKey, None] = {}
        start = bisect_left(self._written, text, key=lambda pair: pair[0])
        for label, terms in self._written[start : start + MOST_ALTERNATIVES]:
            if label.startswith(text):
                found |= dict.fromkeys(terms)
        return list(found)

    def kinds(self, words: Sequence[str]) -> list[TermKey]:
        """Return the kinds of thing that these words ask for, the kind of entry last; none when
        they name anything else: a `course` or `training`, but neither `NGO` nor `network security`.
        """
        terms = [term for term in self.terms(words) if term[0] != PHRASES]
        named = [term for term in terms if term[0] == KIND]
        kinds = [term for term in terms if term[0] in KIND_VOCABULARIES]
        if not named and len(kinds) < len(terms):
            return []
        named += [(KIND, KIND_VOCABULARIES[name]) for name, _ in kinds]
        return list(dict.fromkeys(kinds + named))

    def known(self, words: Sequence[str]) -> set[str]:
        """Return which of these single words name a term; all are stemmed in one go."""
        short = [word for word in words if len(word.encode()) <= LONGEST_BYTES]
        found: set[str] = set()
        for tongue in ((), *((of,) for of in TONGUES.values())):
            stems = analyser(*(tongue or STEMMERS)).analyze(" ".join(short))
            pairs = zip(short, stems, strict=True)
            found.update(word for word, of in pairs if (*tongue, of) in self._terms)
        return found

    def offered(self, words: Sequence[str]) -> set[str]:
        """Return which of these words may be meant by one with a slip: those that name a term.

        An English one is so written, but for an s: nobody says ioting, though that has a stem.
        """
        return {
            word
            for word in self.known(words)
            if not word.isascii()
            or any(form in self._spelt for form in (word, f"{word}s", word.removesuffix("s")))
        }


def _shortest(term: Term) -> str:
    """Return the English label with few words; a short one with a number is a code."""
    numbered = any(letter.isdigit() for letter in term.short or "")
    return term.label if numbered or not term.short else term.short


def _look_up(
    terms: Mapping[Phrase, dict[TermKey, float]], words: tuple[str, ...]
) -> dict[TermKey, float]:
    """Return what is called so, else what is with the endings of another language, or without the
    small words between others: gobernanza de internet, gobernanza del internet.
    """
    for some in (words, _without_small(words)):
        for key in (_key(some), *(_key(some, of) for of in TONGUES.values())) if some else ():
            if named := terms.get(key):
                return named
    return {}


def _key(words: Iterable[str], *tongue: str) -> Phrase:
    """Return the stems of words; those of a tongue of its own are told from the others."""
    return (*tongue, *(stem(word, *tongue) for word in words))


def _kinds_said() -> Iterator[tuple[str, list[str]]]:
    """Yield what the kinds of entry are called, in every language of the interface."""
    for code in languages():
        with reading(code):
            yield from ((kind.name, [kind.label, kind.plural]) for kind in KINDS.values())


def _respelt(text: str) -> str:
    return " ".join(otherwise(word) or word for word in words_of(text))


def _without_small(words: Sequence[str]) -> list[str]:
    """Return at least two words without the small ones between them; nothing where none are."""
    some = telling(words)
    between = 1 < len(some) < len(words) and some[0] == words[0] and some[-1] == words[-1]
    return some if between else []


def _phrases(texts: Iterable[str], *tongue: str, loosely: bool = False) -> dict[Phrase, None]:
    """Return each text as a phrase of stems, also as one word where it has a hyphen, and `loosely`
    also without the small words in it.
    """
    found: dict[Phrase, None] = {}
    for text in texts:
        for written in (text, *joined(text)):
            words = words_of(written)
            # The label of one small word would take that word out of every question.
            small = len(words) == 1 and words[0] in STOP_WORDS
            if 0 < len(words) <= LONGEST_PHRASE and not small:
                found[_key(words, *tongue)] = None
            if loosely and (some := _without_small(words)):
                found[_key(some, *tongue)] = None
    return found
