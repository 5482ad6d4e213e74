"""What the addresses of passkeys say to those who make things up; Chromium plays the rest."""

import json
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient
from sqlmodel import select

from directory.accounts.models import Passkey
from directory.accounts.passkeys import site_of
from directory.settings import Settings
from tests.accounts.steps import Clock, another_browser, audited
from tests.people import enter_as, writing

ANSWERS: list[Any] = [
    b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000,
    {"credential": {}}, {"credential": []}, {"credential": None}, {"credential": 5},
    {"credential": {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {
        "clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "AAAA",
        "attestationObject": "AAAA", "userHandle": "AAAA"}}},
    {"credential": {"id": "é", "rawId": "\x00", "type": "x", "response": 7}},
]  # fmt: skip


def call(client: TestClient[Any], path: str, body: Any = b"{}") -> httpx.Response:
    """Speak to an address as passkey.js does."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    token = client.cookies.get("csrftoken") or ""
    headers = {"X-CSRFToken": token, "Content-Type": "application/json"}
    return client.post(f"/account/passkeys/{path}", content=content, headers=headers)


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("what", ["new", "sign-in"])
def test_a_made_up_answer_is_refused_in_one_sentence(
    desk: TestClient[Any], desk_settings: Settings, what: str, answer: Any
) -> None:
    enter_as(desk, desk_settings, "curator")
    assert call(desk, f"{what}/options").json()["challenge"]
    refused = call(desk, what, answer)
    assert refused.status_code == 422
    assert refused.json()["error"].endswith(".")
    assert call(desk, what, answer).json()["error"] == (
        "This passkey was not accepted. Try again, or use another way to sign in."
        if isinstance(answer, bytes) and answer != b"{}"
        else "This took too long. Please try again."
    )
    with writing(desk_settings) as session:
        assert not session.exec(select(Passkey)).all()


def test_what_is_asked_of_the_device(desk: TestClient[Any], desk_settings: Settings) -> None:
    email = enter_as(desk, desk_settings, "curator")
    new = call(desk, "new/options").json()
    assert new["rp"] == {"id": "testserver.local", "name": "Digital Capacity Directory"}
    assert new["user"]["name"] == email
    wanted = new["authenticatorSelection"]
    assert (wanted["residentKey"], wanted["userVerification"]) == ("required", "required")
    asked = call(desk, "sign-in/options").json()
    assert asked["userVerification"] == "required"
    assert asked.get("allowCredentials", []) == [], "it tells nobody which accounts have one"


def test_a_visitor_adds_no_passkey_and_a_form_of_another_site_neither(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    desk.get("/account/sign-in")
    assert call(desk, "new/options").status_code == 401
    assert call(desk, "new", {"credential": {}}).status_code == 401
    enter_as(desk, desk_settings, "curator")
    assert desk.post("/account/passkeys/new/options", content=b"{}").status_code == 403
    clock.pass_by(hours=1)
    late = call(desk, "new/options")
    assert late.url.path == "/account/sign-in", "one signs in again first"


def test_failures_are_written_down_and_slowed_down(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    visitor = another_browser(desk)
    visitor.get("/account/sign-in")
    for _ in range(20):
        call(visitor, "sign-in/options")
        assert call(visitor, "sign-in", {"credential": {}}).status_code == 422
    slowed = call(visitor, "sign-in/options")
    assert slowed.status_code == 429 and "Try again in 15 minutes" in slowed.json()["error"]
    assert int(slowed.headers["retry-after"]) > 0
    rows = audited(desk_settings)
    assert {(r.action, r.detail) for r in rows} == {("sign-in failed", '{"how":"passkey"}')}


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://directory.example", "directory.example"),
        ("http://localhost:8000", "localhost"),
        ("http://127.0.0.1:8000", None),
        ("http://[::1]:8000", None),
    ],
)
def test_there_are_passkeys_only_where_the_site_has_a_name(
    desk_settings: Settings, address: str, site: str | None
) -> None:
    assert site_of(desk_settings.model_copy(update={"base_url": address})) == site
