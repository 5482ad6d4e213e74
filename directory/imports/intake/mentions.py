"""A name in its place, and what is found out from the name alone."""

import re
from dataclasses import dataclass, field, replace
from hashlib import sha256

from anyascii import anyascii

from directory.curation.addresses import slug_from
from directory.entries.kinds import Kind

SMALL = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "on",
        "for",
        "in",
        "and",
        "to",
        "with",
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "et",
        "l",
        "d",
        "y",
        "&",
        "der",
        "die",
        "das",
        "und",
    ]
)
_EDGE_YEAR = re.compile(r"^(?:19|20)\d\d\s+(?=\D{5})|\s+(?:19|20)\d\d$")
_EDITION = re.compile(r"^\d+(?:st|nd|rd|th)\s+(?=[A-Z])")
_LED = re.compile(r"^(?:[\w&]+ )*[\w&]+-(?:led|based|funded|hosted|backed|supported|run) (?=[A-Z])")
_LEADING = re.compile(r"^(?:(?:[Tt]he|[Ii]ts|[Oo]ur|[Aa]n?|[Ll][ea]s?) |[Ll]['’])(?=[A-Z0-9À-Þ])")


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a block, by the number of the block."""

    block: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """One time that something is named, by which rule, and how sure that is (0 to 1)."""

    title: str
    kind: Kind
    code: str
    rule: str
    confidence: float
    place: Place
    acronym: str | None = None
    aliases: tuple[str, ...] = field(default=())

    def named(self, title: str, *aliases: str) -> "Mention":
        """Return the same mention with another title."""
        return replace(self, title=title, aliases=(*self.aliases, *aliases))


def name_key(text: str) -> str:
    """Return a name as two names are compared: Latin, small, without article and marks."""
    plain = anyascii(text).casefold().replace("'", "")
    words = re.findall(r"[a-z0-9]+", plain)
    if words and words[0] in ("the", "le", "la", "les", "el", "los") and len(words) > 1:
        words = words[1:]
    return " ".join(words)


def slug_of(title: str) -> str:
    """Return the short name for an address; one made of a number where no letter is Latin."""
    return slug_from(anyascii(title)) or f"entry-{sha256(title.encode()).hexdigest()[:8]}"


def clean_title(text: str) -> str:
    """Return a name without what only leads to it: an article, an edition, a year at its edge."""
    title = " ".join(text.split()).strip(" ,;:.‘’“”\"'«»*_")
    for _ in range(3):
        before = title
        title = _LED.sub("", title)
        title = _EDITION.sub("", title)
        title = _EDGE_YEAR.sub("", title)
        title = _LEADING.sub("", title) if len(title.split()) > 2 else title
        if title == before:
            break
    return title


def content_words(text: str) -> list[str]:
    """Return the words of a name that carry meaning."""
    return [w for w in re.findall(r"[^\W_][\w’'®/.&-]*", text) if w.casefold() not in SMALL]


def initials_of(words: list[str]) -> str:
    """Return the first letters of words, parts of hyphenated words included."""
    return "".join(p[0] for w in words for p in re.split(r"[-–’']", w) if p).upper()


def fits_acronym(acronym: str, words: list[str]) -> bool:
    """Say whether an acronym may stand for words: its letters are initials, in order."""
    letters = [c for c in acronym.upper() if c.isalnum()]
    for chosen in (words, [w for w in words if w.casefold() not in SMALL]):
        firsts = initials_of(chosen)
        if firsts and firsts[0] == letters[0] and _in_order(letters, firsts):
            return len(letters) >= max(2, len(content_words(" ".join(words))) * 0.5)
    return False


def _in_order(letters: list[str], text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
