"""Forgotten passwords, and changed ones."""

from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from directory.accounts import passwords
from directory.accounts.models import PasswordLink
from directory.accounts.service import RESETS_AN_HOUR
from directory.mail import OutgoingMail
from directory.settings import Settings
from directory.web.page import go_to
from tests.accounts.steps import (
    Clock,
    another_browser,
    audited,
    leave,
    link_in,
    mail_of,
    press,
    send_code,
    set_up_app,
)
from tests.people import PASSWORD, enter_as, fill_sign_in, form_in, invite, send, writing

NEW = "eleven green kettles"


def ask(client: TestClient[Any], email: str) -> str:
    answer = press(client, "/account/reset", "/account/reset", email=email)
    assert answer.status_code == 200
    return answer.text


def follow(client: TestClient[Any], link: str, password: str = NEW) -> Any:
    form = form_in(client.get(link).text, link).fill(password=password)
    return send(client, form, to=link, follow=False)


def test_who_forgot_the_password_gets_a_link_and_comes_in_with_a_new_one(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    other = another_browser(desk)
    assert "within 1 hour" in ask(other, f" {email.upper()} ")
    [(to, subject, text)] = mail_of(desk_settings)
    assert (to, subject) == (email, "Set a new password at Digital Capacity Directory")
    assert follow(other, link_in(text)).headers["location"] == "/account"
    assert other.get("/account").status_code == 200
    assert desk.get("/account", follow_redirects=False).status_code == 303, "signed out elsewhere"
    assert other.get(link_in(text)).status_code == 404, "a link works once"
    leave(other)
    assert fill_sign_in(other, email, PASSWORD).status_code == 422
    assert fill_sign_in(other, email, NEW).status_code == 303
    assert mail_of(desk_settings)[-1][1] == "Your password was changed"


def test_the_link_is_dead_after_an_hour(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    ask(desk, email)
    link = link_in(mail_of(desk_settings)[0][2])
    clock.pass_by(minutes=59)
    assert desk.get(link).status_code == 200
    clock.pass_by(minutes=1)
    answer = desk.get(link)
    assert answer.status_code == 404
    assert "too old" in answer.text


def test_the_answer_tells_nobody_whether_there_is_an_account(
    desk: TestClient[Any], desk_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_as(desk, desk_settings, "curator")
    leave(desk)
    hashed: list[str] = []
    for slow in ("verify", "hash"):
        monkeypatch.setattr(passwords.HASHES, slow, lambda *a: hashed.append("hash"))
    form = form_in(desk.get("/account/reset").text, "/account/reset")
    addresses = ("curator@example.org", "nobody@example.org", "", "\x00", "x" * 10_000)
    answers = [send(desk, form.fill(email=a), follow=False) for a in addresses]
    assert {(a.status_code, a.headers["location"], a.text) for a in answers} == {
        (303, "/account/reset/sent", "")
    }
    assert len({tuple(sorted(set(a.headers) - {"date"})) for a in answers}) == 1
    assert not hashed, "nothing slow happens for one and not for the other"
    assert [m[0] for m in mail_of(desk_settings)] == ["curator@example.org"]


def test_the_account_is_looked_for_only_when_the_answer_is_out(
    desk: TestClient[Any], desk_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that time tells nothing: the lookup is a task that runs after the response."""
    pages = "directory.accounts.pages.passwords"
    email = enter_as(desk, desk_settings, "curator")
    order: list[str] = []

    def answered(request: Any, url: str) -> Any:
        order.append("answer")
        return go_to(request, url)

    monkeypatch.setattr(f"{pages}.go_to", answered)
    monkeypatch.setattr(f"{pages}.request_reset", lambda *a: order.append("look up"))
    ask(desk, email)
    assert order == ["answer", "look up"]


def test_a_reset_does_not_get_around_the_second_factor(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    app, _ = set_up_app(desk, clock.now)
    other = another_browser(desk)
    ask(other, email)
    assert follow(other, link_in(mail_of(desk_settings)[-1][2])).headers["location"] == (
        "/account/code"
    )
    for path in ("/account", "/curation", "/account/second-factor", "/account/password"):
        answer = other.get(path, follow_redirects=False)
        assert answer.status_code == 303 and "/account/sign-in" in answer.headers["location"]
    clock.pass_by(seconds=30)
    assert send_code(other, app.code(clock.now)).headers["location"] == "/account"
    assert other.get("/account").status_code == 200


def test_nobody_can_fill_the_mailbox_of_somebody(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    for _ in range(RESETS_AN_HOUR + 3):
        ask(desk, email)
    assert len(mail_of(desk_settings)) == RESETS_AN_HOUR


def test_one_place_may_not_ask_for_ever(desk: TestClient[Any]) -> None:
    form = form_in(desk.get("/account/reset").text, "/account/reset")
    answers = [send(desk, form.fill(email=f"{n}@example.org"), follow=False) for n in range(21)]
    assert [a.status_code for a in answers] == [303] * 20 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "Try again in 15 minutes" in answers[-1].text


def test_the_database_holds_no_link_that_works_while_mail_waits(
    desk: TestClient[Any], desk_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    monkeypatch.setattr("directory.web.post.deliver", lambda *a: None)
    ask(desk, email)
    with writing(desk_settings) as session:
        waiting = session.exec(select(OutgoingMail)).one().text
        assert session.exec(select(PasswordLink)).one()
    assert waiting.startswith("sealed:") and "password" not in waiting
    monkeypatch.undo()
    ask(desk, "nobody@example.org")
    assert link_in(mail_of(desk_settings)[0][2]), "who delivers can read it"


def test_one_changes_the_password_and_is_signed_out_elsewhere(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    other = another_browser(desk)
    assert fill_sign_in(other, email, PASSWORD).status_code == 303
    before = desk.cookies["session"]
    answer = press(desk, "/account/password", "/account/password", current=PASSWORD, password=NEW)
    assert "Your password is changed" in answer.text
    assert desk.cookies["session"] != before
    assert other.get("/account", follow_redirects=False).status_code == 303
    leave(desk)
    assert fill_sign_in(desk, email, NEW).status_code == 303


@pytest.mark.parametrize(
    ("current", "password", "why"),
    [
        ("wrong", NEW, "not your current password"),
        (PASSWORD, "short", "at least 8"),
        (PASSWORD, "password1", "Many people use this password"),
        ("", "", "not your current password"),
    ],
)
def test_a_change_that_cannot_be_says_why_and_changes_nothing(
    desk: TestClient[Any], desk_settings: Settings, current: str, password: str, why: str
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    answer = press(
        desk, "/account/password", "/account/password", current=current, password=password
    )
    assert answer.status_code == 422
    assert why in answer.text and "<title>Error: " in answer.text
    leave(desk)
    assert fill_sign_in(desk, email, PASSWORD).status_code == 303


def test_the_current_password_cannot_be_guessed_at_from_an_open_session(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "curator")
    form = form_in(desk.get("/account/password").text, "/account/password")
    answers = [send(desk, form.fill(current=f"guess {n}", password=NEW)) for n in range(6)]
    assert [a.status_code for a in answers] == [422] * 5 + [429]


def test_an_ended_account_gets_no_link_and_its_link_is_dead(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "admin")
    link = invite(desk_settings, "ana@example.org", "curator")
    page = desk.get("/admin/people").text
    person = page.split('">ana@example.org')[0].rpartition('href="')[2]
    press(desk, person, f"{person}/end")
    assert desk.get(link).status_code == 404
    ask(desk, "ana@example.org")
    assert mail_of(desk_settings) == []


def test_passwords_leave_a_trace_that_tells_no_secret(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    press(desk, "/account/password", "/account/password", current=PASSWORD, password=NEW)
    ask(desk, email)
    rows = audited(desk_settings)
    assert [r.action for r in rows] == [
        "person added", "password set by link", "signed in", "password changed",
        "password link asked for",
    ]  # fmt: skip
    everything = " ".join(str(r.model_dump()) for r in rows)
    assert email not in everything and PASSWORD not in everything and NEW not in everything
