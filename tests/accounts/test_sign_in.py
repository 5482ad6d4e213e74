"""Coming in and going out, in the words of those who do, and of those who should not."""

import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

import directory.accounts.kept
import directory.accounts.service
import directory.accounts.sessions
from directory.accounts import passwords
from directory.accounts.guards import local_path
from directory.accounts.kept import delete_session, issue_session, renew_session
from directory.accounts.models import BrowserSession, PasswordLink, User
from directory.accounts.service import add_user, set_password, sign_in
from directory.db import Database, now
from directory.errors import Invalid, NotFound
from directory.migrate import migrate
from directory.settings import Settings
from tests.accounts.steps import Clock, leave
from tests.people import (
    PASSWORD,
    enter_as,
    fill_sign_in,
    form_in,
    invite,
    send,
    without_token,
    writing,
)


def sessions(settings: Settings) -> list[BrowserSession]:
    with writing(settings) as session:
        return list(session.exec(select(BrowserSession)))


def test_a_new_curator_sets_a_password_and_comes_back_with_it(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    account = desk.get("/account").text
    assert email in account
    assert "curator" in account
    leave(desk)
    assert email not in desk.get("/").text
    answer = fill_sign_in(desk, email.upper(), PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/curation")
    assert desk.get("/curation").status_code == 200


def test_the_link_works_once_and_for_seven_days(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    link = invite(desk_settings, "ana@example.org", "curator")
    late = invite(desk_settings, "ben@example.org", "curator")
    page = desk.get(link)
    assert "ana@example.org" in page.text
    form = form_in(page.text, link).fill(password=PASSWORD)
    assert send(desk, form, follow=False).status_code == 303
    assert desk.get(link).status_code == 404
    assert send(desk, form.fill(password="another good one")).status_code == 404
    with writing(desk_settings) as session:
        session.exec(sa.update(PasswordLink).values(expires_at=now() - timedelta(seconds=1)))
    assert desk.get(late).status_code == 404


def test_the_database_holds_no_usable_link_session_or_password(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    link = invite(desk_settings, "ana@example.org", "curator")
    enter_as(desk, desk_settings, "admin")
    with writing(desk_settings) as session:
        kept = [
            str(value)
            for table in (PasswordLink, BrowserSession, User)
            for row in session.exec(select(table))
            for value in row.model_dump().values()
        ]
    assert kept
    everything = " ".join(kept)
    assert link.rpartition("/")[2] not in everything
    assert desk.cookies["session"] not in everything
    assert PASSWORD not in everything


def test_a_weak_password_comes_back_with_the_reason_and_the_link_still_works(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    link = invite(desk_settings, "ana@example.org", "curator")
    form = form_in(desk.get(link).text, link)
    answer = send(desk, form.fill(password="password1"))
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert "Many people use this password" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "password1" not in answer.text
    assert send(desk, form.fill(password=PASSWORD), follow=False).status_code == 303


def test_every_failure_looks_the_same(desk: TestClient[Any], desk_settings: Settings) -> None:
    enter_as(desk, desk_settings, "curator")
    leave(desk)
    invite(desk_settings, "never@example.org", "curator")
    answers = [
        fill_sign_in(desk, "curator@example.org", "wrong password"),
        fill_sign_in(desk, "nobody@example.org", PASSWORD),
        fill_sign_in(desk, "never@example.org", ""),
        fill_sign_in(desk, "not an address", "x" * 10_000),
    ]
    assert {a.status_code for a in answers} == {422}
    assert len({without_token(a.text).split("E-mail address</label>")[0] for a in answers}) == 1
    assert all("do not fit together" in a.text for a in answers)
    assert 'value="nobody@example.org"' in answers[1].text
    assert sessions(desk_settings) == []


def test_an_unknown_account_is_hashed_for_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Counting(Argon2Hasher):
        def verify(self, password: str | bytes, hash: str | bytes) -> bool:
            seen.append(str(hash)[:10])
            return super().verify(password, hash)

    counting = PasswordHash((Counting(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(passwords, "HASHES", counting)
    assert not passwords.is_right("a", None)
    assert not passwords.is_right("a", passwords.hash_password("b"))
    assert seen == ["$argon2id$", "$argon2id$"]


def test_one_hash_is_compared_whoever_tries(
    desk: TestClient[Any], desk_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one slow thing of a sign-in happens once for everybody, so that time tells nothing."""
    enter_as(desk, desk_settings, "curator")
    leave(desk)
    invite(desk_settings, "never@example.org", "curator")
    invite(desk_settings, "ended@example.org", "curator")
    with writing(desk_settings) as session:
        ended = sa.update(User).where(col(User.email) == "ended@example.org")
        session.exec(ended.values(ended_at=now(), password_hash=passwords.hash_password(PASSWORD)))
    seen: list[str] = []
    real = passwords.HASHES.verify

    def counting(password: str, hash: str) -> bool:
        seen.append(hash)
        return real(password, hash)

    monkeypatch.setattr(passwords.HASHES, "verify", counting)
    for name in ("curator", "nobody", "never", "ended"):
        before = len(seen)
        fill_sign_in(desk, f"{name}@example.org", "wrong password")
        assert len(seen) - before == 1, name
    assert fill_sign_in(desk, "ended@example.org", PASSWORD).status_code == 422


def test_a_password_has_no_last_day(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    """It holds until its owner changes it (ASVS 6.2.10)."""
    email = enter_as(desk, desk_settings, "curator")
    clock.pass_by(days=1_000)
    assert fill_sign_in(desk, email, PASSWORD).headers["location"] == "/curation"


def test_password_managers_and_the_clipboard_are_welcome(desk: TestClient[Any]) -> None:
    """Fields of passwords hide what is typed and forbid nothing (ASVS 6.2.6 and 6.2.7)."""
    page = desk.get("/account/sign-in").text
    field = page.split('<input id="password"')[1].split(">")[0]
    assert 'type="password"' in field and 'autocomplete="current-password"' in field
    assert "maxlength" not in field and "onpaste" not in page


def test_five_failures_ask_to_wait_and_even_the_right_password_waits(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    leave(desk)
    del desk.cookies["known"]
    for _ in range(5):
        assert fill_sign_in(desk, email, "wrong password").status_code == 422
    answer = fill_sign_in(desk, email, PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 15 * 60
    assert "tried too many times" in answer.text


def test_a_visitor_who_only_reads_leaves_no_row_and_gets_no_cookie(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    for path in ("/", "/sources", "/nowhere-at-all"):
        answer = desk.get(path)
        assert "set-cookie" not in answer.headers, path
    assert sessions(desk_settings) == []


def test_a_page_with_a_form_sets_the_cookie_of_its_token_and_no_session(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    answer = desk.get("/account/sign-in")
    assert answer.headers["set-cookie"].startswith("csrftoken=")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert sessions(desk_settings) == []


def test_a_session_that_somebody_else_chose_is_never_taken_over(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    desk.cookies.set("session", "chosen-by-an-attacker", domain="testserver.local")
    enter_as(desk, desk_settings, "curator")
    issued = {c.value for c in desk.cookies.jar if c.name == "session"}
    desk.cookies.clear()
    desk.cookies.set("session", "chosen-by-an-attacker", domain="testserver.local")
    assert desk.get("/account", follow_redirects=False).status_code == 303
    assert len(sessions(desk_settings)) == 1
    assert len(issued - {"chosen-by-an-attacker"}) == 1


def test_signing_in_again_changes_the_session_and_the_old_one_is_gone(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    before = desk.cookies["session"]
    assert fill_sign_in(desk, email, PASSWORD).status_code == 303
    after = desk.cookies["session"]
    assert after != before
    assert len(sessions(desk_settings)) == 1
    desk.cookies.set("session", before, domain="testserver.local")
    assert desk.get("/account", follow_redirects=False).status_code == 303


def test_signing_out_deletes_the_session_and_its_cookie(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "curator")
    kept = desk.cookies["session"]
    leave(desk)
    assert "session" not in desk.cookies
    assert sessions(desk_settings) == []
    desk.cookies.set("session", kept, domain="testserver.local")
    assert desk.get("/account", follow_redirects=False).status_code == 303


def test_a_session_ends_after_twelve_idle_hours_and_lives_on_while_it_is_used(
    desk: TestClient[Any], desk_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_as(desk, desk_settings, "curator")
    clock = [now()]
    for module in (directory.accounts.kept, directory.accounts.sessions):
        monkeypatch.setattr(module, "now", lambda: clock[0])
    for _ in range(3):
        clock[0] += timedelta(hours=11)
        assert desk.get("/account", follow_redirects=False).status_code == 200
    clock[0] += timedelta(hours=12, seconds=1)
    assert desk.get("/account", follow_redirects=False).status_code == 303


def test_reading_while_signed_in_writes_nothing(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "curator")
    before = sessions(desk_settings)[0].expires_at
    answer = desk.get("/account")
    assert "set-cookie" not in answer.headers
    assert sessions(desk_settings)[0].expires_at == before


def test_the_cookie_of_the_session_is_kept_from_scripts_and_other_sites(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    link = invite(desk_settings, "ana@example.org", "curator")
    form = form_in(desk.get(link).text, link).fill(password=PASSWORD)
    cookies = send(desk, form, follow=False).headers.get_list("set-cookie")
    assert [c.partition("=")[0] for c in cookies] == ["known", "session"]
    assert all("HttpOnly" in c and "SameSite=lax" in c for c in cookies)
    secure = directory.accounts.sessions.session_config(
        desk_settings.model_copy(update={"base_url": "https://directory.example"})
    )
    assert (secure.key, secure.secure) == ("__Host-session", True)


@pytest.mark.parametrize("token", [None, "", "made-up", "f" * 128])
def test_a_form_without_its_token_is_refused(
    desk: TestClient[Any], desk_settings: Settings, token: str | None
) -> None:
    enter_as(desk, desk_settings, "curator")
    body = {"title": "Sent by another site"} | ({"_csrf_token": token} if token is not None else {})
    assert desk.post("/curation/trainings/new", data=body).status_code == 403
    assert desk.post("/account/sign-out", data=body).status_code == 403
    assert desk.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("next", "led_to"),
    [
        ("/curation/trainings/new", "/curation/trainings/new"),
        ("/search?q=a%26b", "/search?q=a&b"),
        ("https://evil.example/", "/curation"),
        ("//evil.example/", "/curation"),
        ("/\\evil.example", "/curation"),
        ("javascript:alert(1)", "/curation"),
        ("/%09/evil.example", "/curation"),
        ("/%0d%0aSet-Cookie:a=b", "/curation"),
    ],
)
def test_after_signing_in_one_is_led_on_but_never_to_another_site(
    desk: TestClient[Any], desk_settings: Settings, next: str, led_to: str
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    leave(desk)
    assert fill_sign_in(desk, email, PASSWORD, next).headers["location"] == led_to


def test_a_made_up_next_in_the_form_itself_is_not_followed_either() -> None:
    assert local_path("https://evil.example") == "/curation"
    assert local_path("") == "/curation"


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(desk: TestClient[Any]) -> None:
    answer = desk.get("/curation/trainings/new?a=1&b=2", follow_redirects=False)
    assert answer.status_code == 303
    form = form_in(desk.get(answer.headers["location"]).text, "/account/sign-in")
    assert form["next"] == "/curation/trainings/new?a=1&b=2"


def test_a_form_sent_after_the_session_ended_says_that_nothing_was_saved(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "curator")
    form = form_in(desk.get("/curation/trainings/new").text)
    with writing(desk_settings) as session:
        session.exec(sa.delete(BrowserSession))
    answer = send(desk, form.fill(title="Written for an hour"), follow=False)
    assert answer.status_code == 401
    assert "nothing was saved" in answer.text


def test_a_role_that_was_taken_away_is_gone_at_once(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "curator")

    def change(role: str | None) -> None:
        with writing(desk_settings) as session:
            person = session.exec(select(User).where(User.email == email)).one()
            _set_role(session, person, role)

    page = desk.get("/curation/trainings/new").text
    assert "formaction" in page
    change("contributor")
    refused = send(desk, form_in(page), to="/curation/trainings/new/publish")
    assert refused.status_code == 403
    change(None)
    assert desk.get("/curation", follow_redirects=False).status_code == 303


def _set_role(session: Session, person: User, role: str | None) -> None:
    if role is None:
        session.exec(sa.delete(PasswordLink).where(col(PasswordLink.user_id) == person.id))
        session.delete(person)
    else:
        person.role = role
        session.add(person)


@pytest.fixture
def routes(desk: TestClient[Any]) -> Iterator[list[tuple[str, str, bool]]]:
    """Every address of the desk, its method, and whether it is open to all."""
    app: Any = desk.app
    while not isinstance(app, Litestar):
        app = next(c.cell_contents for c in app.__closure__ if callable(c.cell_contents))
    found = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            for method in sorted(set(getattr(handler, "http_methods", ())) - {"OPTIONS"}):
                path = route.path_format
                if path.startswith(("/curation", "/account", "/admin")):
                    found.append((str(method), path, bool(handler.opt.get("open_to_all"))))
    yield found


def test_nothing_of_the_desk_is_open_to_a_visitor(
    desk: TestClient[Any], routes: list[tuple[str, str, bool]]
) -> None:
    desk.get("/account/sign-in")
    token = {"_csrf_token": desk.cookies["csrftoken"]}
    closed = [r for r in routes if not r[2]]
    assert len(closed) >= 11
    for method, path, _ in closed:
        number = uuid.UUID(int=1) if path.startswith("/admin") else 1
        names = {
            "path": "trainings",
            "slug": "cyber-school-initiative",
            "number": number,
            "key": uuid.UUID(int=1),
            "reading_id": uuid.UUID(int=1),
        }
        address = path.format_map(defaultdict(lambda: "x", names))
        body = token if method == "POST" else None
        answer = desk.request(method, address, data=body, follow_redirects=False)
        assert answer.status_code == (401 if method == "POST" else 303), (method, path)
    opened = {path for _, path, is_open in routes if is_open}
    assert opened == {
        "/account/sign-in",
        "/account/code",
        "/account/password/{token}",
        "/account/reset",
        "/account/reset/sent",
        "/account/passkeys/sign-in",
        "/account/passkeys/sign-in/options",
    }


def test_a_failed_attempt_takes_about_as_long_for_an_account_as_for_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow = PasswordHash((Argon2Hasher(time_cost=8, memory_cost=4096, parallelism=1),))
    monkeypatch.setattr(passwords, "HASHES", slow)
    kept = passwords.hash_password(PASSWORD)
    passwords.is_right("warm", None)

    def fastest(hash: str | None) -> float:
        times = []
        for _ in range(5):
            begin = time.process_time()
            passwords.is_right("wrong password", hash)
            times.append(time.process_time() - begin)
        return min(times)

    assert 0.3 < fastest(None) / fastest(kept) < 3


def test_a_session_that_was_ended_meanwhile_is_not_kept_longer(desk_settings: Settings) -> None:
    with writing(desk_settings) as session:
        issue_session(session, "an id", b"{}")
        delete_session(session, "an id")
        renew_session(session, "an id", b"{}")
    assert sessions(desk_settings) == []


@pytest.mark.parametrize("email", ["ana\x00@example.org", "\x00"])
def test_an_address_with_nul_is_only_a_wrong_one(any_engine: Engine, email: str) -> None:
    migrate(any_engine)
    with Database(any_engine).reading() as session, pytest.raises(Invalid, match="do not fit"):
        sign_in(session, email, PASSWORD)


def test_of_two_who_follow_a_link_at_once_one_sets_the_password(any_engine: Engine) -> None:
    migrate(any_engine)
    database = Database(any_engine)
    with database.writing() as session:
        token = add_user(session, "ana@example.org", "curator")

    def follow(number: int) -> str:
        try:
            with database.writing() as session:
                set_password(session, token, f"{PASSWORD} {number}", "A site")
        except NotFound:
            return "used"
        return "set"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(follow, range(4))) == ["set", "used", "used", "used"]
