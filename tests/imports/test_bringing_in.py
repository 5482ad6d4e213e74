"""A curator brings a file in on the desk: sends it, looks at it, chooses, saves drafts."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.audit import AuditRow
from directory.curation.service import find_entry, get_entry, latest_revision
from directory.db import Database, make_engine, now
from directory.entries.kinds import ORGANISATION, TRAINING
from directory.entries.models import State
from directory.imports import working
from directory.imports.held import (
    KEPT,
    HeldImport,
    HeldRow,
    Sent,
    Stage,
    begin_saving,
    choose,
    count_rows,
    discard,
    find_held,
    forget,
    hold,
    page_of_rows,
)
from directory.imports.merging import Side
from directory.imports.pages import tables
from directory.settings import Settings
from tests.conftest import settings_for
from tests.imports.files import bring_in, items, table
from tests.people import enter_as, form_in, quick_hashes, send, writing

__all__ = ["quick_hashes"]

HEADER = ["kind", "slug", "version", "title", "name", "summary", "acronym", "mode"]
SOURCE = "gcsp-profile"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work of the background before the page is answered."""
    monkeypatch.setattr(tables, "work_on", working.work)


@pytest.fixture
def curator(desk: TestClient[Any], desk_settings: Settings) -> TestClient[Any]:
    enter_as(desk, desk_settings, "curator")
    return desk


@pytest.fixture
def database(desk_settings: Settings) -> Iterator[Database]:
    engine = make_engine(desk_settings.database_url)
    yield Database(engine)
    engine.dispose()


def upload(client: TestClient[Any], name: str, content: bytes, **said: str) -> httpx.Response:
    token = form_in(client.get("/curation/import").text, "/curation/import")["_csrf_token"]
    return client.post(
        "/curation/import",
        data={"_csrf_token": token, **said},
        files={"file": (name, content, "application/octet-stream")},
        follow_redirects=False,
    )


def courses(tmp_path: Path) -> bytes:
    good = ["training", "", "", "A new course", "", "What it is.", "", "Online"]
    bad = ["training", "", "", "A bad course", "", "", "", "Onlin e"]
    return table(tmp_path / "t.csv", HEADER, good, bad).read_bytes()


def counts(html: str) -> dict[str, int]:
    found = re.findall(r"<b>([\d,]+)</b> ([a-z ]+)</a>", html)
    return {word: int(number.replace(",", "")) for number, word in found}


def test_from_the_desk_to_drafts(
    curator: TestClient[Any], database: Database, tmp_path: Path
) -> None:
    assert "/curation/import" in curator.get("/curation").text
    answer = upload(curator, "courses.csv", courses(tmp_path), source=SOURCE)
    assert answer.status_code == 303
    here = answer.headers["location"]
    page = curator.get(here).text
    assert counts(page) == {
        "with errors": 1, "in conflict": 0, "to change": 0, "new": 1, "without change": 0,
    }  # fmt: skip
    assert "row 3" in page and "Do you mean online?" in page
    assert "What it is." in curator.get(f"{here}?show=create").text
    with database.reading() as session:
        assert find_entry(session, TRAINING, "a-new-course") is None
    done = send(curator, form_in(page, f"{here}/save")).text
    assert "1 draft saved" in done
    assert 'href="/curation/trainings/a-new-course"' in done
    with database.reading() as session:
        entry = get_entry(session, TRAINING, "a-new-course")
        assert entry.state is State.DRAFT and entry.version == 0
        assert latest_revision(session, entry).comment == "Imported from courses.csv."
        logged = session.exec(select(AuditRow).where(AuditRow.action == "import")).one()
        assert (logged.subject, logged.role) == ("courses.csv", "curator")
    # The same file once more has nothing new.
    again = upload(curator, "courses.csv", courses(tmp_path), source=SOURCE).headers["location"]
    assert counts(curator.get(again).text)["without change"] == 1


def test_pressing_twice_saves_once(
    curator: TestClient[Any], database: Database, tmp_path: Path
) -> None:
    here = upload(curator, "t.csv", courses(tmp_path), source=SOURCE).headers["location"]
    form = form_in(curator.get(here).text, f"{here}/save")
    for _ in range(2):
        assert "1 draft saved" in send(curator, form).text
    with database.reading() as session:
        assert latest_revision(session, get_entry(session, TRAINING, "a-new-course")).number == 1


