"""The way in and out with a browser that has no scripts: ask, confirm, change, stop."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from directory.alerts import following, links
from directory.alerts.following import LETTERS_A_DAY
from directory.alerts.models import CONFIRM_WITHIN, Following, Letter, Question, Reader
from directory.app import create_app
from directory.db import now
from directory.settings import Settings
from tests.alerts.conftest import html, link_in, whole
from tests.people import Form, enter_as, form_in, quick_hashes, send, writing
from tests.postbox import Postbox, postbox

__all__ = ["quick_hashes"]

Client = TestClient[Any]
ADA = "ada@example.org"
SEARCH = "/search?kind=training&action_line=C5"


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as box:
        yield box


@pytest.fixture
def settings(desk_settings: Settings, box: Postbox) -> Settings:
    return desk_settings.model_copy(update={"smtp_url": box.url})


@pytest.fixture
def visitor(settings: Settings) -> Iterator[Client]:
    with TestClient(create_app(settings), base_url="http://testserver.local") as client:
        yield client


def ask(client: Client, email: str = ADA, address: str = SEARCH, **more: str) -> str:
    """Send the form of a page; return what the next page says."""
    form = form_in(client.get(address).text, "tell").fill(email=email, **more)
    return send(client, form).text


def confirmed(client: Client, box: Postbox, email: str = ADA, address: str = SEARCH) -> None:
    ask(client, email, address)
    link = link_in(box.got[-1][1], "confirm")
    assert "We will write to you" in press(client, link)


def press(client: Client, link: str, **more: str) -> str:
    """Open a link and press the first button there."""
    form = form_in(client.get(link).text, link).fill(**more)
    answer = send(client, form, to=link)
    assert answer.status_code == 200
    return answer.text


def first_of(page: str, link: str) -> Form:
    """Return the form of what was followed first."""
    start = page.index('<form class="said"')
    return form_in(page[start : page.index("</form>", start)], link)


def rows(settings: Settings, table: Any) -> list[Any]:
    with writing(settings) as session:
        return list(session.exec(select(table)))


@pytest.mark.parametrize("address", [SEARCH, "/search?q=nothingfitsthis", "/action-lines/C5"])
def test_every_search_and_term_has_the_form_and_the_feed(visitor: Client, address: str) -> None:
    answer = visitor.get(address)
    assert "set-cookie" not in answer.headers, "the page stays as it is for every cache"
    assert "Tell me when something new opens" in answer.text
    form = form_in(answer.text, "tell")
    assert form["question"].startswith("/search?")
    (feed,) = re.findall(r'href="([^"]+)">this feed', answer.text)
    assert (
        visitor.get(feed.replace("&amp;", "&"))
        .headers["content-type"]
        .startswith("application/atom+xml")
    )


def test_a_term_and_its_search_are_one_question(visitor: Client, settings: Settings) -> None:
    ask(visitor, address="/action-lines/C5")
    ask(visitor, address="/search?action_line=C5&sort=title&page=2&entry=trainings/x")
    assert [q.address for q in rows(settings, Question)] == ["/search?action_line=C5"]


def test_a_new_result_brings_its_own_question(visitor: Client) -> None:
    part = visitor.get("/search?q=cyber", headers={"HX-Request": "true"}).text
    assert 'id="follow-what" data-hx-swap-oob="true"' in part
    assert 'name="question" value="/search?q=cyber"' in part


def test_who_confirms_is_written_to(visitor: Client, box: Postbox, settings: Settings) -> None:
    assert "Look into your mailbox" in ask(visitor, every="monthly")
    ((to, message),) = box.got
    assert to == [ADA] and "Trainings, Confidence & security" in whole(message)
    link = link_in(message, "confirm")
    page = visitor.get(link)
    assert "no-store" in page.headers["cache-control"]
    assert page.headers["x-robots-tag"] == "noindex"
    assert not [f for f in rows(settings, Following) if f.confirmed_at], "opening does nothing"
    assert "How often: every month." in press(visitor, link)
    (found,) = rows(settings, Following)
    assert (found.every, found.language) == ("monthly", "en") and found.confirmed_at


@pytest.mark.usefixtures("french")
def test_who_follows_on_a_page_in_french_gets_the_letters_in_french(
    visitor: Client, box: Postbox, settings: Settings
) -> None:
    ask(visitor, address="/search?q=R%26D&lang=fr")
    visitor.cookies.clear()
    confirm = box.got[-1][1]
    assert confirm["Subject"] == "Veuillez confirmer : “R&D”", "plain text is not escaped"
    assert "Bonjour," in whole(confirm) and "Fréquence : chaque semaine." in whole(confirm)
    assert '<html lang="fr" dir="ltr">' in html(confirm)
    press(visitor, link_in(confirm, "confirm"))
    assert [f.language for f in rows(settings, Following)] == ["fr"]
    send(visitor, form_in(visitor.get("/alerts").text, "/alerts").fill(email=ADA))
    link = box.got[-1][1]
    assert link["Subject"].startswith("Ce que vous suivez"), "whoever asks for it"
    assert '<html lang="fr" dir="ltr">' in html(link) and "Ce que vous suivez" in html(link)


def test_a_link_confirms_once_and_not_for_ever(
    visitor: Client, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(visitor)
    ask(visitor)
    old, link = (link_in(message, "confirm") for _, message in box.got)
    assert visitor.get(old).status_code == 404, "a newer letter has a newer link"
    press(visitor, link)
    assert visitor.get(link).status_code == 404
    ask(visitor, address="/search?q=other")
    link = link_in(box.got[-1][1], "confirm")
    late = CONFIRM_WITHIN + timedelta(seconds=2)
    monkeypatch.setattr(links, "now", lambda: now() + late)
    assert visitor.get(link).status_code == 404


def test_nobody_learns_whether_an_address_is_known(visitor: Client, box: Postbox) -> None:
    first = ask(visitor)
    press(visitor, link_in(box.got[-1][1], "confirm"))
    assert ask(visitor) == first
    assert box.got[-1][1]["Subject"].startswith("You follow this already")
    assert ask(visitor, "new@example.org") == first
    for _ in range(LETTERS_A_DAY + 2):
        assert ask(visitor) == first
    assert len([to for to, _ in box.got if to == [ADA]]) == LETTERS_A_DAY

    find = form_in(visitor.get("/alerts").text, "/alerts")
    known = send(visitor, find.fill(email="new@example.org")).text
    assert send(visitor, find.fill(email="nobody@example.org")).text == known


def test_one_place_cannot_send_to_many(visitor: Client) -> None:
    form = form_in(visitor.get(SEARCH).text, "tell")
    answers = [
        visitor.post("/alerts", data=form.fill(email=f"a{n}@example.org").body)
        for n in range(following.REQUESTS_AN_HOUR + 1)
    ]
    assert answers[-1].status_code == 429 and int(answers[-1].headers["retry-after"]) > 0
    assert "a20@example.org" in answers[-1].text, "what was written is kept"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"email": "ada@example"}, "Write an e-mail address"),
        ({"email": ""}, "Write an e-mail address"),
        ({"email": "a@example.org,b@example.org"}, "Write an e-mail address"),
        ({"email": "a@example.org\r\nBcc: b@example.org"}, "Write an e-mail address"),
        ({"every": "hourly"}, "Choose how often."),
        ({"question": "/search?action_line=C99"}, "a filter that we do not know"),
        ({"question": "/search?q=" + "x" * 5000}, "too long"),
        ({"company_fax": "1"}, "the message of a program"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_sent(
    visitor: Client, box: Postbox, settings: Settings, sent: dict[str, str], said: str
) -> None:
    form = form_in(visitor.get(SEARCH).text, "tell").fill(email=ADA).fill(**sent)
    answer = send(visitor, form)
    assert answer.status_code == 422
    assert said in answer.text and "<title>Error: " in answer.text
    assert 'role="alert" tabindex="-1" autofocus' in answer.text
    assert not box.got and not rows(settings, Reader)


def test_odd_addresses_of_a_search_are_read_as_the_page_reads_them(
    visitor: Client, settings: Settings
) -> None:
    odd = "https://elsewhere.example/x?q=%00cyber%0d&open=maybe&kind=nonsense&page=7&kind=training"
    visitor.post("/alerts", data={"email": ADA, "every": "daily", "question": odd})
    assert [q.address for q in rows(settings, Question)] == ["/search?q=cyber&kind=training"]


def test_a_form_on_another_site_sends_nothing(visitor: Client, box: Postbox) -> None:
    form = form_in(visitor.get(SEARCH).text, "tell").fill(email=ADA)
    answer = visitor.post("/alerts", data=form.body, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403 and not box.got


def test_a_reader_sees_changes_and_stops_what_they_follow(
    visitor: Client, box: Postbox, settings: Settings
) -> None:
    confirmed(visitor, box)
    confirmed(visitor, box, address="/search?q=cyber")
    form = form_in(visitor.get("/alerts").text, "/alerts").fill(email=ADA)
    assert "we have sent you a link" in send(visitor, form).text
    mine = link_in(box.got[-1][1], "mine")
    page = visitor.get(mine).text
    assert "Trainings, Confidence &amp; security" in page and "“cyber”" in page
    assert ADA not in page
    form = first_of(page, mine)
    assert "Changed." in send(visitor, form.fill(every="monthly"), to=mine, act="change").text
    assert sorted(f.every for f in rows(settings, Following)) == ["monthly", "weekly"]
    stop = first_of(visitor.get(mine).text, mine)
    page = send(visitor, stop, to=mine, act="stop").text
    assert "Stopped." in page and "“cyber”" in page
    page = send(visitor, form_in(page, mine), to=mine, act="all").text
    assert "we keep no address of you" in page
    assert not rows(settings, Reader) and not rows(settings, Question)
    assert "You follow nothing" in visitor.get(mine).text
    again = send(visitor, stop, to=mine, act="stop")
    assert again.status_code == 200 and "Stopped." in again.text


def test_nobody_changes_what_another_follows(
    visitor: Client, box: Postbox, settings: Settings
) -> None:
    confirmed(visitor, box)
    confirmed(visitor, box, "bob@example.org")
    with writing(settings) as session:
        bobs = session.exec(
            select(Following).order_by(Following.confirmed_at.desc())  # type: ignore[union-attr]
        ).first()
    assert bobs
    for email in (ADA,):
        send(visitor, form_in(visitor.get("/alerts").text, "/alerts").fill(email=email))
    mine = link_in(box.got[-1][1], "mine")
    form = form_in(visitor.get(mine).text, mine).fill(following=str(bobs.id), every="daily")
    assert send(visitor, form, to=mine, act="change").status_code == 404
    send(visitor, form, to=mine, act="stop")
    assert {f.every for f in rows(settings, Following)} == {"weekly"}
    for act in ("", "nonsense"):
        assert send(visitor, form, to=mine, act=act).status_code == 404
    form.fill(following="no id")
    assert send(visitor, form, to=mine, act="change").status_code == 404
    form = form_in(visitor.get(mine).text, mine).fill(every="hourly")
    assert send(visitor, form, to=mine, act="change").status_code in (404, 422)


def test_one_press_in_the_mail_program_stops(
    visitor: Client, box: Postbox, settings: Settings
) -> None:
    """RFC 8058: a POST without cookie or token, as a form or as a multipart body, also twice."""
    confirmed(visitor, box)
    (found,) = rows(settings, Following)
    link = links.link_to_stop(settings, found)
    path = link.removeprefix(settings.base_url)
    page = visitor.get(path)
    assert "Stop this letter?" in page.text and "set-cookie" not in page.headers
    visitor.cookies.clear()
    one_click = {"List-Unsubscribe": "One-Click"}
    assert visitor.post(path, data=one_click).status_code == 200
    assert visitor.post(path, files={"List-Unsubscribe": (None, "One-Click")}).status_code == 200
    assert visitor.post(path).status_code == 200
    assert "You get no more letters" in visitor.get(path).text
    assert not rows(settings, Reader)
    assert visitor.post(path[:-1]).status_code == 404


@pytest.mark.parametrize("kind", ["confirm", "stop", "mine"])
@pytest.mark.parametrize("token", ["x", "%00", "a.b", "é", "~.~.~", "A" * 500])
def test_a_link_that_nobody_made_leads_nowhere(visitor: Client, kind: str, token: str) -> None:
    assert visitor.get(f"/alerts/{kind}/{token}").status_code in (400, 404)


def test_a_link_serves_for_what_it_was_made_alone(
    visitor: Client, box: Postbox, settings: Settings
) -> None:
    confirmed(visitor, box)
    (found,), (reader,) = rows(settings, Following), rows(settings, Reader)
    stop = links.link_to_stop(settings, found).rpartition("/")[2]
    mine = links.link_to_manage(settings, reader).rpartition("/")[2]
    assert visitor.get(f"/alerts/mine/{stop}").status_code == 404
    assert visitor.get(f"/alerts/stop/{mine}").status_code == 404
    assert visitor.get(f"/alerts/confirm/{mine}").status_code == 404


def test_nobody_follows_more_than_fifty(
    visitor: Client, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MOST", 1)
    confirmed(visitor, box)
    ask(visitor, address="/search?q=other")
    link = link_in(box.got[-1][1], "confirm")
    answer = send(visitor, form_in(visitor.get(link).text, link), to=link)
    assert answer.status_code == 409 and "Stop one that you no longer need" in answer.text


def test_administrators_see_counts_and_no_address(
    visitor: Client, box: Postbox, settings: Settings
) -> None:
    confirmed(visitor, box)
    assert visitor.get("/admin/alerts", follow_redirects=False).status_code == 303
    enter_as(visitor, settings, "curator")
    assert visitor.get("/admin/alerts").status_code == 403
    visitor.cookies.clear()
    enter_as(visitor, settings, "admin")
    page = visitor.get("/admin/alerts").text
    assert '<dt>Readers</dt><dd class="num">1</dd>' in page and ADA not in page
    assert "Readers who follow something" in visitor.get("/curation").text


def test_a_letter_that_could_not_go_out_waits(
    visitor: Client, box: Postbox, settings: Settings
) -> None:
    box.answer = "451 Too busy"
    assert "Look into your mailbox" in ask(visitor)
    (letter,) = rows(settings, Letter)
    assert letter.failed and "Too busy" in letter.failed
