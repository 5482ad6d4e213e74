"""Saved values name other entries by their titles, to those who may read them."""

from typing import Any

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlmodel import Session, select

from directory.accounts.models import Grant, User
from directory.accounts.service import add_user
from directory.curation.controls import controls_of
from directory.curation.naming import Names, names_in, names_of
from directory.curation.service import get_entry
from directory.db import Database
from directory.entries.kinds import ORGANISATION, PROGRAMME, TRAINING, Kind
from directory.settings import Settings
from tests.curation.together import add, curator_in
from tests.people import form_in, send

SCHOOL = "/curation/trainings/cyber-school-initiative"
INSTITUTE, TITLE = "cyberpeace-institute", "CyberPeace Institute"
Client = TestClient[Any]


def provider_for(session: Session, slug: str) -> User:
    add_user(session, "p@example.org", "provider")
    person = session.exec(select(User).where(User.email == "p@example.org")).one()
    organisation = get_entry(session, ORGANISATION, slug)
    session.add(Grant(user_id=person.id, organisation_id=organisation.id))
    session.flush()
    return person


def test_an_entry_is_named_by_its_title_and_what_is_no_entry_by_its_slug(
    database: Database,
) -> None:
    said = {"providers": [INSTITUTE, "nobody-knows-it"]}
    with database.writing() as session:
        words = names_in(session, curator_in(session), TRAINING, [said])
    assert words.title("organisation", INSTITUTE) == TITLE
    assert words.title("organisation", "nobody-knows-it") == "nobody-knows-it"
    assert words.title("programme", INSTITUTE) == INSTITUTE


def test_a_draft_is_named_to_those_alone_who_may_read_it(database: Database) -> None:
    said = {"programme": "night-shift", "providers": ["quiet-place"]}
    with database.writing() as session:
        add(session, ORGANISATION, "quiet-place", name="The Quiet Place of Norms")
        own = [{"organisation": INSTITUTE, "role": "lead"}]
        add(session, PROGRAMME, "night-shift", title="Night Shift", organisations=own)
        seen = names_in(session, curator_in(session), TRAINING, [said])
        assert seen.title("organisation", "quiet-place") == "The Quiet Place of Norms"
        theirs = names_in(session, provider_for(session, INSTITUTE), TRAINING, [said])
        assert theirs.title("organisation", "quiet-place") == "quiet-place"
        assert theirs.title("programme", "night-shift") == "Night Shift"


def test_however_many_are_named_they_are_read_with_one_query(database: Database) -> None:
    said: list[tuple[Kind, dict[str, Any]]] = [
        (TRAINING, {"programme": "african-futures", "providers": [INSTITUTE, "gcsp"]}),
        (PROGRAMME, {"organisations": [{"organisation": "diplofoundation", "role": "lead"}]}),
    ]
    asked: list[str] = []
    with database.writing() as session:
        person = curator_in(session)
        session.flush()
        names_of(session, person, said)

        def note(_: Any, __: Any, statement: str, *___: Any) -> None:
            asked.append(statement)

        connection = session.connection()
        sa.event.listen(connection, "before_cursor_execute", note)
        words = names_of(session, person, said)
        sa.event.remove(connection, "before_cursor_execute", note)
    assert len([s for s in asked if "FROM entry" in s]) == 1
    assert words.title("organisation", "diplofoundation") == "DiploFoundation"


@pytest.mark.parametrize(
    ("field", "item", "words"),
    [
        ("providers", INSTITUTE, TITLE),
        ("action_lines", "C5", "Confidence & security"),
        ("outcomes", "C5", "C5"),
    ],
)
def test_a_claim_about_one_value_names_it_in_words(
    database: Database, field: str, item: str, words: str
) -> None:
    with database.writing() as session:
        said = {"providers": [INSTITUTE]}
        names: Names = names_in(session, curator_in(session), TRAINING, [said])
    assert words in names.item(controls_of(TRAINING, True)[field], item)


def test_every_page_that_draws_saved_values_shows_titles(
    curator: Client, desk_settings: Settings
) -> None:
    form = form_in(curator.get(SCHOOL).text)
    old = form_in(curator.get(SCHOOL).text).fill(providers="gcsp", duration="Nine weeks")
    send(curator, form.fill(providers=[INSTITUTE, "diplofoundation"]))
    conflict = send(curator, old)
    assert conflict.status_code == 409
    pages = [conflict.text] + [
        curator.get(SCHOOL + path).text
        for path in ("/review", "/history/1", "/history/2", "/history/compare", "/values")
    ]
    for page in pages:
        assert TITLE in page
        assert f">{INSTITUTE}<" not in page
    assert "DiploFoundation" in pages[1]
    assert "Geneva Centre for Security Policy" in pages[0]
