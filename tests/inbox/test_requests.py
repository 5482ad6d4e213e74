"""A provider asks for its organisation; its address is proved; curators decide; rights end."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from directory.accounts.models import Grant, User
from directory.curation.merging_entries import merge
from directory.curation.service import get_entry
from directory.db import now
from directory.entries.kinds import ORGANISATION
from directory.inbox.grants import holders_of
from directory.inbox.models import Request
from directory.inbox.pages.common import TRAP
from directory.inbox.tidy import tidy
from directory.mail import OutgoingMail
from directory.settings import Settings
from tests.inbox.conftest import link_in, mails
from tests.people import PASSWORD, Form, enter_as, form_in, send, writing

CLAIM = "/organisations/diplofoundation/claim"
ANA, BEN = "ana@diplomacy.edu", "ben@elsewhere.example"


def ask(client: TestClient[Any], email: str = ANA, **more: str) -> None:
    form = form_in(client.get(CLAIM).text, CLAIM).fill(email=email, job="Head of training", **more)
    answer = send(client, form, follow=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{CLAIM}/sent")


def prove(client: TestClient[Any], settings: Settings, email: str = ANA) -> None:
    link = link_in(mails(settings, email)[-1])
    answer = send(client, form_in(client.get(link).text, link))
    assert "is with a curator now" in answer.text


def requests(settings: Settings) -> list[Request]:
    with writing(settings) as session:
        return list(session.exec(select(Request).order_by(Request.created_at)))  # type: ignore[arg-type]


def states(settings: Settings) -> list[str]:
    return [r.state for r in requests(settings)]


def in_force(settings: Settings) -> list[str]:
    with writing(settings) as session:
        rows = session.exec(
            select(User.email).join(Grant, Grant.user_id == User.id).where(Grant.ended_at == None)  # type: ignore[arg-type]  # noqa: E711
        )
        return sorted(rows)


def decide(curator: TestClient[Any], request: Request, move: str, **said: str) -> Any:
    path = f"/curation/requests/{request.id}"
    form = form_in(curator.get("/account").text, "/account/sign-out")
    return send(curator, form.fill(**said), to=f"{path}/{move}")


def let_in(client: TestClient[Any], settings: Settings, email: str) -> None:
    """Set the password of a new account by the link that was mailed."""
    link = link_in(mails(settings, email)[-1])
    form = form_in(client.get(link).text, link).fill(password=PASSWORD)
    assert send(client, form, to=link).status_code == 200


@pytest.fixture
def holder(curator: TestClient[Any], reader: TestClient[Any], desk_settings: Settings) -> Any:
    """The site as Ana has it open, who edits DiploFoundation."""
    ask(reader)
    prove(reader, desk_settings)
    assert decide(curator, requests(desk_settings)[0], "grant").status_code == 200
    let_in(reader, desk_settings, ANA)
    return reader


def act(holder: TestClient[Any], move: str, **said: str) -> Any:
    form = form_in(holder.get("/account").text, "/account/sign-out")
    return send(holder, form.fill(**said), to=f"/account/organisations/diplofoundation/{move}")


def run_daily(settings: Settings) -> None:
    with writing(settings) as session:
        tidy(session, settings)


def test_the_page_says_what_an_editor_may_before_it_asks(site: TestClient[Any]) -> None:
    assert f'href="{CLAIM}"' in site.get("/organisations/diplofoundation").text
    assert "/claim" not in site.get("/trainings/ai-campus").text
    before = site.get(CLAIM).text.partition("<form")[0]
    for words in ("You may propose", "You cannot publish alone", "within 48 hours"):
        assert words in before
    assert site.get("/organisations/no-such-thing/claim").status_code == 404
    assert site.get("/organisations/no-such-thing/claim/sent").status_code == 404


def test_from_asking_to_editing(
    curator: TestClient[Any], reader: TestClient[Any], desk_settings: Settings
) -> None:
    ask(reader, message="I look after all courses.")
    assert "Nothing waits." in curator.get("/curation/requests").text, "the address is not proved"
    (mail,) = mails(desk_settings)
    for words in ("DiploFoundation", "within 48 hours", "Nothing happens before you press"):
        assert words in mail.text
    prove(reader, desk_settings)

    page = curator.get("/curation/requests").text
    assert ANA in page
    assert "matches the website" in page
    (request,) = requests(desk_settings)
    page = curator.get(f"/curation/requests/{request.id}").text
    assert "I look after all courses." in page
    assert "diplomacy.edu" in page
    grant = form_in(page, f"/curation/requests/{request.id}/grant")
    page = send(curator, grant).text
    mail = mails(desk_settings, ANA)[-1]
    assert link_in(mail) in page, "the curator can hand the link over"
    assert "A curator reads each change before it is public." in mail.text.replace("\n", " ")

    let_in(reader, desk_settings, ANA)
    assert "DiploFoundation" in reader.get("/account/organisations").text
    assert reader.get("/curation/organisations/diplofoundation").status_code == 200
    assert reader.get("/curation/organisations/gcsp").status_code == 403
    form = form_in(reader.get("/curation/organisations/diplofoundation").text)
    assert send(reader, form, to=form.action + "/publish").status_code == 403
    assert reader.get("/curation/requests").status_code == 403


def test_somebody_with_an_account_gets_no_second_one(
    curator: TestClient[Any], reader: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(reader, desk_settings, "contributor")
    ask(reader, email)
    prove(reader, desk_settings, email)
    page = decide(curator, requests(desk_settings)[0], "grant").text
    assert "/account/password/" not in page
    assert "Sign in with this address" in mails(desk_settings, email)[-1].text
    assert "DiploFoundation" in reader.get("/account/organisations").text
    with writing(desk_settings) as session:
        user = session.exec(select(User).where(User.email == email)).one()
        assert user.role == "contributor"


def test_an_account_whose_access_was_ended_is_granted_nothing(
    curator: TestClient[Any], reader: TestClient[Any], desk_settings: Settings
) -> None:
    email = enter_as(reader, desk_settings, "contributor")
    ask(reader, email)
    prove(reader, desk_settings, email)
    with writing(desk_settings) as session:
        user = session.exec(select(User).where(User.email == email)).one()
        user.ended_at = now()
        session.add(user)
    answer = decide(curator, requests(desk_settings)[0], "grant")
    assert answer.status_code == 409 and "ended the access" in answer.text
    assert states(desk_settings) == ["proved"] and not in_force(desk_settings)


def test_the_site_answers_the_same_whatever_there_is(
    curator: TestClient[Any], holder: TestClient[Any], desk_settings: Settings
) -> None:
    """An account, a holder, a request under way, a refusal: only the mailbox learns of it."""
    ask(holder, BEN)
    ask(holder, "curator@example.org")
    ask(holder, ANA)
    assert "You can do that already" in mails(desk_settings, ANA)[-1].text
    prove(holder, desk_settings, BEN)
    ask(holder, BEN)
    assert "is with a curator" in mails(desk_settings, BEN)[-1].text
    assert len(requests(desk_settings)) == 3


def test_opening_the_link_does_nothing_and_it_works_once_for_two_days(
    reader: TestClient[Any], desk_settings: Settings, later: Callable[..., None]
) -> None:
    ask(reader)
    link = link_in(mails(desk_settings)[0])
    for _ in range(3):
        page = reader.get(link).text
    assert states(desk_settings) == ["asked"]
    form = form_in(page, link)
    assert send(reader, form).status_code == 200
    assert send(reader, form).status_code == 404
    assert reader.get(link).status_code == 404
    assert states(desk_settings) == ["proved"]

    ask(reader, BEN)
    late = link_in(mails(desk_settings, BEN)[0])
    later(hours=48, seconds=5)
    assert reader.get(late).status_code == 404
    assert send(reader, form_in(reader.get(CLAIM).text, CLAIM), to=late).status_code == 404
    ask(reader, BEN)
    prove(reader, desk_settings, BEN)


@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "x" * 5_000, "WyJ4Il0.aaaa.bbbb"])
def test_a_link_that_was_made_up_leads_nowhere(site: TestClient[Any], token: str) -> None:
    assert site.get(f"/claim/{token}").status_code == 404
    assert site.get(f"/claim/answer/{token}").status_code == 404


def test_a_link_to_prove_is_no_link_to_answer(
    reader: TestClient[Any], desk_settings: Settings
) -> None:
    ask(reader)
    token = link_in(mails(desk_settings)[0]).rpartition("/")[2]
    assert reader.get(f"/claim/answer/{token}").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "nobody"),
        ("email", "x" * 10_000 + "@example.org"),
        ("email", "a@example.org\r\nBcc: b@example.org"),
        ("email", "a,b@example.org"),
        ("job", ""),
        ("job", "x" * 10_000),
        ("job", "bell \x07"),
        ("message", "x" * 10_000),
        ("message", "nul \x00"),
        ("message", "http://a.example " * 4),
        (TRAP, "+41 22"),
    ],
)
def test_a_request_that_does_not_fit_comes_back(
    reader: TestClient[Any], desk_settings: Settings, field: str, value: str
) -> None:
    form = form_in(reader.get(CLAIM).text, CLAIM)
    form.fill(email=ANA, job="Head of training", message="keep my words").fill(**{field: value})
    answer = send(reader, form)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    if field != "message":
        assert "keep my words" in answer.text
    assert requests(desk_settings) == []
    assert mails(desk_settings) == []


def test_nobody_can_fill_the_mailbox_of_another_or_ask_without_end(
    reader: TestClient[Any], desk_settings: Settings
) -> None:
    for _ in range(5):
        ask(reader)
    assert len(mails(desk_settings, ANA)) == 3
    form = form_in(reader.get(CLAIM).text, CLAIM).fill(email=BEN, job="Director")
    answer = send(reader, form)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert BEN in answer.text
    assert mails(desk_settings, BEN) == []


def test_a_refusal_says_why_and_can_be_answered(
    curator: TestClient[Any], reader: TestClient[Any], desk_settings: Settings
) -> None:
    ask(reader, BEN)
    prove(reader, desk_settings, BEN)
    (request,) = requests(desk_settings)
    assert "does not match the website" in curator.get(f"/curation/requests/{request.id}").text
    answer = decide(curator, request, "refuse", reason=" ")
    assert answer.status_code == 422
    assert "Say why" in answer.text
    assert decide(curator, request, "refuse", reason="Who are you?").status_code == 200
    assert in_force(desk_settings) == []

    ask(reader, BEN)
    both = mails(desk_settings, BEN)[-2:]
    assert all("Who are you?" in m.text for m in both), "asking again leads to the same answer"
    link = link_in(both[0])
    page = reader.get(link).text
    assert "Who are you?" in page
    form = form_in(page, link)
    assert send(reader, form).status_code == 422
    assert send(reader, form.fill(answer="x" * 10_000)).status_code == 422
    assert send(reader, form.fill(answer="I am the director.")).status_code == 200
    assert send(reader, form).status_code == 404, "it works once"
    page = curator.get(f"/curation/requests/{request.id}").text
    assert "I am the director." in page
    assert "Who are you?" in page
    assert decide(curator, request, "grant").status_code == 200
    assert in_force(desk_settings) == [BEN]
    assert decide(curator, request, "refuse", reason="Changed my mind").status_code == 409


def test_two_who_speak_for_one_organisation_are_both_before_the_curators(
    curator: TestClient[Any], holder: TestClient[Any], desk_settings: Settings
) -> None:
    ask(holder, BEN)
    prove(holder, desk_settings, BEN)
    request = requests(desk_settings)[-1]
    assert request.state == "disputed"
    assert "more than one person" in mails(desk_settings, BEN)[-1].text
    told = mails(desk_settings, ANA)[-1].text
    assert "elsewhere.example" in told
    assert BEN not in told, "a holder learns the domain, not the person"
    assert in_force(desk_settings) == [ANA], "nothing changes meanwhile"

    page = holder.get("/account/organisations/diplofoundation").text
    assert "elsewhere.example" in page
    assert BEN not in page
    answer = act(holder, "object", request=str(request.id), reason="")
    assert answer.status_code == 422
    assert act(holder, "object", request=str(request.id), reason="He left us.").status_code == 200
    page = curator.get(f"/curation/requests/{request.id}").text
    for words in ("He left us.", ANA, BEN, "disputed"):
        assert words in page
    assert decide(curator, request, "grant").status_code == 200
    assert in_force(desk_settings) == [ANA, BEN]


def test_a_colleague_of_the_same_house_is_no_dispute_until_somebody_objects(
    curator: TestClient[Any], holder: TestClient[Any], desk_settings: Settings
) -> None:
    ask(holder, "carla@staff.diplomacy.edu")
    prove(holder, desk_settings, "carla@staff.diplomacy.edu")
    request = requests(desk_settings)[-1]
    assert request.state == "proved"
    assert decide(curator, request, "dispute", reason="Two offices quarrel.").status_code == 200
    assert states(desk_settings)[-1] == "disputed"


def test_a_holder_hands_over_and_stays_until_a_curator_agrees(
    curator: TestClient[Any], holder: TestClient[Any], desk_settings: Settings
) -> None:
    assert act(holder, "hand-over", email="nobody").status_code == 422
    assert act(holder, "hand-over", email=ANA).status_code == 422
    assert act(holder, "hand-over", email=BEN).status_code == 200
    mail = mails(desk_settings, BEN)[-1]
    assert ANA in mail.text
    assert "names you as the next person" in mail.text
    prove(holder, desk_settings, BEN)
    request = requests(desk_settings)[-1]
    assert request.state == "proved", "the word of the holder settles it"
    page = curator.get(f"/curation/requests/{request.id}").text
    assert f"{ANA}, as successor" in page
    assert in_force(desk_settings) == [ANA]
    assert decide(curator, request, "grant").status_code == 200
    assert in_force(desk_settings) == [BEN]
    assert "you have handed it over" in mails(desk_settings, ANA)[-1].text
    assert holder.get("/curation/organisations/diplofoundation").status_code == 403


def test_a_holder_gives_up(holder: TestClient[Any], desk_settings: Settings) -> None:
    assert act(holder, "give-up").status_code == 422
    assert in_force(desk_settings) == [ANA]
    assert act(holder, "give-up", sure="yes").status_code == 200
    assert in_force(desk_settings) == []
    assert "you have given it up" in mails(desk_settings, ANA)[-1].text
    assert holder.get("/account/organisations/diplofoundation").status_code == 404
    assert act(holder, "renew").status_code == 404
    assert act(holder, "fly").status_code == 404


def test_a_curator_ends_a_right_with_a_reason(
    curator: TestClient[Any], holder: TestClient[Any], desk_settings: Settings
) -> None:
    with writing(desk_settings) as session:
        grant = session.exec(select(Grant)).one()
    path = f"/curation/requests/grants/{grant.id}"
    assert path in curator.get("/curation/requests").text
    form = form_in(curator.get(path).text, f"{path}/revoke")
    assert send(curator, form).status_code == 422
    assert send(curator, form.fill(reason="She left the foundation.")).status_code == 200
    assert send(curator, form).status_code == 409
    assert in_force(desk_settings) == []
    assert "She left the foundation." in mails(desk_settings, ANA)[-1].text
    assert "She left the foundation." in curator.get(path).text
    assert holder.get("/curation/organisations/diplofoundation").status_code == 403


def test_a_right_ends_after_24_months_unless_it_is_confirmed(
    holder: TestClient[Any], desk_settings: Settings, later: Callable[..., None]
) -> None:
    later(days=701)
    run_daily(desk_settings)
    run_daily(desk_settings)
    warned = [m for m in mails(desk_settings, ANA) if "Do you still edit" in m.subject]
    assert len(warned) == 1
    assert act(holder, "renew").status_code == 200
    later(days=700)
    run_daily(desk_settings)
    assert in_force(desk_settings) == [ANA]
    later(days=31)
    assert holder.get("/account/organisations/diplofoundation").status_code == 404
    run_daily(desk_settings)
    assert in_force(desk_settings) == []
    assert "within 24 months" in mails(desk_settings, ANA)[-1].text


def test_what_nobody_proves_or_decides_expires_after_thirty_days(
    reader: TestClient[Any], desk_settings: Settings, later: Callable[..., None]
) -> None:
    ask(reader)
    prove(reader, desk_settings)
    ask(reader, BEN, message="Somebody else wrote this.")
    later(days=29)
    run_daily(desk_settings)
    assert states(desk_settings) == ["proved", "asked"]
    before = len(mails(desk_settings))
    later(days=1, minutes=5)
    run_daily(desk_settings)
    assert states(desk_settings) == ["expired", "expired"]
    proved, unproved = requests(desk_settings)
    assert proved.email == ANA
    assert (unproved.email, unproved.message) == ("", None), "it may be of one who never asked"
    told = mails(desk_settings)[before:]
    assert [m.to for m in told] == [ANA]
    assert "no curator decided" in told[0].text
    ask(reader)
    assert states(desk_settings) == ["expired", "expired", "asked"]


@pytest.mark.parametrize("role", [None, "contributor", "provider"])
def test_only_curators_see_and_decide_requests(
    desk: TestClient[Any], desk_settings: Settings, role: str | None
) -> None:
    ask(desk)
    prove(desk, desk_settings)
    (request,) = requests(desk_settings)
    wanted = 303
    if role:
        enter_as(desk, desk_settings, role)
        wanted = 403
    for path in ("/curation/requests", f"/curation/requests/{request.id}"):
        assert desk.get(path, follow_redirects=False).status_code == wanted
    form = Form(pairs=form_in(desk.get(CLAIM).text, CLAIM).fill(reason="because").pairs)
    for move in ("grant", "refuse", "dispute"):
        to = f"/curation/requests/{request.id}/{move}"
        assert send(desk, form, to=to, follow=False).status_code == (403 if role else 401)
    assert states(desk_settings) == ["proved"]
    assert in_force(desk_settings) == []


def test_what_is_not_there_is_404(curator: TestClient[Any], holder: TestClient[Any]) -> None:
    for path in ("no-uuid", "01a21492-9fce-7107-b31f-eadcb2ef6458"):
        assert curator.get(f"/curation/requests/{path}").status_code == 404
        assert curator.get(f"/curation/requests/grants/{path}").status_code == 404
        assert act(holder, "object", request=path, reason="x").status_code == 404
    assert holder.get("/account/organisations/gcsp").status_code == 404


def test_mails_are_plain_and_greet(holder: TestClient[Any], desk_settings: Settings) -> None:
    sent: list[OutgoingMail] = mails(desk_settings)
    assert len(sent) == 2
    for mail in sent:
        assert mail.text.startswith("Hello,\n\n")
        assert "<" not in mail.text
        assert "None" not in mail.text
        assert mail.text.endswith("Digital Capacity Directory\nhttp://testserver.local\n")


def test_a_request_follows_its_organisation_into_the_one_it_was_folded_into(
    curator: TestClient[Any], reader: TestClient[Any], desk_settings: Settings
) -> None:
    ask(reader)
    prove(reader, desk_settings)
    with writing(desk_settings) as session:
        by = session.exec(select(User).where(User.role == "curator")).one()
        merge(session, ORGANISATION, "gcsp", "diplofoundation", by=by)
    (request,) = requests(desk_settings)
    assert decide(curator, request, "grant").status_code == 200
    with writing(desk_settings) as session:
        (held,) = holders_of(session, get_entry(session, ORGANISATION, "gcsp"))
        assert held.user.email == ANA
