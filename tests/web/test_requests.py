"""Requests that nobody means: an answer all the same, and never a 500."""

from datetime import datetime, timedelta

import pytest

from directory.db import now
from tests.api.conftest import Client


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
@pytest.mark.parametrize("address", ["/api/v1/search", "/healthz", "/static/style.css"])
def test_who_may_get_may_ask_for_the_head(site: Client, method: str, address: str) -> None:
    allowed = site.request(method, address).headers["allow"].split(", ")
    assert {"GET", "HEAD"} <= set(allowed)
    assert site.head(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/sources/%00", "/trainings/%00", "/static/%00", "/api/v1/trainings/%00", "/policy-areas/%00"],
)
def test_nul_in_an_address_is_nothing(site: Client, address: str) -> None:
    assert site.get(address).status_code == 404


@pytest.mark.parametrize("page", ["9" * 5000, "²", "-1", "", "x"])
def test_a_page_that_is_no_number_is_the_first_or_an_empty_one(site: Client, page: str) -> None:
    assert site.get("/trainings", params={"page": page}).status_code == 200


def test_the_address_for_reports_holds_for_less_than_a_year(site: Client) -> None:
    text = site.get("/.well-known/security.txt").text
    expires = next(line for line in text.splitlines() if line.startswith("Expires: "))
    left = datetime.fromisoformat(expires.removeprefix("Expires: ")) - now()
    assert timedelta(days=30) < left < timedelta(days=365)
