"""A program saves drafts for a person; nothing it does is public, and nothing is written over."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlmodel import select

from directory.accounts import sessions
from directory.accounts.models import Grant, User
from directory.accounts.service import add_user
from directory.accounts.tokens import ApiToken, make_token, tokens_of
from directory.app import create_app
from directory.audit import AuditRow
from directory.curation.audited import verify
from directory.curation.service import get_entry, latest_revision
from directory.db import Database, now
from directory.entries.kinds import KINDS, ORGANISATION, TRAINING, Kind
from directory.entries.models import State
from directory.settings import Settings
from tests.api import editing
from tests.api.conftest import Client
from tests.people import SCOPES, enter_as, form_in, quick_hashes, send

__all__ = ["quick_hashes"]

SLUG = "cyber-school-initiative"
SCHOOL = f"/api/v1/trainings/{SLUG}"
Bearer = dict[str, str]
TokenFor = Callable[[str], Bearer]


@pytest.fixture
def token_for(desk: Client, desk_database: Database, desk_settings: Settings) -> TokenFor:
    """Return a function that gives the header with a token of a new person with a role."""

    def make(role: str) -> Bearer:
        with desk_database.writing() as session:
            add_user(session, f"{role}@example.org", role)
            user = session.exec(select(User).where(User.email == f"{role}@example.org")).one()
            secret = desk_settings.secret
            _, text = make_token(session, "weekly upload", 365, SCOPES, by=user, secret=secret)
        return {"Authorization": f"Bearer {text}"}

    return make


@pytest.fixture
def curator(token_for: TokenFor) -> Bearer:
    return token_for("curator")


def read(client: Client, bearer: Bearer, address: str = SCHOOL) -> tuple[dict[str, Any], str]:
    answer = client.get(f"{address}/draft", headers=bearer)
    assert answer.status_code == 200
    return answer.json(), answer.headers["etag"]


def body(draft: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Return what was read, with other values, as it is sent back."""
    return {"profile": {**draft["profile"], **values}, "claims": draft["claims"]}


def put(client: Client, bearer: Bearer, tag: str, sent: Any, address: str = SCHOOL) -> Any:
    return client.put(address, json=sent, headers={**bearer, "If-Match": tag})


# Saving


def test_a_draft_is_read_changed_and_saved_and_nothing_public_changes(
    desk: Client, curator: Bearer, desk_database: Database
) -> None:
    public = desk.get(SCHOOL).json()
    draft, tag = read(desk, curator)
    assert (draft["revision"], tag) == (1, '"rev-1"')
    sent = body(draft, duration="Nine weeks") | {"comment": "Their site says so."}
    answer = put(desk, curator, tag, sent)
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"rev-2"'
    saved = answer.json()
    assert saved["profile"]["duration"] == "Nine weeks"
    assert (saved["revision"], saved["version"], saved["waiting"]) == (2, 1, "draft")
    assert saved["comment"] == "Their site says so."
    assert read(desk, curator) == (saved, '"rev-2"')
    assert desk.get(SCHOOL).json() == public
    with desk_database.reading() as session:
        entry = get_entry(session, TRAINING, SLUG)
        revision = latest_revision(session, entry)
        author = session.get(User, revision.author_id)
        assert author and author.email == "curator@example.org"
        assert verify(session).broken is None


def test_what_is_sent_back_untouched_changes_nothing_of_the_entry(
    desk: Client, curator: Bearer, desk_database: Database
) -> None:
    with desk_database.reading() as session:
        before = latest_revision(session, get_entry(session, TRAINING, SLUG))
    draft, tag = read(desk, curator)
    assert put(desk, curator, tag, body(draft)).status_code == 200
    # The public form of the entry says neither who checked a claim nor what is private.
    public = desk.get(SCHOOL).json()
    assert put(desk, curator, '"rev-2"', body(public)).status_code == 200
    with desk_database.reading() as session:
        after = latest_revision(session, get_entry(session, TRAINING, SLUG))
    assert after.number == 3
    assert (after.profile, after.claims) == (before.profile, before.claims)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_a_new_entry_gets_its_address_from_its_title(
    desk: Client, curator: Bearer, kind: Kind
) -> None:
    sent = {"profile": {kind.title_field: "An Étude in Policy"}}
    answer = desk.post(f"/api/v1/{kind.path}", json=sent, headers=curator)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/{kind.path}/an-etude-in-policy/draft"
    assert answer.headers["etag"] == '"rev-1"'
    assert (answer.json()["version"], answer.json()["state"]) == (0, "draft")
    assert desk.get(f"/api/v1/{kind.path}/an-etude-in-policy").status_code == 404
    again = desk.post(f"/api/v1/{kind.path}", json=sent, headers=curator)
    assert again.status_code == 422
    assert "already an entry" in again.json()["errors"]["slug"]


