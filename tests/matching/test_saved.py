"""A person saves a need for herself; nobody else reads it, and who saves none leaves nothing."""

import json
import logging
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlmodel import Session, select

from directory.accounts.models import User
from directory.accounts.people import end_access
from directory.db import make_engine, now
from directory.entries.vocabularies import Vocabularies
from directory.errors import Invalid, NotFound
from directory.matching.models import Demand, SavedNeed
from directory.matching.need import Need
from directory.matching.saved import MOST, Wish, delete_need, needs_of, save_need
from directory.settings import Settings
from tests.live import live
from tests.people import enter_as, form_in, quick_hashes, send, writing

__all__ = ["quick_hashes"]
Client = TestClient[Any]
NEED = "policy_area=cybersecurity&country=KE&head_count=12&text=zqsecretneed"


def save(desk: Client, name: str = "For our team", need: str = NEED, **more: Any) -> Any:
    form = form_in(desk.get(f"/account/needs/new?{need}").text, "/account/needs")
    return send(desk, form.fill(name=name), **more)


def everything(settings: Settings) -> str:
    """Return the whole database as text, and every file beside it."""
    engine = make_engine(settings.database_url)
    found = []
    with engine.connect() as connection:
        for table in sa.inspect(engine).get_table_names():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"')
            found += [str(tuple(row)) for row in rows]
    engine.dispose()
    files = [p for p in settings.data_dir.parent.rglob("*") if p.is_file()]
    return "".join(found) + "".join(p.read_bytes().decode("latin-1") for p in files)


def test_a_need_is_saved_opened_again_and_deleted(desk: Client, desk_settings: Settings) -> None:
    enter_as(desk, desk_settings, "contributor")
    html = desk.get(f"/match?{NEED}").text
    link = "/account/needs/new?country=KE&text=zqsecretneed&policy_area=cybersecurity&head_count=12"
    assert f'href="{link}"' in unescape(html)
    done = save(desk)
    assert "Saved. You alone can read it." in done.text
    address = f"/match?{link.partition('?')[2]}"
    assert f'href="{address}"' in unescape(done.text) and "For our team" in done.text
    assert "may suit you" in desk.get(address).text
    with writing(desk_settings) as session:
        key = session.exec(select(SavedNeed.id)).one()
    form = form_in(done.text, f"/account/needs/{key}")
    gone = send(desk, form, act="delete")
    assert "Deleted. Nothing of it is left here." in gone.text
    assert "You have saved no need yet" in gone.text
    assert send(desk, form, act="delete").status_code == 404


def test_what_is_saved_stands_nowhere_in_the_clear(desk: Client, desk_settings: Settings) -> None:
    enter_as(desk, desk_settings, "contributor")
    save(desk, "zqsecretname")
    with writing(desk_settings) as session:
        assert session.exec(select(SavedNeed)).one()
    held = everything(desk_settings)
    assert "zqsecret" not in held and "contributor@example.org" in held


def test_nobody_else_sees_a_saved_need_or_the_page_of_it(
    desk: Client, desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "contributor")
    save(desk)
    with writing(desk_settings) as session:
        key = session.exec(select(SavedNeed.id)).one()
    mine = dict(desk.cookies)
    for role in ("curator", "admin", "provider"):
        desk.cookies.clear()
        enter_as(desk, desk_settings, role)
        page = desk.get("/account/needs")
        assert "For our team" not in page.text and "zqsecretneed" not in page.text
        assert desk.get("/account/needs.json").json() == []
        form = form_in(desk.get("/account").text, "/account/sign-out")
        assert send(desk, form, to=f"/account/needs/{key}", act="delete").status_code == 404
    desk.cookies.clear()
    for path in ("/account/needs", "/account/needs.json", f"/account/needs/new?{NEED}"):
        answer = desk.get(path, follow_redirects=False)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/account/sign-in?next=")
    desk.cookies.update(mine)
    taken = desk.get("/account/needs.json")
    assert "no-store" in taken.headers["cache-control"]
    [one] = taken.json()
    assert one["name"] == "For our team" and not one["counted"]
    assert {"title": "Policy areas", "text": "Cybersecurity", "must": False} in one["need"]


def test_a_visitor_is_not_asked_to_save(site: Client) -> None:
    assert "/account/needs" not in site.get(f"/match?{NEED}").text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Give it a name by which you know it again."),
        ("\u200b\x00 ", "Give it a name by which you know it again."),
        ("x" * 101, "A name has at most 100 letters."),
        ("FOR OUR TEAM", "You have a need of this name already."),
    ],
)
def test_a_name_that_does_not_do_is_said_and_kept(
    desk: Client, desk_settings: Settings, name: str, words: str
) -> None:
    enter_as(desk, desk_settings, "contributor")
    save(desk)
    answer = save(desk, name, counted="yes")
    assert answer.status_code == 422 and words in answer.text
    form = form_in(answer.text, "/account/needs")
    assert form["counted"] == "yes" and "text=zqsecretneed" in form["need"]


