"""The catalogue for referral directories, against the schemas of the specification itself."""

import json
import uuid
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from litestar.testing import TestClient
from referencing import Registry, Resource

from directory.accounts.models import User
from directory.app import create_app
from directory.curation.service import get_entry
from directory.curation.workflow import make_move
from directory.entries.kinds import KINDS, TRAINING
from directory.exports import hsds
from directory.exports.hsds_description import LISTS
from directory.exports.hsds_lists import FIELDS_OF_A_PAGE
from directory.settings import Settings
from tests.conftest import need
from tests.people import writing

SCHEMAS = Path(__file__).parents[3] / "shared" / "schemas" / "hsds-3.1"
SHAPES = {
    "services": "service",
    "organizations": "organization",
    "programs": "program",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
}
ENTRIES = ("services", "organizations", "programs")


@pytest.fixture(scope="module")
def shapes() -> Any:
    """A validator for each shape, from the files of the specification."""
    need(SCHEMAS.exists(), "../shared/schemas/hsds-3.1")
    found = {p.name: json.loads(p.read_text("utf-8")) for p in SCHEMAS.glob("*.json")}
    registry = Registry().with_resources(
        [
            pair
            for name, schema in found.items()
            if name != "openapi.json"
            for pair in (
                (name, Resource.from_contents(schema, jsonschema_specification())),
                *(
                    [(schema["$id"], Resource.from_contents(schema, jsonschema_specification()))]
                    if "$id" in schema
                    else []
                ),
            )
        ]
    )
    check = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return {
        path: jsonschema.Draft202012Validator(
            found[f"{name}.json"], registry=registry, format_checker=check
        )
        for path, name in SHAPES.items()
    }


def jsonschema_specification() -> Any:
    from referencing.jsonschema import DRAFT202012

    return DRAFT202012


def walk(site: TestClient[Any], path: str, **query: Any) -> list[dict[str, Any]]:
    """Read a list to its end, and check what each page says about itself."""
    found: list[dict[str, Any]] = []
    number = 1
    while True:
        page = site.get(f"/hsds/{path}", params={**query, "page": number}).json()
        assert list(page) == list(FIELDS_OF_A_PAGE)
        assert page["page_number"] == number and page["size"] == len(page["contents"])
        assert page["first_page"] == (number == 1) and page["empty"] == (not page["contents"])
        found += page["contents"]
        if page["last_page"]:
            assert page["total_items"] == len(found) and page["total_pages"] == number
            return found
        number += 1


@pytest.mark.parametrize("path", LISTS)
def test_everything_listed_keeps_the_schema(site: TestClient[Any], shapes: Any, path: str) -> None:
    more = {"full": "true"} if path in ENTRIES else {}
    found = walk(site, path, per_page=97, **more)
    assert found and len({one["id"] for one in found}) == len(found)
    for one in found:
        errors = [e.message for e in shapes[path].iter_errors(one)]
        assert not errors, (one.get("name"), errors[:3])
    if path in ENTRIES:
        kind = {"services": "trainings", "organizations": "organisations"}.get(path, "programmes")
        total = site.get(f"/api/v1/{kind}?per_page=1").json()["total"]
        assert len(found) == total


@pytest.mark.parametrize("path", LISTS)
def test_each_is_read_by_its_id(site: TestClient[Any], shapes: Any, path: str) -> None:
    for one in walk(site, path, per_page=100)[:5]:
        whole = site.get(f"/hsds/{path}/{one['id']}").json()
        assert whole["id"] == one["id"] and whole["name"] == one["name"]
        assert not list(shapes[path].iter_errors(whole))
    assert site.get(f"/hsds/{path}/{uuid.uuid4()}").status_code == 404
    assert site.get(f"/hsds/{path}/nonsense").status_code == 404


