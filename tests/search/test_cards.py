"""What a result shows, and what it takes to read it."""

from typing import Any

from sqlalchemy import event
from sqlmodel import select

from directory.db import Database
from directory.entries.kinds import TRAINING, kind_named
from directory.entries.models import Entry
from directory.entries.vocabularies import Vocabularies
from directory.search.cards import Card, read_cards
from directory.sources.models import ClaimRow, is_contradicted


def cards_of_trainings(database: Database) -> dict[str, Card]:
    with database.reading() as session:
        ids = session.exec(select(Entry.id).where(Entry.kind == TRAINING.name)).all()
        found = read_cards(session, Vocabularies.read(session), {TRAINING: ids})
    return {card.slug: card for card in found.values()}


def test_an_entry_with_two_answers_says_so_in_the_list(database: Database) -> None:
    with database.reading() as session:
        clashing = session.exec(
            select(Entry.kind, Entry.slug)
            .join(ClaimRow, ClaimRow.entry_id == Entry.id)  # type: ignore[arg-type]
            .where(is_contradicted(), Entry.version > 0)
        ).all()
    wanted = {slug for kind, slug in clashing if kind_named(kind) == TRAINING}
    assert wanted
    cards = cards_of_trainings(database)
    assert {slug for slug, card in cards.items() if card.contradicted} == wanted


def test_a_result_is_read_without_walking_through_its_claims(database: Database) -> None:
    asked: list[tuple[str, Any]] = []

    def note(*about: Any) -> None:
        asked.append(about[2:4])

    with database.reading() as session:
        connection = session.connection()
        event.listen(connection.engine, "before_cursor_execute", note)
        cards_of_trainings(database)
        event.remove(connection.engine, "before_cursor_execute", note)
        of_claims = [(sql, values) for sql, values in asked if "FROM claim" in sql]
        assert of_claims
        for sql, values in of_claims:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
            assert "ix_claim_contradicted" in str(plan)
