"""A reader says what is wrong; a curator looks at it, answers, and thinks again."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from directory.accounts.models import User
from directory.curation.merging_entries import merge
from directory.curation.service import get_entry, latest_revision, publish, read_draft, save_draft
from directory.entries.kinds import ORGANISATION, TRAINING
from directory.inbox.models import Report
from directory.inbox.pages.common import TRAP
from directory.inbox.words import LONGEST, LONGEST_VALUE
from directory.settings import Settings
from tests.inbox.conftest import mails
from tests.people import Form, enter_as, form_in, send, writing

SCHOOL = "trainings/cyber-school-initiative"
NAMED = f"/report?entry={SCHOOL}&field=summary"


def reports(settings: Settings) -> list[Report]:
    with writing(settings) as session:
        return list(session.exec(select(Report).order_by(Report.created_at)))  # type: ignore[arg-type]


def opened(client: TestClient[Any], address: str = NAMED) -> Form:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return form_in(answer.text, "/report")


def filled(client: TestClient[Any], address: str = NAMED, **more: str) -> Form:
    said = {"problem": "wrong", "value": "It is a ten-week course for teachers."}
    return opened(client, address).fill(**said | more)


def sent(client: TestClient[Any], address: str = NAMED, **more: str) -> str:
    """Send a report and return its reference."""
    answer = send(client, filled(client, address, **more), follow=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("reference=")[2]


def change_the_summary(settings: Settings, text: str) -> None:
    with writing(settings) as session:
        entry = get_entry(session, TRAINING, "cyber-school-initiative")
        newest = latest_revision(session, entry)
        profile = newest.profile | {"summary": text}
        draft = read_draft(TRAINING, entry.slug, profile, newest.claims)
        entry, revision = save_draft(session, draft, by=None)
        publish(session, entry, revision, by=None)


def test_every_entry_page_has_a_quiet_link_and_each_sourced_value_one_of_its_own(
    site: TestClient[Any],
) -> None:
    page = site.get(f"/{SCHOOL}").text
    assert f'href="/report?entry={SCHOOL}"' in page
    assert f'href="/report?entry={SCHOOL}&amp;field=summary"' in page
    for path in ("/organisations/gcsp", "/programmes/cyberpeace-builders"):
        assert f'href="/report?entry={path[1:]}"' in site.get(path).text
    assert "/report?" not in site.get("/compare?entry=gcsp&entry=ai-campus").text


def test_the_rules_and_the_value_of_now_stand_before_the_form(site: TestClient[Any]) -> None:
    page = site.get(NAMED).text
    before = page.partition("<form")[0]
    for words in ("A fact needs a source", "We cannot mediate", "What happens next"):
        assert words in before
    assert "An eight-week cybersecurity course" in before
    assert "line 115" in before


def test_a_report_arrives_with_what_the_reader_had_before_her_eyes(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    form = filled(desk, where="https://example.org/school", message="I took part in it.")
    thanks = send(desk, form)
    assert thanks.status_code == 200
    (report,) = reports(desk_settings)
    assert report.reference in thanks.text
    assert (report.field, report.version, report.problem) == ("summary", 1, "wrong")
    assert report.old_value and report.old_value.startswith("An eight-week cybersecurity course")
    assert report.old_source == "CyberPeace Institute profile, line 115"
    assert report.suggested == "It is a ten-week course for teachers."
    assert report.said_where == "https://example.org/school"
    assert report.email is None
    assert "testclient" not in report.model_dump_json(), "no network address is kept"


def test_a_field_that_is_not_stated_can_be_suggested_from_the_page_of_the_whole_entry(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    sent(desk, f"/report?entry={SCHOOL}", field="cost", value="free of charge")
    sent(desk, f"/report?entry={SCHOOL}", problem="unlist", message="It ended last year.")
    first, second = reports(desk_settings)
    assert (first.field, first.old_value) == ("cost", None)
    assert (second.field, second.old_value) == (None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("problem", "made-up"),
        ("value", "x" * (LONGEST_VALUE + 1)),
        ("value", "x" * 10_000),
        ("message", "x" * (LONGEST + 1)),
        ("message", "a bell rings \x07 here"),
        ("where", "nul \x00 inside"),
        ("email", "not an address"),
        ("email", "two@example.org,three@example.org"),
        ("email", "a\r\nBcc: b@example.org"),
        ("message", "http://a.example http://b.example www.c.example HTTPS://d.example"),
    ],
)
def test_what_does_not_fit_comes_back_with_the_reason_and_everything_that_was_written(
    desk: TestClient[Any], desk_settings: Settings, field: str, value: str
) -> None:
    form = filled(desk, where="the page nobody may lose").fill(**{field: value})
    answer = send(desk, form)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert f'href="#{field}"' in answer.text
    if field != "where":
        assert "the page nobody may lose" in answer.text
    assert reports(desk_settings) == []


def test_a_report_without_words_or_without_a_choice_is_not_taken(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    answer = send(desk, filled(desk, value="short"))
    assert answer.status_code == 422
    assert "Write at least 10 characters" in answer.text
    answer = send(desk, opened(desk).fill(value="It is a ten-week course."))
    assert answer.status_code == 422
    assert "Choose what is wrong." in answer.text
    assert reports(desk_settings) == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "entry=",
        "entry=trainings",
        "entry=trainings/",
        "entry=trainings/no-such-thing",
        "entry=nowhere/gcsp",
        "entry=trainings/%00",
        "entry=" + "x" * 10_000,
        f"entry={SCHOOL}&field=no_such_field",
        f"entry={SCHOOL}&field=curator_note",
        f"entry={SCHOOL}&field=id",
    ],
)
def test_there_is_no_form_for_what_nobody_sees(
    desk: TestClient[Any], desk_settings: Settings, query: str
) -> None:
    """A private field and one that does not exist get the same answer."""
    assert desk.get(f"/report?{query}").status_code == 404
    form = filled(desk)
    for name in ("entry", "field"):
        values = [v.partition("=")[2] for v in query.split("&") if v.startswith(name)]
        form.fill(**{name: values[0] if values else ""})
    if form["entry"] != SCHOOL or form["field"]:
        assert send(desk, form).status_code == 404
    assert reports(desk_settings) == []


def test_private_and_unknown_fields_are_refused_in_the_same_words(site: TestClient[Any]) -> None:
    private = site.get(f"/report?entry={SCHOOL}&field=curator_note").text
    unknown = site.get(f"/report?entry={SCHOOL}&field=no_such_field").text
    assert private == unknown.replace("no_such_field", "curator_note")


def test_whoever_wrote_about_an_older_version_sees_the_new_value_first(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    form = filled(desk)
    change_the_summary(desk_settings, "A course of pelicans.")
    answer = send(desk, form)
    assert answer.status_code == 409
    assert "A course of pelicans." in answer.text
    assert "It is a ten-week course for teachers." in answer.text
    assert send(desk, form_in(answer.text, "/report").fill(problem="wrong")).status_code == 200
    assert [r.version for r in reports(desk_settings)] == [2]


def test_a_program_that_fills_in_every_field_is_asked_again_and_a_person_gets_through(
    desk: TestClient[Any], desk_settings: Settings
) -> None:
    page = desk.get(NAMED).text
    assert '<div class="trap">' in page
    assert "style=" not in page
    answer = send(desk, filled(desk).fill(**{TRAP: "+41 22"}))
    assert answer.status_code == 422
    assert reports(desk_settings) == []
    assert send(desk, form_in(answer.text, "/report").fill(problem="wrong")).status_code == 200
    assert len(reports(desk_settings)) == 1


def test_the_sixth_report_in_an_hour_is_asked_to_wait_and_keeps_its_text(
    desk: TestClient[Any], desk_settings: Settings, later: Callable[..., None]
) -> None:
    for number in range(5):
        sent(desk, value=f"Report number {number}.")
    answer = send(desk, filled(desk, value="One too many."))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 3600
    assert "Try again in 60 minutes" in answer.text or "Try again in 1 hour" in answer.text
    assert "One too many." in answer.text
    later(hours=1, seconds=1)
    sent(desk, value="Now it is taken.")
    assert len(reports(desk_settings)) == 6


def test_a_script_in_a_report_is_text_for_whoever_reads_it(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    script = "<script>alert('pelican')</script>"
    reference = sent(curator, value=script, where=script, message=script)
    for path in ("/curation/reports", f"/curation/reports/{reference}"):
        page = curator.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_curator_works_a_report_through_and_the_sender_gets_an_answer(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    reference = sent(curator, email="Reader@Example.org")
    assert reference in curator.get("/curation/reports").text
    page = curator.get(f"/curation/reports/{reference}").text
    assert "An eight-week cybersecurity course" in page
    assert "Nothing has changed since." in page
    assert f'href="/curation/{SCHOOL}#f-summary"' in page
    assert 'id="f-summary"' in curator.get(f"/curation/{SCHOOL}").text

    take = form_in(page, f"/curation/reports/{reference}/take")
    page = send(curator, take).text
    assert "curator@example.org" in page
    assert reference in curator.get("/curation/reports?mine=yes").text

    change_the_summary(desk_settings, "A course of pelicans.")
    assert "changed since" in curator.get("/curation/reports").text
    page = curator.get(f"/curation/reports/{reference}").text
    assert "A course of pelicans." in page
    assert "An eight-week cybersecurity course" in page

    close = form_in(page, f"/curation/reports/{reference}/close")
    assert send(curator, close.fill(answer="It says so now."), outcome="done").status_code == 200
    (mail,) = mails(desk_settings, "reader@example.org")
    for words in (reference, "Cyber School Initiative", "It says so now.", "deleted 30 days after"):
        assert words in mail.text
    assert reference not in curator.get("/curation/reports").text
    assert reference in curator.get("/curation/reports?state=done").text


def test_nothing_done_needs_a_reason_and_a_closed_report_can_be_opened_again(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    reference = sent(curator)
    path = f"/curation/reports/{reference}"
    form = form_in(curator.get(path).text, f"{path}/close")
    answer = send(curator, form, outcome="not_done")
    assert answer.status_code == 422
    assert "Say why nothing was changed" in answer.text
    assert send(curator, form.fill(answer="x" * 10_000), outcome="not_done").status_code == 422
    said = "The source says eight weeks."
    assert send(curator, form.fill(answer=said), outcome="not_done").status_code == 200
    assert mails(desk_settings) == [], "nobody asked for an answer"
    assert send(curator, form, outcome="done").status_code == 409, "it is closed"
    page = send(curator, form_in(curator.get(path).text, f"{path}/reopen")).text
    assert "open again" in page
    assert f'action="{path}/close"' in page


def test_the_queue_is_filtered_by_problem_kind_state_and_age(
    curator: TestClient[Any], desk_settings: Settings, later: Callable[..., None]
) -> None:
    school = sent(curator, problem="link", message="The second link is dead.")
    later(days=8)
    other = sent(curator, "/report?entry=organisations/gcsp", problem="missing")

    def shown(query: str) -> list[bool]:
        page = curator.get(f"/curation/reports?{query}").text
        return [reference in page for reference in (school, other)]

    assert shown("") == [True, True]
    assert shown("problem=link") == [True, False]
    assert shown("kind=organisation") == [False, True]
    assert shown("older=30") == [False, False]
    assert shown("state=done") == [False, False]
    assert shown("state=any&problem=bogus&kind=bogus&older=bogus&page=bogus") == [True, True]
    later(days=23)
    assert shown("older=30") == [True, False]


def test_a_sender_who_floods_the_queue_is_paused_for_thirty_days(
    desk: TestClient[Any],
    reader: TestClient[Any],
    desk_settings: Settings,
    later: Callable[..., None],
) -> None:
    enter_as(desk, desk_settings, "curator")
    reference = sent(reader)
    path = f"/curation/reports/{reference}"
    page = send(desk, form_in(desk.get(path).text, f"{path}/pause")).text
    assert "This sender is paused." in page
    answer = send(reader, filled(reader))
    assert answer.status_code == 429
    assert "paused" in answer.text
    later(days=30, seconds=1)
    sent(reader)


@pytest.mark.parametrize("role", ["contributor", "provider"])
def test_only_who_handles_reports_sees_the_queue(
    desk: TestClient[Any], desk_settings: Settings, role: str
) -> None:
    reference = sent(desk)
    for path in ("/curation/reports", f"/curation/reports/{reference}"):
        assert desk.get(path, follow_redirects=False).status_code == 303
    enter_as(desk, desk_settings, role)
    for path in ("/curation/reports", f"/curation/reports/{reference}"):
        assert desk.get(path).status_code == 403
    form = form_in(desk.get("/account").text, "/account/sign-out")
    for move in ("take", "let-go", "close", "reopen", "pause"):
        to = f"/curation/reports/{reference}/{move}"
        assert send(desk, form, to=to).status_code == 403
    with writing(desk_settings) as session:
        assert session.exec(select(User).where(User.role == role)).one()
    assert reports(desk_settings)[0].state == "open"


def test_what_is_not_there_is_404_for_curators_too(curator: TestClient[Any]) -> None:
    reference = sent(curator)
    form = form_in(
        curator.get(f"/curation/reports/{reference}").text, f"/curation/reports/{reference}/take"
    )
    assert curator.get("/curation/reports/AAAA-2222").status_code == 404
    assert send(curator, form, to="/curation/reports/AAAA-2222/take").status_code == 404
    assert send(curator, form, to=f"/curation/reports/{reference}/fly").status_code == 404
    assert curator.get("/report/thanks?reference=<b>").status_code == 404


def test_a_report_of_a_merged_entry_leads_to_the_one_that_stays(
    curator: TestClient[Any], desk_settings: Settings
) -> None:
    about = sent(curator, "/report?entry=organisations/gcsp&field=summary")
    whole = sent(curator, "/report?entry=organisations/gcsp", message="It is named twice here.")
    with writing(desk_settings) as session:
        by = session.exec(select(User).where(User.role == "curator")).one()
        merge(session, ORGANISATION, "diplofoundation", "gcsp", by=by)
    queue = curator.get("/curation/reports").text
    assert queue.count("merged into DiploFoundation") == 2
    assert "not public now" not in queue
    page = curator.get(f"/curation/reports/{about}").text
    assert 'href="/curation/organisations/diplofoundation#f-summary"' in page
    assert "This entry is part of" in page
    assert "Now, in DiploFoundation" in page
    assert "A non-profit organisation that helps small and developing states" in page
    assert "Read the entry that stays." in curator.get(f"/curation/reports/{whole}").text


def test_what_is_wrong_is_listed_in_the_order_of_the_page(reader: TestClient[Any]) -> None:
    page = send(reader, opened(reader).fill(email="nobody")).text
    places = [page.index(f'<a href="#{name}">') for name in ("problem", "message", "email")]
    assert places == sorted(places)
