"""A curator's work over HTTP: new, draft, publish, correct, look back; and what is kept safe."""

from typing import Any

import pytest
from litestar.testing import TestClient

from directory.curation.service import get_entry, latest_revision
from directory.entries.kinds import KINDS, TRAINING
from directory.entries.models import Entry, Revision, Training
from directory.settings import Settings
from directory.web.csrf import unmasked
from tests.people import enter_as, form_in, send, writing

NEW = "/curation/trainings/new"
SCHOOL = "/curation/trainings/cyber-school-initiative"


def newest(settings: Settings, slug: str) -> tuple[Entry, Revision]:
    with writing(settings) as session:
        entry = get_entry(session, TRAINING, slug)
        return entry, latest_revision(session, entry)


def publish(client: TestClient[Any], page: str, **values: Any) -> Any:
    form = form_in(page).fill(**values)
    return send(client, form, to=form.action + "/publish", follow=False)


def test_a_training_from_the_first_word_to_the_public_page(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    desk = curator.get("/curation")
    assert 'href="/curation/trainings/new"' in desk.text
    draft = form_in(curator.get(NEW).text).fill(
        title="Night School on Standards",
        summary="Four evenings on how standards are made.",
        _source="gcsp-profile",
        _locator="line 3",
        _comment="Heard of it at the forum.",
    )
    saved = send(curator, draft)
    assert saved.url.path == "/curation/trainings/night-school-on-standards"
    assert "The draft is saved" in saved.text
    assert "Night School on Standards" in curator.get("/curation").text

    assert publish(curator, saved.text, _source="gcsp-profile").status_code == 422
    answer = publish(curator, saved.text, _source="gcsp-profile", _silent_on_the_rest="yes")
    assert answer.status_code == 303, answer.text[:3000]
    assert answer.headers["location"] == "/trainings/night-school-on-standards"
    assert "Night School on Standards is published." in curator.get("/").text

    entry, revision = newest(desk_settings, "night-school-on-standards")
    assert (entry.version, revision.number) == (2, 2)
    assert revision.profile == {
        "title": "Night School on Standards",
        "summary": "Four evenings on how standards are made.",
    }
    claim = revision.claims["summary"][0]
    assert (claim["source"], claim["locator"]) == ("gcsp-profile", "line 3")
    assert revision.claims["level"][0]["status"] == "not_stated"
    assert revision.claims["level"][0]["source"] == "gcsp-profile"


def test_a_correction_is_public_only_after_it_is_published(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    page = curator.get(SCHOOL).text
    send(curator, form_in(page).fill(duration="Nine weeks"))
    with writing(desk_settings) as session:
        row = session.get(Training, get_entry(session, TRAINING, "cyber-school-initiative").id)
        assert row and row.duration != "Nine weeks"
    page = curator.get(SCHOOL).text
    assert "waiting change: draft" in page
    assert publish(curator, page).status_code == 303
    with writing(desk_settings) as session:
        row = session.get(Training, get_entry(session, TRAINING, "cyber-school-initiative").id)
        assert row and row.duration == "Nine weeks"


def test_the_history_shows_who_saved_what_and_when(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    page = curator.get(SCHOOL).text
    send(curator, form_in(page).fill(duration="Nine weeks", _comment="The site says nine."))
    history = curator.get(SCHOOL + "/history").text
    assert history.index(">Revision 2<") < history.index(">Revision 1<")
    assert "curator@example.org" in history
    assert "The site says nine." in history
    assert "public now" in history.split(">Revision 1<")[1]
    old, new = (curator.get(f"{SCHOOL}/history/{n}").text for n in (1, 2))
    assert "Nine weeks" in new
    assert "Nine weeks" not in old
    assert curator.get(SCHOOL + "/history/99").status_code == 404


def test_a_training_with_runs_and_tracks_row_by_row(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    form = form_in(curator.get(NEW).text).fill(title="Row by row")
    page = send(curator, form, add="runs").text
    form = form_in(page).fill(runs__0__label="2027 cohort", runs__0__start="2027-03-01")
    page = send(curator, form, add="runs.0.tracks").text
    form = form_in(page).fill(
        runs__0__tracks__0__title="Audit track",
        runs__0__tracks__0__cost_amount="120.50",
        runs__0__tracks__0__cost_currency="Swiss Franc",
    )
    page = send(curator, form, add="organisations").text
    form = form_in(page)
    assert form["title"] == "Row by row"
    assert form["runs.0.tracks.0.title"] == "Audit track"
    form.fill(organisations__0__organisation="diplofoundation", organisations__0__role="host")
    form.fill(providers=["gcsp", "", "diplofoundation"], languages=["French", "en", ""])
    saved = send(curator, form)
    assert saved.status_code == 200, saved.text.split("error-summary")[1][:900]
    _, revision = newest(desk_settings, "row-by-row")
    run = revision.profile["runs"][0]
    assert (run["label"], run["start"]) == ("2027 cohort", "2027-03-01")
    track = run["tracks"][0]
    assert (track["title"], track["cost_amount"]) == ("Audit track", "120.50")
    assert track["cost_currency"] == "CHF"
    assert len(run["tracks"]) == 1
    assert revision.profile["organisations"] == [
        {"organisation": "diplofoundation", "role": "host"}
    ]
    assert revision.profile["providers"] == ["gcsp", "diplofoundation"]
    assert revision.profile["languages"] == ["fr", "en"]


def test_a_row_can_be_taken_out_again(curator: TestClient[Any]) -> None:
    form = form_in(curator.get(NEW).text)
    form = form_in(send(curator, form, add="runs").text).fill(runs__0__label="first")
    form = form_in(send(curator, form, add="runs").text).fill(runs__1__label="second")
    form = form_in(send(curator, form, drop="runs.0").text)
    assert form["runs.0.label"] == "second"
    assert "runs.1.label" not in form.body


def test_a_button_for_a_row_answers_htmx_with_the_form_alone(curator: TestClient[Any]) -> None:
    form = form_in(curator.get(NEW).text).fill(title="Kept", add="runs")
    answer = curator.post(NEW, data=form.body, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<form")
    assert "<html" not in answer.text
    again = form_in(answer.text)
    assert again["title"] == "Kept"
    assert again["runs.0.label"] == ""
    assert unmasked(again["_csrf_token"]) == unmasked(form["_csrf_token"])


def test_what_the_source_leaves_open_gives_way_to_a_value_and_back(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    _, before = newest(desk_settings, "cyber-school-initiative")
    assert before.claims["licence"][0]["status"] == "not_stated"
    form = form_in(curator.get(SCHOOL).text)
    form.fill(licence="CC BY 4.0", _source="curator-check", _locator="https://example.org")
    send(curator, form)
    _, filled = newest(desk_settings, "cyber-school-initiative")
    assert [(c["status"], c["source"]) for c in filled.claims["licence"]] == [
        ("stated", "curator-check")
    ]
    form = form_in(curator.get(SCHOOL).text).fill(licence="")
    send(curator, form)
    _, emptied = newest(desk_settings, "cyber-school-initiative")
    assert "licence" not in emptied.claims
    assert emptied.claims["title"] == before.claims["title"]


def test_two_answers_and_our_own_reading_can_stand_beside_a_value(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    form = form_in(curator.get(SCHOOL).text)
    form.fill(
        claims__workload_hours__0__status="contradicted",
        claims__workload_hours__0__source="curator-check",
        claims__workload_hours__0__values="20 hours\r\n 30 hours \r\n",
        claims__workload_hours__1__status="derived",
        claims__workload_hours__1__source="curator-check",
        claims__workload_hours__1__note="Counted by us.",
    )
    assert send(curator, form).status_code == 200
    _, revision = newest(desk_settings, "cyber-school-initiative")
    first, second = revision.claims["workload_hours"]
    assert first["values"] == ["20 hours", "30 hours"]
    assert second["note"] == "Counted by us."
    page = curator.get(SCHOOL).text
    assert "20 hours\n30 hours</textarea>" in page


def test_two_people_at_once_lose_nothing(curator: TestClient[Any], desk_settings: Settings) -> None:
    first = form_in(curator.get(SCHOOL).text)
    second = form_in(curator.get(SCHOOL).text)
    assert send(curator, first.fill(duration="Nine weeks")).status_code == 200
    late = send(curator, second.fill(licence="My hour of work"))
    assert late.status_code == 409
    assert "Error:" in late.text
    assert newest(desk_settings, "cyber-school-initiative")[1].number == 2
    assert send(curator, form_in(late.text)).status_code == 200
    _, revision = newest(desk_settings, "cyber-school-initiative")
    assert revision.number == 3
    assert revision.profile["duration"] == "Nine weeks"
    assert revision.profile["licence"] == "My hour of work"


@pytest.mark.parametrize("base", ["", "0", "-1", "99", "2; drop", "9" * 400])
def test_a_form_that_does_not_say_where_it_started_saves_nothing(
    curator: TestClient[Any], desk_settings: Settings, base: str
) -> None:
    form = form_in(curator.get(SCHOOL).text).fill(_base=base, duration="Nine weeks")
    assert send(curator, form).status_code in (409, 422)
    assert newest(desk_settings, "cyber-school-initiative")[1].number == 1


def test_an_address_is_chosen_once(curator: TestClient[Any], desk_settings: Settings) -> None:
    taken = send(curator, form_in(curator.get(NEW).text).fill(title="Cyber School Initiative"))
    assert taken.status_code == 422
    assert "There is already an entry at /trainings/cyber-school-initiative" in taken.text
    assert "Is it here already?" in taken.text
    form = form_in(taken.text).fill(_slug="another-school", _is_different="yes")
    assert send(curator, form).url.path == "/curation/trainings/another-school"
    page = curator.get("/curation/trainings/another-school").text
    moved = send(curator, form_in(page).fill(_slug="yet-another-school"))
    assert moved.url.path == "/curation/trainings/yet-another-school"
    assert curator.get("/curation/trainings/another-school").status_code == 404
    assert "_slug" not in form_in(curator.get(SCHOOL).text).body
    send(curator, form_in(curator.get(SCHOOL).text).fill(_slug="renamed"))
    assert newest(desk_settings, "cyber-school-initiative")[1].number == 2


def test_moving_a_draft_onto_another_entry_is_refused(curator: TestClient[Any]) -> None:
    send(curator, form_in(curator.get(NEW).text).fill(title="One"))
    page = curator.get("/curation/trainings/one").text
    answer = send(curator, form_in(page).fill(_slug="cyber-school-initiative"))
    assert answer.status_code == 422
    assert "There is already an entry" in answer.text


def test_a_contributor_saves_drafts_and_cannot_publish(
    contributor: TestClient[Any], desk_settings: Settings
) -> None:
    page = contributor.get(SCHOOL).text
    assert "Save draft" in page
    assert "/publish" not in page
    assert "a curator publishes them" in page
    assert send(contributor, form_in(page).fill(duration="Nine weeks")).status_code == 200
    page = contributor.get(SCHOOL).text
    assert publish(contributor, page).status_code == 403
    form = form_in(contributor.get(NEW).text).fill(title="Straight out")
    assert send(contributor, form, to=NEW + "/publish").status_code == 403
    assert newest(desk_settings, "cyber-school-initiative")[0].version == 1


def test_a_contributor_neither_sees_nor_wipes_what_is_for_curators_only(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "curator")
    send(desk, form_in(desk.get(SCHOOL).text).fill(curator_note="Call them in May."))
    desk.cookies.clear()
    enter_as(desk, desk_settings, "contributor")
    page = desk.get(SCHOOL).text
    assert "Call them in May." not in page
    send(desk, form_in(page).fill(duration="Nine weeks", curator_note="Wiped."))
    assert "Call them in May." not in desk.get(SCHOOL + "/history/2").text
    _, revision = newest(desk_settings, "cyber-school-initiative")
    assert revision.number == 3
    assert revision.profile["curator_note"] == "Call them in May."


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_the_form_of_every_kind_opens_in_the_order_of_the_public_page(
    curator: TestClient[Any], kind: Any
) -> None:
    page = curator.get(f"/curation/{kind.path}/new").text
    places = [page.index(f'id="f-{name}"') for name in kind.fields]
    assert places == sorted(places)
    for declared in kind.fields.values():
        assert declared.title in page
        assert declared.help.replace("'", "&#39;") in page


@pytest.mark.parametrize(
    "address", ["/curation/wonders/new", "/curation/trainings/nothing", "/curation/training/new"]
)
def test_what_is_not_there_is_not_found(curator: TestClient[Any], address: str) -> None:
    assert curator.get(address).status_code == 404
