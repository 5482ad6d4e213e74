"""Text that nobody saved is still there, and a form can wait while another one is filled in."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import select

from directory.accounts.models import User
from directory.curation import autosave
from directory.curation.autosave import KEPT, LONGEST, AutoSave
from directory.curation.service import get_entry, latest_revision
from directory.db import Database
from directory.entries.kinds import ORGANISATION, PROGRAMME, TRAINING
from directory.migrate import migrate
from directory.settings import Settings
from tests.people import Form, enter_as, form_in, send, writing

SCHOOL = "/curation/trainings/cyber-school-initiative"
NEW = "/curation/trainings/new"


def keep(client: TestClient[Any], form: Form) -> Any:
    return client.post(form.action + "/autosave", data=form.body, headers={"HX-Request": "true"})


def test_what_was_typed_is_offered_again_until_it_is_saved(curator: TestClient[Any]) -> None:
    form = form_in(curator.get(SCHOOL).text).fill(duration="Nine weeks", audiences=["diplomats"])
    answer = keep(curator, form)
    assert answer.status_code == 200
    assert "Kept for you at" in answer.text
    assert (
        'href="/curation/trainings/cyber-school-initiative?continue=yes"'
        in curator.get("/curation").text
    )
    page = curator.get(SCHOOL).text
    assert "you were writing here and did not save" in page
    assert form_in(page)["duration"] != "Nine weeks"
    again = form_in(curator.get(SCHOOL + "?continue=yes").text)
    assert (again["duration"], again.all("audiences")) == ("Nine weeks", ["diplomats"])
    assert send(curator, again).status_code == 200
    assert "did not save" not in curator.get(SCHOOL).text


def test_what_arrives_after_the_form_was_saved_is_dropped(curator: TestClient[Any]) -> None:
    form = form_in(curator.get(SCHOOL).text).fill(duration="Nine weeks")
    send(curator, form)
    assert keep(curator, form).text.strip() == ""
    assert "did not save" not in curator.get(SCHOOL).text


def test_one_can_throw_it_away(curator: TestClient[Any]) -> None:
    keep(curator, form_in(curator.get(NEW).text).fill(title="A mistake"))
    page = curator.get(NEW).text
    discard = form_in(page, NEW + "/autosave/discard")
    assert send(curator, discard).url.path == NEW
    assert "did not save" not in curator.get(NEW).text


def test_nobody_else_sees_it(desk: TestClient[Any], desk_settings: Settings) -> None:
    enter_as(desk, desk_settings, "curator")
    keep(desk, form_in(desk.get(SCHOOL).text).fill(duration="My own words"))
    desk.cookies.clear()
    enter_as(desk, desk_settings, "admin")
    for page in (SCHOOL, SCHOOL + "?continue=yes", "/curation"):
        answer = desk.get(page)
        assert answer.status_code == 200
        assert "My own words" not in answer.text
        assert "did not save" not in answer.text


def test_too_much_text_is_refused_and_what_was_kept_stays(curator: TestClient[Any]) -> None:
    form = form_in(curator.get(SCHOOL).text)
    keep(curator, form.fill(duration="Nine weeks"))
    answer = keep(curator, form.fill(description="x" * (LONGEST + 1)))
    assert answer.status_code == 422
    assert "Save it as a draft" in answer.text
    assert form_in(curator.get(SCHOOL + "?continue=yes").text)["duration"] == "Nine weeks"


def test_what_nobody_came_back_to_goes(curator: TestClient[Any], desk_settings: Settings) -> None:
    keep(curator, form_in(curator.get(SCHOOL).text).fill(duration="Nine weeks"))
    with writing(desk_settings) as session:
        kept = session.exec(select(AutoSave)).one()
        kept.at -= KEPT
        session.add(kept)
    assert "did not save" not in curator.get(SCHOOL).text
    keep(curator, form_in(curator.get(NEW).text).fill(title="Another"))
    with writing(desk_settings) as session:
        assert [k.place for k in session.exec(select(AutoSave))] == ["trainings/new"]


def test_a_somebody_who_saved_meanwhile_is_not_overwritten(curator: TestClient[Any]) -> None:
    form = form_in(curator.get(SCHOOL).text)
    keep(curator, form.fill(duration="Nine weeks"))
    other = form_in(curator.get(SCHOOL).text).fill(duration="Ten weeks")
    other.fill(_number="0" * 16)
    assert send(curator, other).status_code == 200
    keep(curator, form)
    again = form_in(curator.get(SCHOOL + "?continue=yes").text)
    assert send(curator, again).status_code == 409


def test_organisation_programme_and_training_in_one_go(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    training = form_in(curator.get(NEW).text).fill(title="Night School", duration="4 evenings")
    page = send(curator, training, create="programme")
    assert page.url.path == "/curation/programmes/new"
    assert "You are adding this for another entry" in page.text
    programme = form_in(page.text).fill(title="School Network")
    page = send(curator, send_more_rows(curator, programme), create="organisations.0.organisation")
    assert page.url.path == "/curation/organisations/new"
    assert "for another entry" in page.text
    page = send(curator, form_in(page.text).fill(name="House of Standards"))
    assert page.url.path == "/curation/programmes/new"
    assert "House of Standards is saved as a draft, and filled in below." in page.text
    programme = form_in(page.text)
    assert programme["title"] == "School Network"
    assert programme["organisations.0.organisation"] == "house-of-standards"
    page = send(curator, programme.fill(organisations__0__role="lead"))
    training = form_in(page.text)
    assert page.url.path == NEW
    assert (training["title"], training["duration"]) == ("Night School", "4 evenings")
    assert training["programme"] == "school-network"
    page = send(curator, training, create="providers")
    page = send(curator, form_in(page.text).fill(name="Second House"))
    assert form_in(page.text).all("providers")[0] == "second-house"
    assert send(curator, form_in(page.text)).url.path == "/curation/trainings/night-school"
    with writing(desk_settings) as session:
        found = {
            kind: latest_revision(session, get_entry(session, kind, slug)).profile
            for kind, slug in (
                (ORGANISATION, "house-of-standards"),
                (PROGRAMME, "school-network"),
                (TRAINING, "night-school"),
            )
        }
    assert found[PROGRAMME]["organisations"] == [
        {"organisation": "house-of-standards", "role": "lead"}
    ]
    assert found[TRAINING]["programme"] == "school-network"
    assert found[TRAINING]["providers"] == ["second-house"]


def send_more_rows(client: TestClient[Any], form: Form) -> Form:
    """Ask for one more row of organisations, as the button does."""
    return form_in(send(client, form, add="organisations").text)


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil", "people/new:x", "trainings/../x:y", "trainings/new"]
)
def test_a_way_back_that_is_none_is_ignored(curator: TestClient[Any], back: str) -> None:
    page = curator.get("/curation/organisations/new", params={"back": back})
    assert "You are adding this for" not in page.text
    saved = send(curator, form_in(page.text).fill(name="Nowhere", _back=back))
    assert saved.url.path == "/curation/organisations/nowhere"


@pytest.mark.parametrize("name", ["title", "nothing", "organisations.0.role", "..", "runs.0.label"])
def test_only_references_lead_to_a_new_entry(curator: TestClient[Any], name: str) -> None:
    form = form_in(curator.get(NEW).text).fill(title="Plain")
    assert send(curator, form, create=name).url.path == "/curation/trainings/plain"


def test_two_who_keep_the_first_text_of_a_form_at_once_both_come_through(
    any_engine: Engine,
) -> None:
    migrate(any_engine)
    database = Database(any_engine)
    with database.writing() as session:
        user = User(email="cora@example.org", role="curator")
        session.add(user)

    def type_in(number: int) -> bool:
        with database.writing() as session:
            return autosave.keep(
                session, user, "trainings/new", "a\x00", [("title", f"{number}\x00")]
            )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(type_in, range(40)))
    with database.reading() as session:
        kept = autosave.kept_for(session, user, "trainings/new")
    assert kept and kept.pairs[0][1] in map(str, range(40))
