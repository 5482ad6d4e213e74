"""The judged questions, asked of the seed: figures must not fall below what is demanded."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import col

from directory.db import Database
from directory.entries.models import Entry
from directory.search.service import SearchService
from tests.benchmarks.relevance.measure import NOTHING, SETS, measure, read


@pytest.mark.parametrize("name", SETS)
def test_answers_are_as_good_as_demanded(seeded_engine: Engine, tmp_path: Path, name: str) -> None:
    service = SearchService(Database(seeded_engine), tmp_path)
    report = measure(service, name)
    service.close()
    assert list(report.failures()) == []


@pytest.mark.parametrize("name", SETS)
def test_every_judged_entry_exists(database: Database, name: str) -> None:
    with database.reading() as session:
        rows = session.execute(sa.select(col(Entry.kind), col(Entry.slug)))
        known = {(kind, slug) for kind, slug in rows}
    questions, _ = read(name)
    judged = {entry for some in questions.values() for q in some for entry in q.grades}
    assert judged - known == set()


def test_the_goals_are_demanded() -> None:
    """nDCG@10 of 0.90 over all, names and acronyms first without exception, over 200 questions."""
    questions, demanded = read()
    assert sum(len(some) for some in questions.values()) >= 200
    assert demanded["all"]["ndcg"] >= 0.90
    assert demanded["names"]["success"] == demanded["acronyms"]["success"] == 1.0
    assert demanded["unanswered"] == 0.0


@pytest.mark.parametrize("set_name", SETS)
def test_every_question_is_judged(set_name: str) -> None:
    questions, _ = read(set_name)
    for name, some in questions.items():
        assert [q.text for q in some if bool(q.grades) == (name == NOTHING)] == []
