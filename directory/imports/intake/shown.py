"""A reading as its page shows it: the text cut at every passage, the proposals with their words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlmodel import Session

from directory.accounts.models import User
from directory.curation.naming import Names, names_of
from directory.curation.service import find_entry, latest_revision
from directory.entries.fields import Declared, Text
from directory.imports.intake.blocks import Document
from directory.imports.intake.mentions import Place, slug_of
from directory.imports.intake.proposals import Proposal, Value
from directory.imports.intake.service import Answer
from directory.languages import gettext

LONG = 40
"""So many letters fit into one line beside the name of a field."""


@dataclass(frozen=True)
class Segment:
    """A stretch of a paragraph; `cited` when a proposal or a value was read there."""

    text: str
    anchor: str
    cited: bool


@dataclass(frozen=True)
class ShownBlock:
    """A paragraph of the text."""

    number: int
    form: str
    locator: str
    segments: list[Segment]


@dataclass(frozen=True)
class ShownValue:
    """One value with its box to tick and, where it can be edited, its text or its list of terms."""

    number: int
    value: Value
    declared: Declared
    words: str
    text: str
    editable: bool
    choices: list[tuple[str, str]]
    taken: bool
    locator: str
    anchor: str
    passage: str
    is_long: bool
    is_there: bool
    stays: str


@dataclass(frozen=True)
class Existing:
    """An entry that a proposal would change: what it is called, and what it says now."""

    title: str
    profile: Mapping[str, Any]


@dataclass(frozen=True)
class ShownProposal:
    """One proposal with its values; `anchor` is its id on the page."""

    proposal: Proposal
    anchor: str
    existing: Existing | None
    places: list[tuple[str, str]]
    values: list[ShownValue]
    into: str


def anchor_at(place: Place) -> str:
    """Return the id of the first segment of a passage."""
    return f"s{place.block}-{place.start}"


def shown_blocks(document: Document, proposals: list[Proposal]) -> list[ShownBlock]:
    """Return the text, each paragraph cut where a passage starts or ends."""
    cuts: dict[int, set[int]] = {}
    spans: dict[int, list[Place]] = {}
    for place in _places(proposals):
        cuts.setdefault(place.block, set()).update((place.start, place.end))
        spans.setdefault(place.block, []).append(place)
    found = []
    for number, block in enumerate(document.blocks):
        edges = sorted({0, len(block.text), *cuts.get(number, ())})
        segments = [
            Segment(
                block.text[a:b],
                f"s{number}-{a}",
                any(p.start <= a and b <= p.end for p in spans.get(number, ())),
            )
            for a, b in pairwise(edges)
        ]
        found.append(ShownBlock(number, str(block.form), block.locator, segments))
    return found


def _places(proposals: list[Proposal]) -> Iterator[Place]:
    seen: set[Place] = set()
    for proposal in proposals:
        for place in (*proposal.places, *(v.place for v in proposal.values)):
            if place not in seen:
                seen.add(place)
                yield place


@dataclass(frozen=True)
class Known:
    """What the catalogue knows of what is proposed: words for codes and slugs, entries as they are.

    `entries` holds, by the key of a proposal, the entry that it would change.
    """

    names: Names
    entries: Mapping[str, Existing]


def known_of(session: Session, proposals: list[Proposal], user: User) -> Known:
    """Read what the page needs beside the proposals themselves."""
    entries = {}
    for proposal in proposals:
        entry = find_entry(session, proposal.kind, proposal.update) if proposal.update else None
        if entry:
            entries[proposal.key] = Existing(entry.title, latest_revision(session, entry).profile)
    names = names_of(session, user, ((p.kind, p.profile()) for p in proposals))
    # What is proposed here is called by its name before it is an entry.
    titles = {(p.kind.name, p.slug): p.title for p in proposals} | dict(names.titles)
    return Known(Names(names.vocabularies, titles), entries)


def shown_proposals(
    document: Document, proposals: list[Proposal], known: Known, answer: Answer | None
) -> list[ShownProposal]:
    """Return the proposals; one that was answered with a mistake keeps what was entered."""
    return [
        ShownProposal(
            proposal,
            slug_of(proposal.key),
            known.entries.get(proposal.key),
            [(anchor_at(p), document.blocks[p.block].locator) for p in proposal.places],
            [_shown(document, proposal, n, known, answer) for n in range(len(proposal.values))],
            answer.into if answer and answer.key == proposal.key else "",
        )
        for proposal in proposals
    ]


def _shown(
    document: Document, proposal: Proposal, number: int, known: Known, answer: Answer | None
) -> ShownValue:
    value = proposal.values[number]
    declared = proposal.kind.fields[value.field]
    mine = answer if answer and answer.key == proposal.key else None
    text = str(value.value)
    existing = known.entries.get(proposal.key)
    written = existing.profile.get(value.field) if existing else None
    is_there = value.value in written if isinstance(written, list) else value.value == written
    words, choices = known.names.vocabularies, []
    if declared.vocabulary and len(words.of(declared.vocabulary)) <= 80:
        choices = [
            (t.code, words.label(declared.vocabulary, t.code))
            for t in words.of(declared.vocabulary).values()
        ]
    return ShownValue(
        number,
        value,
        declared,
        in_words(declared, value.value, known.names),
        mine.edited.get(number, text) if mine else text,
        not isinstance(value.value, dict) and declared.reference is None,
        choices,
        number in mine.taken if mine else value.state != "rejected",
        document.blocks[value.place.block].locator,
        anchor_at(value.place),
        f"{value.place.block}-{value.place.start}-{value.place.end}",
        declared.type is Text or len(text) > LONG,
        is_there,
        ""
        if is_there or written is None or isinstance(written, list)
        else in_words(declared, written, known.names),
    )


def in_words(declared: Declared, value: Any, names: Names) -> str:
    """Return a value as a person reads it."""
    if declared.vocabulary:
        return names.label(declared.vocabulary, str(value))
    if isinstance(value, dict):
        role = names.label("roles", str(value.get("role", "")))
        name = names.title("organisation", value.get("organisation", ""))
        return gettext("%(organisation)s (%(role)s)", organisation=name, role=role)
    if declared.reference:
        return names.title(declared.reference.kind, str(value))
    return str(value)
