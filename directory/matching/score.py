"""How an offer answers a need: one finding a condition, and the order of what was found.

Pure functions. What no source states is unknown, and unknown never counts as yes; hard conditions
exclude what fails them, soft ones rank.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from directory.entries.kinds import Kind
from directory.entries.profiles import Profile
from directory.entries.vocabularies import Vocabularies
from directory.languages import gettext
from directory.matching.judges import JUDGES
from directory.matching.need import Need, Step, conditions
from directory.matching.verdicts import Case, Judgement, Verdict

WEIGHT_OF_SUBJECT = 2.0
"""What somebody looks for counts twice as much as how, when and at what price."""

LOSS = 0.5
"""What an offer fails costs half of what it would gain by fitting."""


@dataclass(frozen=True)
class Offer:
    """One published entry as scoring reads it.

    `disputed` are the (field, item) with two answers; item None is the whole field. `found` is how
    well the free text finds it, from 0 to 1, None when it does not.
    """

    id: uuid.UUID
    kind: Kind
    slug: str
    title: str
    profile: Profile
    disputed: frozenset[tuple[str, str | None]] = frozenset()
    found: float | None = None


@dataclass(frozen=True)
class Finding:
    """What an offer says to one condition.

    `fields` of the entry are behind it, and in lists of them `items`; their claims are its origin.
    """

    condition: str
    title: str
    hard: bool
    judgement: Judgement

    @property
    def verdict(self) -> Verdict:
        """Return whether it fits."""
        return self.judgement.verdict

    @property
    def words(self) -> str:
        """Return the reason in words."""
        return self.judgement.words


@dataclass(frozen=True)
class Judged:
    """An offer with everything found about it."""

    offer: Offer
    findings: list[Finding] = field(default_factory=list)

    def of(self, verdict: Verdict) -> list[Finding]:
        """Return the findings with a verdict."""
        return [f for f in self.findings if f.verdict is verdict]

    @cached_property
    def failing(self) -> list[str]:
        """Return the hard conditions that it fails."""
        return [f.condition for f in self.findings if f.hard and f.verdict is Verdict.FAILS]

    @cached_property
    def open(self) -> list[str]:
        """Return the hard conditions of which nobody states whether it fulfils them."""
        return [f.condition for f in self.findings if f.hard and f.verdict is Verdict.UNKNOWN]

    @cached_property
    def elsewhere(self) -> bool:
        """Say whether it is about something else than what is looked for."""
        subject = [f for f in self.findings if _is_subject(f.condition)]
        return bool(subject) and not any(f.verdict is Verdict.FITS for f in subject)

    @cached_property
    def points(self) -> float:
        """Return how well it fits: unknown gives nothing and costs nothing."""
        return sum(_points(f) for f in self.findings)


def judge(need: Need, offer: Offer, words: Vocabularies, today: date) -> Judged:
    """Return what an offer says to each condition of a need, in the order of the form.

    Whether an offer can still be had is always looked at: it is the condition `by`.
    """
    case = Case(need, offer.kind, offer.profile, words, today, offer.found)
    given, hard = set(need.given), need.hard
    findings = []
    for name, asked in conditions().items():
        if name not in given and name != "by":
            continue
        judgement = JUDGES[name](case)
        if judgement is None:
            continue
        findings.append(
            Finding(
                condition=name,
                title=asked.term if name in given else gettext("Still offered"),
                hard=name in hard,
                judgement=_disputed(judgement, offer),
            )
        )
    return Judged(offer, findings)


def _disputed(judgement: Judgement, offer: Offer) -> Judgement:
    """Return unknown for what rests on a value with two answers: we choose none in silence."""
    if judgement.verdict is Verdict.UNKNOWN:
        return judgement
    places: set[tuple[str, str | None]] = {(name, None) for name in judgement.fields}
    places |= {(name, item) for name in judgement.fields for item in judgement.items}
    if not places & offer.disputed:
        return judgement
    return Judgement(
        Verdict.UNKNOWN,
        gettext("The source gives two answers; one of them: %(answer)s", answer=judgement.words),
        judgement.fields,
        judgement.items,
    )


def rank(judged: Iterable[Judged]) -> list[Judged]:
    """Return the offers that fail nothing that must be, best first; always in the same order.

    What is about the subject comes first. Among that, what surely fulfils every hard condition
    comes before what leaves one open; then points decide, then how much is known, then the name.
    """
    return sorted(
        (j for j in judged if not j.failing),
        key=lambda j: (
            j.elsewhere,
            len(j.open),
            -j.points,
            -_stated(j.offer.profile, j.offer.kind),
            j.offer.title.casefold(),
            j.offer.kind.name,
            j.offer.slug,
        ),
    )


def _points(finding: Finding) -> float:
    weight = WEIGHT_OF_SUBJECT if _is_subject(finding.condition) else 1.0
    if finding.verdict is Verdict.FITS:
        return weight * finding.judgement.share
    return -LOSS * weight if finding.verdict is Verdict.FAILS else 0.0


def _is_subject(condition: str) -> bool:
    return conditions()[condition].step is Step.WHAT


def _stated(profile: Profile, kind: Kind) -> int:
    return sum(getattr(profile, name) is not None for name in kind.public_fields)
