"""Look again which of the counted needs are still unmet: once a need is saved, and every day."""

import uuid
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.db import Database, write_alone
from directory.matching.demand import Place, count_out, counts_until, is_met, places_of
from directory.matching.models import Demand, SavedNeed
from directory.matching.saved import read_saved
from directory.search.service import SearchService
from directory.settings import Settings

MOST = 2_000
"""So many needs are judged in one run at most; those that wait longest come first."""


def judge_due(
    database: Database,
    search: SearchService,
    settings: Settings,
    *,
    today: date,
    only: uuid.UUID | None = None,
) -> int:
    """Judge the counted needs that were not judged today, or only one; return how many.

    Nobody waits for the lock of the catalogue while offers are looked through.
    """
    with database.reading() as session:
        waiting = _due(session, today, only)
    for row in waiting:
        need = read_saved(row, search.vocabularies, settings)
        places: list[Place] = []
        until = counts_until(need, row.saved_at.date()) if need else today
        if need and until >= today:
            with database.reading() as session:
                if not is_met(session, search, need, today):
                    places = places_of(need, search.vocabularies)
        with database.writing() as session:
            _note(session, row.id, places, until, today)
    return len(waiting)


def _due(session: Session, today: date, only: uuid.UUID | None) -> list[SavedNeed]:
    judged = col(SavedNeed.judged_on)
    due = select(SavedNeed).where(SavedNeed.counted, sa.or_(judged.is_(None), judged < today))
    if only:
        due = due.where(SavedNeed.id == only)
    return list(session.exec(due.order_by(judged.nulls_first()).limit(MOST)))


def _note(session: Session, key: uuid.UUID, places: list[Place], until: date, today: date) -> None:
    """Write down where a need counts, unless its owner has changed her mind meanwhile."""
    write_alone(session)
    row = session.get(SavedNeed, key)
    if row is None or not row.counted:
        return
    if until < today:
        count_out(session, row)
        return
    session.exec(sa.delete(Demand).where(col(Demand.need_id) == key))
    for place in places:
        session.add(
            Demand(
                need_id=key,
                facet=place.facet,
                topic=place.topic,
                region=place.region,
                until=until,
            )
        )
    row.judged_on = today
    session.add(row)
