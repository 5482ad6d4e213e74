"""How complete an entry is, as a figure from 0 to 100, and what would raise it most.

The figure follows from the declarations: what visitors ask first and what publication needs weigh
more than the rest. It helps a curator to choose what to do next, and ranks nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from directory.curation.boxes import field_id
from directory.entries.fields import Declared
from directory.entries.freshness import limits_of
from directory.entries.kinds import Kind
from directory.languages import gettext
from directory.sources.claims import Status

ASKED, NEEDED, ANY = 4, 2, 1
"""Weights of a field that answers a first question, is needed to publish, is neither; they add."""

NOT_STATED, UNSOURCED, TWO_ANSWERS, OLD = 0.5, 0.5, 0.7, 0.7
"""What share of its weight counts of a field that no source states, whose value names no source,
has two answers, or was not looked at for too long; a sourced value counts whole."""

SHOWN = 5


class Told(Protocol):
    """A claim, saved or published."""

    @property
    def status(self) -> str:
        """Return what the source does about the value."""

    @property
    def checked_on(self) -> date:
        """Return when somebody last looked."""


@dataclass(frozen=True)
class Gain:
    """What somebody could do about one field, and how many points that would give."""

    anchor: str
    words: str
    points: float


@dataclass(frozen=True)
class Quality:
    """The figure, and what would raise it, the largest gain first."""

    figure: int
    gains: list[Gain]

    @property
    def first_gains(self) -> list[Gain]:
        """Return the few that raise it most."""
        return self.gains[:SHOWN]


def weight_of(declared: Declared) -> int:
    """Return how much a field counts."""
    return ANY + NEEDED * declared.required + ASKED * (declared.answers is not None)


def measure(
    kind: Kind,
    profile: Mapping[str, Any],
    claims: Mapping[str, Sequence[Told]],
    confirmed_at: datetime | None,
    today: date,
) -> Quality:
    """Return how complete an entry is; `profile` is JSON."""
    limits = limits_of(kind, profile, claims, confirmed_at)
    counted = {n: d for n, d in kind.public_fields.items() if not d.ours}
    whole = sum(weight_of(d) for d in counted.values())
    reached, gains = 0.0, []
    for name, declared in counted.items():
        stale = name in limits and limits[name] <= today
        share, words = _share(
            declared.title, profile.get(name) is not None, claims.get(name, ()), stale
        )
        weight = weight_of(declared)
        reached += weight * share
        if words:
            gains.append(Gain(field_id(name), words, 100 * weight * (1 - share) / whole))
    gains.sort(key=lambda gain: -gain.points)
    return Quality(round(100 * reached / whole), gains)


def _share(title: str, stated: bool, claims: Sequence[Told], stale: bool) -> tuple[float, str]:
    """Return what share of a field counts, and what would raise it; nothing for all of it."""
    statuses = {str(claim.status) for claim in claims}
    if not stated:
        if Status.NOT_STATED in statuses:
            return NOT_STATED, gettext(
                "%(field)s: no source states it. Ask the provider.", field=title
            )
        return 0.0, gettext(
            "%(field)s: give it, or name the source that does not state it.", field=title
        )
    if not statuses - {Status.NOT_STATED}:
        return UNSOURCED, gettext("%(field)s: say where it comes from.", field=title)
    if Status.CONTRADICTED in statuses:
        if stale:
            return TWO_ANSWERS * OLD, gettext(
                "%(field)s: settle which of the two answers is right and look at it again; "
                "nobody has for long.",
                field=title,
            )
        return TWO_ANSWERS, gettext(
            "%(field)s: settle which of the two answers is right.", field=title
        )
    if stale:
        return OLD, gettext("%(field)s: look at it again; nobody has for long.", field=title)
    return 1.0, ""
