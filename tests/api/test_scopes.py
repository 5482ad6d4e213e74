"""A token may do what it was made for, and never more than its person."""

from typing import Any

import pytest
from sqlmodel import select

from directory.accounts.models import User
from directory.accounts.permissions import ROLES
from directory.accounts.service import add_user
from directory.accounts.tokens import ApiToken, make_token
from directory.api.tokens import SCOPES
from directory.db import Database
from directory.errors import Invalid
from directory.settings import Settings
from tests.api.conftest import Client
from tests.api.test_drafts import SCHOOL
from tests.people import enter_as, form_in, quick_hashes, send

__all__ = ["quick_hashes"]

NEEDS = {
    ("GET", f"{SCHOOL}/draft"): "read drafts",
    ("PUT", SCHOOL): "save",
    ("POST", "/api/v1/trainings"): "save",
    ("POST", f"{SCHOOL}/submit"): "submit",
}


def bearer(database: Database, settings: Settings, *scopes: str, role: str = "curator") -> str:
    with database.writing() as session:
        email = f"{role}@example.org"
        if not session.exec(select(User).where(User.email == email)).first():
            add_user(session, email, role)
        user = session.exec(select(User).where(User.email == email)).one()
        _, text = make_token(session, "A", 30, scopes, by=user, secret=settings.secret)
    return f"Bearer {text}"


def test_the_table_names_every_scope() -> None:
    assert set(NEEDS.values()) == SCOPES


@pytest.mark.parametrize("scope", sorted(set(NEEDS.values())))
def test_a_token_opens_what_it_was_made_for_and_nothing_else(
    desk: Client, desk_database: Database, desk_settings: Settings, scope: str
) -> None:
    headers = {"Authorization": bearer(desk_database, desk_settings, scope), "If-Match": '"rev-1"'}
    for (method, address), needed in NEEDS.items():
        sent: Any = None if method == "GET" else {"profile": {}}
        answer = desk.request(method, address, json=sent, headers=headers)
        if needed == scope:
            assert answer.status_code not in (401, 403), address
            continue
        assert answer.status_code == 403
        problem = answer.json()
        assert problem["scope"] == needed and needed in problem["detail"]
        assert problem["type"].endswith("/developers#scope-missing")
        assert f'scope="{needed}"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("role", ROLES)
def test_nobody_makes_a_token_for_what_they_may_not_do(
    desk_database: Database, desk_settings: Settings, role: str
) -> None:
    assert bearer(desk_database, desk_settings, "save", role=role)
    for scopes in (["invite"], ["save", "nothing"], []):
        if (role, scopes) == ("admin", ["invite"]):
            continue
        with pytest.raises(Invalid) as refused:
            bearer(desk_database, desk_settings, *scopes, role=role)
        assert list(refused.value.by_field) == ["scope"]


def test_a_person_who_may_less_today_has_tokens_that_may_less(
    desk: Client, desk_database: Database, desk_settings: Settings
) -> None:
    headers = {"Authorization": bearer(desk_database, desk_settings, "read drafts")}
    assert desk.get(f"{SCHOOL}/draft", headers=headers).status_code == 200
    with desk_database.writing() as session:
        user = session.exec(select(User)).one()
        user.role = "provider"
        session.add(user)
    answer = desk.get(f"{SCHOOL}/draft", headers=headers)
    assert answer.status_code == 403 and "scope" not in answer.json()


def test_the_form_offers_the_fewest_and_shows_what_was_chosen(
    desk: Client, desk_settings: Settings, desk_database: Database
) -> None:
    enter_as(desk, desk_settings, "contributor")
    form = form_in(desk.get("/account/tokens").text)
    assert form.all("scope") == ["read drafts"]
    page = send(desk, form.fill(name="Reader", scope=["save", "submit"])).text
    assert "It may: save drafts and propose changes; send drafts to review." in page
    with desk_database.reading() as session:
        (token,) = session.exec(select(ApiToken)).all()
    assert token.scopes == ["save", "submit"]
    nothing = send(desk, form_in(page).fill(name="Nothing", scope=[]))
    assert nothing.status_code == 422 and "at least one thing" in nothing.text
    too_much = send(desk, form_in(page).fill(name="Too much", scope=["publish"]))
    assert "no more than you may" in too_much.text


def test_a_draft_is_sent_to_review(
    desk: Client, desk_database: Database, desk_settings: Settings
) -> None:
    token = bearer(desk_database, desk_settings, "save", "submit", role="contributor")
    made = desk.post(
        "/api/v1/trainings",
        json={"profile": {"title": "Night school"}},
        headers={"Authorization": token},
    )
    address = "/api/v1/trainings/night-school/submit"
    assert desk.post(address, headers={"Authorization": token}).status_code == 428
    late = desk.post(address, headers={"Authorization": token, "If-Match": '"rev-9"'})
    assert late.status_code == 412
    headers = {"Authorization": token, "If-Match": made.headers["etag"]}
    for _ in range(2):
        sent = desk.post(address, headers=headers)
        assert (sent.status_code, sent.json()["waiting"]) == (200, "in_review")
    nothing = desk.post(f"{SCHOOL}/submit", headers={**headers, "If-Match": '"rev-1"'})
    assert nothing.status_code == 409
