"""Why an entry was found: what of the question stands in which of its fields."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from directory.entries.translations import Said
from directory.search.cards import Card
from directory.search.documents import PARAMETER_OF
from directory.search.marks import Part, Seeking, parts, piece
from directory.search.query import FACETS
from directory.search.words import TermKey

MOST_REASONS = 2
"""So many reasons beside the marks in title and summary; who wants more reads the entry."""

TITLE, SUMMARY = "title", "summary"


@dataclass(frozen=True, slots=True)
class Reason:
    """A field, or a filter, with what of the question stands there, and its language if stated."""

    name: str
    title: str
    parts: list[Part]
    language: str | None = None


@dataclass(slots=True)
class Why:
    """What a result shows of the question: marks in title and summary, and at most a few reasons.

    `missing` has the units of the question that were found nowhere yet. `rendered` keeps what
    stands in a drawn card, and what stands there instead.
    """

    title: list[Part] | None = None
    summary: list[Part] | None = None
    reasons: list[Reason] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    rendered: list[tuple[str, str]] | None = field(default=None, compare=False, repr=False)
    _found: set[tuple[int, int]] = field(default_factory=set)

    @property
    def wants(self) -> bool:
        """Say whether another reason is wanted."""
        return bool(self.missing) and len(self.reasons) < MOST_REASONS


Filed = Callable[[str, str], str | None]
"""Return how a value of a filter is called where the entry has it."""


def seen(seeking: Seeking, card: Card, filed: Filed) -> Why:
    """Return what the card itself shows, the terms it is filed under, and what its texts say."""
    why = Why()
    spans, why._found = seeking.read(card.title, card.language)
    why.title = parts(card.title, spans) if spans else None
    if card.summary:
        spans, found = seeking.read(card.summary.text, card.summary.language)
        why.summary = parts(card.summary.text, spans) if spans else None
        why._found |= found
    why.missing = seeking.missing(why._found)
    if not why.missing:
        return why
    for link in card.leaders:
        why._found |= seeking.read(link.title)[1]
    why.missing = seeking.missing(why._found)
    for unit in why.missing[:MOST_REASONS]:
        if reason := _term(seeking.units[unit].terms, filed):
            why.missing.remove(unit)
            if reason not in why.reasons:
                why.reasons.append(reason)
    say(seeking, why, card, card.texts)
    return why


def _term(terms: Iterable[TermKey], filed: Filed) -> Reason | None:
    """Return under which of these terms the entry is filed."""
    for vocabulary, code in terms:
        parameter = PARAMETER_OF.get(vocabulary)
        if parameter and (label := filed(parameter, code)):
            return Reason(parameter, FACETS[parameter].title, [(label, True)])
    return None


def say(seeking: Seeking, why: Why, card: Card, texts: Iterable[tuple[str, Said]]) -> None:
    """Add the pieces of text, by field, that have something of what is missing."""
    for name, said in texts:
        if not why.wants:
            return
        spans, found = seeking.read(said.text, said.language)
        if any(unit in why.missing for unit, _ in found):
            title = card.kind.fields[name].title
            why.reasons.append(Reason(name, title, piece(said.text, spans), said.language))
            why._found |= found
            still = seeking.missing(why._found)
            why.missing = [unit for unit in why.missing if unit in still]
