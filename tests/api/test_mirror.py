"""A program that follows the changes has, in the end, exactly what is public."""

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from directory.app import create_app
from directory.curation.confirming import confirm
from directory.curation.service import latest_revision, publish, read_draft, save_draft
from directory.curation.workflow import MOVES, make_move
from directory.db import Change, Database, now
from directory.entries.kinds import BY_PATH, KINDS, TRAINING
from directory.entries.models import Entry, State
from directory.errors import DirectoryError
from tests.api import editing
from tests.api.conftest import Client
from tests.conftest import settings_for
from tests.curation.together import curator_in, do_merge, do_undo

Copy = dict[str, dict[str, Any]]
WRITERS, STEPS = 3, 8


@pytest.fixture
def live(any_seeded: Engine, tmp_path: Path) -> Iterator[tuple[Client, Database]]:
    url = any_seeded.url.render_as_string(hide_password=False)
    database = Database(any_seeded)
    with TestClient(create_app(settings_for(tmp_path, url), database)) as client:
        yield client, database


class ByChanges:
    """A mirror that follows /api/v1/changes as the page for developers says."""

    def __init__(self, client: Client, portion: int) -> None:
        self._client, self._portion = client, portion
        self._cursor: str | None = None
        self.copy: Copy = {}

    def follow(self) -> None:
        while True:
            asked = {"per_page": self._portion} | ({"cursor": self._cursor} if self._cursor else {})
            answer = self._client.get("/api/v1/changes", params=asked).json()
            for item in answer["items"]:
                self._read(item)
            self._cursor = answer["cursor"]
            if not answer["more"]:
                return

    def _read(self, item: dict[str, Any]) -> None:
        self.copy.pop(item["id"], None)
        if item["state"] == "published":
            found = self._client.get(f"/api/v1{item['url']}", follow_redirects=False)
            # It may have gone since; then it comes again further on.
            if found.status_code == 200 and found.json()["state"] == "published":
                self.copy[item["id"]] = found.json()


class ByLists:
    """A mirror of the lists with updated_since; what is gone it takes from /changes."""

    def __init__(self, client: Client, portion: int) -> None:
        self._client, self._portion = client, portion
        self._since = dict.fromkeys(BY_PATH, "1970-01-01")
        self._gone = ByChanges(client, 50)
        self.copy: Copy = {}

    def follow(self) -> None:
        for path in BY_PATH:
            asked: dict[str, Any] = {"updated_since": self._since[path], "per_page": self._portion}
            moments = set()
            while True:
                answer = self._client.get(f"/api/v1/{path}", params=asked)
                found = answer.json()
                moments.add(found["next_updated_since"])
                self.copy |= {item["id"]: item for item in found["items"]}
                if found["cursor"] is None:
                    assert "link" not in answer.headers
                    break
                target = urlsplit(answer.headers["link"].partition("<")[2].partition(">")[0])
                asked = dict(parse_qsl(target.query))
                assert asked["cursor"] == found["cursor"]
            (self._since[path],) = moments
        self._gone.follow()
        self.copy = {key: e for key, e in self.copy.items() if key in self._gone.copy}


def public(client: Client) -> Copy:
    """Return everything that is public, read while nobody writes."""
    found: Copy = {}
    for path in BY_PATH:
        page = 1
        while True:
            answer = client.get(f"/api/v1/{path}", params={"page": page, "per_page": 100}).json()
            found |= {item["id"]: item for item in answer["items"]}
            if page >= answer["pages"]:
                break
            page += 1
    return found


def settled(copy: Copy) -> Copy:
    """Leave links aside: they show other entries as they are today, which are told of themselves.

    Which entries one names stands in its profile as well.
    """
    return {
        key: {name: value for name, value in entry.items() if name != "links"}
        for key, entry in copy.items()
    }


def _step(session: Session, chance: random.Random) -> None:
    """Do one thing that a curator may do."""
    by = curator_in(session)
    what = chance.choice(["change", "change", "change", "down", "back", "confirm", "merge", "new"])
    if what == "merge":
        chance.choice([do_merge, do_undo])(session)
        return
    if what == "new":
        editing_title = f"Course {chance.random()}"
        save_draft(
            session,
            read_draft(TRAINING, f"c-{chance.getrandbits(40)}", {"title": editing_title}, {}),
            by=by,
        )
        return
    states = (State.ARCHIVED, State.WITHDRAWN) if what == "back" else (State.PUBLISHED,)
    entries = session.exec(
        select(Entry).where(sa.column("state").in_([s.value for s in states]))
    ).all()
    if not entries:
        return
    entry = chance.choice(sorted(entries, key=lambda e: e.slug)[:25])
    if what == "change":
        kind, newest = KINDS[entry.kind], latest_revision(session, entry)
        # A new title moves the entry to another page of a list by title.
        title = f"{chance.choice('AMZ')} {entry.title[-40:]}"
        profile = {**newest.profile, kind.title_field: title}
        draft = read_draft(kind, entry.slug, profile, newest.claims)
        publish(session, *save_draft(session, draft, by=by), by=by)
    elif what == "confirm":
        confirm(session, entry, entry.version, by=by)
    else:
        names = ["bring_back"] if what == "back" else ["archive", "withdraw"]
        make_move(session, entry, MOVES[chance.choice(names)].name, by=by, reason="Why not.")