def test_a_new_entry_may_name_its_address(desk: Client, curator: Bearer) -> None:
    sent = {"profile": {"title": "A"}, "slug": "the-first-one"}
    assert desk.post("/api/v1/trainings", json=sent, headers=curator).status_code == 201
    for slug in ("new", "No Slug", "x" * 121):
        wrong = desk.post("/api/v1/trainings", json=sent | {"slug": slug}, headers=curator)
        assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["slug"])
    nameless = desk.post("/api/v1/trainings", json={"profile": {}}, headers=curator)
    assert list(nameless.json()["errors"]) == ["slug"]
    draft, tag = read(desk, curator)
    moved = put(desk, curator, tag, body(draft) | {"slug": "elsewhere"})
    assert (moved.status_code, list(moved.json()["errors"])) == (422, ["slug"])
    assert put(desk, curator, tag, body(draft) | {"slug": SLUG}).status_code == 200


def test_everything_that_does_not_fit_is_named_at_once(desk: Client, curator: Bearer) -> None:
    draft, tag = read(desk, curator)
    sent = body(draft, website="here", workload_hours="many", colour="blue")
    sent["claims"] = {**draft["claims"], "level": [{"source": "x", "status": "perhaps"}], "no": []}
    answer = put(desk, curator, tag, sent | {"comment": "x" * 8001})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()["errors"]) == {
        "website", "workload_hours", "colour", "claims.level.status", "claims.no", "comment",
    }  # fmt: skip
    unknown = put(desk, curator, tag, body(draft, languages=["klingon"]))
    assert (unknown.status_code, list(unknown.json()["errors"])) == (422, ["languages"])
    assert read(desk, curator)[1] == tag


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b'"profile"', b"\xff", b"[" * 5000, b'{"profile": []}',
        b'{"profile": {}, "claims": {"title": {}}}', b'{"profile": {}, "color": 1}',
        b'{"profile": {}, "comment": null}', b'{"profile": {"title": "\\ud800"}}',
    ],
)  # fmt: skip
def test_what_is_no_such_body_is_a_problem_not_a_failure(
    desk: Client, curator: Bearer, content: bytes
) -> None:
    headers = {**curator, "content-type": "application/json", "If-Match": '"rev-1"'}
    for method, address in (("POST", "/api/v1/trainings"), ("PUT", SCHOOL)):
        answer = desk.request(method, address, content=content, headers=headers)
        assert answer.status_code == 400, content
        assert answer.headers["content-type"] == "application/problem+json"


def test_deep_and_odd_values_are_answered_by_field(desk: Client, curator: Bearer) -> None:
    deep: Any = "x"
    for _ in range(200):
        deep = [deep]
    for odd in (deep, {"a": 1}, 10**400, True, [None], ""):
        sent = {"profile": {"title": "Odd", "summary": odd, "runs": odd}, "slug": "odd"}
        answer = desk.post("/api/v1/trainings", json=sent, headers=curator)
        assert answer.status_code in (201, 422), odd
        assert answer.status_code == 201 or "runs" in json.dumps(answer.json()["errors"])


def test_a_body_that_is_too_large_is_refused(desk: Client, curator: Bearer) -> None:
    sent = {"profile": {"title": "A", "summary": "x" * 5_000_000}}
    assert desk.post("/api/v1/trainings", json=sent, headers=curator).status_code == 413


# Two at once


def test_without_a_revision_nothing_is_saved(desk: Client, curator: Bearer) -> None:
    draft, tag = read(desk, curator)
    for header in ({}, {"If-Match": "*"}, {"If-Match": ""}):
        answer = desk.put(SCHOOL, json=body(draft), headers={**curator, **header})
        assert answer.status_code == 428
        assert '"rev-3"' in answer.json()["detail"]
    assert read(desk, curator)[1] == tag


def test_who_comes_too_late_is_told_what_differs(desk: Client, curator: Bearer) -> None:
    draft, tag = read(desk, curator)
    sent = body(draft, duration="Nine weeks", licence="CC0")
    assert put(desk, curator, tag, body(draft, duration="Ten weeks")).status_code == 200
    late = put(desk, curator, tag, sent)
    assert late.status_code == 412
    found = late.json()
    assert late.headers["etag"] == found["etag"] == '"rev-2"'
    assert found["revision"] == 2
    assert set(found["differing"]) == {"duration", "licence"}
    assert put(desk, curator, found["etag"], sent).status_code == 200