def test_a_conflict_stays_as_it_is_until_somebody_chooses(
    curator: TestClient[Any], desk_settings: Settings, database: Database, tmp_path: Path
) -> None:
    with database.reading() as session:
        old = latest_revision(session, get_entry(session, ORGANISATION, "gcsp"))
    here_now = {"kind": "organisation", "slug": "gcsp", "source": SOURCE}
    bring_in(database, items({**here_now, "profile": {"acronym": "HERE"}}), applied=True)
    row = [
        "organisation",
        "gcsp",
        str(old.number),
        "",
        old.profile["name"],
        "New words.",
        "FILE",
        "",
    ]
    content = table(tmp_path / "t.csv", HEADER, row).read_bytes()
    here = upload(curator, "t.csv", content, source=SOURCE).headers["location"]
    page = curator.get(here).text
    assert counts(page)["in conflict"] == 1
    choices = form_in(page, f"{here}/choices")
    assert choices["take.0.acronym"] == "here"
    kept = send(curator, choices.fill(**{"take__0__acronym": "file"})).text
    assert form_in(kept, f"{here}/choices")["take.0.acronym"] == "file"
    send(curator, form_in(kept, f"{here}/save"))
    with database.reading() as session:
        newest = latest_revision(session, get_entry(session, ORGANISATION, "gcsp"))
    assert (newest.profile["acronym"], newest.profile["summary"]) == ("FILE", "New words.")


def test_who_edits_between_the_look_and_the_saving_is_not_overwritten(
    curator: TestClient[Any], database: Database, tmp_path: Path
) -> None:
    row = ["organisation", "gcsp", "", "", "", "", "FILE", ""]
    content = table(tmp_path / "t.csv", HEADER, row).read_bytes()
    here = upload(curator, "t.csv", content, source=SOURCE).headers["location"]
    page = curator.get(here).text
    assert counts(page)["to change"] == 1
    item = {
        "kind": "organisation",
        "slug": "gcsp",
        "profile": {"acronym": "HERE"},
        "source": SOURCE,
    }
    bring_in(database, items(item), applied=True)
    done = send(curator, form_in(page, f"{here}/save")).text
    assert counts(done)["in conflict"] == 1
    with database.reading() as session:
        newest = latest_revision(session, get_entry(session, ORGANISATION, "gcsp"))
    assert newest.profile["acronym"] == "HERE"


