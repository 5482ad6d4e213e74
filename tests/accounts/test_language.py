"""In which language somebody gets letters, whatever language the pages are in."""

from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from directory.accounts.models import User
from directory.settings import Settings
from tests.accounts.steps import another_browser, leave, link_in, mail_of, press
from tests.people import PASSWORD, enter_as, fill_sign_in, form_in, invite, send, writing
from tests.spoken import Speak, speak

__all__ = ["speak"]


@pytest.fixture(autouse=True)
def _languages(speak: Speak) -> None:
    speak("fr", {})
    speak("ar", {})


def language_of(settings: Settings, email: str) -> str:
    with writing(settings) as session:
        return session.exec(select(User.language).where(User.email == email)).one()


def test_the_first_sign_in_decides_and_a_later_one_does_not(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    link = invite(desk_settings, "ana@example.org", "curator")
    assert language_of(desk_settings, "ana@example.org") == "en"
    desk.headers["accept-language"] = "fr"
    form = form_in(desk.get(link).text, link).fill(password=PASSWORD)
    assert send(desk, form, to=link).status_code == 200
    assert language_of(desk_settings, "ana@example.org") == "fr"
    leave(desk)
    desk.headers["accept-language"] = "ar"
    assert fill_sign_in(desk, "ana@example.org", PASSWORD).status_code == 303
    assert 'lang="ar"' in desk.get("/account").text
    assert language_of(desk_settings, "ana@example.org") == "fr"


def test_somebody_chooses_the_language_of_letters(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    page = desk.get("/account").text
    assert '<option value="ar" lang="ar">العربية</option>' in page
    done = press(desk, "/account", "/account/language", language="ar")
    assert "The language of letters to you is changed." in done.text
    assert form_in(done.text, "/account/language")["language"] == "ar"
    assert language_of(desk_settings, email) == "ar"


@pytest.mark.parametrize("made_up", ["", "tlh", "../en", "FR", "\x00", "x" * 9000])
def test_a_language_that_nobody_has_is_refused(
    desk: TestClient[Any], desk_settings: Settings, made_up: str
) -> None:
    email = enter_as(desk, desk_settings, "curator")
    answer = press(desk, "/account", "/account/language", language=made_up)
    assert answer.status_code == 422
    assert answer.text.count("Choose a language of the list.") == 2, "in the summary and beside"
    assert language_of(desk_settings, email) == "en"


def test_a_visitor_cannot_choose_for_anybody(desk: TestClient[Any]) -> None:
    stranger = another_browser(desk)
    form = form_in(stranger.get("/account/sign-in").text, "/account/sign-in")
    answer = send(stranger, form, to="/account/language", follow=False, language="fr")
    assert answer.status_code == 401


def test_a_letter_is_in_the_language_of_its_reader_and_not_of_who_causes_it(
    desk: TestClient[Any], desk_settings: Settings, speak: Speak
) -> None:
    speak(
        "fr",
        {
            "You are invited to %(site)s.": "Vous êtes invité à %(site)s.",
            "Your role there: %(role)s.": "Votre rôle : %(role)s.",
            "Provider editor": "Rédacteur du fournisseur",
        },
    )
    desk.headers["accept-language"] = "fr"
    enter_as(desk, desk_settings, "admin")
    people = "/admin/people"
    press(desk, people, f"{people}/invite", email="ben@example.org", role="provider")
    assert language_of(desk_settings, "ben@example.org") == "fr", "until he says otherwise"
    assert "Votre rôle : Rédacteur du fournisseur." in mail_of(desk_settings)[-1][2]

    ben = another_browser(desk)
    ben.headers["accept-language"] = "ar"
    link = link_in(mail_of(desk_settings)[-1][2])
    assert send(ben, form_in(ben.get(link).text, link).fill(password=PASSWORD)).status_code == 200
    with writing(desk_settings) as session:
        number = session.exec(select(User.id).where(User.email == "ben@example.org")).one()
    press(desk, f"{people}/{number}", f"{people}/{number}/link")
    assert mail_of(desk_settings)[-1][2].startswith("You are invited"), "Arabic has no word here"