@pytest.mark.parametrize("tag", ['W/"rev-1"', '"rev-0"', '"rev-99"', "rev-1", '"x"', '"rev-1'])
def test_only_the_strong_tag_of_the_newest_revision_matches(
    desk: Client, curator: Bearer, tag: str
) -> None:
    draft, right = read(desk, curator)
    assert put(desk, curator, tag, body(draft)).status_code == 412
    assert put(desk, curator, f"{tag}, {right}", body(draft)).status_code == 200


def test_a_late_body_with_mistakes_is_late_first(desk: Client, curator: Bearer) -> None:
    draft, _ = read(desk, curator)
    late = put(desk, curator, '"rev-9"', body(draft, website="here", runs="x", claims=3))
    assert late.status_code == 412
    assert {"website", "runs"} <= set(late.json()["differing"])


def test_what_was_merged_away_takes_no_draft(
    desk: Client, curator: Bearer, desk_database: Database
) -> None:
    draft, tag = read(desk, curator)
    with desk_database.writing() as session:
        get_entry(session, TRAINING, SLUG).state = State.MERGED
    assert put(desk, curator, tag, body(draft)).status_code == 409


# Who may


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer dcd_wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic dcd_wrong"},
        {"Authorization": "Bearer " + "dcd_" + "ü" * 3},
        {"Authorization": "Bearer dcd_" + "x" * 5000},
    ],
)
def test_without_a_token_that_works_nothing_is_read_or_saved(
    desk: Client, header: dict[str, str]
) -> None:
    headers: Any = {k: v.encode() for k, v in header.items()}
    for answer in (
        desk.get(f"{SCHOOL}/draft", headers=headers),
        desk.post("/api/v1/trainings", json={"profile": {}}, headers=headers),
        desk.put(SCHOOL, json={"profile": {}}, headers=headers),
    ):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["status"] == 401


def test_a_session_of_a_browser_opens_nothing_of_the_api(
    desk: Client, desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "admin")
    assert desk.get(f"{SCHOOL}/draft").status_code == 401
    assert desk.post("/api/v1/trainings", json={"profile": {}}).status_code == 401


def test_a_token_opens_no_page(desk: Client, token_for: TokenFor) -> None:
    bearer = token_for("admin")
    for address in ("/curation", "/account", "/account/tokens", "/admin/audit"):
        answer = desk.get(address, headers=bearer, follow_redirects=False)
        assert answer.status_code == 303, address


def test_what_a_contributor_may_not_see_is_neither_read_nor_written(
    desk: Client, token_for: TokenFor, desk_database: Database
) -> None:
    editing.change(desk_database, SLUG, published=False, curator_note="Zanzibarwort")
    bearer = token_for("contributor")
    draft, tag = read(desk, bearer)
    assert "Zanzibarwort" not in json.dumps(draft) and "curator_note" not in json.dumps(draft)
    refused = put(desk, bearer, tag, body(draft, curator_note="Mine"))
    assert refused.json()["errors"] == {"curator_note": "There is no such field."}
    assert put(desk, bearer, tag, body(draft, duration="Nine weeks")).status_code == 200
    with desk_database.reading() as session:
        after = latest_revision(session, get_entry(session, TRAINING, SLUG))
    assert after.profile["curator_note"] == "Zanzibarwort"
    late = put(desk, bearer, '"rev-1"', body(draft, duration="Ten weeks"))
    assert late.json()["differing"] == ["duration"]


def test_a_provider_saves_its_own_and_nothing_else(
    desk: Client, token_for: TokenFor, desk_database: Database
) -> None:
    bearer = token_for("provider")
    assert desk.get(f"{SCHOOL}/draft", headers=bearer).status_code == 403
    with desk_database.writing() as session:
        user = session.exec(select(User).where(User.role == "provider")).one()
        mine = get_entry(session, ORGANISATION, "cyberpeace-institute")
        session.add(Grant(user_id=user.id, organisation_id=mine.id))
    draft, tag = read(desk, bearer)
    assert put(desk, bearer, tag, body(draft, duration="Nine weeks")).status_code == 200
    other = "/api/v1/organisations/gcsp"
    assert desk.get(f"{other}/draft", headers=bearer).status_code == 403
    sent = {"profile": {"name": "Mine now"}}
    assert put(desk, bearer, '"rev-1"', sent, other).status_code == 403
    new = {"profile": {"title": "A new course", "providers": ["gcsp"]}}
    assert desk.post("/api/v1/trainings", json=new, headers=bearer).status_code == 403
    new["profile"]["providers"] = ["cyberpeace-institute"]
    assert desk.post("/api/v1/trainings", json=new, headers=bearer).status_code == 201


