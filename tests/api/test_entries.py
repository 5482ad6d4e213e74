"""A portal reads the catalogue."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from directory.db import Database
from directory.entries.kinds import BY_PATH, KINDS, Kind
from directory.sources.claims import Status
from tests.api import editing
from tests.api.conftest import Client

SCHOOL = "cyber-school-initiative"
EVERY_LIST = [f"/api/v1/{path}" for path in BY_PATH]
EVERY_ADDRESS = [
    *EVERY_LIST,
    f"/api/v1/trainings/{SCHOOL}",
    "/api/v1/search?q=cyber",
    "/api/v1/policy-areas",
    "/api/v1/action-lines",
    "/api/v1/vocabularies/levels",
]


def errors(answer: Any) -> dict[str, str]:
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, str] = answer.json()["errors"]
    return found


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_a_portal_reads_everything_page_by_page(site: Client, kind: Kind) -> None:
    page, slugs = 1, []
    while True:
        found = site.get(f"/api/v1/{kind.path}", params={"page": page, "per_page": 25}).json()
        slugs += [item["slug"] for item in found["items"]]
        assert {item["kind"] for item in found["items"]} == {kind.name}
        if page == found["pages"]:
            break
        page += 1
    assert len(slugs) == len(set(slugs)) == found["total"] > 25
    beyond = site.get(f"/api/v1/{kind.path}", params={"page": page + 1, "per_page": 25}).json()
    assert beyond["items"] == []


def test_a_list_and_the_entry_itself_say_the_same(site: Client) -> None:
    listed = site.get("/api/v1/trainings?per_page=100").json()["items"]
    one = next(item for item in listed if item["slug"] == SCHOOL)
    assert site.get(f"/api/v1/trainings/{SCHOOL}").json() == one


def test_an_entry_says_what_is_known_where_from_and_what_is_not(site: Client) -> None:
    entry = site.get(f"/api/v1/trainings/{SCHOOL}").json()
    assert entry["url"] == f"/trainings/{SCHOOL}"
    assert {"rel", "kind", "slug", "title"} == set(entry["links"][0])
    assert ("provider", "cyberpeace-institute") in {(x["rel"], x["slug"]) for x in entry["links"]}
    assert entry["profile"]["mode"] == "online"
    assert entry["claims"]["mode"][0]["source"] == "cyberpeace-institute-profile"
    assert entry["profile"]["cost"] is None
    assert {c["status"] for c in entry["claims"]["cost"]} == {Status.NOT_STATED.value}
    assert entry["confirmed_at"] is None
    two_answers = [c for c in entry["claims"]["results"] if c["status"] == "contradicted"]
    assert len(two_answers[0]["values"]) == 2


def test_runs_come_with_their_tracks_as_they_were_published(site: Client) -> None:
    runs = site.get(f"/api/v1/trainings/{SCHOOL}").json()["profile"]["runs"]
    assert runs[0]["label"] == "2024 cohort"
    assert "tracks" in runs[0]


def test_the_address_of_the_page_with_json_gives_the_same(site: Client) -> None:
    page = site.get(f"/trainings/{SCHOOL}.json")
    assert page.status_code == 200
    assert page.json() == site.get(f"/api/v1/trainings/{SCHOOL}").json()
    assert site.get("/trainings/no-such-thing.json").status_code == 404


@pytest.mark.parametrize("address", EVERY_ADDRESS)
def test_asking_again_with_the_etag_costs_nothing(site: Client, address: str) -> None:
    first = site.get(address)
    again = site.get(address, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert first.status_code == 200
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert site.get(address, headers={"If-None-Match": 'W/"other"'}).status_code == 200


@pytest.mark.parametrize("address", EVERY_ADDRESS)
def test_head_answers_as_get_without_the_body(site: Client, address: str) -> None:
    got, headed = site.get(address), site.head(address)
    assert headed.status_code == 200
    assert headed.content == b""
    assert headed.headers["etag"] == got.headers["etag"]


def test_each_address_has_an_etag_of_its_own(site: Client) -> None:
    tags = {site.get(address).headers["etag"] for address in EVERY_ADDRESS}
    assert len(tags) == len(EVERY_ADDRESS)


def test_after_a_publication_the_portal_gets_what_changed(
    desk: Client, desk_database: Database
) -> None:
    first = desk.get(f"/api/v1/trainings/{SCHOOL}")
    before = datetime.now(UTC)
    time.sleep(0.001)
    editing.change(desk_database, SCHOOL, published=True, summary="Changed for the better.")
    again = desk.get(
        f"/api/v1/trainings/{SCHOOL}", headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 200
    assert again.json()["profile"]["summary"] == "Changed for the better."
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["version"] == first.json()["version"] + 1
    changed = desk.get("/api/v1/trainings", params={"updated_since": before.isoformat()})
    assert [item["slug"] for item in changed.json()["items"]] == [SCHOOL]


def test_since_a_day_to_come_nothing_changed(site: Client) -> None:
    assert site.get("/api/v1/trainings?updated_since=2999-01-01").json()["total"] == 0
    everything = site.get("/api/v1/trainings").json()["total"]
    assert site.get("/api/v1/trainings?updated_since=2000-01-01").json()["total"] == everything


def test_an_offset_from_utc_counts(desk: Client) -> None:
    last = max(
        item["updated_at"] for item in desk.get("/api/v1/trainings?per_page=100").json()["items"]
    )
    moment = datetime.fromisoformat(last)
    # The same clock time, ten hours further west, is ten hours later.
    west = moment.replace(tzinfo=None).isoformat() + "-10:00"
    assert desk.get("/api/v1/trainings", params={"updated_since": west}).json()["total"] == 0
    assert desk.get("/api/v1/trainings", params={"updated_since": last}).json()["total"] > 0


def test_an_old_slug_leads_to_the_new_one(desk: Client, desk_database: Database) -> None:
    editing.move(desk_database, SCHOOL, "school-of-cyber")
    answer = desk.get(f"/api/v1/trainings/{SCHOOL}", follow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["location"] == "/api/v1/trainings/school-of-cyber"
    assert desk.get(answer.headers["location"]).json()["slug"] == "school-of-cyber"


@pytest.mark.parametrize("address", EVERY_ADDRESS)
def test_a_typo_in_a_parameter_is_answered_with_its_name(site: Client, address: str) -> None:
    sign = "&" if "?" in address else "?"
    found = errors(site.get(f"{address}{sign}perpage=10"))
    assert found == {"perpage": "There is no parameter perpage."}


@pytest.mark.parametrize("address", [*EVERY_LIST, "/api/v1/search"])
@pytest.mark.parametrize(
    ("parameter", "value"),
    [("per_page", "101"), ("per_page", "0"), ("page", "-1"), ("page", "two"), ("page", "")],
)
def test_a_number_that_does_not_fit_is_answered_with_its_parameter(
    site: Client, address: str, parameter: str, value: str
) -> None:
    found = errors(site.get(address, params={parameter: value}))
    assert list(found) == [parameter]
    assert found[parameter].startswith(parameter)


@pytest.mark.parametrize("address", [*EVERY_LIST, "/api/v1/search"])
def test_a_page_given_twice_is_refused(site: Client, address: str) -> None:
    assert errors(site.get(f"{address}?page=1&page=2")) == {"page": "page is given more than once."}


@pytest.mark.parametrize("moment", ["yesterday", "", "2026-13-01", "2026-11-22T10:00:00 02:00"])
def test_a_moment_that_is_none_is_answered_with_how_to_write_one(site: Client, moment: str) -> None:
    found = errors(site.get("/api/v1/trainings", params={"updated_since": moment}))
    assert "2026-11-22T10:00:00Z" in found["updated_since"]


@pytest.mark.parametrize("slug", ["no-such-thing", "%00", "Ünder%20the%20sea", "a" * 5000])
def test_what_is_not_there_is_a_problem_of_404(site: Client, slug: str) -> None:
    answer = site.get(f"/api/v1/trainings/{slug}")
    assert answer.status_code == 404
    assert answer.json()["title"] == "Not Found"
    assert answer.json()["detail"].startswith("There is no")
