"""A change on its way: proposed, sent back, answered, published, refused; and taken down again."""

from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import col, select

from directory.accounts.models import User
from directory.curation.service import get_entry
from directory.curation.workflow import answer, make_move
from directory.db import now
from directory.entries.kinds import ORGANISATION, TRAINING, Kind
from directory.entries.models import Entry, Note, Redirect, State, Waiting
from directory.mail import OutgoingMail
from directory.settings import Settings
from tests.people import PASSWORD, enter_as, fill_sign_in, form_in, send, writing

SCHOOL = "/curation/trainings/cyber-school-initiative"
PUBLIC = "/trainings/cyber-school-initiative"
Client = TestClient[Any]


def become(client: Client, settings: Settings, role: str) -> None:
    """Come in as this role, with the account there is or a new one."""
    client.cookies.clear()
    with writing(settings) as session:
        known = session.exec(select(User.email).where(User.email == f"{role}@example.org")).first()
    if known:
        assert fill_sign_in(client, known, PASSWORD).status_code == 303
    else:
        enter_as(client, settings, role)


def entry_of(settings: Settings, slug: str = "cyber-school-initiative") -> Entry:
    with writing(settings) as session:
        return get_entry(session, TRAINING, slug)


def propose(client: Client, **values: Any) -> Any:
    """Change the Cyber School and send it to review."""
    form = form_in(client.get(SCHOOL).text).fill(**values)
    return send(client, form, to=form.action + "/submit")


def act(client: Client, move: str, text: str = "", at: str = SCHOOL) -> Any:
    """Open the review and press one of its buttons."""
    page = client.get(f"{at}/review").text
    wanted = f"{at}/moves/{move}"
    return send(client, _form_with(page, wanted), to=wanted, text=text)


def _form_with(page: str, button: str) -> Any:
    """Return the form that has a button for a move."""
    for wanted in ("steps", "taking-down"):
        if f'id="{wanted}"' in page:
            form = form_in(page, wanted)
            if any(to == button for _, _, to in form.buttons):
                return form
    raise AssertionError(f"no button leads to {button}")


def mails(settings: Settings) -> list[OutgoingMail]:
    with writing(settings) as session:
        return list(session.exec(select(OutgoingMail).order_by(col(OutgoingMail.queued_at))))


def test_a_change_is_proposed_sent_back_answered_and_published(
    desk: Client, desk_settings: Settings
) -> None:
    become(desk, desk_settings, "contributor")
    form = desk.get(SCHOOL).text
    assert "Save and send to review" in form
    sent = propose(desk, duration="Nine weeks")
    assert sent.url.path == SCHOOL + "/review"
    assert "sent to review" in sent.text
    assert "waiting change: in review" in sent.text
    assert "Nine weeks" not in desk.get(PUBLIC).text
    assert "it stays in review" in desk.get(SCHOOL).text
    assert not mails(desk_settings)

    become(desk, desk_settings, "curator")
    page = desk.get(SCHOOL + "/review").text
    assert "The live version stays up; this change waits" in page
    assert page.index("8 weeks") < page.index("Nine weeks")
    assert "Who can take part" not in page.split("Conversation")[0]
    assert act(desk, "request_changes", "Where does the nine come from?").status_code == 200
    (mail,) = mails(desk_settings)
    assert mail.to == "contributor@example.org"
    assert "Where does the nine come from?" in mail.text
    assert f"http://testserver.local{SCHOOL}/review" in mail.text

    become(desk, desk_settings, "contributor")
    form = desk.get(SCHOOL).text
    assert "A reviewer asks for changes" in form
    assert "Where does the nine come from?" in form
    review = desk.get(SCHOOL + "/review").text
    said = send(desk, form_in(review, f"{SCHOOL}/answer"), text="From their site.")
    assert "From their site." in said.text.split("Conversation")[1]
    assert mails(desk_settings)[-1].to == "curator@example.org"
    assert propose(desk, duration="Nine weeks, evenings").status_code == 200

    become(desk, desk_settings, "curator")
    assert act(desk, "publish").status_code == 200
    assert "Nine weeks, evenings" in desk.get(PUBLIC).text
    assert "A reviewer asks" not in desk.get(SCHOOL).text
    published = mails(desk_settings)[-1]
    assert (published.to, published.subject) == (
        "contributor@example.org",
        "Published: Cyber School Initiative",
    )
    assert entry_of(desk_settings).waiting is None


