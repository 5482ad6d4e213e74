"""A program searches."""

import pytest

from directory.search.query import FACETS
from tests.api.conftest import Client


def test_an_acronym_puts_its_organisation_first(site: Client) -> None:
    found = site.get("/api/v1/search?q=GCSP&per_page=5").json()
    assert (found["items"][0]["kind"], found["items"][0]["slug"]) == ("organisation", "gcsp")
    assert found["items"][0]["url"] == "/organisations/gcsp"
    assert len(found["items"]) == 5
    assert found["items"][0]["score"] > found["items"][1]["score"]


def test_counts_tell_what_a_filter_would_leave(site: Client) -> None:
    found = site.get("/api/v1/search?kind=training").json()
    assert set(found["facets"]) == set(FACETS)
    for value in found["facets"]["action_line"][:3]:
        left = site.get(f"/api/v1/search?kind=training&action_line={value['value']}").json()
        assert left["total"] == value["count"], value
        assert value["label"] != value["value"]


def test_values_of_one_filter_add_up_and_filters_narrow(site: Client) -> None:
    def total(query: str) -> int:
        return int(site.get(f"/api/v1/search?{query}").json()["total"])

    both = total("kind=training&kind=programme")
    assert both == total("kind=training") + total("kind=programme")
    assert 0 < total("kind=training&policy_area=artificial-intelligence") < total("kind=training")


def test_pages_of_a_search_do_not_overlap(site: Client) -> None:
    pages = [site.get(f"/api/v1/search?q=digital&per_page=10&page={n}").json() for n in (1, 2)]
    slugs = [(i["kind"], i["slug"]) for page in pages for i in page["items"]]
    assert len(slugs) == len(set(slugs)) == 20


def test_a_typo_in_the_text_is_repaired_and_said(site: Client) -> None:
    found = site.get("/api/v1/search?q=cybersecurty").json()
    assert found["total"] > 0
    assert "cybersecurity" in found["corrected"]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("country", "XX"),
        ("action_line", "C12"),
        ("kind", "course"),
        ("open", "perhaps"),
        ("sort", "random"),
        ("provider", "No Slug"),
        ("policy_area", ""),
    ],
)
def test_a_value_nobody_knows_is_answered_with_its_parameter(
    site: Client, parameter: str, value: str
) -> None:
    answer = site.get("/api/v1/search", params={parameter: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [parameter]


def test_a_provider_that_is_not_there_finds_nothing(site: Client) -> None:
    assert site.get("/api/v1/search?provider=nobody-at-all").json()["total"] == 0
    assert site.get("/api/v1/search?provider=cyberpeace-institute").json()["total"] > 0


def test_what_no_source_states_can_be_asked_for(site: Client) -> None:
    found = site.get("/api/v1/search?kind=training&cost=not-stated").json()
    assert found["total"] > 0
    first = found["items"][0]["slug"]
    assert site.get(f"/api/v1/trainings/{first}").json()["profile"]["cost"] is None


def test_a_result_says_where_the_words_stand(site: Client) -> None:
    found = site.get("/api/v1/search?q=quantum").json()["items"]
    for item in found:
        assert item["matches"], item["slug"]
        marked = [p["text"] for m in item["matches"] for p in m["pieces"] if p["marked"]]
        assert "quantum" in " ".join(marked).lower()
    assert {m["name"] for item in found for m in item["matches"]} >= {"description"}
    assert all(i["matches"] == [] for i in site.get("/api/v1/search").json()["items"])


def test_where_nothing_fits_the_filters_to_leave_out_are_named(site: Client) -> None:
    asked = "/api/v1/search?q=spyware&kind=training&language=ru"
    found = site.get(asked).json()
    assert found["total"] == 0 and found["drops"]
    for drop in found["drops"]:
        left = "&".join(
            p for p in asked.split("?")[1].split("&") if p.split("=")[0] not in drop["parameters"]
        )
        assert site.get(f"/api/v1/search?{left}").json()["total"] == drop["total"] > 0
    assert site.get("/api/v1/search?q=spyware").json()["drops"] == []


def test_what_was_left_out_of_a_long_question_is_said(site: Client) -> None:
    assert site.get("/api/v1/search", params={"q": "internet " * 40}).json()["cut"] == ["words"]
    assert site.get("/api/v1/search?q=internet").json()["cut"] == []


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("page", "0"),
        ("page", "-1"),
        ("page", "99999999999999999999"),
        ("page", "two"),
        ("per_page", "101"),
        ("per_page", "1e3"),
        ("language", "klingon"),
        ("country", "Atlantis"),
        ("country", "\x00"),
        ("lang", "xx"),
        ("qq", "internet"),
    ],
)
def test_bad_input_is_answered_with_its_parameter(site: Client, parameter: str, value: str) -> None:
    answer = site.get("/api/v1/search", params={parameter: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [parameter]
    page = site.get("/search", params={parameter: value})
    assert page.status_code == 200


def test_more_values_than_a_filter_takes_are_refused(site: Client) -> None:
    answer = site.get("/api/v1/search", params={"provider": [f"p{n}" for n in range(400)]})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["provider"]
    assert site.get("/search", params={"country": [f"p{n}" for n in range(400)]}).status_code == 200


def test_pages_far_behind_the_last_are_empty(site: Client) -> None:
    found = site.get("/api/v1/search?q=internet&page=1000000&per_page=100").json()
    assert found["total"] > 0 and found["items"] == []


def test_labels_of_filters_are_in_the_language_asked_for(site: Client) -> None:
    french = site.get("/api/v1/search?lang=fr&q=cyber").json()
    english = site.get("/api/v1/search?q=cyber").json()
    assert "Cybersécurité" in [v["label"] for v in french["facets"]["policy_area"]]
    assert "Non indiqué" in [v["label"] for v in french["facets"]["level"]]
    assert "Cybersecurity" in [v["label"] for v in english["facets"]["policy_area"]]
    assert french["items"] == english["items"]


def test_what_is_wrong_is_told_in_english_whatever_the_labels_are_in(site: Client) -> None:
    answer = site.get("/api/v1/search?lang=fr&mode=telepathy").json()
    assert answer["errors"] == {"mode": "mode has no value telepathy."}
