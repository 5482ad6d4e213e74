"""Who saves second keeps every word, and chooses field by field."""

import re
from typing import Any

import pytest
from litestar.testing import TestClient

from directory.curation.controls import controls_of
from directory.curation.forms import filled_from, pairs_of, read_form
from directory.curation.service import get_entry, latest_revision, read_draft, save_draft
from directory.db import Database
from directory.entries.kinds import KINDS, TRAINING, Kind
from directory.entries.models import Revision, State
from directory.entries.vocabularies import Vocabularies
from directory.settings import Settings
from tests.filled import filled
from tests.people import Form, enter_as, form_in, send, writing

SLUG = "cyber-school-initiative"
SCHOOL = f"/curation/trainings/{SLUG}"
Client = TestClient[Any]


def newest(settings: Settings) -> Revision:
    with writing(settings) as session:
        return latest_revision(session, get_entry(session, TRAINING, SLUG))


def theirs(settings: Settings, **values: Any) -> None:
    """Somebody else saves meanwhile."""
    with writing(settings) as session:
        before = latest_revision(session, get_entry(session, TRAINING, SLUG))
        profile = {n: v for n, v in {**before.profile, **values}.items() if v is not None}
        draft = read_draft(TRAINING, SLUG, profile, before.claims)
        save_draft(session, draft, by=None, comment="They were quick.")


def choices(html: str) -> dict[str, str]:
    """Return what is chosen beforehand, by field."""
    form = form_in(html)
    return {n.removeprefix("_take."): v for n, v in form.pairs if n.startswith("_take.")}


def late(curator: Client, form: Form) -> str:
    answer = send(curator, form)
    assert answer.status_code == 409
    return answer.text


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_a_page_carries_every_field_of_a_form(kind: Kind, database: Database) -> None:
    with database.reading() as session:
        terms = Vocabularies.read(session).terms
    profile, claims = filled(kind, {name: list(found) for name, found in terms.items()})
    controls = controls_of(kind, True)
    form = filled_from(controls, profile, claims)
    assert read_form(controls, pairs_of(controls, form)).values == form.values
    assert read_form(controls, pairs_of(controls, form)).claims == form.claims


def test_one_chooses_only_where_both_changed_the_same_field(
    curator: Client, desk_settings: Settings
) -> None:
    before = newest(desk_settings)
    form = form_in(curator.get(SCHOOL).text)
    theirs(desk_settings, duration="Nine weeks", licence="CC0", aliases=["The school"])
    page = late(curator, form.fill(duration="Ten weeks", _comment="I asked them."))
    assert choices(page) == {"duration": "mine"}
    assert "They were quick." in page
    assert "Only they changed" in page
    assert '<a href="#f-duration">' in page and 'id="f-duration"' in page
    saved = send(curator, form_in(page))
    assert saved.status_code == 200
    after = newest(desk_settings)
    assert (after.number, after.comment) == (before.number + 2, "I asked them.")
    assert after.profile == before.profile | {
        "duration": "Ten weeks",
        "licence": "CC0",
        "aliases": ["The school"],
    }


def test_theirs_is_kept_where_it_is_chosen(curator: Client, desk_settings: Settings) -> None:
    before = newest(desk_settings)
    form = form_in(curator.get(SCHOOL).text)
    theirs(desk_settings, duration="Nine weeks", licence="CC0")
    page = late(curator, form.fill(duration="Ten weeks", licence="CC BY"))
    assert choices(page) == {"duration": "mine", "licence": "mine"}
    send(curator, form_in(page).fill(**{"_take.duration": "theirs"}))
    after = newest(desk_settings)
    assert after.profile["duration"] == "Nine weeks"
    assert after.profile["licence"] == "CC BY"
    # That the licence is not stated went with the value that I gave.
    assert after.claims == {n: c for n, c in before.claims.items() if n != "licence"}


def test_an_untouched_claim_keeps_its_day_through_a_conflict(
    curator: Client, desk_settings: Settings
) -> None:
    before = newest(desk_settings)
    form = form_in(curator.get(SCHOOL).text)
    theirs(desk_settings, summary="What they wrote.")
    send(curator, form_in(late(curator, form.fill(summary="What I wrote."))))
    after = newest(desk_settings)
    assert after.profile["summary"] == "What I wrote."
    assert after.claims["summary"] == before.claims["summary"]


def test_a_third_one_who_is_faster_again_loses_nothing_either(
    curator: Client, desk_settings: Settings
) -> None:
    form = form_in(curator.get(SCHOOL).text)
    theirs(desk_settings, duration="Nine weeks")
    page = late(curator, form.fill(duration="Ten weeks", licence="CC BY", _comment="Mine."))
    theirs(desk_settings, licence="CC0")
    again = late(curator, form_in(page))
    # What was settled in the first round is mine in the second, and is not asked again.
    assert choices(again) == {"licence": "mine"}
    assert form_in(again)["_comment"] == "Mine."
    send(curator, form_in(again))
    after = newest(desk_settings)
    assert after.profile["duration"] == "Ten weeks"
    assert after.profile["licence"] == "CC BY"