def test_a_server_that_stopped_half_way_is_taken_up_by_the_next_look(
    curator: TestClient[Any], database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as stopped:
        stopped.setattr(tables, "work_on", lambda *_: None)
        here = upload(curator, "t.csv", courses(tmp_path), source=SOURCE).headers["location"]
        page = curator.get(here).text
    assert "Reading the file" in page and f'href="{here}"' in page
    with database.writing() as session:
        held = session.exec(select(HeldImport)).one()
        held.worker, held.worked_at = held.id, now()
        session.add(held)
    assert "Reading the file" in curator.get(here).text, "somebody is at it"
    with database.writing() as session:
        held = session.exec(select(HeldImport)).one()
        held.worked_at = now() - working.SILENT * 2
        session.add(held)
    curator.get(here)
    page = curator.get(here).text
    assert counts(page)["new"] == 1
    with monkeypatch.context() as stopped:
        stopped.setattr(tables, "work_on", lambda *_: None)
        assert "Saving drafts" in send(curator, form_in(page, f"{here}/save")).text
    curator.get(here)
    assert "1 draft saved" in curator.get(here).text


def test_the_progress_is_a_part_of_the_page_until_there_is_a_report(
    curator: TestClient[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = {"HX-Request": "true"}
    with monkeypatch.context() as stopped:
        stopped.setattr(tables, "work_on", lambda *_: None)
        here = upload(curator, "t.csv", courses(tmp_path), source=SOURCE).headers["location"]
        progress = curator.get(here, headers=part).text
    assert progress.strip().startswith('<div id="progress"')
    curator.get(here)
    answer = curator.get(here, headers=part)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, here)


@pytest.mark.parametrize(
    ("name", "content", "said", "problem"),
    [
        ("", b"", {}, "Choose a file"),
        ("t.csv", b"", {}, "Choose a file that is not empty"),
        ("t.pdf", b"x", {}, ".csv, .xlsx, .json or .yaml"),
        ("t.csv", b"kind,title\n", {"source": "nobody"}, "Choose a source from the list"),
        ("t.csv", b"x" * (20 * 1024 * 1024 + 1), {}, "larger than 20 MB"),
    ],
)
def test_what_is_no_file_keeps_the_form(
    curator: TestClient[Any], name: str, content: bytes, said: dict[str, str], problem: str
) -> None:
    answer = upload(curator, name, content, kind="training", **said)
    assert answer.status_code == 422
    assert problem in answer.text
    assert re.search(r'<option value="training" selected', answer.text)


def test_more_than_a_file_may_have_is_refused_before_it_is_read(curator: TestClient[Any]) -> None:
    assert upload(curator, "t.csv", b"x" * (22 * 1024 * 1024)).status_code == 413


def test_a_file_that_cannot_be_read_says_why(curator: TestClient[Any]) -> None:
    here = upload(curator, "t.xlsx", b"no workbook").headers["location"]
    page = curator.get(here)
    assert page.status_code == 200
    assert "t.xlsx is no Excel workbook" in page.text


def test_a_file_is_seen_by_who_sent_it_alone_and_gone_after_a_day(
    curator: TestClient[Any], desk_settings: Settings, database: Database, tmp_path: Path
) -> None:
    here = upload(curator, "t.csv", courses(tmp_path)).headers["location"]
    with database.writing() as session:
        held = session.exec(select(HeldImport)).one()
        assert b"A new course" not in held.content
        assert forget(session) == 0
    with database.writing() as session:
        held = session.exec(select(HeldImport)).one()
        held.at = now() - KEPT * 2
        session.add(held)
    assert curator.get(here).status_code == 404
    with database.writing() as session:
        assert forget(session) == 1
        assert session.exec(select(HeldRow)).first() is None
    other = upload(curator, "t.csv", courses(tmp_path)).headers["location"]
    page = curator.get(other).text
    assert send(curator, form_in(page, f"{other}/discard")).status_code == 200
    mine = upload(curator, "t.csv", courses(tmp_path)).headers["location"]
    curator.cookies.clear()
    enter_as(curator, desk_settings, "admin")
    assert curator.get(mine).status_code == 404


def test_who_may_not_bring_in_is_refused(desk: TestClient[Any], desk_settings: Settings) -> None:
    paths = ["/curation/import", "/curation/import/template/training.csv"]
    for path in paths:
        assert desk.get(path, follow_redirects=False).status_code == 303
    enter_as(desk, desk_settings, "contributor")
    for path in paths:
        assert desk.get(path).status_code == 403


def test_only_a_few_files_of_a_person_are_kept(
    curator: TestClient[Any], database: Database, tmp_path: Path
) -> None:
    for _ in range(7):
        upload(curator, "t.csv", courses(tmp_path))
    with database.reading() as session:
        assert len(session.exec(select(HeldImport.id)).all()) == 5


def test_who_lost_their_access_saves_nothing(
    curator: TestClient[Any], desk_settings: Settings, database: Database, tmp_path: Path
) -> None:
    here = upload(curator, "t.csv", courses(tmp_path), source=SOURCE).headers["location"]
    key = here.rpartition("/")[2]
    with writing(desk_settings) as session:
        held = session.exec(select(HeldImport)).one()
        held.state = Stage.SAVING
        user = session.exec(select(User).where(col(User.id) == held.user_id)).one()
        user.role = "contributor"
        session.add_all([held, user])
    working.work(database, desk_settings, uuid.UUID(key))
    with database.reading() as session:
        assert find_entry(session, TRAINING, "a-new-course") is None
        assert session.exec(select(HeldImport)).one().state == Stage.FAILED


def test_the_work_is_the_same_on_both_databases(any_seeded: Engine, tmp_path: Path) -> None:
    database, settings = Database(any_seeded), settings_for(tmp_path, "sqlite:///unused.db")
    with database.writing() as session:
        add_user(session, "ana@example.org", "curator")
        ana = session.exec(select(User).where(User.email == "ana@example.org")).one()
        sent = Sent("t.csv", courses(tmp_path), source=SOURCE)
        key = hold(session, sent, by=ana, secret=settings.secret).id
    working.work(database, settings, key)
    with database.writing() as session:
        held = find_held(session, key, ana)
        assert held.stage is Stage.READY
        choose(session, held, {}, Side.FILE)
        begin_saving(session, held)
    working.work(database, settings, key)
    with database.reading() as session:
        held = find_held(session, key, ana)
        assert (held.stage, count_rows(session, held)["saved"]) == (Stage.DONE, 1)
        [row] = page_of_rows(session, held, "saved", 1)
        assert row.edit_url == "/curation/trainings/a-new-course"
    with database.writing() as session:
        discard(session, key, ana)