def test_a_refusal_needs_a_reason_and_keeps_what_was_typed(
    desk: Client, desk_settings: Settings
) -> None:
    become(desk, desk_settings, "contributor")
    propose(desk, duration="Nine weeks")
    become(desk, desk_settings, "curator")
    answer = act(desk, "refuse", "  ")
    assert answer.status_code == 422
    assert 'href="#f-decide-text"' in answer.text
    assert "Say why, so that the author knows what to do next." in answer.text
    too_long = "a" * 4001
    answer = act(desk, "refuse", too_long)
    assert answer.status_code == 422
    assert too_long in form_in(answer.text, "steps")["text"]
    assert entry_of(desk_settings).waiting is Waiting.IN_REVIEW
    assert act(desk, "refuse", "We list it already.").status_code == 200
    become(desk, desk_settings, "contributor")
    assert "This was refused" in desk.get(SCHOOL).text
    assert act(desk, "submit", "Please look again.").status_code == 200
    assert entry_of(desk_settings).waiting is Waiting.IN_REVIEW


def test_whoever_decides_on_an_older_version_is_told_and_keeps_the_reason(
    desk: Client, desk_settings: Settings
) -> None:
    become(desk, desk_settings, "curator")
    propose(desk, duration="Nine weeks")
    page = desk.get(SCHOOL + "/review").text
    old = _form_with(page, f"{SCHOOL}/moves/refuse")
    propose(desk, duration="Ten weeks")
    for revision in (old["revision"], "", "x", "99999999999"):
        answer = send(
            desk, old, to=f"{SCHOOL}/moves/refuse", text="My long reason", revision=revision
        )
        assert answer.status_code == 409
        assert "has moved on" in answer.text
        assert "My long reason" in answer.text
        assert "Ten weeks" in answer.text
    assert entry_of(desk_settings).waiting is Waiting.IN_REVIEW


def test_what_publishing_needs_is_listed_with_links_to_the_form(curator: Client) -> None:
    new = form_in(curator.get("/curation/trainings/new").text)
    send(curator, new.fill(title="Night School"), to="/curation/trainings/new/submit")
    at = "/curation/trainings/night-school"
    page = curator.get(at + "/review").text
    assert f'href="{at}#f-summary"' in page
    refused = act(curator, "publish", at=at)
    assert refused.status_code == 422
    assert f'href="{at}#f-summary"' in refused.text.split("</ul>")[0]
    assert curator.get("/trainings/night-school").status_code == 404


def test_a_task_is_taken_handed_over_and_released(desk: Client, desk_settings: Settings) -> None:
    become(desk, desk_settings, "admin")
    become(desk, desk_settings, "contributor")
    propose(desk, duration="Nine weeks")
    assert f"{SCHOOL}/assignee" not in desk.get(SCHOOL + "/review").text
    become(desk, desk_settings, "curator")
    with writing(desk_settings) as session:
        people = {u.role: u for u in session.exec(select(User))}

    def hand(to: str) -> Any:
        page = desk.get(SCHOOL + "/review").text
        return send(desk, form_in(page, "hand-over").fill(to=to))

    assert "This is the task of curator@example.org" in hand(str(people["curator"].id)).text
    assert "This is the task of admin@example.org" in hand(str(people["admin"].id)).text
    assert entry_of(desk_settings).assignee_id == people["admin"].id
    assert hand(str(people["contributor"].id)).status_code == 422
    assert hand("nobody").status_code == 422
    become(desk, desk_settings, "contributor")
    act(desk, "take_back")
    act(desk, "submit", "Now it is ready.")
    assert [m.to for m in mails(desk_settings)] == ["admin@example.org"]
    become(desk, desk_settings, "curator")
    assert "Nobody has this task now" in hand("").text
    act(desk, "publish")
    assert desk.get(SCHOOL + "/review").status_code == 200
    form = form_in(desk.get(SCHOOL + "/review").text, f"{SCHOOL}/answer")
    late = desk.post(f"{SCHOOL}/assignee", data=form.body | {"to": [""]})
    assert late.status_code == 409


def test_whoever_publishes_their_own_work_gets_no_mail(
    curator: Client, desk_settings: Settings
) -> None:
    propose(curator, duration="Nine weeks")
    act(curator, "request_changes", "Not yet.")
    act(curator, "publish")
    assert not mails(desk_settings)


def test_only_what_differs_is_shown_until_one_asks_for_everything(curator: Client) -> None:
    propose(curator, duration="Nine weeks")
    short, whole = (curator.get(SCHOOL + f"/review{q}").text for q in ("", "?all=1"))
    assert short.count('scope="row"') == 1
    assert whole.count('scope="row"') > 5
    assert whole.count("differs</span>") == 1


