"""What does not fit comes back at its field, with everything that was written; never a 500."""

from html import escape
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from directory.curation.controls import controls_of
from directory.curation.forms import MOST_FIELDS
from directory.entries.kinds import KINDS, TRAINING
from tests.people import form_in, send

NEW = "/curation/trainings/new"
LONG = "x" * 9000

WRONG = [
    pytest.param({"title": "x" * 301}, "title", "at most 300 characters", id="line"),
    pytest.param({"summary": LONG}, "summary", "at most 8000 characters", id="text"),
    pytest.param({"summary": "bell \x07"}, "summary", "invisible control", id="control"),
    pytest.param({"workload_hours": "about ten"}, "workload_hours", "12.50", id="number"),
    pytest.param({"workload_hours": "NaN"}, "workload_hours", "12.50", id="not-a-number"),
    pytest.param({"workload_hours": "-1"}, "workload_hours", "at least 0", id="negative"),
    pytest.param({"workload_hours_per_week": "169"}, "workload_hours_per_week", "168", id="large"),
    pytest.param({"cost_amount": "1e999"}, "cost_amount", "too", id="huge"),
    pytest.param({"website": "https://example.org/\x01"}, "website", "invisible", id="url-control"),
    pytest.param({"contact_email": "a\x00b@example.org"}, "contact_email", "invisible", id="nul"),
    pytest.param({"cost_amount": "1.234"}, "cost_amount", "2 digits", id="places"),
    pytest.param({"train_the_trainer": "maybe"}, "train_the_trainer", "yes or no", id="switch"),
    pytest.param({"training_kind": "sorcery"}, "training_kind", "Not in the list", id="choice"),
    pytest.param({"training_kind": "a b"}, "training_kind", "the list", id="not-a-code"),
    pytest.param({"action_lines": ["C5", "C99"]}, "action_lines", "C99", id="choices"),
    pytest.param({"languages": ["French", "Klingonish"]}, "languages", "list", id="picker"),
    pytest.param({"website": "www.example.org"}, "website", "https://", id="url"),
    pytest.param({"contact_email": "office at home"}, "contact_email", "e-mail", id="email"),
    pytest.param({"aliases": "fine\r\n" + "x" * 301}, "aliases", "300", id="lines"),
    pytest.param({"programme": "Not A Slug"}, "programme", "short name", id="reference"),
    pytest.param({"providers": ["gcsp", "Not A Slug"]}, "providers", "short name", id="references"),
    pytest.param(
        {"organisations__0__organisation": "gcsp", "organisations__0__role": ""},
        "organisations.0.role",
        "needed",
        id="row-without-role",
    ),
    pytest.param(
        {"organisations__0__organisation": "gcsp", "organisations__0__role": "emperor"},
        "organisations.0.role",
        "Not in the list",
        id="row-with-unknown-role",
    ),
    pytest.param({"runs__3__start": "soon"}, "runs.0.start", "2026-11-22", id="date"),
    pytest.param({"runs__0__places": "0"}, "runs.0.places", "at least 1", id="places-of-a-run"),
    pytest.param(
        {"runs__0__tracks__0__cost_currency": "XXY"},
        "runs.0.tracks.0.cost_currency",
        "Not in the list",
        id="deep",
    ),
    pytest.param(
        {"runs__0__start": "2027-02-01", "runs__0__end": "2027-01-01"},
        "runs.0",
        "ends before it starts",
        id="run-backwards",
    ),
    pytest.param(
        {"claims__title__0__locator": "line 1"}, "claims.title", "needed", id="claim-without-source"
    ),
    pytest.param(
        {"claims__title__0__source": "hearsay"}, "claims.title", "hearsay", id="unknown-source"
    ),
    pytest.param(
        {"claims__title__0__source": "gcsp-profile", "claims__title__0__status": "derived"},
        "claims.title",
        "needs a note",
        id="reading-without-note",
    ),
    pytest.param(
        {"claims__title__0__source": "gcsp-profile", "claims__title__0__status": "guessed"},
        "claims.title",
        "answers of the list",
        id="unknown-status",
    ),
    pytest.param({"_slug": "Not A Slug"}, "_slug", "lower-case", id="slug"),
    pytest.param({"_slug": "new"}, "_slug", "lower-case", id="slug-of-a-page"),
    pytest.param({"_comment": LONG}, "_comment", "at most", id="comment"),
]


@pytest.mark.parametrize(("filled", "place", "words"), WRONG)
def test_a_mistake_is_named_at_its_field_and_nothing_written_is_lost(
    curator: TestClient[Any], filled: dict[str, Any], place: str, words: str
) -> None:
    form = form_in(curator.get(NEW).text).fill(**({"title": "Kept as it was"} | filled))
    answer = send(curator, form)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    anchor = "f-" + place.replace(".", "-")
    summary = answer.text.split("error-summary")[1].split("</ul>")[0]
    link = summary.split(f'href="#{anchor}"')[1].split("</a>")[0]
    assert escape(words) in link
    assert f'id="{anchor}"' in answer.text
    at_field = answer.text.split(f'id="{anchor}"')[1]
    before_it = answer.text.split(f'id="{anchor}"')[0][-1500:]
    assert escape(words) in at_field[:1500] + before_it
    again = form_in(answer.text)
    everything = {text for _, text in again.pairs}
    for value in filled.values():
        for text in value if isinstance(value, list) else [value]:
            assert text in everything or text in ("maybe", "")
    assert curator.get("/curation/trainings/kept-as-it-was").status_code == 404


