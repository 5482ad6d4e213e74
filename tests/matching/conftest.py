"""Offers made up for one test, and the vocabularies they use."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from directory.db import Database
from directory.entries.kinds import TRAINING, Kind
from directory.entries.vocabularies import Vocabularies
from directory.matching.need import Need
from directory.matching.score import Finding, Offer, judge

TODAY = date(2026, 11, 22)
Say = Callable[..., Finding | None]


def offer(kind: Kind = TRAINING, *, title: str = "An offer", **values: Any) -> Offer:
    """Return an entry of which no more is known than what is given."""
    disputed = values.pop("disputed", frozenset())
    found = values.pop("found", None)
    profile = kind.profile(**{kind.title_field: title, **values})
    return Offer(uuid.uuid4(), kind, title.lower(), title, profile, disputed, found)


@pytest.fixture
def words(database: Database) -> Vocabularies:
    with database.reading() as session:
        return Vocabularies.read(session)


@pytest.fixture
def say(words: Vocabularies) -> Say:
    """Return what an offer says to the one condition of a need."""

    def of(need: Need, one: Offer, condition: str = "") -> Finding | None:
        wanted = condition or need.given[0]
        found = judge(need, one, words, TODAY).findings
        return next((f for f in found if f.condition == wanted), None)

    return of
