"""The three verdicts, and what stands behind one."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from directory.entries.kinds import Kind
from directory.entries.profiles import Profile
from directory.entries.vocabularies import Vocabularies
from directory.languages import gettext
from directory.matching.need import Need


class Verdict(StrEnum):
    """Whether an offer fulfils a condition. Unknown is neither yes nor no."""

    FITS = "fits"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Judgement:
    """A verdict with its reason in the words of its reader, and with what it rests on.

    `fields` are fields of the profile, `items` the codes in them that decided; `share` is how much
    of what was asked for fits, from 0 to 1.
    """

    verdict: Verdict
    words: str
    fields: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    share: float = 1.0


@dataclass(frozen=True)
class Case:
    """What a judge looks at. `found` is how well the free text finds the offer, None if not."""

    need: Need
    kind: Kind
    profile: Profile
    words: Vocabularies
    today: date
    found: float | None = None


def fits(words: str, *fields: str, items: tuple[str, ...] = (), share: float = 1.0) -> Judgement:
    """Return that a condition is fulfilled."""
    return Judgement(Verdict.FITS, words, fields, items, share)


def fails(words: str, *fields: str) -> Judgement:
    """Return that a source says otherwise."""
    return Judgement(Verdict.FAILS, words, fields)


def unknown(words: str, *fields: str) -> Judgement:
    """Return that no source says so."""
    return Judgement(Verdict.UNKNOWN, words, fields)


def not_stated(*fields: str) -> Judgement:
    """Return that the fields which could say so are empty."""
    return unknown(gettext("Not stated."), *fields)


def to_be_asked() -> Judgement:
    """Return that an entry of this kind never says such a thing."""
    return unknown(gettext("To be asked."))


def as_sentence(labels: str) -> str:
    """Return labels as a sentence of their own."""
    # For translators: a list of labels that stands alone, with the full stop of your language.
    return gettext("%(labels)s.", labels=labels)
