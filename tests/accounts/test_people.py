"""What an administrator does with people."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import select

from directory.accounts.models import BrowserSession, Grant, User
from directory.accounts.people import change_role, end_access, send_link
from directory.accounts.tokens import holder_of, make_token
from directory.audit import verify_chain
from directory.curation.owning import is_own
from directory.curation.service import get_entry
from directory.db import Database
from directory.entries.kinds import ORGANISATION
from directory.errors import Conflict
from directory.mail import OutgoingMail
from directory.migrate import migrate
from directory.settings import Settings
from tests.accounts.steps import (
    Clock,
    another_browser,
    audited,
    link_in,
    mail_of,
    press,
    set_up_app,
)
from tests.people import (
    PASSWORD,
    SCOPES,
    enter_as,
    fill_sign_in,
    form_in,
    send,
    without_token,
    writing,
)

PEOPLE = "/admin/people"


def page_of(desk: TestClient[Any], email: str) -> str:
    """Return the address of somebody's page, from the list."""
    before = desk.get(PEOPLE).text.split(f'">{email}<')[0]
    return before.rpartition('href="')[2]


def ask_in(desk: TestClient[Any], email: str = "ben@example.org", role: str = "provider") -> str:
    answer = press(desk, PEOPLE, f"{PEOPLE}/invite", email=email, role=role)
    assert answer.status_code == 200, answer.text
    return link_in(answer.text)


def row_of(desk: TestClient[Any], email: str) -> str:
    return desk.get(PEOPLE).text.split(f'">{email}<')[1].split("</tr>")[0]


def test_an_administrator_invites_by_mail_and_sees_the_link_once(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "admin")
    link = ask_in(desk)
    [(to, subject, text)] = mail_of(desk_settings)
    assert (to, link_in(text)) == ("ben@example.org", link)
    assert "Your role there: Provider editor." in text and "account" in subject
    assert link not in desk.get(page_of(desk, "ben@example.org")).text
    assert "invited" in row_of(desk, "ben@example.org")
    assert "never" in row_of(desk, "ben@example.org")
    ben = another_browser(desk)
    form = form_in(ben.get(link).text, link).fill(password=PASSWORD)
    assert send(ben, form, to=link, follow=False).status_code == 303
    row = row_of(desk, "ben@example.org")
    assert "active" in row and "Provider editor" in row and "never" not in row
    with writing(desk_settings) as session:
        kept = " ".join(str(m.model_dump()) for m in session.exec(select(OutgoingMail)))
    assert "ben@example.org" in kept and link.rpartition("/")[2] not in kept


@pytest.mark.parametrize(
    ("email", "role", "why"),
    [
        ("not an address", "curator", "is not an e-mail address"),
        ("", "curator", "is not an e-mail address"),
        ("ADMIN@example.org", "curator", "already an account"),
        ("ben@example.org", "king", "Choose one of the roles"),
    ],
)
def test_an_invitation_that_cannot_be_says_why_and_keeps_what_was_typed(
    desk: TestClient[Any], desk_settings: Settings, email: str, role: str, why: str
) -> None:
    enter_as(desk, desk_settings, "admin")
    answer = press(desk, PEOPLE, f"{PEOPLE}/invite", email=email, role=role)
    assert answer.status_code == 422
    assert why in answer.text and "<title>Error: " in answer.text
    assert f'value="{email}"' in answer.text
    assert mail_of(desk_settings) == []


@pytest.mark.parametrize("role", ["contributor", "provider", "curator"])
def test_nobody_else_reaches_the_people_and_the_refusal_is_written_down(
    desk: TestClient[Any], desk_settings: Settings, role: str
) -> None:
    enter_as(desk, desk_settings, role)
    assert desk.get(PEOPLE).status_code == 403
    assert "/admin/people" not in desk.get("/account").text
    form = form_in(desk.get("/account").text, "/account/sign-out")
    answer = send(desk, form, to=f"{PEOPLE}/invite", email="x@example.org", role="admin")
    assert answer.status_code == 403
    refused = [r for r in audited(desk_settings) if r.action == "access refused"]
    assert [(r.subject, r.role) for r in refused] == [(PEOPLE, role), (f"{PEOPLE}/invite", role)]


