"""What one entry says after another was folded into it: a choice for each field that differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from directory.curation.references import Content
from directory.entries.fields import Declared
from directory.entries.kinds import Kind
from directory.sources.claims import Status


class Choice(StrEnum):
    """Whose value of a field stays. Only lists can hold both."""

    KEEP = "keep"
    THEIRS = "theirs"
    BOTH = "both"


_ABOUT_A_VALUE = (Status.STATED, Status.DERIVED, Status.CONFIRMED)


@dataclass(frozen=True)
class Question:
    """A field that the two entries fill in differently."""

    declared: Declared
    keep: Any
    theirs: Any
    keep_claims: list[dict[str, Any]]
    theirs_claims: list[dict[str, Any]]

    @property
    def name(self) -> str:
        """Return the name of the field."""
        return self.declared.name

    @property
    def choices(self) -> list[Choice]:
        """Return what one may choose: no side that says nothing can be joined with."""
        joined = self.declared.many and self.is_open
        return [Choice.KEEP, Choice.THEIRS, *([Choice.BOTH] if joined else [])]

    @property
    def is_open(self) -> bool:
        """Say whether both state something, so that somebody has to choose."""
        return self.keep is not None and self.theirs is not None

    @property
    def suggested(self) -> Choice:
        """Return what loses least: both lists, else what stays, else the only value there is."""
        if Choice.BOTH in self.choices:
            return Choice.BOTH
        return Choice.THEIRS if self.keep is None else Choice.KEEP


Choices = Mapping[str, Choice]


def questions(kind: Kind, keep: Content, fold: Content) -> list[Question]:
    """Return a question for each field in which two entries differ, in page order."""
    return [
        Question(
            declared,
            keep.profile.get(name),
            fold.profile.get(name),
            keep.claims.get(name, []),
            fold.claims.get(name, []),
        )
        for name, declared in kind.fields.items()
        if keep.profile.get(name) != fold.profile.get(name)
    ]


def read_choices(asked: list[Question], said: Mapping[str, str]) -> dict[str, Choice]:
    """Return the choice for each question; what was not answered, or cannot be, is suggested."""
    return {
        q.name: Choice(answer) if (answer := said.get(q.name)) in q.choices else q.suggested
        for q in asked
    }


def compose(kind: Kind, keep: Content, fold: Content, choices: Choices, *, public: bool) -> Content:
    """Return what the surviving entry says: claims follow their values, names are not lost.

    Where both say the same, both sources are named. `public` leaves out a former name for which
    no source speaks, because what is public needs one.
    """
    profile, claims = dict(keep.profile), dict(keep.claims)
    for name in kind.fields:
        mine, theirs = keep.profile.get(name), fold.profile.get(name)
        if mine == theirs:
            if mine is not None:
                claims[name] = _sources(keep.claims.get(name, []), fold.claims.get(name, []))
            continue
        choice = choices.get(name, Choice.KEEP)
        if choice is Choice.BOTH:
            profile[name] = _joined(mine or [], theirs or [])
            both = _sources(keep.claims.get(name, []), fold.claims.get(name, []))
            claims[name] = [c for c in both if c.get("status") != Status.NOT_STATED]
        elif choice is Choice.THEIRS:
            profile[name], claims[name] = theirs, fold.claims.get(name, [])
    made = Content(
        {name: value for name, value in profile.items() if value is not None},
        {name: found for name, found in claims.items() if found},
    )
    return _with_former_names(kind, made, (keep, fold), public=public)


def _joined(one: list[Any], other: list[Any]) -> list[Any]:
    """Join two lists; what stands in both stands once."""
    return [*one, *(item for item in other if item not in one)]


def _sources(one: list[Any], other: list[Any]) -> list[Any]:
    """Join claims; what was only looked up on another day is the same claim."""

    def said(claim: Mapping[str, Any]) -> dict[str, Any]:
        return {name: part for name, part in claim.items() if not name.startswith("checked_")}

    there = [said(claim) for claim in one]
    return [*one, *(claim for claim in other if said(claim) not in there)]


def _with_former_names(
    kind: Kind, made: Content, both: tuple[Content, Content], *, public: bool
) -> Content:
    """Keep the titles and acronyms that were not chosen as other names, with their sources."""
    field = next(name for name, d in kind.fields.items() if d.searchable == "alias")
    names = [name for name, d in kind.public_fields.items() if d.searchable == "name"]
    aliases, claims = list(made.profile.get(field, [])), list(made.claims.get(field, []))
    there = {str(made.profile.get(name, "")).casefold() for name in names}
    there |= {alias.casefold() for alias in aliases}
    for said in both:
        for name in names:
            text = said.profile.get(name)
            if not text or text.casefold() in there:
                continue
            sources = [
                {**claim, "item": text}
                for claim in said.claims.get(name, [])
                if claim.get("status") in _ABOUT_A_VALUE
            ]
            if sources or claims or not public:
                there.add(text.casefold())
                aliases.append(text)
                claims += [claim for claim in sources if claim not in claims]
    if not aliases:
        return made
    claims = [claim for claim in claims if claim.get("status") != Status.NOT_STATED]
    return Content(
        {**made.profile, field: aliases},
        {**made.claims, field: claims} if claims else made.claims,
    )


def rebased(waiting: Content, old: Content, new: Content) -> Content:
    """Return a change that waits on top of a version that has changed below it.

    What the change leaves as it was follows the new version.
    """

    def part(mine: Mapping[str, Any], was: Mapping[str, Any], now: Mapping[str, Any]) -> Any:
        names = dict.fromkeys([*mine, *now])
        found = {n: now.get(n) if mine.get(n) == was.get(n) else mine.get(n) for n in names}
        return {n: value for n, value in found.items() if value is not None}

    return Content(
        part(waiting.profile, old.profile, new.profile),
        part(waiting.claims, old.claims, new.claims),
    )
