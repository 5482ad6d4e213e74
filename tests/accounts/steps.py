"""What several journeys through accounts do."""

import re
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

import httpx
import pyotp
from litestar.testing import TestClient
from sqlmodel import col, select

from directory.audit import AuditRow
from directory.settings import Settings
from tests.people import form_in, send, writing

SITE = "http://testserver.local"


def another_browser(desk: TestClient[Any], agent: str = "") -> TestClient[Any]:
    client: TestClient[Any] = TestClient(desk.app, base_url=SITE)
    client.headers["user-agent"] = agent
    return client


def leave(desk: TestClient[Any]) -> None:
    page = desk.get("/account").text
    assert send(desk, form_in(page, "/account/sign-out"), follow=False).status_code == 303


def press(
    client: TestClient[Any], page: str, action: str, follow: bool = True, **fields: str
) -> httpx.Response:
    """Open a page, fill in the form that goes to `action`, and send it."""
    form = form_in(client.get(page).text, action).fill(**fields)
    return send(client, form, to=action, follow=follow)


class App:
    """An authenticator app on somebody's phone."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)

    def code(self, at: datetime) -> str:
        return self.totp.at(at)


def set_up_app(client: TestClient[Any], at: datetime) -> tuple[App, list[str]]:
    """Set an app up; return it, and the recovery codes that were shown."""
    page = client.get("/account/second-factor/app").text
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found
    app = App(found[1].replace(" ", ""))
    form = form_in(page, "/account/second-factor/app").fill(code=app.code(at))
    shown = send(client, form)
    assert shown.status_code == 200, shown.text
    return app, re.findall(r"<li>([a-z2-7-]{29})</li>", shown.text)


def send_code(client: TestClient[Any], code: str) -> httpx.Response:
    return press(client, "/account/code", "/account/code", follow=False, code=code)


def mail_of(settings: Settings) -> list[tuple[str, str, str]]:
    """Return what went out: to whom, the subject, the text; the oldest first."""
    found = []
    for file in sorted((settings.data_dir / "outbox").glob("*.eml")):
        mail = message_from_bytes(file.read_bytes())
        text = mail.get_payload(decode=True)
        assert isinstance(text, bytes)
        found.append((str(mail["To"]), str(mail["Subject"]), text.decode()))
    return found


def link_in(text: str) -> str:
    found = re.search(rf"{SITE}(/account/password/[\w-]+)", text)
    assert found
    return found[1]


def audited(settings: Settings) -> list[AuditRow]:
    """Return what was written down since the seed."""
    with writing(settings) as session:
        rows = select(AuditRow).where(AuditRow.action != "seed")
        return list(session.exec(rows.order_by(col(AuditRow.sequence))))


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)
