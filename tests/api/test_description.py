"""The API describes itself."""

from typing import Any

import pytest

from directory.entries.kinds import KINDS, Kind
from tests.api.conftest import Client


@pytest.fixture(scope="session")
def description(site: Client) -> dict[str, Any]:
    answer = site.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_it_describes_the_api_and_nothing_else(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert all(path.startswith("/api/v1/") for path in description["paths"])
    assert description["servers"] == [{"url": "http://testserver.local"}]


def test_every_address_says_what_it_is_and_what_may_go_wrong(description: dict[str, Any]) -> None:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            assert operation["description"].endswith("."), path
            expected = {"201" if operation["operationId"].startswith("create_") else "200", "400"}
            if method == "get" and not path.endswith("/draft"):
                # What is public may be unchanged since it was last read.
                expected |= {"304"}
            else:
                assert "304" not in operation["responses"]
            assert expected <= set(operation["responses"]), path
            assert ("404" in operation["responses"]) == ("{" in path)
            problem = operation["responses"]["400"]["content"]["application/problem+json"]
            assert problem["examples"]


def test_what_takes_a_token_is_all_that_writes_or_shows_drafts(
    description: dict[str, Any],
) -> None:
    assert description["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    guarded = {
        (method, path)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if operation.get("security")
    }
    one = {("get", f"/api/v1/{k.path}/{{slug}}/draft") for k in KINDS.values()}
    new = {("post", f"/api/v1/{k.path}") for k in KINDS.values()}
    changed = {("put", f"/api/v1/{k.path}/{{slug}}") for k in KINDS.values()}
    sent = {("post", f"/api/v1/{k.path}/{{slug}}/submit") for k in KINDS.values()}
    assert guarded == one | new | changed | sent
    for method, path in guarded:
        responses = description["paths"][path][method]["responses"]
        assert {"401", "403"} <= set(responses)
        assert method == "get" or "422" in responses
        assert method != "put" or {"409", "412", "428"} <= set(responses)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_the_example_of_an_entry_is_a_whole_one(description: dict[str, Any], kind: Kind) -> None:
    answer = description["paths"][f"/api/v1/{kind.path}/{{slug}}"]["get"]["responses"]["200"]
    example = answer["content"]["application/json"]["example"]
    assert set(example["profile"]) == set(kind.public_fields)
    assert set(example) == set(description["components"]["schemas"][kind.label]["required"])


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_what_comes_out_has_no_limits(description: dict[str, Any], kind: Kind) -> None:
    schema = description["components"]["schemas"][kind.profile.__name__]
    assert schema["required"] == sorted(kind.public_fields)
    limits = {"maxLength", "minLength", "pattern", "minimum", "maximum", "maxItems"}
    assert not limits & {key for part in schema["properties"].values() for key in part}


def test_the_filters_of_the_search_list_the_codes_of_today(
    description: dict[str, Any], site: Client
) -> None:
    parameters = description["paths"]["/api/v1/search"]["get"]["parameters"]
    codes = {
        p["name"]: p["schema"]["items"].get("enum") for p in parameters if "items" in p["schema"]
    }
    lines = [i["code"] for i in site.get("/api/v1/action-lines").json()["items"]]
    assert codes["action_line"] == [*lines, "not-stated"]
    assert codes["kind"] == list(KINDS)
    assert codes["provider"] is None