def test_every_mistake_is_named_at_once_in_the_order_of_the_form(curator: TestClient[Any]) -> None:
    form = form_in(curator.get(NEW).text).fill(
        title="x" * 301,
        level="wizard",
        website="nowhere",
        workload_hours="many",
        _slug="BAD",
        claims__mode__0__note="who says",
    )
    answer = send(curator, form).text
    summary = answer.split("error-summary")[1].split("</ul>")[0]
    places = [part.split('"')[0] for part in summary.split('href="#')[1:]]
    assert len(places) == 6
    in_page = [answer.index(f'id="{place}"') for place in places if place != "f-_slug"]
    assert in_page == sorted(in_page)


def test_publishing_too_early_lists_what_is_missing_and_saves_nothing(
    curator: TestClient[Any],
) -> None:
    form = form_in(curator.get(NEW).text).fill(title="Too early")
    answer = send(curator, form, to=NEW + "/publish")
    assert answer.status_code == 422
    assert "is needed to publish" in answer.text
    assert 'href="#f-summary"' in answer.text
    assert "Title: Say where this comes from." in answer.text
    assert ">Title: where it comes from</a>" in answer.text
    assert form_in(answer.text)["title"] == "Too early"
    assert curator.get("/curation/trainings/too-early").status_code == 404


def test_a_reference_to_nothing_may_be_saved_but_not_published(curator: TestClient[Any]) -> None:
    form = form_in(curator.get(NEW).text)
    form.fill(title="Lost", programme="no-such-one", _source="gcsp-profile")
    form.fill(_silent_on_the_rest="yes")
    assert "There is no entry at /programmes/" in send(curator, form, to=NEW + "/publish").text
    assert send(curator, form).url.path == "/curation/trainings/lost"


def test_markup_in_a_value_stays_text(curator: TestClient[Any]) -> None:
    bad = '"><script>alert(1)</script></textarea>'
    form = form_in(curator.get(NEW).text).fill(title=bad, summary=bad, _slug="BAD", _comment=bad)
    form.fill(runs__0__label=bad, claims__title__0__locator=bad, _source=bad, _locator=bad)
    answer = send(curator, form)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert form_in(answer.text)["summary"] == bad


SURPRISING = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "yes", "0", "-1", "1e400", "2027-02-30", "C5", "gcsp", "\x00", "٣", "{}"]),
)
NAMES = st.sampled_from(sorted(controls_of(TRAINING, private=True)))
PARTS = st.sampled_from(["organisation", "role", "start", "tracks", "tracks.0.cost_amount", "x"])
FIELDS = st.one_of(
    NAMES,
    st.builds("{}.{}.{}".format, NAMES, st.integers(0, 12), PARTS),
    st.builds(
        "claims.{}.{}.{}".format,
        NAMES,
        st.integers(0, 12),
        st.sampled_from(["status", "source", "locator", "note", "item", "values", "x"]),
    ),
    st.sampled_from(["_slug", "_base", "_comment", "_source", "_locator", "add", "drop"]),
    st.text(max_size=12),
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    body=st.dictionaries(FIELDS, st.lists(SURPRISING, min_size=1, max_size=3), max_size=12),
    to=st.sampled_from([NEW, NEW + "/publish", "/curation/trainings/cyber-school-initiative"]),
)
def test_no_body_breaks_the_form(
    curator: TestClient[Any], body: dict[str, list[str]], to: str
) -> None:
    curator.get("/account")
    answer = curator.post(
        to, data=body | {"_csrf_token": curator.cookies["csrftoken"]}, follow_redirects=False
    )
    assert answer.status_code in (200, 303, 409, 422)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_a_file_in_place_of_a_text_is_nothing(curator: TestClient[Any], kind: Any) -> None:
    curator.get("/account")
    answer = curator.post(
        f"/curation/{kind.path}/new",
        data={"_csrf_token": curator.cookies["csrftoken"]},
        files={kind.title_field: ("a.txt", b"text")},
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "row", ["runs." + "9" * 5000, "runs.7", "runs.7.tracks.0", "runs.0.label.0", "nothing.0", "."]
)
def test_removing_a_row_that_is_not_there_removes_nothing(
    curator: TestClient[Any], row: str
) -> None:
    form = form_in(curator.get(NEW).text).fill(title="A course", runs__0__label="Spring")
    answer = send(curator, form, to=NEW, drop=row)
    assert answer.status_code == 200
    assert form_in(answer.text)["runs.0.label"] == "Spring"


def test_a_form_with_more_fields_than_we_have_is_refused(curator: TestClient[Any]) -> None:
    form = form_in(curator.get(NEW).text).fill(title="A course")
    form.pairs += [(f"x{n}", "") for n in range(MOST_FIELDS)]
    answer = send(curator, form, to=NEW)
    assert answer.status_code == 422
    assert "at most 10,000 fields" in answer.text
