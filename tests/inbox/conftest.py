"""Who writes to us, who reads it, the mails that go out, and a clock that one can turn."""

import importlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import Session, select

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.app import create_app
from directory.db import now
from directory.mail import OutgoingMail, text_of
from directory.settings import Settings
from tests.people import enter_as, quick_hashes, writing

__all__ = ["quick_hashes"]
TELL_TIME = [
    *(f"directory.inbox.{m}" for m in ("grants", "requests", "reports", "proof", "tidy")),
    "directory.accounts.throttle",
    "directory.curation.owning",
]


@pytest.fixture
def curator(desk: TestClient[Any], desk_settings: Settings) -> TestClient[Any]:
    """The site as a curator has it open."""
    enter_as(desk, desk_settings, "curator")
    return desk


@pytest.fixture
def reader(desk_settings: Settings) -> Iterator[TestClient[Any]]:
    """The same site as somebody without an account has it open."""
    with TestClient(create_app(desk_settings), base_url="http://testserver.local") as client:
        yield client


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Turn the clock forward: `later(days=3)`."""
    gone = timedelta()

    def read() -> datetime:
        return now() + gone

    def turn(**time: float) -> None:
        nonlocal gone
        gone += timedelta(**time)

    for module in TELL_TIME:
        monkeypatch.setattr(importlib.import_module(module), "now", read)
    return turn


def mails(settings: Settings, to: str = "") -> list[OutgoingMail]:
    """Return what was mailed, the newest last."""
    with writing(settings) as session:
        found = mails_in(session, to)
        session.expunge_all()
    for mail in found:
        mail.text = text_of(mail, settings)
    return found


def mails_in(session: Session, to: str = "") -> list[OutgoingMail]:
    session.flush()
    found = session.exec(select(OutgoingMail).order_by(OutgoingMail.queued_at)).all()  # type: ignore[arg-type]
    return [m for m in found if to in ("", m.to)]


def link_in(mail: OutgoingMail) -> str:
    """Return the path of the link in a mail."""
    found = re.search(r"http://testserver\.local(/(?:claim|account/password)/\S+)", mail.text)
    assert found, mail.text
    return found.group(1)


def a_person(session: Session, email: str, role: str) -> User:
    add_user(session, email, role)
    return session.exec(select(User).where(User.email == email)).one()


@contextmanager
def address(client: TestClient[Any], host: str) -> Iterator[None]:
    """Send from another network address."""
    transport: Any = client._transport
    before = transport.client
    transport.client = (host, 50000)
    yield
    transport.client = before
