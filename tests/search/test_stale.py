"""What nobody has confirmed for long goes down a little in a search, and never out of it."""

from array import array
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap
from sqlmodel import select

from directory.db import log_change
from directory.entries.models import Entry
from directory.search.match import SINKS, Match
from tests.search.conftest import Library, Reader

OVER = date(2026, 11, 22)


def outdate(library: Library, slug: str, day: date = OVER) -> None:
    with library.db.writing() as session:
        entry = session.exec(select(Entry).where(Entry.slug == slug)).one()
        entry.review_by = day
        log_change(session, entry.id)


@pytest.fixture
def three(library: Library) -> Library:
    for slug in ("first", "second"):
        library.training(slug, "Tidal power", topics="Turbines and tides.")
    library.training("third", "Coastal walks", topics="A chapter on tidal power at the end.")
    return library


def test_of_two_that_fit_alike_the_one_that_is_confirmed_comes_first(
    three: Library, reader: Reader
) -> None:
    (before, other, last) = reader.finds("tidal power")
    outdate(three, before)
    assert reader.finds("tidal power") == [other, before, last]
    hits = reader.asks("tidal power").hits
    assert [hit.stale for hit in hits] == [False, True, False]


def test_what_fits_better_stays_first_all_the_same(three: Library, reader: Reader) -> None:
    for slug in ("first", "second"):
        outdate(three, slug)
    found = reader.finds("tidal power")
    assert found[2] == "third"
    assert reader.asks("tidal power").total == 3


def test_it_sinks_on_the_day_and_rises_when_it_is_confirmed(three: Library, reader: Reader) -> None:
    def stale() -> list[str]:
        return [hit.card.slug for hit in reader.asks("tidal power").hits if hit.stale]

    outdate(three, "first", date(2026, 11, 23))
    assert stale() == []
    reader.today = date(2026, 11, 23)
    assert stale() == ["first"]
    assert reader.finds("tidal power") == ["second", "first", "third"]
    outdate(three, "first", date(2027, 11, 23))
    assert stale() == []


HITS = st.lists(st.tuples(st.floats(0.5, 2_000, width=32), st.booleans()), min_size=1, max_size=40)


@given(HITS, st.integers(1, 40))
def test_no_entry_falls_behind_a_clearly_worse_one(
    hits: list[tuple[float, bool]], kept: int
) -> None:
    """Clearly worse is by more than a tenth, among the best and among the rest."""
    scores = array("f", sorted((score for score, _ in hits), reverse=True))
    numbers = array("I", range(len(hits)))
    stale = BitMap(n for n, (_, old) in enumerate(hits) if old)
    best = numbers[:kept], scores[:kept]
    match = Match(BitMap(numbers), best, lambda: (numbers, scores)).sunk(stale)
    order = list(match.order)
    assert sorted(order) == list(numbers)
    assert order[:kept] == list(match.best[0])
    for one, other in pairwise(order):
        if max(one, other) < kept:
            assert scores[one] >= scores[other] * SINKS * 0.9999
