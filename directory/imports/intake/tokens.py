"""Sentences, words and runs of words with capitals, each with its place in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[^\W_](?:[\w.’'/&+–®-]*[\w®+])?")
_POSSESSIVE = re.compile(r"(?:[’']s|(?<=s)[’'])$")
_SENTENCE = re.compile(
    r"(?<=[a-z0-9)\]’'”\"»%A-Z][.!?])(?:[’'”\"»]?)\s+(?=[A-Z0-9‘“\"'«(À-Þ])|(?<=[a-z]{3}\.)(?=[A-Z][a-z])"
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|vs|Dr|Mr|Ms|Mrs|Prof|St|No|Nr|Art|Inc|Ltd)|\b[A-Z])\.$"
)

LONGEST_SENTENCE = 1500
"""In characters. Rules look back and forth in a sentence, so that its length bounds their time."""

CONNECTORS = frozenset(
    [
        "of",
        "on",
        "for",
        "in",
        "the",
        "and",
        "to",
        "with",
        "a",
        "an",
        "as",
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "et",
        "d",
        "del",
        "y",
        "en",
        "pour",
        "à",
        "au",
        "aux",
        "sur",
        "&",
        "from",
        "into",
        "und",
        "der",
        "die",
        "das",
        "für",
        "e",
        "do",
        "da",
        "dos",
        "el",
        "los",
        "las",
        "sin",
    ]
)
MONTHS = frozenset(
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ]
)
NEVER_FIRST = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "its",
        "it",
        "their",
        "our",
        "your",
        "his",
        "her",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "since",
        "during",
        "after",
        "before",
        "under",
        "over",
        "as",
        "of",
        "to",
        "and",
        "or",
        "but",
        "while",
        "when",
        "where",
        "through",
        "via",
        "also",
        "each",
        "all",
        "both",
        "many",
        "several",
        "some",
        "other",
        "another",
        "most",
        "such",
        "if",
        "how",
        "what",
        "who",
        "which",
        "whether",
        "although",
        "although",
        "however",
        "moreover",
        "furthermore",
        "additionally",
        "lastly",
        "finally",
        "overall",
        "apart",
        "concretely",
        "together",
        "more",
        "based",
        "launched",
        "founded",
        "established",
        "hosted",
        "created",
        "started",
        "developed",
        "dedicated",
        "aimed",
        "focusing",
        "focused",
        "working",
        "participation",
        "participants",
        "many",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "first",
        "second",
        "third",
        "he",
        "she",
        "they",
        "we",
        "i",
        "you",
        "there",
        "here",
        "not",
        "no",
        "yes",
        "between",
        "le",
        "la",
        "les",
        "un",
        "une",
        "des",
        "du",
        "au",
        "aux",
        "il",
        "elle",
        "ils",
        "elles",
        "nous",
        "vous",
        "ce",
        "cette",
        "ces",
        "dans",
        "pour",
        "sur",
        "avec",
        "par",
        "depuis",
        "et",
        "ou",
        "el",
        "los",
        "las",
        "una",
        "en",
        "con",
        "por",
        "para",
        "desde",
        "new",
        "former",
        "joint",
        "annual",
        "recent",
        "notable",
        "our",
        "examples",
        "example",
        "various",
        "currently",
        "today",
        "now",
        "initially",
        "every",
        "within",
        "among",
        "like",
    ]
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word; `open` says that nothing but a space stands before it, `owner` that it ends in 's."""

    text: str
    start: int
    end: int
    open: bool
    owner: bool

    @property
    def is_capital(self) -> bool:
        """Say whether it has the capital, or the shape, of a word of a name."""
        return self.text[0].isupper() or (
            any(c.isupper() for c in self.text[1:])
            and not self.text[0].isdigit()
            and "-" not in self.text
        )

    @property
    def is_number(self) -> bool:
        """Say whether it starts with a digit: 2030, 9/12, 21st."""
        return self.text[0].isdigit()

    @property
    def is_coined(self) -> bool:
        """Say whether it is a made-up word: capitals inside small letters, as in TideTable."""
        inner = self.text[1:]
        return (
            any(c.isupper() for c in inner)
            and any(c.islower() for c in self.text)
            and "-" not in self.text
            and not re.fullmatch(r"[A-Z]{2,}s", self.text)
        )


def tokens_of(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Return the words of a stretch of text."""
    found = []
    last = start
    for match in _WORD.finditer(text, start, len(text) if end is None else end):
        word, stop = match[0], match.end()
        owner = _POSSESSIVE.search(word)
        if owner:
            stop -= len(owner[0])
            word = word[: owner.start()]
        gap = text[last : match.start()]
        if word:
            is_open = gap in (" ", "")
            found.append(Token(word, match.start(), stop, is_open, bool(owner)))
        last = match.end()
    return found


@lru_cache(maxsize=512)
def _cut(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(
        (begin, min(begin + LONGEST_SENTENCE, end))
        for start, end in _sentences(text)
        for begin in range(start, end, LONGEST_SENTENCE)
    )


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each sentence; what is far too long for one is cut."""
    yield from _cut(text)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE.finditer(text):
        if _ABBREVIATED.search(text[start : match.start()]):
            continue
        yield start, match.start() + len(match[0].rstrip())
        start = match.end()
    if start < len(text):
        yield start, len(text)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of words with capitals and the small words between them."""

    tokens: tuple[Token, ...]
    first: int
    last: int

    @property
    def start(self) -> int:
        """Return where it starts in the text."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Return where it ends in the text."""
        return self.tokens[-1].end

    @property
    def words(self) -> list[str]:
        """Return its words."""
        return [t.text for t in self.tokens]

    def part(self, begin: int, stop: int) -> "Chunk":
        """Return some of its words as a chunk."""
        return Chunk(self.tokens[begin:stop], self.first + begin, self.first + stop - 1)


def chunks_of(tokens: list[Token]) -> list[Chunk]:
    """Return the runs of a sentence; a word that only starts the sentence is none of them."""
    found = []
    at = 0
    while at < len(tokens):
        if not _starts(tokens, at):
            at += 1
            continue
        end = at
        probe = at + 1
        small = 0
        while probe < len(tokens) and tokens[probe].open and not tokens[probe - 1].owner:
            token = tokens[probe]
            if token.text in MONTHS:
                break
            if token.is_capital or (token.is_number and (small == 0 or _starts(tokens, probe))):
                end, small = probe, 0
            elif token.text.casefold() in CONNECTORS and small < 4:
                small += 1
            else:
                break
            probe += 1
        found.append(Chunk(tuple(tokens[at : end + 1]), at, end))
        at = end + 1
    return found


def _starts(tokens: list[Token], at: int) -> bool:
    token = tokens[at]
    if token.text in MONTHS:
        return False
    if token.is_number:
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        return bool(following and following.open and following.is_capital)
    if not token.is_capital:
        return False
    return token.text.casefold() not in NEVER_FIRST or _is_title_start(tokens, at)


def _is_title_start(tokens: list[Token], at: int) -> bool:
    """Say whether a small word with a capital starts a name inside a sentence: The Fab."""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    return at > 0 and bool(following and following.open and following.is_capital)
