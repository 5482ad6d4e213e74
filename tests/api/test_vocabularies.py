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
