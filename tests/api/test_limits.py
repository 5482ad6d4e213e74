"""Whoever asks too often is told so, and when to come back; pages are never counted."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from directory.app import create_app
from directory.db import Database
from directory.errors import TooMany
from directory.settings import Settings
from directory.web import limits
from directory.web.limits import WINDOW, Limit
from tests.api.conftest import Client
from tests.api.test_scopes import bearer


@pytest.fixture
def narrow(desk_settings: Settings) -> Iterator[Client]:
    few = {"api_requests_a_minute": 5, "api_writes_a_minute": 2}
    app = create_app(desk_settings.model_copy(update=few))
    with TestClient(app, base_url="http://testserver.local") as client:
        yield client


def test_every_answer_says_how_many_requests_are_left(narrow: Client) -> None:
    answer = narrow.get("/api/v1/action-lines")
    assert answer.headers["ratelimit-policy"] == '"address";q=5;w=60'
    assert answer.headers["ratelimit"] == '"address";r=4;t=12'
    assert "RateLimit" in answer.headers["access-control-expose-headers"]
    again = narrow.get("/api/v1/action-lines", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["ratelimit"][:13]) == (304, '"address";r=3')


def test_too_many_are_refused_with_when_to_come_back_and_pages_go_on(narrow: Client) -> None:
    for _ in range(5):
        assert narrow.get("/api/v1/action-lines").status_code == 200
    refused = narrow.get("/api/v1/action-lines")
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"].endswith("/developers#too-many-requests")
    assert 0 < int(refused.headers["retry-after"]) <= 12
    assert '"address";r=0' in refused.headers["ratelimit"]
    page = narrow.get("/trainings")
    assert page.status_code == 200 and "ratelimit" not in page.headers
    assert narrow.get("/healthz").status_code == 200


def test_what_writes_is_counted_by_token(
    narrow: Client, desk_database: Database, desk_settings: Settings
) -> None:
    headers = {"Authorization": bearer(desk_database, desk_settings, "save")}
    for left in (1, 0):
        answer = narrow.post("/api/v1/trainings", json={"profile": {}}, headers=headers)
        assert answer.status_code == 422
        assert f'"token";r={left}' in answer.headers["ratelimit"]
    answer = narrow.post("/api/v1/trainings", json={"profile": {}}, headers=headers)
    assert answer.status_code == 429
    other = {"Authorization": bearer(desk_database, desk_settings, "save", role="admin")}
    assert narrow.post("/api/v1/trainings", json={"profile": {}}, headers=other).status_code == 422


@given(st.integers(1, 50), st.lists(st.floats(0, 30), max_size=200))
def test_in_no_minute_are_more_than_twice_as_many_let_through_and_who_waits_may(
    limit: int, waits: list[float]
) -> None:
    clock = [0.0]
    counter = Limit("x", limit, lambda: clock[0])
    let: list[float] = []
    for wait in waits:
        clock[0] += wait
        try:
            left = counter.count("a").left
            let.append(clock[0])
            assert 0 <= left < limit
        except TooMany as error:
            assert len([t for t in let if t > clock[0] - WINDOW]) >= 1
            clock[0] += error.wait
            counter.count("a")
            let.append(clock[0])
    for start in let:
        assert len([t for t in let if start <= t < start + WINDOW]) <= 2 * limit


def test_what_is_kept_in_mind_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 50)
    clock = [0.0]
    counter = Limit("x", 10, lambda: clock[0])
    for number in range(500):
        counter.count(str(number))
    assert len(counter._due) <= 50
    clock[0] += WINDOW * 2
    for number in range(60):
        counter.count(str(number))
    assert len(counter._due) <= 50
