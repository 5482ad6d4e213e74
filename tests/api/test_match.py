"""A program asks for offers."""

from typing import Any

import pytest

from tests.api.conftest import Client


def test_offers_come_with_reasons_and_claims(site: Client) -> None:
    answer = site.post(
        "/api/v1/match",
        json={"policy_area": ["cybersecurity"], "audience": ["ngos-civil-society"], "budget": 0},
    )
    assert answer.status_code == 200
    found = answer.json()
    first = found["offers"][0]
    assert (first["kind"], first["slug"]) == ("training", "cyberpeace-builders")
    cost = next(f for f in first["fits"] if f["condition"] == "budget")
    assert cost["must"] and cost["words"] == "Free."
    claim = cost["claims"]["cost"][0]
    assert claim["source"] == "cyberpeace-institute-profile" and claim["locator"]
    assert len(found["offers"]) == sum(min(20, total) for total in found["totals"].values())


def test_what_must_be_so_is_never_failed_and_unknown_is_no_fit(site: Client) -> None:
    found = site.post(
        "/api/v1/match", json={"audience": ["students"], "language": ["fr"], "must": ["audience"]}
    ).json()
    for one in found["offers"]:
        assert not any(f["must"] for f in one["fails"])
        silent = {f["condition"] for f in one["unknown"]}
        assert not silent & {f["condition"] for f in one["fits"]}
    assert found["excluded"][0]["condition"] == "audience"
    assert found["excluded"][0]["count"] > 0


def test_nothing_asked_leaves_nothing_out(site: Client) -> None:
    found = site.post("/api/v1/match", json={}).json()
    assert sum(found["totals"].values()) == found["looked_at"] == 306


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"audiences": ["students"]}, "audiences"),
        ({"audience": "students"}, "audience"),
        ({"audience": ["nobody"]}, "audience"),
        ({"audience": ["students"] * 21}, "audience"),
        ({"country": "XX"}, "country"),
        ({"language": ["klingon"]}, "language"),
        ({"head_count": 0}, "head_count"),
        ({"head_count": 10**30}, "head_count"),
        ({"budget": -5}, "budget"),
        ({"budget": "lots"}, "budget"),
        ({"by": "2026-02-30"}, "by"),
        ({"by": {}}, "by"),
        ({"text": "x" * 501}, "text"),
        ({"low_bandwidth": "perhaps"}, "low_bandwidth"),
        ({"must": ["colour"]}, "must"),
        ({"must": ["budget"]}, "must"),
        ({"by": "2020-01-01"}, "by"),
        ({"by": "0001-01-01", "must": ["by"]}, "by"),
        ({"currency": "CHF"}, "currency"),
        ({"budget": 100, "currency": "Thaler"}, "currency"),
        ({"budget": 10**12}, "budget"),
        ({"country": "Atlantis"}, "country"),
        ({"low_bandwidth": False, "must": ["low_bandwidth"]}, "must"),
        ([], "body"),
        ("need", "body"),
        (None, "body"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_named(site: Client, body: Any, field: str) -> None:
    answer = site.post("/api/v1/match", json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    named = list(answer.json()["errors"])
    assert len(named) == 1 and named[0].split(".")[0] == field


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe\x00", b"[" * 5000, b'{"text": "\\ud800"}']
)
def test_what_is_no_json_is_a_problem_not_a_failure(site: Client, content: bytes) -> None:
    answer = site.post(
        "/api/v1/match", content=content, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_it_is_asked_by_post_alone(site: Client) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert site.request(method, "/api/v1/match").status_code == 405
    assert site.post("/api/v1/match?lang=fr", json={}).json()["errors"] == {
        "lang": "There is no parameter lang."
    }


def test_scripts_of_other_sites_may_ask(site: Client) -> None:
    headers = site.options("/api/v1/match").headers
    assert headers["access-control-allow-origin"] == "*"
    assert "POST" in headers["access-control-allow-methods"]
    assert "Content-Type" in headers["access-control-allow-headers"]


def test_the_description_lists_the_codes_of_today(site: Client) -> None:
    schema = site.get("/api/v1/openapi.json").json()["components"]["schemas"]["Need"]
    assert schema["additionalProperties"] is False
    lines = [i["code"] for i in site.get("/api/v1/action-lines").json()["items"]]
    assert schema["properties"]["action_line"]["items"]["enum"] == lines
    assert "KE" in schema["properties"]["country"]["anyOf"][0]["enum"]
    assert schema["properties"]["audience"]["description"].endswith(".")
