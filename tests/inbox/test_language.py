"""Who writes to us in one language gets letters in it, whatever language our curators read."""

from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from directory.accounts.models import User
from directory.inbox.models import Report
from directory.settings import Settings
from tests.inbox.conftest import mails
from tests.inbox.test_reports import reports, sent
from tests.inbox.test_requests import act, ask, decide, let_in, prove, requests
from tests.people import form_in, send, writing
from tests.spoken import Speak, speak

__all__ = ["speak"]
ANA, BEN = "ana@diplomacy.edu", "ben@diplomacy.edu"
GCSP = "/report?entry=organisations/gcsp"


@pytest.fixture(autouse=True)
def _languages(speak: Speak) -> None:
    speak(
        "fr",
        {
            "Hello,": "Bonjour,",
            "Please confirm: you want to edit %(title)s": "Confirmez : modifier %(title)s",
            "You can now edit %(title)s": "Vous pouvez modifier %(title)s",
            "You no longer edit %(title)s": "Vous ne modifiez plus %(title)s",
            "you have given it up.": "vous y avez renoncé.",
            "We have looked at it and changed nothing.": "Rien n’a été changé.",
            "Named as successor": "Désigné comme successeur",
        },
    )
    speak("es", {"Hello,": "Hola:"})


@pytest.fixture
def french(reader: TestClient[Any]) -> TestClient[Any]:
    """The site as somebody has it open whose browser asks for French."""
    reader.headers["accept-language"] = "fr"
    return reader


def language_of(settings: Settings, email: str) -> str:
    with writing(settings) as session:
        return session.exec(select(User.language).where(User.email == email)).one()


def test_from_the_request_to_the_end_of_the_right_letters_are_in_the_language_of_the_provider(
    curator: TestClient[Any], french: TestClient[Any], desk_settings: Settings
) -> None:
    ask(french)
    [first] = mails(desk_settings, ANA)
    assert first.subject.startswith("Confirmez : modifier ") and first.text.startswith("Bonjour,")
    prove(french, desk_settings)
    assert decide(curator, requests(desk_settings)[0], "grant").status_code == 200
    second = mails(desk_settings, ANA)[-1]
    assert second.subject.startswith("Vous pouvez modifier ")
    assert language_of(desk_settings, ANA) == "fr", "the account that was made for it"
    let_in(french, desk_settings, ANA)
    french.headers["accept-language"] = "en"
    act(french, "give-up", sure="yes")
    last = mails(desk_settings, ANA)[-1]
    assert last.subject.startswith("Vous ne modifiez plus ")
    assert "vous y avez renoncé." in last.text


def test_a_successor_is_heard_in_a_language_of_their_own(
    curator: TestClient[Any], french: TestClient[Any], desk_settings: Settings
) -> None:
    ask(french)
    prove(french, desk_settings)
    decide(curator, requests(desk_settings)[0], "grant")
    let_in(french, desk_settings, ANA)
    act(french, "hand-over", email=BEN)
    assert mails(desk_settings, BEN)[-1].text.startswith("Bonjour,"), "as who named them reads"
    french.cookies.clear()
    french.headers["accept-language"] = "es"
    prove(french, desk_settings, BEN)
    request = requests(desk_settings)[-1]
    assert (request.job, request.language) == ("Named as successor", "es")
    assert decide(curator, request, "grant").status_code == 200
    assert mails(desk_settings, BEN)[-1].text.startswith("Hola:")
    assert language_of(desk_settings, BEN) == "es"


def close(curator: TestClient[Any], report: Report) -> None:
    path = f"/curation/reports/{report.reference}"
    form = form_in(curator.get(path).text, f"{path}/close").fill(answer="It is right.")
    assert send(curator, form, outcome="not_done").status_code == 200


def test_the_answer_to_a_report_is_in_the_language_of_its_sender(
    curator: TestClient[Any], french: TestClient[Any], desk_settings: Settings
) -> None:
    sent(french, email="rita@example.org")
    close(curator, reports(desk_settings)[0])
    [letter] = mails(desk_settings, "rita@example.org")
    assert letter.text.startswith("Bonjour,") and "Rien n’a été changé." in letter.text
    assert "It is right." in letter.text, "what the curator wrote"


def test_a_value_that_was_reported_in_another_language_has_not_changed_for_the_curator(
    curator: TestClient[Any], french: TestClient[Any], desk_settings: Settings
) -> None:
    address = f"{GCSP}&field=headquarters_country"
    assert "Suisse" in french.get(address).text
    sent(french, address, value="It has moved to another country.")
    [report] = reports(desk_settings)
    assert report.old_value == "Switzerland"
    page = curator.get(f"/curation/reports/{report.reference}").text
    assert "Nothing has changed since." in page
    assert "changed since" not in curator.get("/curation/reports").text
    assert "changed since" not in french.get("/curation/reports").text
