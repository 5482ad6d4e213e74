"""Which entries are worth scoring: a bounded number, chosen by bitmaps and text alone.

Few entries of a kind are all scored. Of many, those come first that are about the subject, then
those that surely fulfil more of what must be, then more of the rest.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice, product

from pyroaring import BitMap

from directory.entries.kinds import Kind
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.matching.facts import FEE, FREE
from directory.matching.judges import EVERYBODY, audiences_of
from directory.matching.need import Need, Step, conditions
from directory.search.match import Match
from directory.search.query import FACETS
from directory.search.snapshot import Snapshot

MOST_SCORED = 200
"""So many entries of each kind are scored at most."""

MOST_HITS = 10_000
"""So many hits of the text keep their score; the others count as hardly found."""


@dataclass(frozen=True)
class Hint:
    """What bitmaps know of one condition: who fits, and who may, because nothing says otherwise.

    A hint may let too much pass, never too little: scoring decides.
    """

    condition: str
    fits: BitMap
    possible: BitMap


def find_text(snapshot: Snapshot, need: Need) -> Match | None:
    """Return what the free text finds: entries with most of its words, else with all.

    Asked of the index itself, past the memory for repeated questions, which keeps texts.
    """
    if not need.text:
        return None
    wide = snapshot.matcher.match(need.text, relaxed=True)
    return wide if wide and wide.numbers else snapshot.matcher.match(need.text)


def shares(match: Match | None) -> dict[int, float]:
    """Return how well each entry is found, from 0 to 1, by its number."""
    if not match or not match.numbers:
        return {}
    best = max(match.scores[0], 1e-9)
    pairs = islice(zip(match.order, match.scores, strict=True), MOST_HITS)
    return {number: min(1.0, max(0.0, score / best)) for number, score in pairs}


def candidates(
    snapshot: Snapshot, need: Need, kind: Kind, match: Match | None, today: date
) -> list[int]:
    """Return the numbers of the entries of a kind that are worth scoring."""
    facets = snapshot.facets
    base = facets.having("kind", [kind.name], today)
    if len(base) <= MOST_SCORED:
        return list(base)
    hints = list(hints_of(snapshot, need, kind, match, today))
    found: list[int] = []
    for group in _groups(base, hints, need.hard):
        wanted = MOST_SCORED - len(found)
        if wanted <= 0:
            break
        found += facets.fullness.first(group, 0, wanted)
    return found


def _groups(base: BitMap, hints: list[Hint], hard: frozenset[str]) -> Iterator[BitMap]:
    """Yield the entries in groups, the most promising first; each entry stands in one."""
    subject = [h for h in hints if conditions()[h.condition].step is Step.WHAT]
    about = base & BitMap.union(BitMap(), *(h.fits for h in subject)) if subject else base
    possible = base
    for hint in hints:
        if hint.condition in hard:
            possible = possible & hint.possible
    surely = _levels(base, [h.fits for h in hints if h.condition in hard])
    rather = _levels(base, [h.fits for h in hints if h.condition not in hard])
    for part in (about & possible, possible - about, base - possible):
        for one, other in product(surely, rather):
            if group := part & one & other:
                yield group


def _levels(base: BitMap, fitting: Iterable[BitMap]) -> list[BitMap]:
    """Cut a set by how many of the others each entry stands in, the most first."""
    levels = [base]
    for bitmap in fitting:
        inside = [level & bitmap for level in levels]
        outside = [level - bitmap for level in levels]
        levels = [
            (inside[n - 1] if n else BitMap()) | (outside[n] if n < len(levels) else BitMap())
            for n in range(len(levels) + 1)
        ]
    return levels[::-1]


def hints_of(
    snapshot: Snapshot, need: Need, kind: Kind, match: Match | None, today: date
) -> Iterator[Hint]:
    """Yield what the bitmaps know of each condition; some are left to scoring."""
    facets, words = snapshot.facets, snapshot.vocabularies

    def having(parameter: str, values: Iterable[str]) -> BitMap:
        return facets.having(parameter, values, today)

    if match:
        yield Hint("text", match.numbers, facets.all)
    for condition in need.given:
        facet = FACETS.get(condition)
        if condition == "country" and need.country:
            around = [code for name, code in words.above("countries", need.country)]
            fits = having("country", [need.country]) | having("region", around)
            yield Hint(condition, fits, facets.all)
        elif condition == "organisation_type" and "audience" in kind_facets(kind):
            group = [*audiences_of(words, need.organisation_type or ""), EVERYBODY]
            yield Hint(condition, having("audience", group), facets.all)
        elif condition == "budget" and "cost" in kind_facets(kind):
            dear = BitMap() if need.budget else having("cost", [FEE])
            yield Hint(condition, having("cost", [FREE]), facets.all - dear)
        elif facet and facet.vocabulary and condition in kind_facets(kind):
            wanted = [*getattr(need, condition)]
            wider = _wider(words, facet.vocabulary, wanted)
            everybody = [EVERYBODY] if condition == "audience" else []
            fits = having(condition, [*wanted, *everybody])
            yield Hint(condition, fits, fits | having(condition, [*wider, NOT_STATED]))


def kind_facets(kind: Kind) -> set[str]:
    """Return the parameters by which entries of a kind can be filtered."""
    return {d.facet for d in kind.public_fields.values() if d.facet}


def _wider(words: Vocabularies, vocabulary: str, codes: Iterable[str]) -> list[str]:
    """Return the terms above these: what is filed under one of them is left open."""
    return [c for code in codes for name, c in words.above(vocabulary, code) if name == vocabulary]