def test_a_withdrawn_entry_says_why_and_comes_back(curator: Client) -> None:
    address = "/curation/organisations/isc2"
    page = curator.get(address + "/review").text
    assert "Every reader sees it" in page
    assert act(curator, "withdraw", "", at=address).status_code == 422
    assert act(curator, "withdraw", "They asked us to.", at=address).status_code == 200
    gone = curator.get("/organisations/isc2")
    assert gone.status_code == 410
    assert "They asked us to." in gone.text
    assert 'action="/search"' in gone.text
    problem = curator.get("/api/v1/organisations/isc2")
    assert (problem.status_code, problem.json()["status"]) == (410, 410)
    assert "They asked us to." in problem.json()["detail"]
    assert curator.get("/organisations/isc2.json").status_code == 410
    assert act(curator, "bring_back", at=address).status_code == 200
    back = curator.get("/organisations/isc2")
    assert back.status_code == 200
    assert "They asked us to." not in back.text


def test_an_archived_entry_is_read_at_its_address_and_listed_nowhere(curator: Client) -> None:
    assert "cyber-school-initiative" in curator.get("/search?q=cyber+school").text
    assert act(curator, "archive", "It ended in June.").status_code == 200
    page = curator.get(PUBLIC)
    assert page.status_code == 200
    assert "Archived on" in page.text
    assert "It ended in June." in page.text
    assert '<meta name="robots" content="noindex">' in page.text
    assert curator.get("/api/v1" + PUBLIC).json()["state"] == "archived"
    assert curator.get("/api/v1/trainings/ai-campus").json()["state"] == "published"
    for listing in ("/trainings", "/sitemap.xml", "/search.csv", "/api/v1/trainings?per_page=100"):
        assert "cyber-school-initiative" not in curator.get(listing).text, listing


def test_before_taking_down_one_sees_what_refers_to_it(curator: Client) -> None:
    page = curator.get("/curation/organisations/gcsp/review").text
    aside = page.split('id="take-down"')[1]
    assert "links point" in aside
    assert 'href="/curation/trainings/' in aside


@pytest.mark.parametrize(
    ("state", "status"), [(State.PUBLISHED, 301), (State.ARCHIVED, 301), (State.WITHDRAWN, 410)]
)
def test_the_old_address_of_a_merged_entry_leads_to_what_became_of_it(
    desk: Client, desk_settings: Settings, state: State, status: int
) -> None:
    with writing(desk_settings) as session:
        target = get_entry(session, TRAINING, "ai-campus")
        target.state, target.state_reason = state, "Because."
        old = get_entry(session, TRAINING, "cyber-school-initiative")
        old.state, old.merged_into = State.MERGED, target.id
        redirect = Redirect(kind="training", slug=old.slug, entry_id=target.id)
        session.add_all([target, old, redirect])
    answer = desk.get(PUBLIC, follow_redirects=False)
    assert answer.status_code == status
    if status == 301:
        assert answer.headers["location"] == "/trainings/ai-campus"


def test_a_person_whose_account_may_no_longer_read_gets_no_mail(
    desk: Client, desk_settings: Settings
) -> None:
    become(desk, desk_settings, "contributor")
    propose(desk, duration="Nine weeks")
    with writing(desk_settings) as session:
        person = session.exec(select(User).where(User.role == "contributor")).one()
        person.role = "provider"
        session.add(person)
    become(desk, desk_settings, "curator")
    act(desk, "refuse", "A secret reason.")
    assert not mails(desk_settings)


def test_who_has_no_access_any_more_gets_no_task_and_no_mail(
    desk: Client, desk_settings: Settings
) -> None:
    become(desk, desk_settings, "admin")
    become(desk, desk_settings, "contributor")
    propose(desk, duration="Nine weeks")
    with writing(desk_settings) as session:
        for person in session.exec(select(User)):
            person.ended_at = now()
            session.add(person)
    become(desk, desk_settings, "curator")
    assert ">admin@example.org<" not in desk.get(SCHOOL + "/review").text
    act(desk, "refuse", "A secret reason.")
    assert not mails(desk_settings)


def test_a_note_says_which_revision_it_is_about(desk_settings: Settings) -> None:
    with writing(desk_settings) as session:
        curator = User(email="c@example.org", role="curator")
        session.add(curator)
        session.flush()
        kind: Kind = ORGANISATION
        entry = get_entry(session, kind, "gcsp")
        answer(session, entry, "A question.", by=curator)
        make_move(session, entry, "archive", by=curator, reason="Over.")
        notes = session.exec(select(Note).order_by(col(Note.created_at))).all()
        assert [(n.move, n.revision) for n in notes] == [("answer", 1), ("archive", 1)]
