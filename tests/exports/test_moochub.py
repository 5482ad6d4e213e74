"""An aggregator of open courses reads those of ours whose material has a licence."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from litestar.testing import TestClient

from directory.entries.kinds import TRAINING
from directory.entries.vocabularies import Vocabularies
from directory.exports import moochub
from directory.settings import Settings
from directory.web.pagination import Paging
from tests.conftest import need
from tests.exports.conftest import FULL, change, take_down
from tests.exports.generated import an_entry, published

Client = TestClient[Any]
SITE = "http://testserver.local"
ADDRESS = "/moochub/courses"


@pytest.fixture(scope="session")
def schema() -> Draft202012Validator:
    found = next((p for p in _places() if p.exists()), None)
    need(found, "The JSON Schema of MOOChub 3 (../shared/schemas)")
    assert found
    return Draft202012Validator(
        json.loads(found.read_text()), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def _places() -> list[Path]:
    return [folder / "shared" / "schemas" / "moochub-3.json" for folder in Path(__file__).parents]


def faults(schema: Draft202012Validator, data: Any) -> list[str]:
    required = [k for k in ("links", "data") if k not in data]
    return required + [f"{list(e.path)}: {e.message}" for e in schema.iter_errors(data)]


def test_without_any_licence_the_feed_is_empty_and_valid(
    site: Client, schema: Draft202012Validator
) -> None:
    answer = site.get(ADDRESS)
    assert answer.headers["content-type"] == "application/vnd.api+json; moochub-version=3.0.1"
    data = answer.json()
    assert data["data"] == [] and not faults(schema, data)
    assert data["links"] == dict.fromkeys(("self", "first", "last"), SITE + ADDRESS)


def test_a_course_with_a_licence_is_in_and_one_without_is_not(
    full: Client, desk_settings: Settings, schema: Draft202012Validator
) -> None:
    assert full.get(ADDRESS).json()["data"] == [], "its licence is in free words"
    change(desk_settings, "training", FULL, licence="CC BY-SA 4.0", training_kind="course")
    data = full.get(ADDRESS).json()
    assert not faults(schema, data)
    (course,) = data["data"]
    entry = full.get(f"/trainings/{FULL}.json").json()
    said = course["attributes"]
    assert course["id"] == entry["id"] and said["name"] == entry["title"]
    assert said["license"][0] == {
        "identifier": "CC-BY-SA-4.0",
        "url": "https://spdx.org/licenses/CC-BY-SA-4.0.html",
        "contentUrl": None,
    }
    assert said["publisher"]["name"] == "Geneva Centre for Security Policy"
    assert said["startDate"] == ["2027-03-01T00:00:00Z"]
    change(desk_settings, "training", FULL, licence="CC BY 4.0", training_kind="advisory-service")
    assert full.get(ADDRESS).json()["data"] == []


def test_a_course_that_is_taken_down_leaves(full: Client, desk_settings: Settings) -> None:
    change(desk_settings, "training", FULL, licence="CC BY 4.0", training_kind="mooc")
    assert len(full.get(ADDRESS).json()["data"]) == 1
    take_down(desk_settings, FULL, "archive")
    assert full.get(ADDRESS).json()["data"] == []


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/vnd.api+json; moochub-version=3", 200),
        ("application/vnd.api+json; moochub-version=3.0.1", 200),
        ("application/vnd.api+json; moochub-version=2", 406),
        ("application/vnd.api+json; moochub-version=2, */*; q=0.1", 200),
        ("application/json", 200),
    ],
)
def test_the_version_is_agreed_in_the_media_type(site: Client, accept: str, status: int) -> None:
    assert site.get(ADDRESS, headers={"Accept": accept}).status_code == status


def test_pages_lead_to_each_other(words: Vocabularies, schema: Draft202012Validator) -> None:
    profile = {
        "title": "A course",
        "training_kind": "course",
        "licence": "CC0 1.0",
        "providers": ["gcsp"],
    }
    entries = [an_entry(TRAINING, profile)]
    middle = moochub.write_courses(entries, SITE + ADDRESS, Paging(120, 2, 50), SITE)
    assert not faults(schema, middle)
    assert middle["links"] == {
        "self": f"{SITE}{ADDRESS}?page=2",
        "first": f"{SITE}{ADDRESS}",
        "prev": f"{SITE}{ADDRESS}",
        "next": f"{SITE}{ADDRESS}?page=3",
        "last": f"{SITE}{ADDRESS}?page=3",
    }


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999", "2"])
def test_any_page_that_there_is_not_is_empty_or_the_first(site: Client, page: str) -> None:
    assert site.get(f"{ADDRESS}?page={page}").json()["data"] == []


@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_a_course_says_the_feed_is_valid(
    words: Vocabularies, schema: Draft202012Validator, data: st.DataObject
) -> None:
    entry = data.draw(published(TRAINING, words))
    entry.profile["licence"] = "CC BY-NC 4.0"
    page = moochub.write_courses([entry], SITE + ADDRESS, Paging(1, 1, 50), SITE)
    assert len(page["data"]) == 1 and not faults(schema, page)
    assert "<script" not in (page["data"][0]["attributes"].get("description") or "")
