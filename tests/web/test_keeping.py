"""Which pages may be kept: what everybody gets, and nothing about a person."""

from typing import Any

import pytest
from litestar.testing import TestClient

from directory.settings import Settings
from tests.api.conftest import Client
from tests.people import enter_as


def keeps(client: TestClient[Any], address: str) -> str:
    return str(client.get(address).headers.get("cache-control", ""))


OPEN = [
    "/", "/search?q=cyber", "/trainings/cyber-school-initiative", "/action-lines/C4",
    "/shortlist?entry=ai-campus", "/compare?entry=ai-campus&entry=gcsp", "/about",
]  # fmt: skip


@pytest.mark.parametrize("address", OPEN)
def test_a_page_for_everybody_may_be_shown_when_the_site_is_silent(
    site: Client, address: str
) -> None:
    assert keeps(site, address) == "public, max-age=0, stale-if-error=2592000"


def test_a_briefing_is_kept_by_its_reader_alone(site: Client) -> None:
    assert keeps(site, "/match/briefing?entry=ai-campus").startswith("private, max-age=0, stale-")


@pytest.mark.parametrize(
    "address",
    [
        "/account/sign-in", "/report?entry=organisations/gcsp", "/organisations/gcsp/claim",
        "/match?need=x", "/nowhere", "/report/thanks?reference=ABCD-2345", "/search.csv",
        "/offline",
    ],
)  # fmt: skip
def test_what_is_for_one_or_says_nothing_is_not_kept(site: Client, address: str) -> None:
    assert "stale-if-error" not in keeps(site, address)


def test_a_part_of_a_page_is_not_kept_as_the_page(site: Client) -> None:
    headers = {"HX-Request": "true"}
    answer = site.get("/search?q=cyber", headers=headers)
    assert "cache-control" not in answer.headers
    assert "HX-Request" in answer.headers["vary"]


def test_nothing_that_somebody_sees_who_is_signed_in_is_kept(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "curator")
    for address in [*OPEN, "/match/briefing?entry=ai-campus", "/curation", "/account"]:
        assert "stale-if-error" not in keeps(desk, address)
        assert "private" in keeps(desk, address)


def test_the_worker_names_its_files_and_stays_fresh(site: Client) -> None:
    answer = site.get("/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    for address in answer.text.split("[", 1)[1].split("]")[0].replace('"', "").split(", "):
        assert site.get(address).status_code == 200
    assert "worker-src 'self'" in site.get("/").headers["content-security-policy"]


def test_who_saves_data_gets_no_htmx_and_every_button(site: Client) -> None:
    plain, saving = (
        site.get("/search?q=cyber", headers=headers) for headers in ({}, {"Save-Data": "on"})
    )
    assert "htmx" in plain.text and "htmx" not in saving.text
    assert 'class="no-script">Apply filters' in plain.text
    assert "<button>Apply filters" in saving.text
    assert "Save-Data" in plain.headers["vary"] and "Save-Data" in saving.headers["vary"]


@pytest.mark.parametrize("address", ["/", "/trainings/cyber-school-initiative", "/match"])
def test_a_page_without_parts_is_the_same_for_who_saves_data(site: Client, address: str) -> None:
    answer = site.get(address)
    assert "htmx" not in answer.text and "data-hx-" not in answer.text
    assert "Save-Data" not in answer.headers["vary"]
