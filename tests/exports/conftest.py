"""What the tests of formats share."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from directory.accounts.service import add_user, find_user
from directory.curation.service import (
    get_entry,
    latest_revision,
    publish,
    read_draft,
    save_draft,
)
from directory.curation.workflow import make_move
from directory.db import Database
from directory.entries.kinds import KINDS, TRAINING
from directory.entries.vocabularies import Vocabularies
from directory.settings import Settings
from tests.filled import filled
from tests.people import writing

FULL = "every-field-filled"


@pytest.fixture(scope="session")
def words(seeded_engine: Engine) -> Vocabularies:
    """Every vocabulary of the seed."""
    with Database(seeded_engine).reading() as session:
        return Vocabularies.read(session)


@pytest.fixture
def full(desk: TestClient[Any], desk_settings: Settings) -> Iterator[TestClient[Any]]:
    """A site where one entry of each kind has a value in every field."""
    with writing(desk_settings) as session:
        codes = {n: list(t) for n, t in Vocabularies.read(session).terms.items()}
        for kind in KINDS.values():
            profile, claims = filled(kind, codes)
            publish(
                session,
                *save_draft(session, read_draft(kind, FULL, profile, claims), by=None),
                by=None,
            )
    yield desk


def change(settings: Settings, kind_name: str, slug: str, **values: Any) -> None:
    """Publish a new version of an entry in which these fields say something else."""
    kind = KINDS[kind_name]
    with writing(settings) as session:
        before = latest_revision(session, get_entry(session, kind, slug))
        claims = {**before.claims, **{n: [{"source": "gcsp-profile"}] for n in values}}
        draft = read_draft(kind, slug, {**before.profile, **values}, claims)
        publish(session, *save_draft(session, draft, by=None), by=None)


def take_down(settings: Settings, slug: str, move: str) -> None:
    """Withdraw or archive a training."""
    with writing(settings) as session:
        add_user(session, email := f"{slug[:20]}@example.org", "curator")
        curator = find_user(session, email)
        assert curator
        make_move(session, get_entry(session, TRAINING, slug), move, by=curator, reason="A reason.")
