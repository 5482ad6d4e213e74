"""When something goes wrong, a program can tell what."""

import logging
from typing import Any

import pytest
from litestar.testing import TestClient

from directory.errors import Conflict
from tests.api.conftest import Client


@pytest.mark.parametrize("address", ["/api/v1/nothing", "/api/v1", "/api/v2/trainings", "/api"])
def test_an_address_that_leads_nowhere_is_a_problem(site: Client, address: str) -> None:
    answer = site.get(address)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "http://testserver.local/developers#not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "instance": address,
    }


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/api/v1/trainings", "GET, HEAD, OPTIONS, POST"),
        ("/api/v1/trainings/cyber-school-initiative", "GET, HEAD, OPTIONS, PUT"),
        ("/api/v1/trainings/cyber-school-initiative/draft", "GET, HEAD, OPTIONS"),
        ("/api/v1/search", "GET, HEAD, OPTIONS"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_what_an_address_does_not_take_is_answered_with_what_it_takes(
    site: Client, address: str, allowed: str, method: str
) -> None:
    answer = site.request(method, address)
    if method in allowed:
        assert answer.status_code == 401
        return
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
    assert answer.json()["status"] == 405


@pytest.mark.parametrize(
    ("error", "status"), [(RuntimeError("the password is 1234"), 500), (Conflict("Too late."), 409)]
)
def test_an_error_inside_shows_nothing_of_the_inside(
    site: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("directory.api.v1.entries.read_published", fail)
    quiet = logging.getLogger("directory")
    monkeypatch.setattr(quiet, "disabled", True)
    client = TestClient(site.app, base_url="http://testserver.local", raise_server_exceptions=False)
    answer = client.get("/api/v1/trainings/any")
    assert answer.status_code == answer.json()["status"] == status
    assert "1234" not in answer.text
    assert "errors" not in answer.json()


def test_scripts_of_other_sites_may_read_answers_and_problems(site: Client) -> None:
    for address in ("/api/v1/trainings", "/api/v1/nothing"):
        answer = site.get(address, headers={"Origin": "https://portal.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers


def test_a_browser_that_asks_first_may_send_an_etag(site: Client) -> None:
    answer = site.options(
        "/api/v1/trainings",
        headers={
            "Origin": "https://portal.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "If-None-Match",
        },
    )
    assert answer.status_code == 204
    assert "GET" in answer.headers["access-control-allow-methods"]
    assert "If-None-Match" in answer.headers["access-control-allow-headers"]


def test_other_addresses_stay_closed_to_scripts_of_other_sites(site: Client) -> None:
    for address in ("/search?q=gcsp", "/", "/trainings", "/account", "/admin/audit.csv"):
        answer = site.get(address, headers={"Origin": "https://portal.example"})
        assert "access-control-allow-origin" not in answer.headers, address


def test_scripts_of_other_sites_may_write_with_a_token_that_they_were_given(site: Client) -> None:
    answer = site.options(
        "/api/v1/trainings/cyber-school-initiative",
        headers={
            "Origin": "https://portal.example",
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "Authorization, If-Match, Idempotency-Key",
        },
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "PUT" in answer.headers["access-control-allow-methods"]
    for name in ("Authorization", "If-Match", "Idempotency-Key", "Content-Type"):
        assert name in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    shown = site.get("/api/v1/trainings").headers["access-control-expose-headers"]
    for name in ("ETag", "Link", "Location", "RateLimit", "Retry-After", "Idempotent-Replayed"):
        assert name in shown


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"3", b'"x"', b'{"nothing": 1}', b"\xff", b"[" * 3000]
)
def test_a_body_that_does_not_fit_is_always_named(site: Client, content: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = site.post("/api/v1/match", content=content, headers=headers)
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["type"] == "http://testserver.local/developers#bad-request"
    assert problem["errors"] and all(s.endswith(".") for s in problem["errors"].values())