@pytest.mark.parametrize("need", ["", "head_count=0", "country=Atlantis", "zzz=1", "by=tomorrow"])
def test_what_is_no_need_cannot_be_saved(desk: Client, desk_settings: Settings, need: str) -> None:
    enter_as(desk, desk_settings, "contributor")
    page = desk.get(f"/account/needs/new?{need}")
    assert page.status_code == 422 and "Change it first." in page.text
    if need and "zzz" not in need:
        assert f'href="/match?{need}"' in page.text, "what was written is kept"
    token = form_in(desk.get("/account").text, "/account/sign-out")
    answer = send(desk, token, to="/account/needs", need=need, name="Forged")
    assert answer.status_code == 422
    with writing(desk_settings) as session:
        assert not session.exec(select(SavedNeed)).all()


def test_what_was_saved_goes_with_the_access_of_its_owner(
    desk: Client, desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "contributor")
    save(desk, need=f"{NEED}&language=sw", counted="yes")
    enter_as(desk, desk_settings, "admin")
    with writing(desk_settings) as session:
        assert session.exec(select(Demand)).all()
        people = {user.role: user for user in session.exec(select(User))}
        end_access(session, people["contributor"], by=people["admin"])
    with writing(desk_settings) as session:
        assert not session.exec(select(SavedNeed)).all()
        assert not session.exec(select(Demand)).all()


@pytest.fixture
def alone(any_seeded: sa.Engine) -> Iterator[Session]:
    with Session(any_seeded) as session:
        session.add(User(email="ana@example.org", role="contributor"))
        session.flush()
        yield session


def test_one_person_saves_a_bounded_number(alone: Session, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_key="k" * 40)
    words, user = Vocabularies.read(alone), alone.exec(select(User)).one()
    for n in range(MOST):
        save_need(alone, words, Wish(f"N{n}", Need(text="x")), by=user, settings=settings)
    with pytest.raises(Invalid) as error:
        save_need(alone, words, Wish("more", Need(text="x")), by=user, settings=settings)
    assert "50 needs already" in error.value.by_field["name"]
    kept = needs_of(alone, user, words, settings)
    assert [one.name for one in kept] == [f"N{n}" for n in reversed(range(MOST))]
    delete_need(alone, kept[0].id, by=user)
    with pytest.raises(NotFound):
        delete_need(alone, kept[0].id, by=user)


def test_with_another_secret_key_a_need_can_only_be_deleted(alone: Session, tmp_path: Path) -> None:
    words, user = Vocabularies.read(alone), alone.exec(select(User)).one()
    settings = Settings(data_dir=tmp_path, secret_key="k" * 40)
    save_need(alone, words, Wish("Mine", Need(text="x")), by=user, settings=settings)
    [kept] = needs_of(alone, user, words, Settings(data_dir=tmp_path, secret_key="l" * 40))
    assert kept.name is None and not kept.said and kept.url == "/match"


# Who saves nothing leaves nothing


def test_a_need_that_is_not_saved_is_in_no_table_no_file_and_no_log(
    seeded_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    from tests.conftest import settings_for

    copy = shutil.copy(seeded_file, tmp_path / "directory.db")
    settings = settings_for(tmp_path, f"sqlite:///{copy}")
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    asked = f"{NEED}&entry=organisation/gcsp"
    with live(settings) as address, httpx.Client(base_url=address) as client:
        for path in ("/match", "/match/briefing", "/match/letter.pdf", "/account/needs/new"):
            assert client.get(f"{path}?{asked}").status_code in (200, 303)
        assert client.get(f"/match?{asked}&head_count=x").status_code == 422
        need = {"text": "zqsecretneed", "policy_area": ["cybersecurity"]}
        assert client.post("/api/v1/match", json=need).status_code == 200
        wrong = {"text": "zqsecretneed", "country": "zqsecretland"}
        assert client.post("/api/v1/match", json=wrong).status_code == 400
        assert "zqsecret" not in client.get("/metrics").text
    said = capfd.readouterr()
    assert "zqsecret" not in said.out + said.err + caplog.text
    assert "zqsecret" not in everything(settings)


def test_the_server_writes_no_access_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import uvicorn
    from click.testing import CliRunner

    from directory.cli import main

    asked: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda *_, **options: asked.update(options))
    monkeypatch.setenv("DIRECTORY_DATABASE_URL", f"sqlite:///{tmp_path / 'd.db'}")
    monkeypatch.setenv("DIRECTORY_DATA_DIR", str(tmp_path / "data"))
    result = CliRunner().invoke(main, ["serve", "--port", "18765"])
    assert result.exit_code == 0, result.output
    assert asked["access_log"] is False


def test_a_saved_need_is_still_json_when_it_has_quotes(
    desk: Client, desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "contributor")
    done = save(desk, 'A "name" & <b>', "text=%22a%22+%26+%3Cb%3E&audience=students")
    assert "A &#34;name&#34; &amp; &lt;b&gt;" in done.text
    [one] = json.loads(desk.get("/account/needs.json").text)
    assert one["name"] == 'A "name" & <b>' and one["saved_at"][:4] == str(now().year)
