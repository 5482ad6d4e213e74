"""Two texts that were written from the same one, brought together field by field.

A field is its value together with where it comes from: taking the one from here and the other from
there would say of a source what it does not say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from directory.curation.changes import Version


class Side(StrEnum):
    """Whose a field is."""

    MINE = "mine"
    THEIRS = "theirs"


@dataclass
class Text:
    """A whole profile with its claims, both as JSON, that nobody has saved yet."""

    profile: dict[str, Any]
    claims: dict[str, Any]


@dataclass(frozen=True)
class Said:
    """What a text says about one field; not stated is None, and no claims are an empty list."""

    value: Any
    claims: list[dict[str, Any]]


@dataclass(frozen=True)
class Part:
    """One field that at least one of the two has changed."""

    name: str
    base: Said
    theirs: Said
    mine: Said

    @property
    def taken(self) -> Side | None:
        """Return whose text is taken without asking; None where both say different things.

        Where both made the same change, it is no matter whose.
        """
        if self.theirs in (self.base, self.mine):
            return Side.MINE
        return Side.THEIRS if self.mine == self.base else None


def said(text: Version | None, name: str) -> Said:
    """Return what a text says about a field; without a text, nothing."""
    if text is None:
        return Said(None, [])
    return Said(text.profile.get(name), list(text.claims.get(name) or []))


def three_way(
    names: Iterable[str], base: Version | None, theirs: Version, mine: Version
) -> list[Part]:
    """Return the fields that were changed since the base; without a base, nothing stood there."""
    parts = [Part(n, said(base, n), said(theirs, n), said(mine, n)) for n in names]
    return [p for p in parts if p.theirs != p.base or p.mine != p.base]


def side_of(part: Part, choices: Mapping[str, Side]) -> Side:
    """Return whose text a field gets: by itself, else as chosen, else mine."""
    return part.taken or choices.get(part.name, Side.MINE)


def merge(theirs: Version, parts: Iterable[Part], choices: Mapping[str, Side]) -> Text:
    """Return their text with every field of mine that is taken or chosen."""
    profile, claims = dict(theirs.profile), dict(theirs.claims)
    for part in parts:
        if side_of(part, choices) is Side.THEIRS:
            continue
        for found, mine in ((profile, part.mine.value), (claims, part.mine.claims or None)):
            if mine is None:
                found.pop(part.name, None)
            else:
                found[part.name] = mine
    return Text(profile, claims)
