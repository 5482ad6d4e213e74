"""The judged questions, asked of the seed: figures must not fall below what is demanded."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import col

from directory.db import Database
from directory.entries.models import Entry
from directory.search.service import SearchService
from tests.benchmarks.relevance.measure import NOTHING, measure, read


def test_answers_are_as_good_as_demanded(seeded_engine: Engine, tmp_path: Path) -> None:
    service = SearchService(Database(seeded_engine), tmp_path)
    report = measure(service)
    service.close()
    assert list(report.failures()) == []


def test_every_judged_entry_exists(database: Database) -> None:
    with database.reading() as session:
        rows = session.execute(sa.select(col(Entry.kind), col(Entry.slug)))
        known = {(kind, slug) for kind, slug in rows}
    questions, _ = read()
    judged = {entry for some in questions.values() for q in some for entry in q.grades}
    assert judged - known == set()


def test_every_question_is_judged() -> None:
    questions, _ = read()
    for name, some in questions.items():
        assert [q.text for q in some if bool(q.grades) == (name == NOTHING)] == []