def test_a_flood_of_refusals_fills_no_disk(desk: TestClient[Any], desk_settings: Settings) -> None:
    enter_as(desk, desk_settings, "contributor")
    assert {desk.get(PEOPLE).status_code for _ in range(30)} == {403}
    refused = [r for r in audited(desk_settings) if r.action == "access refused"]
    assert len(refused) == 20


def test_another_role_signs_the_person_out(desk: TestClient[Any], desk_settings: Settings) -> None:
    enter_as(desk, desk_settings, "admin")
    cora = another_browser(desk)
    email = enter_as(cora, desk_settings, "curator")
    person = page_of(desk, email)
    answer = press(desk, person, f"{person}/role", role="contributor")
    assert "The role is changed" in answer.text
    assert cora.get("/account", follow_redirects=False).status_code == 303
    fill_sign_in(cora, email, PASSWORD)
    assert "Contributor" in cora.get("/account").text
    row = next(r for r in audited(desk_settings) if r.action == "role changed")
    assert (row.role, row.detail) == ("admin", '{"from_role":"curator","to_role":"contributor"}')


def test_access_is_ended_and_given_again(desk: TestClient[Any], desk_settings: Settings) -> None:
    enter_as(desk, desk_settings, "admin")
    cora = another_browser(desk)
    email = enter_as(cora, desk_settings, "curator")
    person = page_of(desk, email)
    assert "no access any more" in press(desk, person, f"{person}/end").text
    assert cora.get("/account", follow_redirects=False).status_code == 303
    ended, nobody = (
        fill_sign_in(cora, email, PASSWORD), fill_sign_in(cora, "nobody@example.org", PASSWORD)
    )  # fmt: skip
    assert ended.status_code == nobody.status_code == 422
    of_ended, of_nobody = without_token(ended.text), without_token(nobody.text)
    assert of_ended.replace(email, "") == of_nobody.replace("nobody@example.org", "")
    assert "ended" in row_of(desk, email)
    link = link_in(press(desk, person, f"{person}/link").text)
    assert cora.get(link).status_code == 200
    assert fill_sign_in(cora, email, PASSWORD).status_code == 303


def test_access_that_is_given_again_is_none_for_the_programs_of_before(
    database: Database, desk_settings: Settings
) -> None:
    secret = desk_settings.secret
    with database.writing() as session:
        boss = User(email="boss@example.org", role="admin", password_hash="x")
        cora = User(email="cora@example.org", role="curator", password_hash="x")
        session.add_all([boss, cora])
        session.flush()
        _, text = make_token(session, "weekly upload", 30, SCOPES, by=cora, secret=secret)
        assert holder_of(session, text, secret=secret)
        end_access(session, cora, by=boss)
        send_link(session, cora, desk_settings, by=boss)
        assert cora.ended_at is None
        assert holder_of(session, text, secret=secret) is None


def test_a_new_link_ends_the_one_before(desk: TestClient[Any], desk_settings: Settings) -> None:
    enter_as(desk, desk_settings, "admin")
    first = ask_in(desk)
    person = page_of(desk, "ben@example.org")
    second = link_in(press(desk, person, f"{person}/link").text)
    assert desk.get(first).status_code == 404
    assert desk.get(second).status_code == 200
    assert [link_in(m[2]) for m in mail_of(desk_settings)] == [first, second]


def test_an_invitation_is_too_old_after_seven_days(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "admin")
    link = ask_in(desk)
    clock.pass_by(days=7)
    assert desk.get(link).status_code == 404
    fill_sign_in(desk, "admin@example.org", PASSWORD)
    assert "link too old" in row_of(desk, "ben@example.org")


@pytest.mark.parametrize("move", ["role", "end"])
def test_the_last_administrator_stays(
    desk: TestClient[Any], desk_settings: Settings, move: str
) -> None:
    email = enter_as(desk, desk_settings, "admin")
    ask_in(desk, "not-yet@example.org", "admin")
    person = page_of(desk, email)
    answer = press(desk, person, f"{person}/{move}", role="curator")
    assert answer.status_code == 409
    assert "the last administrator who can sign in" in answer.text
    assert desk.get(PEOPLE).status_code == 200


