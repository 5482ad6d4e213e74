"""The checker sees what it is there for: each of these harms is reported."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from directory.db import Database
from directory.entries.models import Entry
from directory.search.service import SearchService
from tests.faults.invariants import violations

OF_GCSP = "(SELECT id FROM entry WHERE slug = 'gcsp')"
HARMS = {
    "a claim is gone": f"DELETE FROM claim WHERE field = 'name' AND entry_id = {OF_GCSP}",
    "a term is gone": f"DELETE FROM entry_term WHERE entry_id = {OF_GCSP}",
    "a link leads elsewhere": f"UPDATE entry_link SET target_id = {OF_GCSP}",
    "a value was changed": f"UPDATE organisation SET acronym = 'XX' WHERE id = {OF_GCSP}",
    "a published row is gone": f"DELETE FROM organisation WHERE id = {OF_GCSP}",
    "a version is a step ahead": f"UPDATE entry SET version = 2 WHERE id = {OF_GCSP}",
    "the change log forgot something": f"DELETE FROM change_log WHERE entry_id = {OF_GCSP}",
    "history has a gap": f"UPDATE revision SET number = 3 WHERE entry_id = {OF_GCSP}",
    "a reference leads nowhere": "UPDATE claim SET source_slug = 'hearsay'",
}


@pytest.mark.parametrize("harm", [None, *HARMS])
def test_harm_to_the_database_is_seen(database: Database, tmp_path: Path, harm: str | None) -> None:
    with database.writing() as session:
        if harm == "a reference leads nowhere":
            session.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        if harm:
            session.execute(sa.text(HARMS[harm]))
        slugs = ("gcsp", "cyber-school-initiative")
        some = session.exec(select(Entry.id).where(col(Entry.slug).in_(slugs))).all()
    service = SearchService(database, tmp_path)
    assert bool(violations(database, service, tmp_path, some)) is bool(harm)
    service.close()


def test_an_index_that_did_not_hear_of_a_change_is_seen(database: Database, tmp_path: Path) -> None:
    service = SearchService(database, tmp_path)
    service.refresh()
    with database.writing() as session:
        session.execute(sa.text("DELETE FROM entry_link"))
        session.execute(sa.text(f"DELETE FROM entry WHERE id = {OF_GCSP}"))
    assert any("index" in found for found in violations(database, service, tmp_path, ()))
    service.close()
