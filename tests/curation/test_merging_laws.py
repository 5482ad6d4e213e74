"""What holds whichever entries are merged and whatever is chosen."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from directory.curation.merging_entries import merge
from directory.curation.pairing import open_pair
from directory.curation.unmerging import undo
from directory.db import Database
from directory.entries.kinds import KINDS
from directory.entries.models import Entry, EntryLink
from tests.curation.together import (
    chain_is_whole,
    curator_in,
    leads_nowhere,
    public,
    waiting,
)

FEW = settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
FEWER = settings(FEW, max_examples=2)


@pytest.fixture
def seeded(seeded_engine: Engine) -> Iterator[Database]:
    """The seeded database; each example goes back to it by itself."""
    with seeded_engine.connect() as connection:
        outer = connection.begin()
        yield Database(connection)
        outer.rollback()


def draw_pair(data: Any, session: Session) -> tuple[Any, str, str]:
    kind = data.draw(st.sampled_from(list(KINDS.values())))
    slugs = session.exec(select(Entry.slug).where(Entry.kind == kind.name).order_by(Entry.slug))
    keep, fold = data.draw(
        st.lists(st.sampled_from(slugs.all()), min_size=2, max_size=2, unique=True)
    )
    return kind, keep, fold


def draw_choices(data: Any, session: Session, kind: Any, keep: str, fold: str) -> dict[str, str]:
    asked = open_pair(session, kind, keep, fold, curator_in(session)).questions
    return {q.name: data.draw(st.sampled_from(q.choices)) for q in asked}


def well_connected(session: Session) -> list[str]:
    rows = session.execute(
        select(Entry.slug, func.count())
        .join(EntryLink, col(EntryLink.target_id) == Entry.id)
        .where(Entry.kind == "organisation")
        .group_by(col(Entry.slug))
        .order_by(func.count().desc(), Entry.slug)
        .limit(12)
    )
    return [slug for slug, _ in rows]


@FEW
@given(data=st.data())
def test_undoing_a_merge_gives_everything_back(seeded: Database, data: Any) -> None:
    with seeded.writing() as session:
        by = curator_in(session)
        kind, keep, fold = draw_pair(data, session)
        choices = draw_choices(data, session, kind, keep, fold)
        before, waits = public(session), waiting(session)
        done = merge(session, kind, keep, fold, by=by, choices=choices)
        assert leads_nowhere(session) == []
        assert public(session) != before
        undo(session, done.id, by=by)
        assert public(session) == before
        assert waiting(session) == waits
        assert leads_nowhere(session) == []
        assert chain_is_whole(session)
        session.rollback()


@FEWER
@given(data=st.data())
def test_chains_of_merges_are_undone_in_reverse(seeded: Database, data: Any) -> None:
    """The organisations that most others name, so that the same entries are touched twice."""
    with seeded.writing() as session:
        by, kind = curator_in(session), KINDS["organisation"]
        chain = data.draw(st.permutations(well_connected(session)))[:4]
        steps = []
        for fold, keep in pairwise(chain):
            before, waits = public(session), waiting(session)
            choices = draw_choices(data, session, kind, keep, fold)
            done = merge(session, kind, keep, fold, by=by, choices=choices)
            steps.append((done.id, before, waits))
            assert leads_nowhere(session) == []
        for done_id, before, waits in reversed(steps):
            undo(session, done_id, by=by)
            assert public(session) == before
            assert waiting(session) == waits
        assert chain_is_whole(session)
        session.rollback()