# Tokens


@pytest.fixture
def person(desk: Client, desk_settings: Settings) -> Client:
    enter_as(desk, desk_settings, "contributor")
    return desk


def make(person: Client, **values: str) -> str:
    form = form_in(person.get("/account/tokens").text).fill(**values)
    return send(person, form).text


def test_a_person_makes_a_token_that_is_shown_once_and_revokes_it(
    person: Client, desk_database: Database
) -> None:
    page = make(person, name="Weekly upload")
    text = page.split('id="f-token" value="')[1].split('"')[0]
    assert text.startswith("dcd_") and len(text) > 40
    assert text not in person.get("/account/tokens").text
    bearer = {"Authorization": f"Bearer {text}"}
    assert person.get(f"{SCHOOL}/draft", headers=bearer).status_code == 200
    with desk_database.reading() as session:
        (token,) = session.exec(select(ApiToken)).all()
        assert text not in token.model_dump_json()
        assert token.last_used == now().date()
        assert timedelta(364) < token.expires_at - now() < timedelta(366)
    page = person.get("/account/tokens").text
    assert "Last used" in page
    assert send(person, form_in(page, "/account/tokens/revoke")).status_code == 200
    assert person.get(f"{SCHOOL}/draft", headers=bearer).status_code == 401
    assert "revoked" in person.get("/account/tokens").text
    with desk_database.reading() as session:
        said = session.exec(select(AuditRow.action, AuditRow.subject)).all()
    assert said[-2:] == [("make token", "Weekly upload"), ("revoke token", "Weekly upload")]


def test_a_token_needs_a_name_and_an_end(person: Client, desk_database: Database) -> None:
    for wrong in ({"name": ""}, {"name": "x" * 301}, {"name": "A", "days": "9999"}):
        page = make(person, **wrong)
        assert 'role="alert"' in page and "The token was not made." in page
    make(person, name="A month", days="30")
    with desk_database.reading() as session:
        (token,) = session.exec(select(ApiToken)).all()
        assert token.expires_at - now() < timedelta(30)


def test_a_token_that_has_expired_opens_nothing(
    desk: Client, curator: Bearer, desk_database: Database
) -> None:
    with desk_database.writing() as session:
        session.execute(sa.update(ApiToken).values(expires_at=now()))
    assert desk.get(f"{SCHOOL}/draft", headers=curator).status_code == 401


def test_a_token_opens_no_more_than_its_person_could_without_a_second_factor(
    desk: Client, token_for: TokenFor, desk_settings: Settings
) -> None:
    strict = desk_settings.model_copy(update={"second_factor_required": True})
    with TestClient(create_app(strict)) as site:
        refused = site.get(f"{SCHOOL}/draft", headers=token_for("curator"))
        assert refused.status_code == 403
        assert "second factor" in refused.json()["detail"]
        assert site.get(f"{SCHOOL}/draft", headers=token_for("contributor")).status_code == 200


def test_who_signed_in_long_ago_signs_in_again_before_a_token_is_made(
    person: Client, desk_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = form_in(person.get("/account/tokens").text).fill(name="weekly upload")
    monkeypatch.setattr(sessions, "now", lambda: now() + sessions.CONFIRMED)
    answer = send(person, form, follow=False)
    assert (answer.status_code, answer.headers["location"][:16]) == (303, "/account/sign-in")
    with desk_database.reading() as session:
        assert not session.exec(select(ApiToken)).all()


def test_nobody_revokes_the_token_of_another(
    person: Client, token_for: TokenFor, desk_database: Database
) -> None:
    bearer = token_for("curator")
    with desk_database.reading() as session:
        (token,) = session.exec(select(ApiToken)).all()
    form = form_in(person.get("/account/tokens").text).fill(token=str(token.id))
    assert send(person, form, to="/account/tokens/revoke").status_code == 404
    assert person.get(f"{SCHOOL}/draft", headers=bearer).status_code == 200


def test_there_is_an_end_to_tokens(
    person: Client, desk_database: Database, desk_settings: Settings
) -> None:
    with desk_database.writing() as session:
        user = session.exec(select(User)).one()
        secret = desk_settings.secret
        for number in range(20):
            make_token(session, f"Token {number}", 30, SCOPES, by=user, secret=secret)
        assert len(tokens_of(session, user)) == 20
    assert "Revoke one" in make(person, name="One more")


def test_the_page_of_tokens_is_kept_by_no_cache(person: Client) -> None:
    assert person.get("/account/tokens").headers["cache-control"] == "private, no-store"
