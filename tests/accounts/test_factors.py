"""The second factor: an app, recovery codes, and the step between password and desk."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from litestar.testing import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import SQLModel, select

from directory.accounts.factors import (
    RECOVERY_CODES,
    check_code,
    factors_of,
    make_recovery_codes,
    offer_app,
    set_up_app,
)
from directory.accounts.models import Totp, User
from directory.accounts.sessions import CONFIRMED
from directory.app import create_app
from directory.db import Database, now
from directory.errors import Invalid
from directory.migrate import migrate
from directory.settings import Settings
from tests.accounts.steps import (
    SITE,
    Clock,
    another_browser,
    audited,
    leave,
    mail_of,
    press,
    send_code,
)
from tests.accounts.steps import set_up_app as walk_through_set_up
from tests.people import PASSWORD, enter_as, fill_sign_in, form_in, send, writing

CURATOR = "curator@example.org"


@pytest.fixture
def required(desk_settings: Settings) -> Iterator[TestClient[Any]]:
    """A site on which curators and administrators need a second factor."""
    settings = desk_settings.model_copy(update={"second_factor_required": True})
    with TestClient(create_app(settings), base_url=SITE) as client:
        yield client


def test_after_the_password_comes_the_code_and_each_code_works_once(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "curator")
    app, _ = walk_through_set_up(desk, clock.now)
    leave(desk)
    answer = fill_sign_in(desk, CURATOR, PASSWORD, next="/curation/trainings/new")
    assert answer.headers["location"] == "/account/code"
    used = app.code(clock.now)
    refused = send_code(desk, used)
    assert refused.status_code == 422, "the code that set the app up was used then"
    assert "used already" in refused.text
    clock.pass_by(seconds=30)
    fresh = app.code(clock.now)
    assert send_code(desk, f"{fresh[:3]} {fresh[3:]}").headers["location"] == (
        "/curation/trainings/new"
    )
    leave(desk)
    fill_sign_in(desk, CURATOR, PASSWORD)
    assert send_code(desk, fresh).status_code == 422


def test_half_signed_in_one_reaches_nothing(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "admin")
    walk_through_set_up(desk, clock.now)
    leave(desk)
    fill_sign_in(desk, "admin@example.org", PASSWORD)
    token = form_in(desk.get("/account/code").text, "/account/code")
    for path in (
        "/account", "/account/sessions", "/account/password", "/account/second-factor",
        "/account/second-factor/app", "/curation", "/curation/trainings/new", "/admin/people",
    ):  # fmt: skip
        answer = desk.get(path, follow_redirects=False)
        assert answer.headers["location"].startswith("/account/sign-in"), path
    for path in ("/account/recovery-codes", "/account/second-factor/app/remove",
                 "/account/passkeys/new/options", "/admin/people/invite"):  # fmt: skip
        assert send(desk, token, to=path, follow=False).status_code in (303, 401), path
    assert "admin@example.org" not in desk.get("/").text


def test_who_waits_ten_minutes_begins_again(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "curator")
    app, _ = walk_through_set_up(desk, clock.now)
    leave(desk)
    fill_sign_in(desk, CURATOR, PASSWORD)
    form = form_in(desk.get("/account/code").text, "/account/code")
    clock.pass_by(minutes=10)
    answer = send(desk, form.fill(code=app.code(clock.now)), follow=False)
    assert answer.status_code == 401
    assert desk.get("/account", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(("seconds", "right"), [(-61, False), (-30, True), (30, True), (61, False)])
def test_a_phone_may_be_a_little_early_or_late(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock, seconds: int, right: bool
) -> None:
    enter_as(desk, desk_settings, "curator")
    app, _ = walk_through_set_up(desk, clock.now)
    leave(desk)
    clock.pass_by(hours=1)
    fill_sign_in(desk, CURATOR, PASSWORD)
    code = app.code(clock.now + timedelta(seconds=seconds))
    assert send_code(desk, code).status_code == (303 if right else 422)


def test_a_recovery_code_lets_in_once(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "curator")
    _, codes = walk_through_set_up(desk, clock.now)
    assert len(set(codes)) == RECOVERY_CODES
    leave(desk)
    fill_sign_in(desk, CURATOR, PASSWORD)
    assert send_code(desk, f" {codes[0].upper()} ").status_code == 303
    assert "9 codes left" in desk.get("/account").text
    leave(desk)
    fill_sign_in(desk, CURATOR, PASSWORD)
    assert send_code(desk, codes[0]).status_code == 422
    assert send_code(desk, codes[1].replace("-", "")).status_code == 303


def test_new_recovery_codes_end_the_old_ones(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "curator")
    _, old = walk_through_set_up(desk, clock.now)
    shown = press(desk, "/account/second-factor", "/account/recovery-codes")
    new = re.findall(r"<li>([a-z2-7-]{29})</li>", shown.text)
    assert len(new) == RECOVERY_CODES and not set(new) & set(old)
    assert shown.headers["cache-control"] == "no-store, private"
    leave(desk)
    fill_sign_in(desk, CURATOR, PASSWORD)
    assert send_code(desk, old[0]).status_code == 422
    assert send_code(desk, new[0]).status_code == 303


def test_codes_cannot_be_guessed_and_the_owner_still_gets_in(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "curator")
    app, _ = walk_through_set_up(desk, clock.now)
    leave(desk)
    thief = another_browser(desk)
    fill_sign_in(thief, CURATOR, PASSWORD)
    answers = [send_code(thief, f"{n:06}") for n in range(6)]
    assert [a.status_code for a in answers] == [422] * 5 + [429]
    assert "tried too many times" in answers[-1].text
    assert int(answers[-1].headers["retry-after"]) > 0
    clock.pass_by(minutes=1)
    fill_sign_in(desk, CURATOR, PASSWORD)
    assert send_code(desk, app.code(clock.now)).status_code == 303
    failed = [r for r in audited(desk_settings) if r.action == "sign-in failed"]
    assert len(failed) == 5 and all('"how":"code"' in r.detail for r in failed)


def test_a_stranger_who_tries_passwords_does_not_lock_the_owner_out(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "curator")
    leave(desk)
    stranger = another_browser(desk)
    answers = [fill_sign_in(stranger, CURATOR, f"guess {n}") for n in range(6)]
    assert [a.status_code for a in answers] == [422] * 5 + [429]
    assert fill_sign_in(stranger, CURATOR, PASSWORD).status_code == 429
    assert fill_sign_in(desk, CURATOR, PASSWORD).status_code == 303


def test_a_wrong_code_at_set_up_keeps_the_same_secret(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "curator")
    page = desk.get("/account/second-factor/app").text
    form = form_in(page, "/account/second-factor/app")
    again = send(desk, form.fill(code="000000"))
    assert again.status_code == 422 and "<title>Error: " in again.text
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert secret and secret[1] in again.text
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(clock.now)
    assert send(desk, form.fill(code=code)).status_code == 200
    assert form["offer"] not in desk.get("/account/second-factor/app").text


def test_a_secret_that_somebody_else_was_offered_is_refused(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "curator")
    theirs = form_in(desk.get("/account/second-factor/app").text, "/account/second-factor/app")
    other = another_browser(desk)
    enter_as(other, desk_settings, "contributor")
    mine = form_in(other.get("/account/second-factor/app").text, "/account/second-factor/app")
    for offer in (theirs["offer"], "made up", "\x00", "gAAAAAé"):
        assert send(other, mine.fill(offer=offer, code="123456")).status_code == 422
    with writing(desk_settings) as session:
        assert not session.exec(select(Totp)).all()


def test_the_database_holds_no_secret_of_an_app_and_no_recovery_code(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "curator")
    app, codes = walk_through_set_up(desk, clock.now)
    with writing(desk_settings) as session:
        everything = " ".join(
            str(row)
            for table in SQLModel.metadata.sorted_tables
            for row in session.execute(table.select())
        )
    assert "curator@example.org" in everything
    for secret in (app.totp.secret, *codes, *(c.replace("-", "") for c in codes)):
        assert secret not in everything
    for cookie in ("session", "known", "csrftoken"):
        assert desk.cookies[cookie] not in everything


def test_without_the_key_of_the_site_a_recovery_code_still_works(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "curator")
    app, codes = walk_through_set_up(desk, clock.now)
    kept = desk_settings.model_dump() | {"secret_key": "another-key-0123456789abcdef"}
    other_key = Settings(**kept)
    with TestClient(create_app(other_key), base_url=SITE) as later:
        clock.pass_by(minutes=1)
        fill_sign_in(later, CURATOR, PASSWORD)
        assert send_code(later, app.code(clock.now)).status_code == 422
        assert send_code(later, codes[0]).status_code == 303


def test_how_one_signs_in_is_changed_only_shortly_after_signing_in(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "curator")
    form = form_in(desk.get("/account/second-factor/app").text, "/account/second-factor/app")
    clock.pass_by(seconds=CONFIRMED.total_seconds())
    assert desk.get("/account").status_code == 200
    asked = desk.get("/account/second-factor", follow_redirects=False).headers["location"]
    assert asked == "/account/sign-in?next=/account/second-factor&again=1"
    page = desk.get(asked).text
    assert "we make sure that it is you" in page and f'value="{CURATOR}"' in page
    assert send(desk, form, follow=False).headers["location"].startswith("/account/sign-in")
    again = form_in(page, "/account/sign-in").fill(password=PASSWORD)
    assert send(desk, again, follow=False).headers["location"] == "/account/second-factor"
    assert desk.get("/account/second-factor").status_code == 200


def test_one_removes_the_app_and_is_told_by_mail(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "curator")
    walk_through_set_up(desk, clock.now)
    answer = press(desk, "/account/second-factor", "/account/second-factor/app/remove")
    assert "It is removed" in answer.text
    leave(desk)
    assert fill_sign_in(desk, CURATOR, PASSWORD).headers["location"] == "/curation"
    subjects = [m[1] for m in mail_of(desk_settings)]
    assert subjects == ["An app was added to your account as a second factor",
                        "The app was removed from your account"]  # fmt: skip
    actions = [r.action for r in audited(desk_settings)]
    assert actions[3:6] == ["second factor added", "recovery codes made", "second factor removed"]


@pytest.mark.parametrize("role", ["curator", "admin"])
def test_where_it_is_required_one_is_led_to_set_it_up_and_reaches_nothing_before(
    required: TestClient[Any], desk_settings: Settings, clock: Clock, role: str
) -> None:
    enter_as(required, desk_settings, role)
    leave(required)
    answer = fill_sign_in(required, f"{role}@example.org", PASSWORD, next="/search")
    assert answer.headers["location"] == "/account/second-factor?needed=1"
    assert "need a second factor" in required.get("/account/second-factor?needed=1").text
    token = form_in(required.get("/account").text, "/account/sign-out")
    pages = ["/curation", "/curation/trainings/new", *["/admin/people"] * (role == "admin")]
    for path in pages:
        answer = required.get(path, follow_redirects=False)
        assert answer.headers["location"] == "/account/second-factor?needed=1", path
    sent = send(required, token, to="/curation/trainings/new", follow=False, title="x")
    assert sent.headers["location"] == "/account/second-factor?needed=1"
    walk_through_set_up(required, clock.now)
    for path in pages:
        assert required.get(path).status_code == 200
    assert "need a second factor" not in required.get("/account/second-factor?needed=1").text


def test_where_it_is_required_contributors_work_without(
    required: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(required, desk_settings, "contributor")
    assert required.get("/curation").status_code == 200


def add(database: Database, settings: Settings) -> tuple[User, pyotp.TOTP, list[str]]:
    with database.writing() as session:
        user = User(email="ana@example.org", role="curator")
        session.add(user)
        session.flush()
        offer = offer_app(user, settings)
        app = pyotp.TOTP(offer.secret)
        set_up_app(session, user, offer, app.at(now() - timedelta(seconds=30)))
        return user, app, make_recovery_codes(session, user)


def test_of_many_who_send_one_code_at_once_one_gets_in(
    any_engine: Engine, desk_settings: Settings
) -> None:
    migrate(any_engine)
    database = Database(any_engine)
    user, app, codes = add(database, desk_settings)

    def passes(code: str) -> bool:
        try:
            with database.writing() as session:
                check_code(session, user, code, desk_settings.secret)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(passes, [app.at(now())] * 8)) == 1
        assert sum(pool.map(passes, [codes[0]] * 8)) == 1
    with database.reading() as session:
        assert factors_of(session, user.id).recovery_codes == RECOVERY_CODES - 1