def test_mistakes_and_a_conflict_are_shown_together_and_put_right_one_after_the_other(
    curator: Client, desk_settings: Settings
) -> None:
    form = form_in(curator.get(SCHOOL).text)
    theirs(desk_settings, duration="Nine weeks")
    page = late(curator, form.fill(duration="Ten weeks", workload_hours="many", website="here"))
    assert "Write a number in digits" in page and "starting with https://" in page
    assert choices(page).keys() >= {"duration"}
    wrong = send(curator, form_in(page))
    assert wrong.status_code == 422
    form = form_in(wrong.text)
    assert (form["duration"], form["workload_hours"], form["website"]) == (
        "Ten weeks",
        "many",
        "here",
    )
    number = newest(desk_settings).number
    assert form["_base"] == str(number)
    send(curator, form.fill(workload_hours="12", website="https://example.org/school"))
    after = newest(desk_settings)
    assert after.number == number + 1
    assert after.profile["duration"] == "Ten weeks"
    assert after.profile["website"] == "https://example.org/school"


def test_a_mistake_in_a_field_where_theirs_is_kept_is_no_matter(
    curator: Client, desk_settings: Settings
) -> None:
    form = form_in(curator.get(SCHOOL).text)
    theirs(desk_settings, website="https://example.org/theirs")
    page = late(curator, form.fill(website="here"))
    answer = send(curator, form_in(page).fill(**{"_take.website": "theirs"}))
    assert answer.status_code == 200
    assert newest(desk_settings).profile["website"] == "https://example.org/theirs"


def test_what_a_contributor_does_not_see_is_kept_from_the_newest(
    contributor: Client, desk_settings: Settings
) -> None:
    form = form_in(contributor.get(SCHOOL).text)
    theirs(desk_settings, curator_note="Ask the desk officer.", duration="Nine weeks")
    page = late(contributor, form.fill(duration="Ten weeks"))
    assert "Ask the desk officer." not in page and "Note for curators" not in page
    send(contributor, form_in(page))
    after = newest(desk_settings)
    assert after.profile["curator_note"] == "Ask the desk officer."
    assert after.profile["duration"] == "Ten weeks"


def test_a_source_for_all_does_not_cover_what_others_wrote(
    curator: Client, desk_settings: Settings
) -> None:
    form = form_in(curator.get(SCHOOL).text)
    theirs(desk_settings, licence="CC0")
    form.fill(duration="Ten weeks", _source="gcsp-profile", website="here")
    page = late(curator, form)
    wrong = send(curator, form_in(page))
    form = form_in(wrong.text).fill(website="https://example.org/school")
    assert form["_source"] == ""
    send(curator, form)
    after = newest(desk_settings)
    assert after.profile["licence"] == "CC0"
    assert "licence" not in after.claims or after.claims["licence"][0]["source"] != "gcsp-profile"


def test_one_publishes_what_one_has_settled(curator: Client, desk_settings: Settings) -> None:
    form = form_in(curator.get(SCHOOL).text)
    theirs(desk_settings, duration="Nine weeks")
    page = late(curator, form.fill(duration="Ten weeks"))
    answer = send(curator, form_in(page), to=f"{SCHOOL}/settle/publish")
    assert answer.status_code == 200
    assert "Ten weeks" in curator.get(f"/trainings/{SLUG}").text


def test_a_contributor_does_not_publish_that_way(
    contributor: Client, desk_settings: Settings
) -> None:
    form = form_in(contributor.get(SCHOOL).text)
    theirs(desk_settings, duration="Nine weeks")
    page = late(contributor, form.fill(duration="Ten weeks"))
    assert "settle/publish" not in page
    before = newest(desk_settings).number
    assert send(contributor, form_in(page), to=f"{SCHOOL}/settle/publish").status_code == 403
    assert newest(desk_settings).number == before


@pytest.mark.parametrize("seen", ["", "0", "-1", "999", "x" * 50, "9" * 400])
def test_a_choice_between_texts_that_nobody_showed_saves_nothing(
    curator: Client, desk_settings: Settings, seen: str
) -> None:
    form = form_in(curator.get(SCHOOL).text)
    theirs(desk_settings, duration="Nine weeks")
    page = late(curator, form.fill(duration="Ten weeks"))
    before = newest(desk_settings).number
    again = late(curator, form_in(page).fill(_seen=seen))
    assert choices(again) == {"duration": "mine"}
    assert newest(desk_settings).number == before


def test_what_was_merged_away_meanwhile_leaves_my_text_to_copy(
    curator: Client, desk_settings: Settings
) -> None:
    form = form_in(curator.get(SCHOOL).text)
    with writing(desk_settings) as session:
        get_entry(session, TRAINING, SLUG).state = State.MERGED
    page = late(curator, form.fill(licence="An hour of work"))
    assert "was merged into another one" in page
    assert "An hour of work" in page
    assert not re.search(r"<button[^>]*>Save draft", page)


def test_whose_text_stands_where_is_said_to_a_screen_reader(
    curator: Client, desk_settings: Settings
) -> None:
    theirs(desk_settings, duration="Eight weeks online")
    form = form_in(curator.get(SCHOOL).text)
    theirs(desk_settings, duration="Nine weeks online")
    page = late(curator, form.fill(duration="Ten weeks online"))
    assert '<ins><span class="vh">added: </span>Ten </ins>' in page
    assert '<del><span class="vh">removed: </span>Eight </del>' in page
    assert 'role="alert"' in page and "autofocus" in page


def test_two_contributors_need_no_script(desk: Client, desk_settings: Settings) -> None:
    enter_as(desk, desk_settings, "contributor")
    form = form_in(desk.get(SCHOOL).text)
    theirs(desk_settings, licence="CC0")
    page = late(desk, form.fill(summary='<b>Bold</b> & "quoted"\r\nsecond line'))
    assert "<b>Bold" not in page
    send(desk, form_in(page))
    assert newest(desk_settings).profile["summary"] == '<b>Bold</b> & "quoted"\nsecond line'
