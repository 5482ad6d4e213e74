"""From a need to ranked offers, with what fits, what fails, what is unknown, and who says so."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.entries.kinds import KINDS, ORGANISATION, PROGRAMME, TRAINING, Kind
from directory.entries.models import Entry
from directory.entries.queries import is_published, published_by_id
from directory.entries.shown import Shown, Value
from directory.matching.candidates import candidates, find_text, shares
from directory.matching.need import Need, conditions
from directory.matching.score import Finding, Judged, Offer, judge, rank
from directory.matching.verdicts import Verdict
from directory.search.service import SearchService
from directory.search.snapshot import Snapshot
from directory.sources.models import ClaimRow, Source, is_contradicted
from directory.sources.queries import sources_by_slug

ORDER = (TRAINING, PROGRAMME, ORGANISATION)
"""What one can take up comes first, then who could be asked."""

LISTED = {TRAINING.name: 20, PROGRAMME.name: 10, ORGANISATION.name: 10}
MOST_LISTED = 50
"""So many offers of one kind are listed at most: each is read whole, with its claims."""


@dataclass(frozen=True)
class Reason:
    """A finding with the values behind it, each with its origins."""

    finding: Finding
    values: list[Value]

    @property
    def silent(self) -> list[Source]:
        """Return the documents that say nothing of it, where none says anything."""
        if any(value.status for value in self.values):
            return []
        return list({s.slug: s for value in self.values for s in value.silent}.values())


@dataclass(frozen=True)
class Match:
    """An offer in the order of how well it fits."""

    judged: Judged
    shown: Shown

    def reasons(self, verdict: Verdict) -> list[Reason]:
        """Return what was found with a verdict, and where it comes from."""
        return [Reason(f, _behind(f, self.shown)) for f in self.judged.of(verdict)]

    @property
    def open_titles(self) -> list[str]:
        """Return the titles of what must be so and of which nobody says whether it is."""
        return [f.title for f in self.judged.of(Verdict.UNKNOWN) if f.hard]

    @property
    def fits(self) -> list[Reason]:
        """Return what fits."""
        return self.reasons(Verdict.FITS)

    @property
    def fails(self) -> list[Reason]:
        """Return what does not fit."""
        return self.reasons(Verdict.FAILS)

    @property
    def unknown(self) -> list[Reason]:
        """Return what no source states."""
        return self.reasons(Verdict.UNKNOWN)


@dataclass(frozen=True)
class Excluded:
    """What a hard condition left out: `count` offers, `alone` of them for no other reason."""

    condition: str
    title: str
    count: int
    alone: int


@dataclass(frozen=True)
class Group:
    """The offers of one kind: how many are not excluded, and the best of them."""

    kind: Kind
    total: int
    matches: list[Match] = field(default_factory=list)


@dataclass(frozen=True)
class Matches:
    """The answer to a need. `looked_at` is how many entries were scored."""

    need: Need
    looked_at: int
    groups: list[Group]
    excluded: list[Excluded]

    @property
    def total(self) -> int:
        """Return how many offers are not excluded."""
        return sum(group.total for group in self.groups)


def match(
    session: Session,
    search: SearchService,
    need: Need,
    *,
    today: date,
    most: Mapping[str, int] = LISTED,
) -> Matches:
    """Return the offers for a need, at most `most` of each kind; nothing is stored.

    Scores a bounded number of entries, so that a huge catalogue costs no more than a large one.
    """
    snapshot = search.refresh()
    judged = _judged(session, snapshot, need, today)
    ranked = {kind.name: rank(j for j in judged if j.offer.kind is kind) for kind in ORDER}
    listed = {name: found[: min(most.get(name, 0), MOST_LISTED)] for name, found in ranked.items()}
    shown = _shown(session, snapshot, [j.offer.id for found in listed.values() for j in found])
    return Matches(
        need=need,
        looked_at=len(judged),
        groups=[
            Group(
                kind,
                len(ranked[kind.name]),
                [
                    Match(j, shown[j.offer.id])
                    for j in listed[kind.name]
                    if j.offer.id in shown  # It may have been withdrawn this very moment.
                ],
            )
            for kind in ORDER
        ],
        excluded=_excluded(need, judged),
    )


def judge_entries(
    session: Session, search: SearchService, need: Need, entries: Iterable[Entry], *, today: date
) -> list[Match]:
    """Return what these very entries say to a need, in their order, whatever they fail."""
    snapshot = search.refresh()
    numbers = snapshot.facets.numbers
    ids = [e.id for e in entries if e.id in numbers]
    found = shares(find_text(snapshot, need))
    offers = {offer.id: offer for offer in _offers(session, snapshot, ids, found)}
    shown = _shown(session, snapshot, ids)
    return [
        Match(judge(need, offers[key], snapshot.vocabularies, today), shown[key])
        for key in ids
        if key in offers and key in shown
    ]


def best_trainings(
    session: Session, search: SearchService, need: Need, today: date
) -> list[Judged]:
    """Return the trainings that fail nothing that must be so, best first, without their claims."""
    judged = _judged(session, search.refresh(), need, today, (TRAINING,))
    return rank(judged)


def _judged(
    session: Session,
    snapshot: Snapshot,
    need: Need,
    today: date,
    kinds: Iterable[Kind] = ORDER,
) -> list[Judged]:
    text = find_text(snapshot, need)
    found, ids = shares(text), snapshot.facets.ids
    chosen = [
        ids[number] for kind in kinds for number in candidates(snapshot, need, kind, text, today)
    ]
    return [
        judge(need, offer, snapshot.vocabularies, today)
        for offer in _offers(session, snapshot, chosen, found)
    ]


def _offers(
    session: Session, snapshot: Snapshot, ids: list[uuid.UUID], found: Mapping[int, float]
) -> list[Offer]:
    """Read what scoring needs of published entries: their rows and what is disputed in them."""
    numbers = snapshot.facets.numbers
    disputed = _disputed(session, ids)
    offers = []
    for kind in KINDS.values():
        table: Any = kind.table
        rows = session.execute(
            sa.select(table, col(Entry.slug), col(Entry.title))
            .join(Entry, col(Entry.id) == table.id)
            .where(is_published(), table.id.in_(ids))
        )
        offers += [
            Offer(
                id=row.id,
                kind=kind,
                slug=slug,
                title=title,
                profile=row,
                disputed=frozenset(disputed.get(row.id, ())),
                found=found.get(numbers[row.id]) if row.id in numbers else None,
            )
            for row, slug, title in rows
        ]
    return offers


def _disputed(
    session: Session, ids: list[uuid.UUID]
) -> dict[uuid.UUID, list[tuple[str, str | None]]]:
    rows = session.exec(
        select(ClaimRow.entry_id, ClaimRow.field, ClaimRow.item).where(
            is_contradicted(), col(ClaimRow.entry_id).in_(ids)
        )
    )
    found: dict[uuid.UUID, list[tuple[str, str | None]]] = {}
    for key, name, item in rows:
        found.setdefault(key, []).append((name, item))
    return found


def _shown(session: Session, snapshot: Snapshot, ids: list[uuid.UUID]) -> dict[uuid.UUID, Shown]:
    sources = sources_by_slug(session)
    return {
        published.entry.id: Shown(published, snapshot.vocabularies, sources)
        for published in published_by_id(session, ids)
    }


def _behind(finding: Finding, shown: Shown) -> list[Value]:
    """Return the values a finding rests on, with the claims about just what decided."""
    judgement = finding.judgement
    found = []
    for name in judgement.fields:
        value = shown.values[name]
        if judgement.items:
            # A claim of a list may be about another of its items.
            here = [o for o in value.origins if o.item is None or o.item in judgement.items]
            value = replace(value, origins=here)
        found.append(value)
    return found


def _excluded(need: Need, judged: Iterable[Judged]) -> list[Excluded]:
    """Return what each hard condition leaves out, the one that leaves out most first."""
    counts = {name: [0, 0] for name in conditions() if name in need.hard}
    for one in judged:
        for name in one.failing:
            counts[name][0] += 1
            counts[name][1] += len(one.failing) == 1
    found = [
        Excluded(name, conditions()[name].term, count, alone)
        for name, (count, alone) in counts.items()
        if count
    ]
    return sorted(found, key=lambda e: (-e.alone, -e.count))
