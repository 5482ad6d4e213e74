"""A request that is sent again is done once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import select

from directory.accounts import repeats
from directory.accounts.repeats import KEPT, KeptAnswer, forget_old
from directory.app import create_app
from directory.db import Database, now
from directory.entries.models import Entry, Revision
from directory.settings import Settings
from tests.api.conftest import Client
from tests.api.test_drafts import SCHOOL, Bearer, TokenFor, body, curator, read, token_for
from tests.api.test_scopes import bearer
from tests.conftest import settings_for

__all__ = ["curator", "token_for"]

LIST = "/api/v1/trainings"
KEY = {"Idempotency-Key": '"5d1f8a52"'}


def sent(title: str) -> dict[str, Any]:
    return {"profile": {"title": title}}


def test_the_same_request_with_the_same_key_gets_the_same_answer(
    desk: Client, curator: Bearer, desk_database: Database
) -> None:
    first = desk.post(LIST, json=sent("Night school"), headers=curator | KEY)
    again = desk.post(LIST, json=sent("Night school"), headers=curator | KEY)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    for name in ("etag", "location", "content-type", "cache-control"):
        assert first.headers[name] == again.headers[name]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    bare = {"Idempotency-Key": "5d1f8a52"}
    assert desk.post(LIST, json=sent("Night school"), headers=curator | bare).status_code == 201
    with desk_database.reading() as session:
        assert len(session.exec(select(Entry).where(Entry.title == "Night school")).all()) == 1
        (kept,) = session.exec(select(KeptAnswer)).all()
        assert "Night" not in kept.model_dump_json() and "5d1f8a52" not in kept.model_dump_json()


def test_a_change_sent_again_is_no_conflict(
    desk: Client, curator: Bearer, desk_database: Database
) -> None:
    draft, tag = read(desk, curator)
    headers = {**curator, **KEY, "If-Match": tag}
    changed = body(draft, duration="Nine weeks")
    answers = [desk.put(SCHOOL, json=changed, headers=headers) for _ in range(3)]
    assert {(a.status_code, a.headers["etag"]) for a in answers} == {(200, '"rev-2"')}
    assert read(desk, curator)[1] == '"rev-2"'


@pytest.mark.parametrize(
    ("method", "address", "more"),
    [("POST", LIST, {}), ("POST", "/api/v1/programmes", {}), ("PUT", SCHOOL, {"If-Match": "x"})],
)
def test_a_key_with_another_request_is_refused_and_nothing_is_done(
    desk: Client, curator: Bearer, method: str, address: str, more: Bearer
) -> None:
    desk.post(LIST, json=sent("Night school"), headers=curator | KEY)
    answer = desk.request(method, address, json=sent("Other"), headers={**curator, **KEY, **more})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("#key-taken")
    assert list(answer.json()["errors"]) == ["Idempotency-Key"]


def test_keys_of_two_people_are_two(desk: Client, curator: Bearer, token_for: TokenFor) -> None:
    other = token_for("contributor")
    assert desk.post(LIST, json=sent("One"), headers=curator | KEY).status_code == 201
    assert desk.post(LIST, json=sent("Two"), headers=other | KEY).status_code == 201


def test_what_was_refused_may_be_corrected_under_its_key(desk: Client, curator: Bearer) -> None:
    assert desk.post(LIST, json=sent(""), headers=curator | KEY).status_code == 422
    assert desk.post(LIST, json=sent("Night school"), headers=curator | KEY).status_code == 201


@pytest.mark.parametrize("key", ["", '"', '""', '"a" "b"', "a b", "x" * 201, '"\\u00e4"', "\t"])
def test_what_is_no_key_is_named(desk: Client, curator: Bearer, key: str) -> None:
    headers = {**curator, "Idempotency-Key": key}
    answer = desk.post(LIST, json=sent("Night school"), headers=headers)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["Idempotency-Key"]


def test_after_a_day_a_key_is_forgotten(
    desk: Client, curator: Bearer, desk_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.post(LIST, json=sent("Night school"), headers=curator | KEY)
    monkeypatch.setattr(repeats, "now", lambda: now() + KEPT + timedelta(seconds=1))
    answer = desk.post(LIST, json=sent("Night school"), headers=curator | KEY)
    assert answer.status_code == 422 and "already an entry" in answer.json()["errors"]["slug"]
    with desk_database.writing() as session:
        forget_old(session)
        assert not session.exec(select(KeptAnswer)).all()


def test_there_is_an_end_to_keys(
    desk: Client, curator: Bearer, monkeypatch: pytest.MonkeyPatch, desk_database: Database
) -> None:
    monkeypatch.setattr(repeats, "MOST", 1)
    desk.post(LIST, json=sent("One"), headers=curator | KEY)
    refused = desk.post(LIST, json=sent("Two"), headers=curator | {"Idempotency-Key": "two"})
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 80_000
    with desk_database.reading() as session:
        assert not session.exec(select(Entry).where(Entry.title == "Two")).all()


def test_at_once_it_is_done_once(any_seeded: Engine, tmp_path: Any) -> None:
    """Eight at the same moment: one is done, the others get its answer or are asked to wait."""
    url = any_seeded.url.render_as_string(hide_password=False)
    settings: Settings = settings_for(tmp_path, url)
    database = Database(any_seeded)
    token = bearer(database, settings, "save", "read drafts")
    with TestClient(create_app(settings, database)) as client:
        draft = client.get(f"{SCHOOL}/draft", headers={"Authorization": token}).json()
        start = threading.Barrier(8)

        def change(_: int) -> tuple[int, str | None]:
            start.wait()
            headers = {"Authorization": token, "If-Match": '"rev-1"', **KEY}
            answer = client.put(SCHOOL, json=body(draft, duration="Nine weeks"), headers=headers)
            if answer.status_code == 409:
                assert answer.headers["retry-after"] == "1"
                assert answer.json()["type"].endswith("#still-running")
            return answer.status_code, answer.headers.get("idempotent-replayed")

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(change, range(8)))
    assert found.count((200, None)) == 1, found
    assert set(found) <= {(200, None), (200, "true"), (409, None)}
    with database.reading() as session:
        entry = session.exec(select(Entry).where(Entry.slug == draft["slug"])).one()
        numbers = session.exec(select(Revision.number).where(Revision.entry_id == entry.id)).all()
    assert sorted(numbers) == [1, 2]


def test_who_is_cut_off_before_the_commit_has_done_nothing(
    desk: Client, curator: Bearer, desk_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise SystemError("killed")

    quiet = TestClient(desk.app, base_url="http://testserver.local", raise_server_exceptions=False)
    with monkeypatch.context() as patch:
        patch.setattr("directory.api.once.keep_answer", killed)
        assert quiet.post(LIST, json=sent("Night"), headers=curator | KEY).status_code == 500
    with desk_database.reading() as session:
        assert not session.exec(select(Entry).where(Entry.title == "Night")).all()
    assert desk.post(LIST, json=sent("Night"), headers=curator | KEY).status_code == 201
