"""The life of an account on every database we support."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from directory.accounts.kept import (
    Holder,
    end_sessions,
    issue_session,
    key_of,
    read_session,
    renew_session,
    sessions_of,
)
from directory.accounts.models import Attempt, BrowserSession, PasswordLink, User
from directory.accounts.people import (
    change_role,
    end_access,
    free_of_factors,
    invite,
    list_people,
    send_link,
)
from directory.accounts.service import (
    note_arrival,
    note_failure,
    request_reset,
    set_password,
    sign_in,
)
from directory.audit import verify_chain
from directory.db import Database, now
from directory.errors import Invalid, NotFound
from directory.mail import deliver
from directory.migrate import migrate
from directory.settings import Settings
from tests.accounts.steps import link_in, mail_of
from tests.people import PASSWORD

NEW = "eleven green kettles"


def token_in(text: str) -> str:
    return link_in(text).rpartition("/")[2]


def person(session: Session, email: str) -> User:
    return session.exec(select(User).where(User.email == email)).one()


def test_from_the_invitation_to_the_end(any_engine: Engine, desk_settings: Settings) -> None:
    migrate(any_engine)
    database = Database(any_engine)
    with database.writing() as session:
        boss = User(email="boss@example.org", role="admin", password_hash="x")
        session.add(boss)
        session.flush()
        _, link = invite(session, "Ana@example.org", "curator", desk_settings, by=boss)
    with database.writing() as session:
        ana = set_password(session, token_in(link), PASSWORD, "A site")
        note_arrival(session, ana, "link")
        issue_session(session, "one", b"{}", Holder(ana.id, True, "Firefox on Linux"))
        issue_session(session, "two", b"{}", Holder(ana.id, True))
        issue_session(session, "half", b"{}", Holder(ana.id, False))
    with database.writing() as session:
        renew_session(session, "one", b'{"a":1}')
        assert len(sessions_of(session, ana)) == 2
        note_failure(session, "ana@example.org", "password")
        request_reset(session, "ana@example.org", desk_settings)
        assert session.exec(select(Attempt)).one()
    assert deliver(database, desk_settings).sent == 2
    reset = next(text for _, subject, text in mail_of(desk_settings) if "new password" in subject)
    with database.writing() as session:
        set_password(session, token_in(reset), NEW, "A site")
        assert read_session(session, "one") is None and read_session(session, "half") is None
    with database.writing() as session:
        assert sign_in(session, "ana@example.org", NEW).id == ana.id
        change_role(session, person(session, "ana@example.org"), "provider", by=boss)
        free_of_factors(session, person(session, "ana@example.org"), by=boss)
    with database.writing() as session:
        end_access(session, person(session, "ana@example.org"), by=boss)
    with database.writing() as session:
        with pytest.raises(Invalid):
            sign_in(session, "ana@example.org", NEW)
        assert [p.state for p in list_people(session)] == ["active", "ended"]
        again = send_link(session, person(session, "ana@example.org"), desk_settings, by=boss)
    with database.writing() as session:
        with pytest.raises(NotFound):
            set_password(session, token_in(reset), NEW, "A site")
        set_password(session, token_in(again), PASSWORD, "A site")
        assert session.exec(select(PasswordLink)).all() == []
        assert end_sessions(session, ana.id) == 0
        found = verify_chain(session)
    assert found.broken is None and found.rows >= 10


@pytest.mark.postgres
def test_who_signs_in_does_not_wait_for_a_session_that_another_worker_holds(
    postgres_engine: Engine,
) -> None:
    migrate(postgres_engine)
    database = Database(postgres_engine)
    with database.writing() as session:
        for name in ("held", "free"):
            issue_session(session, name, b"")
        session.exec(sa.update(BrowserSession).values(expires_at=now() - timedelta(hours=1)))
    with database.writing() as other:
        renew_session(other, "held", b"still here")
        with database.writing() as session:
            session.exec(sa.text("SET LOCAL lock_timeout = '2s'"))  # type: ignore[call-overload]
            issue_session(session, "new", b"")
    with database.reading() as session:
        kept = {row.key for row in session.exec(select(BrowserSession))}
    assert kept == {key_of("held"), key_of("new")}
