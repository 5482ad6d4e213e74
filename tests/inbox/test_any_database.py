"""Reports and requests on both databases, and of two curators who decide at once only one does."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from directory.accounts.models import Grant, User
from directory.db import Database
from directory.entries.kinds import ORGANISATION
from directory.entries.queries import find_published
from directory.errors import Conflict, TooMany
from directory.imports.seed import load_seed
from directory.inbox import reports, requests
from directory.inbox.models import Report, Request
from directory.inbox.proof import token_for
from directory.inbox.subjects import read_subject
from directory.inbox.tidy import tidy
from directory.inbox.words import ReportForm, RequestForm
from directory.migrate import migrate
from directory.settings import Settings, data
from tests.inbox.conftest import a_person

SETTINGS = Settings(secret_key="a-key-for-tests-only")


def prepare(engine: Engine) -> Database:
    migrate(engine)
    database = Database(engine)
    with database.writing() as session:
        load_seed(session, data("seed"))
        a_person(session, "curator@example.org", "curator")
        organisation = find_published(session, ORGANISATION, "diplofoundation")
        form = RequestForm(email="ana@diplomacy.edu", job="Director")
        requests.ask(session, organisation, form, sender="a", settings=SETTINGS)
        request = session.exec(select(Request)).one()
        requests.prove(session, token_for(request, SETTINGS.secret), settings=SETTINGS)
    return database


def curator_in(session: Session) -> User:
    return session.exec(select(User).where(User.role == "curator")).one()


def test_of_two_curators_who_decide_at_once_only_one_does(any_engine: Engine) -> None:
    database = prepare(any_engine)

    def decide(grants: bool) -> str:
        try:
            with database.writing() as session:
                request, curator = session.exec(select(Request)).one(), curator_in(session)
                if grants:
                    requests.grant(session, request, by=curator, settings=SETTINGS)
                else:
                    requests.refuse(session, request, "No.", by=curator, settings=SETTINGS)
        except Conflict:
            return "too late"
        return "done"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(decide, [True, False, True, False]))
    assert sorted(said) == ["done", "too late", "too late", "too late"]
    with database.reading() as session:
        state = session.exec(select(Request)).one().state
        assert len(session.exec(select(Grant)).all()) == (1 if state == "granted" else 0)


def test_reports_that_arrive_at_once_are_all_kept_up_to_the_limit(any_engine: Engine) -> None:
    database = prepare(any_engine)
    form = ReportForm.model_validate({"problem": "wrong", "message": "This is not right."})

    def report(number: int) -> bool:
        try:
            with database.writing() as session:
                subject = read_subject(session, "organisations/gcsp", "name")
                reports.send_report(session, subject, form, seen=1, sender="one sender", secret="s")
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(report, range(8)))
    assert taken == 5
    with database.writing() as session:
        assert len(session.exec(select(Report)).all()) == 5
        curator = curator_in(session)
        total, found = reports.list_reports(session, reports.ReportFilter(), curator, 1)
        assert (total, len(found)) == (5, 5)
        assert tidy(session, SETTINGS) == tidy(session, SETTINGS)
