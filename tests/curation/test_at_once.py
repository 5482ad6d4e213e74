"""Two people at the same entry, and entries that are not ready to be referred to."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from directory.curation.service import (
    find_entry,
    get_entry,
    latest_revision,
    move_draft,
    publish,
    read_draft,
    save_draft,
)
from directory.db import Change, Database, write_alone
from directory.entries.kinds import ORGANISATION
from directory.entries.models import Revision
from directory.errors import Conflict, DirectoryError, Invalid
from directory.imports.seed import load_seed
from directory.migrate import migrate
from directory.settings import data

TOGETHER = 4


@pytest.fixture
def seeded(any_engine: Engine) -> Database:
    migrate(any_engine)
    database = Database(any_engine)
    with database.writing() as session:
        load_seed(session, data("seed"))
    return database


def at_once(work: Callable[[int], None]) -> list[str]:
    """Do something several times at the same moment; return how each ended."""
    start = threading.Barrier(TOGETHER)

    def one(number: int) -> str:
        start.wait()
        try:
            work(number)
        except DirectoryError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(TOGETHER) as pool:
        return sorted(pool.map(one, range(TOGETHER)))


def edit(session: Session, slug: str, number: int, base: int | None = None) -> Revision:
    before = latest_revision(session, get_entry(session, ORGANISATION, slug))
    profile = {**before.profile, "summary": f"What person {number} wrote."}
    draft = read_draft(ORGANISATION, slug, profile, before.claims)
    return save_draft(session, draft, by=None, base=base)[1]


def test_of_those_who_started_from_the_same_revision_one_saves(seeded: Database) -> None:
    with seeded.reading() as session:
        base = latest_revision(session, get_entry(session, ORGANISATION, "gcsp")).number

    def save(number: int) -> None:
        with seeded.writing() as session:
            edit(session, "gcsp", number, base)

    assert at_once(save) == ["Conflict"] * (TOGETHER - 1) + ["done"]


def test_one_of_those_who_want_the_same_address_gets_it(seeded: Database) -> None:
    def create(number: int) -> None:
        with seeded.writing() as session:
            save_draft(session, read_draft(ORGANISATION, "wanted", {}, {}), by=None, base=0)

    assert at_once(create) == ["Invalid"] * (TOGETHER - 1) + ["done"]

    def move(number: int) -> None:
        with seeded.writing() as session:
            draft = read_draft(ORGANISATION, f"draft-{number}", {}, {})
            move_draft(session, save_draft(session, draft, by=None)[0], "wanted-too")

    assert at_once(move) == ["Invalid"] * (TOGETHER - 1) + ["done"]


def test_publishing_while_the_seed_runs_ends_well(seeded: Database) -> None:
    slugs = ("diplofoundation", "gcsp", "cyberpeace-institute")

    def work(number: int) -> None:
        with seeded.writing() as session:
            if number == TOGETHER - 1:
                load_seed(session, data("seed"))
                return
            write_alone(session)
            revision = edit(session, slugs[number], number)
            publish(session, get_entry(session, ORGANISATION, slugs[number]), revision, by=None)

    with seeded.reading() as session:
        before = session.exec(select(Change.sequence).order_by(col(Change.sequence).desc())).first()
    assert at_once(work) == ["done"] * TOGETHER
    with seeded.reading() as session:
        changed = session.exec(select(Change).where(col(Change.sequence) > before)).all()
        assert [c.at for c in changed] == sorted(c.at for c in changed)
        for slug in slugs:
            entry = get_entry(session, ORGANISATION, slug)
            assert entry.version == latest_revision(session, entry).number
            assert entry.id in {c.entry_id for c in changed}


def test_what_refers_to_a_draft_waits_until_that_is_published(database: Database) -> None:
    with database.writing() as session:
        save_draft(session, read_draft(ORGANISATION, "new-one", {"name": "New"}, {}), by=None)
        entry = get_entry(session, ORGANISATION, "gcsp")
        before = latest_revision(session, entry)
        relation = {"organisation": "new-one", "role": "partner"}
        claims = before.claims | {"relations": [{"source": "gcsp-profile"}]}
        profile = {**before.profile, "relations": [relation]}
        draft = read_draft(ORGANISATION, "gcsp", profile, claims)
        entry, revision = save_draft(session, draft, by=None)
        with pytest.raises(Invalid) as refused:
            publish(session, entry, revision, by=None)
        assert "New is not public" in refused.value.by_field["relations"]
        other = find_entry(session, ORGANISATION, "new-one")
        assert other
        publish(session, entry, revision, by=None, together={other.id})


def test_a_conflict_is_told_apart_from_a_taken_address(database: Database) -> None:
    with database.writing() as session:
        with pytest.raises(Invalid, match="taken"):
            edit(session, "gcsp", 1, base=0)
        with pytest.raises(Conflict):
            edit(session, "gcsp", 1, base=99)
