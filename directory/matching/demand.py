"""What is looked for and not offered: counts of saved needs by topic and region, and no more.

Counted are people, not needs, and only of needs whose owners agreed. Each figure depends on its
own cell alone: below five people a cell looks as if nobody was in it, from five on it is rounded
down to fives, and there are no totals. So no figure, and no difference of figures, ever tells of
fewer than five people.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from directory.accounts.models import User
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.matching.models import Demand, SavedNeed
from directory.matching.need import TOPICS, Need, questions
from directory.matching.score import Judged
from directory.matching.service import best_trainings
from directory.matching.verdicts import Verdict
from directory.search.service import SearchService

FEWEST = 5
"""Fewer people than this are never shown, and figures are rounded down to multiples of it."""

COUNTS_FOR = timedelta(days=365)
"""So long after it was saved a need counts at most."""


@dataclass(frozen=True)
class Place:
    """Where a need counts: a topic under the question that it answers, and a region."""

    facet: str
    topic: str
    region: str


def is_met(session: Session, search: SearchService, need: Need, today: date) -> bool:
    """Say whether a training is known to fulfil all that must be so, on the topic, and goes on.

    Unknown is no yes: where no source says, the need stays unmet.
    """
    return any(_fulfils(one) for one in best_trainings(session, search, need, today))


def _fulfils(one: Judged) -> bool:
    over = any(f.condition == "by" for f in one.of(Verdict.FAILS))
    return not (one.elsewhere or one.failing or one.open or over)


def places_of(need: Need, words: Vocabularies) -> list[Place]:
    """Return where a need counts: under the widest terms of its topics, in one region."""
    region = _region(words, need.country)
    found = []
    for facet in TOPICS:
        vocabulary = questions()[facet].vocabulary or ""
        for code in getattr(need, facet):
            found.append(Place(facet, words.with_broader(vocabulary, [code])[-1], region))
    return list(dict.fromkeys(found))


def _region(words: Vocabularies, country: str | None) -> str:
    """Return the region directly below the World in which a country lies: one, never a group."""
    term = words.term("countries", country or "")
    here = term and words.term("regions", term.broader or "")
    while here and (above := words.term("regions", here.broader or "")):
        if not above.broader:
            return here.code
        here = above
    return NOT_STATED


def counts_until(need: Need, saved: date) -> date:
    """Return the last day on which a need counts: its own, at most a year after it was saved."""
    end = saved + COUNTS_FOR
    return min(end, need.by) if need.by else end


def count_out(session: Session, row: SavedNeed) -> None:
    """Count a need no longer."""
    session.exec(sa.delete(Demand).where(col(Demand.need_id) == row.id))
    row.counted, row.judged_on = False, None
    session.add(row)


@dataclass(frozen=True)
class Cell:
    """At least so many people look for a topic in a region and find no training that fits."""

    place: Place
    people: int


def at_least(people: int) -> int:
    """Return what may be shown of a number of people: 0 below five, then rounded down to fives."""
    return people - people % FEWEST


def unmet(session: Session, today: date) -> list[Cell]:
    """Return every cell that may be shown. People whose access has ended no longer count."""
    people = sa.func.count(col(SavedNeed.user_id).distinct())
    where = (col(Demand.facet), col(Demand.topic), col(Demand.region))
    rows = session.execute(
        sa.select(*where, people)
        .join(SavedNeed, col(SavedNeed.id) == Demand.need_id)
        .join(User, col(User.id) == SavedNeed.user_id)
        .where(col(SavedNeed.counted), col(Demand.until) >= today, col(User.ended_at).is_(None))
        .group_by(*where)
        .having(people >= FEWEST)
    )
    return [Cell(Place(*place), at_least(count)) for *place, count in rows]


@dataclass(frozen=True)
class Table:
    """The cells of one question: a row for each topic, a column for each region of any cell."""

    facet: str
    title: str
    regions: list[str]
    rows: list[tuple[str, list[int]]]


def tables_of(cells: Iterable[Cell], words: Vocabularies) -> list[Table]:
    """Return the cells as tables, in the order of the lists; 0 stands for fewer than five."""
    found = {cell.place: cell.people for cell in cells}
    tables = []
    for facet in TOPICS:
        here = [place for place in found if place.facet == facet]
        if not here:
            continue
        vocabulary = questions()[facet].vocabulary or ""
        regions = _in_order([*words.of("regions"), NOT_STATED], {p.region for p in here})
        topics = _in_order(words.of(vocabulary), {p.topic for p in here})
        rows = [
            (words.label(vocabulary, t), [found.get(Place(facet, t, r), 0) for r in regions])
            for t in topics
        ]
        titles = [words.label("regions", region) for region in regions]
        tables.append(Table(facet, questions()[facet].title, titles, rows))
    return tables


def _in_order(codes: Iterable[str], wanted: set[str]) -> list[str]:
    return [code for code in codes if code in wanted]


TABLE = ("question", "topic", "topic_label", "region", "region_label", "people_at_least")


def lines_of(cells: Iterable[Cell], words: Vocabularies) -> Iterator[tuple[str | int, ...]]:
    """Yield the same, one line a cell; a cell that may not be shown has no line."""
    order = ("facet", "topic", "region")
    for cell in sorted(cells, key=lambda c: [getattr(c.place, name) for name in order]):
        place = cell.place
        vocabulary = questions()[place.facet].vocabulary or ""
        topic = words.label(vocabulary, place.topic)
        region = words.label("regions", place.region)
        yield place.facet, place.topic, topic, place.region, region, cell.people
