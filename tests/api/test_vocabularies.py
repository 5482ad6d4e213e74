"""A program reads the codes and what links them."""

import pytest

from tests.api.conftest import Client


def test_the_action_lines_are_the_eighteen_with_their_parent(site: Client) -> None:
    found = site.get("/api/v1/action-lines").json()
    codes = [item["code"] for item in found["items"]]
    below = [i["code"] for i in found["items"] if i["broader"] == "C7"]
    assert found["version"]
    assert len(codes) == 19
    assert len(below) == 8
    assert set(found["items"][0]) == {
        "code", "label", "labels", "alt_labels", "broader", "links"
    }  # fmt: skip


def test_a_crosswalk_says_who_says_so_and_which_way_it_reads(site: Client) -> None:
    lines = {i["code"]: i for i in site.get("/api/v1/action-lines").json()["items"]}
    goals = {i["code"]: i for i in site.get("/api/v1/vocabularies/sdgs").json()["items"]}
    out = next(x for x in lines["C1"]["links"] if x["vocabulary"] == "sdgs" and x["code"] == "1")
    back = next(x for x in goals["1"]["links"] if x["code"] == "C1")
    assert out["origin"] == "published"
    assert "Matrix" in out["source"]
    assert out["version"]
    assert out["label"] == goals["1"]["label"]
    assert (out["inverse"], back["inverse"]) == (False, True)


def test_countries_say_in_which_vocabulary_their_regions_are(site: Client) -> None:
    countries = site.get("/api/v1/vocabularies/countries").json()
    regions = site.get(f"/api/v1/vocabularies/{countries['broader_in']}").json()
    kenya = next(i for i in countries["items"] if i["code"] == "KE")
    assert kenya["broader"] in {i["code"] for i in regions["items"]}
    assert len(kenya["labels"]) > 1


@pytest.mark.parametrize("name", ["policy-areas", "action-lines"])
def test_the_short_address_and_the_long_one_agree(site: Client, name: str) -> None:
    assert site.get(f"/api/v1/{name}").json() == site.get(f"/api/v1/vocabularies/{name}").json()


def test_a_vocabulary_that_is_not_there_is_a_problem(site: Client) -> None:
    answer = site.get("/api/v1/vocabularies/colours")
    assert answer.status_code == 404
    assert "colours" in answer.json()["detail"]


def test_labels_are_in_the_language_asked_for(site: Client) -> None:
    french = site.get("/api/v1/action-lines?lang=fr").json()["items"]
    line = next(item for item in french if item["code"] == "C4")
    assert line["label"] == line["labels"]["fr"] == "Renforcement des capacités"
    goal = next(x for x in line["links"] if (x["vocabulary"], x["code"]) == ("sdgs", "4"))
    assert goal["label"] == "Éducation de qualité"
    english = site.get("/api/v1/action-lines").json()["items"]
    assert [i["label"] for i in english] == [i["labels"]["en"] for i in english]


def test_an_answer_in_another_language_is_another_answer(site: Client) -> None:
    english = site.get("/api/v1/vocabularies/modes").headers["etag"]
    french = site.get("/api/v1/vocabularies/modes?lang=fr", headers={"if-none-match": english})
    assert french.status_code == 200
    again = {"if-none-match": french.headers["etag"]}
    assert site.get("/api/v1/vocabularies/modes?lang=fr", headers=again).status_code == 304


@pytest.mark.parametrize(
    "address", ["/api/v1/policy-areas", "/api/v1/vocabularies/levels", "/api/v1/search"]
)
@pytest.mark.parametrize("code", ["tlh", "FR_fr", "../en", "e", ""])
def test_a_language_that_nobody_worded_is_refused(site: Client, address: str, code: str) -> None:
    answer = site.get(address, params={"lang": code})
    assert answer.status_code == 400
    assert answer.json()["errors"]["lang"].startswith("lang ")


def test_who_worded_the_labels_is_said(site: Client) -> None:
    said = site.get("/api/v1/vocabularies/audiences").json()["labels_note"]
    assert "own translation" in said
    assert "CLDR" in site.get("/api/v1/vocabularies/countries").json()["labels_note"]
