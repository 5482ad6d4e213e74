"""What a person does with a browser that has no scripts: read forms, fill them in, send them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import Session

from directory.accounts import passwords
from directory.accounts.service import add_user
from directory.db import Database, make_engine
from directory.settings import Settings

PASSWORD = "nine quiet herons"
SCOPES = ("read drafts", "save", "submit")
"""What the tokens of these tests may do."""


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords at almost no cost, for every test beside a conftest that imports this."""
    quick = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHES", PasswordHash((quick,)))


@contextmanager
def writing(settings: Settings) -> Iterator[Session]:
    """Open the database of a site beside it, as a command would."""
    engine = make_engine(settings.database_url)
    with Database(engine).writing() as session:
        yield session
    engine.dispose()


@dataclass
class Form:
    """The fields of a form as a browser would send them, and where to."""

    action: str = ""
    pairs: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return next(value for n, value in self.pairs if n == name)

    def all(self, name: str) -> list[str]:
        return [value for n, value in self.pairs if n == name]

    def fill(self, **values: Any) -> "Form":
        """Write over fields by their names; `__` stands for the dot in a name."""
        for key, value in values.items():
            name = key.replace("__", ".")
            position = next((n for n, p in enumerate(self.pairs) if p[0] == name), len(self.pairs))
            self.pairs = [p for p in self.pairs if p[0] != name]
            texts = value if isinstance(value, list) else [value]
            self.pairs[position:position] = [(name, text) for text in texts]
        return self

    @property
    def body(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in self.pairs:
            found.setdefault(name, []).append(value)
        return found


class _Reader(HTMLParser):
    """Collects what the form with an id or an action would send when nothing is touched."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.form = Form()
        self._wanted = wanted
        self._inside = False
        self._select: tuple[str, list[str], list[str]] | None = None
        self._textarea: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        if tag == "form" and self._wanted in (a.get("id"), a.get("action")):
            self._inside, self.form.action = True, a.get("action", "")
        if not self._inside:
            return
        name, value = a.get("name", ""), a.get("value", "")
        kind = a.get("type", "text")
        if tag == "input" and name:
            if kind in ("checkbox", "radio"):
                if "checked" in a:
                    self.form.pairs.append((name, a.get("value", "on")))
            else:
                self.form.pairs.append((name, value))
        elif tag == "select":
            self._select = (name, [], [])
        elif tag == "option" and self._select:
            self._select[1].append(value)
            if "selected" in a:
                self._select[2].append(value)
        elif tag == "textarea":
            self._textarea = (name, [])
        elif tag == "button":
            self.form.buttons.append((name, value, a.get("formaction", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select" and self._select:
            name, options, selected = self._select
            self.form.pairs.append((name, (selected or options)[-1 if selected else 0]))
            self._select = None
        elif tag == "textarea" and self._textarea:
            text = "".join(self._textarea[1]).removeprefix("\n")
            self.form.pairs.append((self._textarea[0], text.replace("\n", "\r\n")))
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._textarea[1].append(data)


def without_token(html: str) -> str:
    """Return a page without the token of its forms, which looks different in each answer."""
    return re.sub(r'(name="_csrf_token" value=")[^"]*', r"\1", html)


def form_in(html: str, wanted: str = "form") -> Form:
    reader = _Reader(wanted)
    reader.feed(html)
    assert reader.form.pairs, f"there is no form {wanted}"
    return reader.form


def send(
    client: TestClient[Any], form: Form, to: str = "", follow: bool = True, **more: str
) -> httpx.Response:
    body = form.body | {name: [value] for name, value in more.items()}
    return client.post(to or form.action, data=body, follow_redirects=follow)


def invite(settings: Settings, email: str, role: str) -> str:
    """Add a person and return the path of their one-time link."""
    with writing(settings) as session:
        return f"/account/password/{add_user(session, email, role)}"


def fill_sign_in(
    client: TestClient[Any], email: str, password: str, next: str = ""
) -> httpx.Response:
    """Open the sign-in page and send its form, without following where it leads."""
    page = client.get("/account/sign-in" + (f"?next={next}" if next else ""))
    form = form_in(page.text, "/account/sign-in").fill(email=email, password=password)
    return send(client, form, follow=False)


def enter_as(client: TestClient[Any], settings: Settings, role: str) -> str:
    """Come in as a new person with this role; return their address."""
    email = f"{role}@example.org"
    link = invite(settings, email, role)
    form = form_in(client.get(link).text, link).fill(password=PASSWORD)
    assert send(client, form, to=link).status_code == 200
    return email
