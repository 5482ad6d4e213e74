"""What we promise to whoever writes to us: forgotten in time, and never shown to anybody else."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from directory.audit import AuditRow, verify_chain
from directory.db import Database
from directory.inbox import reports
from directory.inbox.models import PausedSender, Report
from directory.inbox.subjects import read_subject
from directory.inbox.tidy import forget, tidy
from directory.inbox.words import ReportForm
from directory.settings import Settings
from tests.inbox.conftest import a_person, mails_in
from tests.inbox.test_reports import sent
from tests.inbox.test_requests import ask, decide, prove, requests

MARKER = "zqxmarker"
SETTINGS = Settings(secret_key="a-key-for-tests-only", base_url="http://testserver.local")
PUBLIC = [
    "/", "/search?q=diplomacy", "/search.csv", "/search.json", "/organisations",
    "/organisations/diplofoundation", "/organisations/diplofoundation.json",
    "/organisations/diplofoundation/claim", "/trainings/cyber-school-initiative",
    "/trainings/cyber-school-initiative.json", "/api/v1/organisations",
    "/api/v1/organisations/diplofoundation", "/api/v1/search?q=diplomacy", "/sitemap.xml",
    "/report?entry=organisations/diplofoundation", "/compare?entry=diplofoundation", "/sources",
    "/api/v1/openapi.json", "/metrics", "/gaps", "/about",
]  # fmt: skip


def test_thirty_days_after_its_answer_nothing_of_a_sender_is_left(
    database: Database, later: Callable[..., None]
) -> None:
    form = ReportForm(problem="wrong", message=f"{MARKER} {MARKER}", email="me@example.org")
    with database.writing() as session:
        curator = a_person(session, "curator@example.org", "curator")
        subject = read_subject(session, "organisations/gcsp")
        first, second = (
            reports.send_report(session, subject, form, seen=1, sender="hash", secret="s")
            for _ in range(2)
        )
        reports.pause_sender(session, first, by=curator)
        reports.close(session, first, "Thank you.", done=True, by=curator, settings=SETTINGS)
        assert len(mails_in(session, "me@example.org")) == 1
        later(days=29, hours=23)
        assert forget(session) == 0
        later(hours=2)
        assert tidy(session, SETTINGS).addresses == 1
        assert tidy(session, SETTINGS).addresses == 0
        session.expire_all()
        kept = {r.reference: r for r in session.exec(select(Report))}
        assert (kept[first].email, kept[first].sender) == (None, None)
        assert kept[second].email == "me@example.org", "this one is not answered yet"
        assert mails_in(session, "me@example.org") == []
        assert session.exec(select(PausedSender)).all() == []


def test_the_log_keeps_neither_the_sender_nor_what_they_wrote(database: Database) -> None:
    form = ReportForm(
        problem="wrong", value=MARKER * 2, message=MARKER, where=MARKER, email="me@example.org"
    )
    with database.writing() as session:
        curator = a_person(session, "curator@example.org", "curator")
        subject = read_subject(session, "organisations/gcsp", "name")
        one = reports.send_report(session, subject, form, seen=1, sender="hash", secret="s")
        reports.take_on(session, one, by=curator)
        reports.let_go(session, one, by=curator)
        reports.close(session, one, "Answered.", done=False, by=curator, settings=SETTINGS)
        reports.reopen(session, one, by=curator)
        reports.pause_sender(session, one, by=curator)
        log = [row for row in session.exec(select(AuditRow)) if one in row.detail]
        assert [row.action for row in log] == [
            "report", "take report", "let go of report", "close report", "reopen report",
            "pause sender",
        ]  # fmt: skip
        everything = " ".join(row.model_dump_json() for row in log)
        for secret in (MARKER, "me@example.org", '"hash"'):
            assert secret not in everything.replace('"hash":', "")
        assert verify_chain(session).broken is None


def test_reports_requests_and_rights_show_in_no_public_output(
    curator: TestClient[Any], reader: TestClient[Any], desk_settings: Settings
) -> None:
    sent(
        reader,
        value=f"{MARKER} value",
        message=f"{MARKER} message",
        where=MARKER,
        email=f"{MARKER}@example.org",
    )
    email = f"{MARKER}@diplomacy.edu"
    ask(reader, email, message=f"{MARKER} message")
    prove(reader, desk_settings, email)
    page = curator.get("/curation/requests").text + curator.get("/curation/reports").text
    assert page.count(MARKER) >= 3, "the marker is there where it belongs"
    assert decide(curator, requests(desk_settings)[0], "grant").status_code == 200
    for path in PUBLIC:
        answer = reader.get(path)
        assert answer.status_code == 200, path
        assert MARKER not in answer.text, path


def test_no_page_in_which_somebody_writes_to_us_is_for_crawlers(site: TestClient[Any]) -> None:
    robots = site.get("/robots.txt").text
    assert "Disallow: /report\n" in robots
    assert "Disallow: /claim\n" in robots
    for path in ("/report?entry=organisations/gcsp", "/organisations/gcsp/claim"):
        answer = site.get(path)
        assert 'content="noindex"' in answer.text
        assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/", "/search", "/organisations/gcsp", "/nowhere", "/report"])
def test_listed_not_endorsed_stands_on_every_page_and_says_what_it_means(
    site: TestClient[Any], path: str
) -> None:
    assert '<a href="/about#listing">Listed, not endorsed</a>' in site.get(path).text
    about = site.get("/about").text
    for place in ("listing", "getting-on", "corrections", "appeal"):
        assert f'id="{place}"' in about