def _write(database: Database, seed: int, failed: list[BaseException]) -> None:
    chance = random.Random(seed)
    for _ in range(STEPS):
        try:
            with database.writing() as session:
                _step(session, chance)
        except (DirectoryError, AttributeError):
            pass  # Somebody was faster, or there is nothing to undo.
        except BaseException as error:
            failed.append(error)
            return


def test_mirrors_have_in_the_end_exactly_what_is_public(
    live: tuple[Client, Database],
) -> None:
    client, database = live
    with database.writing() as session:
        curator_in(session)
    mirrors: list[ByChanges | ByLists] = [ByChanges(client, 7), ByLists(client, 9)]
    failed: list[BaseException] = []
    writers = [
        threading.Thread(target=_write, args=(database, seed, failed)) for seed in range(WRITERS)
    ]
    for thread in writers:
        thread.start()
    while any(thread.is_alive() for thread in writers):
        for mirror in mirrors:
            mirror.follow()
    for thread in writers:
        thread.join()
    assert not failed, failed
    for mirror in mirrors:
        mirror.follow()
    truth = public(client)
    assert len(truth) > 100
    for mirror in mirrors:
        assert mirror.copy.keys() == truth.keys()
        assert settled(mirror.copy) == settled(truth), type(mirror).__name__


# One at a time


def test_what_was_taken_down_is_told_by_its_address_alone(live: tuple[Client, Database]) -> None:
    client, database = live
    start = client.get("/api/v1/changes?per_page=100").json()
    while start["more"]:
        start = client.get(f"/api/v1/changes?cursor={start['cursor']}").json()
    assert client.get(f"/api/v1/changes?cursor={start['cursor']}").json()["items"] == []
    editing.start(database, "secret-course", title="Secret course")
    with database.writing() as session:
        entry = session.exec(select(Entry).where(Entry.slug == "ai-campus")).one()
        make_move(session, entry, "withdraw", by=curator_in(session), reason="A private reason.")
        do_merge(session)
    answer = client.get(f"/api/v1/changes?cursor={start['cursor']}")
    found = {item["slug"]: item for item in answer.json()["items"]}
    assert found["ai-campus"]["state"] == "withdrawn"
    assert found["diplofoundation"]["state"] == "merged"
    assert found["diplofoundation"]["into"]["slug"] == "geneva-internet-platform"
    assert "private reason" not in answer.text and "secret" not in answer.text


def test_a_confirmation_is_a_change(live: tuple[Client, Database]) -> None:
    client, database = live
    before = client.get("/api/v1/trainings?per_page=1").json()["next_updated_since"]
    with database.writing() as session:
        entry = session.exec(select(Entry).where(Entry.slug == "ai-campus")).one()
        confirm(session, entry, entry.version, by=curator_in(session))
    found = client.get("/api/v1/trainings", params={"updated_since": before}).json()["items"]
    assert "ai-campus" in {item["slug"] for item in found}


def test_a_clock_that_is_put_back_loses_nothing(live: tuple[Client, Database]) -> None:
    client, database = live
    since = client.get("/api/v1/trainings?per_page=1").json()["next_updated_since"]
    editing.change(database, "ai-campus", published=True, duration="Nine weeks")
    with database.writing() as session:
        last = session.exec(select(Change).order_by(sa.desc("sequence")).limit(1)).one()
        last.at = datetime(2020, 1, 1, tzinfo=UTC)
        session.add(last)
    found = client.get("/api/v1/trainings", params={"updated_since": since}).json()["items"]
    assert "ai-campus" in {item["slug"] for item in found}


def test_a_cursor_of_another_log_is_gone(live: tuple[Client, Database]) -> None:
    client, database = live
    cursor = client.get("/api/v1/changes?per_page=5").json()["cursor"]
    with database.writing() as session:
        line = session.get_one(Change, int(cursor.partition("-")[0]))
        line.at = now()
        session.add(line)
    for gone in (cursor, "999999999-1"):
        answer = client.get(f"/api/v1/changes?cursor={gone}")
        assert answer.status_code == 410 and "without it" in answer.json()["detail"]
    wrong = client.get("/api/v1/changes?cursor=here")
    assert wrong.status_code == 400 and list(wrong.json()["errors"]) == ["cursor"]


@pytest.mark.parametrize("cursor", ["", "x", "1-2-3", "1-2-3-4-5", "-1-2-3-4", "1" * 19 + "-2-3-4"])
def test_a_cursor_that_is_none_is_named(site: Client, cursor: str) -> None:
    answer = site.get("/api/v1/trainings", params={"cursor": cursor})
    assert answer.status_code == 400 and list(answer.json()["errors"]) == ["cursor"]
