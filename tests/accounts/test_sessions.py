"""Where one is signed in, and for how long."""

from typing import Any

import pytest
from litestar.testing import TestClient

from directory.accounts.agents import browser_words
from directory.settings import Settings
from tests.accounts.steps import Clock, another_browser, press
from tests.people import PASSWORD, enter_as, fill_sign_in, form_in, send

PHONE = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


def test_one_sees_where_one_is_signed_in_and_signs_out_there(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    phone = another_browser(desk, PHONE)
    fill_sign_in(phone, email, PASSWORD)
    assert phone.get("/account/sessions").text.count("(this one)") == 1
    page = desk.get("/account/sessions").text
    assert "Firefox on Android" in page
    assert phone.cookies["session"] not in page and desk.cookies["session"] not in page
    answer = press(desk, "/account/sessions", "/account/sessions")
    assert "Signed out there" in answer.text and "Firefox on Android" not in answer.text
    assert phone.get("/account", follow_redirects=False).status_code == 303
    assert desk.get("/account").status_code == 200


def test_one_signs_out_everywhere_else_at_once(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    others = [another_browser(desk) for _ in range(3)]
    for other in others:
        fill_sign_in(other, email, PASSWORD)
    form = form_in(desk.get("/account/sessions").text, "all-others")
    assert "signed in nowhere else" in send(desk, form, to="/account/sessions").text
    assert {o.get("/account", follow_redirects=False).status_code for o in others} == {303}


def test_nobody_ends_the_session_of_somebody_else(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(desk, desk_settings, "curator")
    second = another_browser(desk)
    fill_sign_in(second, "curator@example.org", PASSWORD)
    theirs = form_in(desk.get("/account/sessions").text, "/account/sessions")["session"]
    stranger = another_browser(desk)
    enter_as(stranger, desk_settings, "contributor")
    own = form_in(stranger.get("/account").text, "/account/sign-out")
    send(stranger, own, to="/account/sessions", session=theirs)
    assert second.get("/account", follow_redirects=False).status_code == 200


def test_after_seven_days_one_signs_in_anew_however_busy_one_was(
    desk: TestClient[Any], desk_settings: Settings, clock: Clock
) -> None:
    enter_as(desk, desk_settings, "curator")
    for _ in range(7 * 24 // 8 - 1):
        clock.pass_by(hours=8)
        assert desk.get("/account", follow_redirects=False).status_code == 200
    clock.pass_by(hours=8)
    assert desk.get("/account", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Firefox on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537.36 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU like Mac OS X) Version/18 Safari/604", "Safari on iPhone"),
        ("curl/8", "Another browser"),
        ("<script>alert(1)</script>", "Another browser"),
        ("", "Another browser"),
    ],
)
def test_a_browser_is_named_in_two_words(agent: str, words: str) -> None:
    assert browser_words(agent) == words