def test_the_root_says_what_it_is_and_where_more_stands(site: TestClient[Any]) -> None:
    about = site.get("/hsds/").json()
    assert about["version"] == "3.1"
    for name in ("profile", "openapi_url"):
        assert site.get("/hsds" + about[name].partition("/hsds")[2]).status_code == 200
    document = site.get("/hsds/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    listed = {path.strip("/") for path in document["paths"] if "{" not in path} - {""}
    assert listed == set(LISTS)


def test_a_training_is_told_as_a_service(site: TestClient[Any]) -> None:
    found = walk(site, "services", search="Cyber School Initiative")
    assert found[0]["name"] == "Cyber School Initiative"
    whole = site.get(f"/hsds/services/{found[0]['id']}").json()
    assert whole["organization"]["name"] == "CyberPeace Institute"
    assert whole["status"] == "active"
    codes = {a["taxonomy_term"]["code"] for a in whole["attributes"]}
    entry = site.get("/api/v1/trainings/cyber-school-initiative").json()
    assert set(entry["profile"]["action_lines"]) <= codes
    assert set(entry["profile"]["audiences"] or []) <= codes
    assert "assurer_email" not in whole and "contacts" not in whole


def test_filters_narrow_together(site: TestClient[Any]) -> None:
    everything = walk(site, "services", full="true")
    one = next(s for s in everything if s.get("attributes") and s.get("organization_id"))
    owner, term = one["organization_id"], one["attributes"][0]["taxonomy_term"]

    def ids(**query: Any) -> set[str]:
        return {s["id"] for s in walk(site, "services", **query)}

    by_owner = ids(organization_id=owner)
    by_term = ids(taxonomy_term_id=term["id"])
    by_taxonomy = ids(taxonomy_id=term["taxonomy_id"])
    assert one["id"] in by_owner & by_term and by_term <= by_taxonomy
    assert ids(organization_id=owner, taxonomy_term_id=term["id"]) == by_owner & by_term
    late = one["last_modified"]
    after = ids(modified_after=late)
    assert one["id"] in after
    assert ids(modified_after=late, organization_id=owner) == after & by_owner
    assert ids(modified_after="2999-01-01T00:00:00Z") == set()
    assert ids(modified_after="0001-01-01T00:00:00+14:00") == ids(modified_after="0001-01-01")
    assert ids(taxonomy_term_id=str(uuid.uuid4())) == set()


def test_minimal_ndjson_and_terms(site: TestClient[Any]) -> None:
    minimal = site.get("/hsds/services?minimal=true&per_page=5000").json()
    assert minimal["total_pages"] == 1
    assert all(set(one) == {"id", "modified_date"} for one in minimal["contents"])
    lines = site.get("/hsds/organizations?format=ndjson")
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    found = [json.loads(line) for line in lines.text.splitlines()]
    assert len(found) == site.get("/hsds/organizations?per_page=1").json()["total_items"]
    top = walk(
        site, "taxonomy_terms", taxonomy_id=hsds.taxonomy_id("action-lines"), top_only="true"
    )
    c7 = next(t for t in top if t["code"] == "C7")
    below = walk(site, "taxonomy_terms", parent_id=c7["id"])
    assert len(below) == 8 and all(t["parent_id"] == c7["id"] for t in below)
    assert walk(site, "taxonomies", search="action line")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("per_page=101", "per_page"),
        ("format=xml", "format"),
        ("full=maybe", "full"),
        ("taxonomy_term_id=C5", "taxonomy_term_id"),
        ("organization_id=%00", "organization_id"),
        ("modified_after=yesterday", "modified_after"),
        ("postcode=1202", "postcode"),
        ("search=a&search=b", "search"),
        ("search=" + "a" * 501, "search"),
    ],
)
def test_what_does_not_fit_is_named(site: TestClient[Any], query: str, name: str) -> None:
    answer = site.get(f"/hsds/services?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == [name]


def test_what_was_taken_down_is_gone(desk_settings: Settings) -> None:
    with writing(desk_settings) as session:
        by = User(email="curator@example.org", role="curator")
        session.add(by)
        session.flush()
        entry = get_entry(session, TRAINING, "cyber-school-initiative")
        make_move(session, entry, "archive", by=by, reason="It ended.")
    with TestClient(create_app(desk_settings)) as client:
        assert client.get(f"/hsds/services/{entry.id}").status_code == 404
        listed = client.get("/hsds/services?per_page=100").json()["contents"]
        assert str(entry.id) not in {one["id"] for one in listed}


def test_an_answer_that_still_holds_is_not_sent_again(site: TestClient[Any]) -> None:
    answer = site.get("/hsds/services")
    again = site.get("/hsds/services", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_every_public_field_is_told_or_left_out_for_a_reason() -> None:
    for kind in KINDS.values():
        joined = {name for names in hsds.JOINED[kind.name].values() for name in names}
        told = (
            {kind.title_field}
            | set(hsds.TEXTS[kind.name])
            | joined
            | set(hsds.in_taxonomies(kind))
            | hsds.OBJECTS
        )
        assert set(kind.public_fields) - told <= set(hsds.LEFT_OUT), kind.name
        assert not told & {n for n, d in kind.fields.items() if d.private}