def test_of_two_administrators_who_leave_at_once_one_stays(any_engine: Engine) -> None:
    migrate(any_engine)
    database = Database(any_engine)
    with database.writing() as session:
        two = [User(email=f"{n}@example.org", role="admin", password_hash="x") for n in "ab"]
        session.add_all(two)

    def leave(which: User) -> bool:
        try:
            with database.writing() as session:
                user = session.get(User, which.id)
                assert user
                if which is two[0]:
                    change_role(session, user, "curator", by=user)
                else:
                    end_access(session, user, by=user)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, two)) == [False, True]
    with database.reading() as session:
        assert verify_chain(session).broken is None


def test_who_lost_the_phone_comes_in_after_the_administrator_removed_the_factor(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "admin")
    cora = another_browser(desk)
    email = enter_as(cora, desk_settings, "curator")
    set_up_app(cora, clock.now)
    assert "App" in row_of(desk, email)
    person = page_of(desk, email)
    assert "second factor is removed" in press(desk, person, f"{person}/factors").text
    assert cora.get("/account", follow_redirects=False).status_code == 303
    assert fill_sign_in(cora, email, PASSWORD).headers["location"] == "/curation"
    assert mail_of(desk_settings)[-1][:2] == (
        email, "Your second factor was removed by an administrator"
    )  # fmt: skip


@pytest.mark.parametrize("number", [uuid.UUID(int=7), "not-a-number", "%00"])
def test_nobody_at_an_address_is_not_found(
    desk: TestClient[Any], desk_settings: Settings, number: object
) -> None:
    enter_as(desk, desk_settings, "admin")
    assert desk.get(f"{PEOPLE}/{number}").status_code in (400, 404)
    form = form_in(desk.get(PEOPLE).text, f"{PEOPLE}/invite")
    for move in ("role", "end", "link", "factors"):
        answer = send(desk, form.fill(role="curator"), to=f"{PEOPLE}/{number}/{move}")
        assert answer.status_code in (400, 404)


def test_every_change_is_in_the_log_in_order_and_without_an_address(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "admin")
    ask_in(desk)
    person = page_of(desk, "ben@example.org")
    press(desk, person, f"{person}/role", role="curator")
    press(desk, person, f"{person}/link")
    press(desk, person, f"{person}/end")
    press(desk, person, f"{person}/link")
    fill_sign_in(another_browser(desk), "nobody@example.org", "guess")
    fill_sign_in(another_browser(desk), "admin@example.org", "guess")
    rows = audited(desk_settings)
    assert [r.action for r in rows] == [
        "person added", "password set by link", "signed in", "person added", "role changed",
        "link sent", "access ended", "access given again", "link sent", "sign-in failed",
        "sign-in failed",
    ]  # fmt: skip
    assert [bool(r.subject) for r in rows[-2:]] == [False, True]
    everything = " ".join(str(r.model_dump()) for r in rows)
    assert "example.org" not in everything and "guess" not in everything
    with writing(desk_settings) as session:
        assert verify_chain(session).broken is None


def test_everybody_who_is_signed_out_has_no_session_left(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "admin")
    cora = another_browser(desk)
    email = enter_as(cora, desk_settings, "curator")
    person = page_of(desk, email)
    press(desk, person, f"{person}/end")
    with writing(desk_settings) as session:
        assert len(session.exec(select(BrowserSession)).all()) == 1


def test_who_has_no_access_any_more_speaks_for_no_organisation(database: Database) -> None:
    with database.writing() as session:
        boss = User(email="boss@example.org", role="admin", password_hash="x")
        gone = User(email="gone@example.org", role="provider", password_hash="x")
        session.add_all([boss, gone])
        session.flush()
        organisation = get_entry(session, ORGANISATION, "gcsp")
        session.add(Grant(user_id=gone.id, organisation_id=organisation.id))
        session.flush()
        assert is_own(session, organisation, gone)
        end_access(session, gone, by=boss)
        assert not is_own(session, organisation, gone)
