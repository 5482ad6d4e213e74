"""What opens and closes: dated runs of trainings ahead, and the years of programmes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from directory.entries.kinds import PROGRAMME, TRAINING
from directory.entries.models import Entry, Programme, RunRow, TrackRow
from directory.entries.queries import is_published
from directory.insights.programmes import looked_at
from directory.search.query import FACETS, SearchQuery
from directory.search.snapshot import Snapshot

AHEAD = timedelta(days=365)
MOST = 60
TRACKS = 10
"""Hardly any run has more tracks, each with its deadline."""

AVAILABILITY = "availability"


@dataclass(frozen=True)
class DatedRun:
    """A run with its dates; what is not stated is None."""

    title: str
    url: str
    label: str | None
    deadlines: list[date]
    start: date | None
    end: date | None


@dataclass(frozen=True)
class Years:
    """A programme with the years a source gives."""

    title: str
    url: str
    start: int | None
    end: int | None


@dataclass(frozen=True)
class Undated:
    """How many trainings are to be had at any time, on request, or at a time nobody states."""

    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Timeline:
    """The whole timeline from one day on."""

    today: date
    runs: list[DatedRun]
    more_runs: bool
    programmes: list[Years]
    all_programmes: int
    undated: list[Undated]


def timeline(session: Session, snapshot: Snapshot, today: date) -> Timeline:
    """Return what opens or closes within a year, soonest first, and programmes by their years."""
    runs, more_runs = _runs(session, today)
    programmes, all_programmes = _programmes(session)
    return Timeline(
        today, runs, more_runs, programmes, all_programmes, list(_undated(snapshot, today))
    )


def _runs(session: Session, today: date) -> tuple[list[DatedRun], bool]:
    """Return the next runs, and whether there are more within the year.

    Each of the two questions follows an index and stops early, however many runs there are.
    """
    ahead = sa.and_(is_published(), col(RunRow.cancelled).is_(False))
    until = today + AHEAD
    day = col(TrackRow.application_deadline)
    closing = (
        sa.select(col(RunRow.id), day)
        .join(TrackRow, col(TrackRow.run_id) == col(RunRow.id))
        .join(Entry, col(Entry.id) == col(RunRow.entry_id))
        .where(ahead, day.between(today, until))
        .order_by(day)
        .limit((MOST + 1) * TRACKS)
    )
    starting = (
        sa.select(col(RunRow.id), col(RunRow.start))
        .join(Entry, col(Entry.id) == col(RunRow.entry_id))
        .where(ahead, col(RunRow.start).between(today, until))
        .order_by(col(RunRow.start))
        .limit(MOST + 1)
    )
    first: dict[int, date] = {}
    for run, when in [*session.execute(closing), *session.execute(starting)]:
        first[run] = min(when, first.get(run, when))
    soonest = sorted(first, key=lambda run: (first[run], run))
    rows = session.execute(
        sa.select(RunRow, Entry)
        .join(Entry, col(Entry.id) == col(RunRow.entry_id))
        .where(col(RunRow.id).in_(soonest[:MOST]))
    ).all()
    deadlines = _deadlines(session, [run.id for run, _ in rows])
    ordered = sorted(rows, key=lambda row: (first[row[0].id], row[1].title, row[0].id))
    return [
        DatedRun(
            entry.title,
            TRAINING.url(entry.slug),
            run.label,
            deadlines.get(run.id, []),
            run.start,
            run.end,
        )
        for run, entry in ordered
    ], len(soonest) > MOST


def _deadlines(session: Session, runs: list[Any]) -> dict[int, list[date]]:
    """Return the deadlines of each run, each once, in order."""
    rows = session.execute(
        sa.select(col(TrackRow.run_id), col(TrackRow.application_deadline))
        .where(
            col(TrackRow.run_id).in_(runs),
            col(TrackRow.application_deadline).is_not(None),
        )
        .distinct()
        .order_by(col(TrackRow.application_deadline))
    )
    found: dict[int, list[date]] = {}
    for run, day in rows:
        found.setdefault(run, []).append(day)
    return found


def _programmes(session: Session) -> tuple[list[Years], int]:
    """Return the programmes of which a source gives a year, the latest first, and how many."""
    start, end = col(Programme.start_year), col(Programme.end_year)
    rows = session.execute(
        sa.select(col(Entry.title), col(Entry.slug), start, end)
        .join(Programme, col(Entry.id) == col(Programme.id))
        .where(
            col(Entry.id).in_(sa.select(looked_at().subquery().c.id)),
            start.is_not(None) | end.is_not(None),
        )
        .order_by(sa.func.coalesce(start, end).desc(), col(Entry.title), col(Entry.id))
    ).all()
    years = [Years(t, PROGRAMME.url(slug), since, until) for t, slug, since, until in rows[:MOST]]
    return years, len(rows)


def _undated(snapshot: Snapshot, today: date) -> Iterator[Undated]:
    """Yield every answer to when one can take part, with its trainings."""
    base = snapshot.facets.having("kind", [TRAINING.name], today)
    terms = snapshot.vocabularies.terms.get(FACETS[AVAILABILITY].vocabulary or "", {})
    for code in (*terms, "not-stated"):
        yield Undated(
            snapshot.label(AVAILABILITY, code),
            snapshot.facets.count(AVAILABILITY, code, base, today),
            SearchQuery(filters={"kind": (TRAINING.name,), AVAILABILITY: (code,)}).url(),
        )


TABLE = ("kind", "title", "run", "apply_by", "starts", "ends", "url")


def table_of(found: Timeline, site: str) -> Iterator[tuple[str | int, ...]]:
    """Yield one line for each run and each programme; several deadlines stand side by side.

    `site` is the address of the site.
    """
    for run in found.runs:
        by = "; ".join(map(str, run.deadlines))
        start, end = str(run.start or ""), str(run.end or "")
        yield TRAINING.name, run.title, run.label or "", by, start, end, site + run.url
    for p in found.programmes:
        yield PROGRAMME.name, p.title, "", "", p.start or "", p.end or "", site + p.url
