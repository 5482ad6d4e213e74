"""An installation with a mail server beside it, and people who follow what it lists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

import directory.languages as spoken
from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.alerts import following, letters, links, making, sending
from directory.alerts.following import Wish, ask, confirm
from directory.alerts.making import make_letters
from directory.alerts.models import Every, Following
from directory.alerts.questions import read_question
from directory.alerts.sending import Sent, send_letters
from directory.curation import translating
from directory.curation.service import find_entry, publish, read_draft, save_draft
from directory.curation.workflow import make_move
from directory.db import Database, now
from directory.entries.kinds import TRAINING
from directory.search.service import SearchService
from directory.settings import Settings
from directory.web.templating import template_engine
from tests.conftest import settings_for
from tests.postbox import Postbox, postbox

FRENCH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: fr\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Please confirm: %(title)s"
msgstr "Veuillez confirmer : %(title)s"

msgid "Good day,"
msgstr "Bonjour,"

msgid "How often: every week."
msgstr "Fréquence : chaque semaine."

msgid "What you follow"
msgstr "Ce que vous suivez"

msgid "What you follow in the %(site)s"
msgstr "Ce que vous suivez : %(site)s"

msgid "everything in the directory"
msgstr "tout l’annuaire"

msgid "%(count)s new entry: %(title)s"
msgid_plural "%(count)s new entries: %(title)s"
msgstr[0] "%(count)s nouvelle fiche : %(title)s"
msgstr[1] "%(count)s nouvelles fiches : %(title)s"

msgid "Closes in %(count)s day"
msgid_plural "Closes in %(count)s days"
msgstr[0] "Clôture dans %(count)s jour"
msgstr[1] "Clôture dans %(count)s jours"
"""
LINK = re.compile(r"http://testserver\.local(/alerts/[^\s\"]+)")
FOLLOWED = "/search?kind=training&action_line=C5"


def whole(message: EmailMessage) -> str:
    """Return the plain text of a letter."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def link_in(message: EmailMessage, kind: str) -> str:
    """Return the path of the first link of a kind: confirm, stop or mine."""
    found: list[str] = LINK.findall(whole(message))
    return next(path for path in found if path.startswith(f"/alerts/{kind}/"))


def profile_of(title: str, **values: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a training with claims, as a curator would give it."""
    profile = {
        "title": title,
        "summary": f"{title}, for everybody.",
        "providers": ["gcsp"],
        "action_lines": ["C5"],
    } | values
    claims = {
        n: [{"source": "gcsp-profile", "status": "stated" if n in profile else "not_stated"}]
        for n, d in TRAINING.fields.items()
        if not d.private
    }
    return profile, claims


ZURICH = ZoneInfo("Europe/Zurich")


def run(deadline: date, zone: str | None = ZURICH.key, **track: Any) -> dict[str, Any]:
    start = deadline + timedelta(days=30)
    return {
        "label": f"{start.year} cohort",
        "start": str(start),
        "time_zone": zone,
        "tracks": [{"application_deadline": str(deadline), **track}],
    }


@dataclass
class House:
    """An installation, and a clock that tests turn."""

    database: Database
    settings: Settings
    box: Postbox
    search: SearchService
    curator: User
    passed: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return now() + self.passed

    def day(self, ahead: int) -> date:
        """The day so many days ahead, where the provider is: its deadlines end there."""
        return (self.now() + timedelta(days=ahead)).astimezone(ZURICH).date()

    def wait(self, days: float) -> None:
        self.passed += timedelta(days=days)

    def publish(self, slug: str, title: str = "", **values: Any) -> None:
        """Publish a training, new or changed."""
        with self.database.writing() as session:
            profile, claims = profile_of(title or slug.replace("-", " ").title(), **values)
            draft = read_draft(TRAINING, slug, profile, claims)
            entry, revision = save_draft(session, draft, by=self.curator)
            publish(session, entry, revision, by=self.curator)

    def move(self, slug: str, move: str) -> None:
        with self.database.writing() as session:
            entry = find_entry(session, TRAINING, slug)
            assert entry
            make_move(session, entry, move, by=self.curator, reason="For a test.")

    def translate(self, slug: str, code: str, summary: str) -> None:
        """Say an entry in another language."""
        with self.database.writing() as session:
            entry = find_entry(session, TRAINING, slug)
            assert entry
            sent = translating.Sent({"summary": summary}, {}, entry.version)
            translating.save_translation(session, TRAINING, slug, code, sent, by=self.curator)

    def ask(
        self, email: str, address: str = FOLLOWED, every: Every = Every.DAY, language: str = "en"
    ) -> None:
        with self.database.writing() as session:
            wish = Wish(email, read_question(address, self.search), every, language)
            ask(session, wish, sender=f"one of {email}", settings=self.settings)
        self.deliver()

    def confirm(self, message: EmailMessage) -> Following:
        with self.database.writing() as session:
            token = link_in(message, "confirm").rpartition("/")[2]
            return confirm(session, self.search, token, settings=self.settings)

    def follow(
        self, email: str, address: str = FOLLOWED, every: Every = Every.DAY, language: str = "en"
    ) -> Following:
        self.ask(email, address, every, language)
        return self.confirm(self.letters(email)[-1])

    def make(self) -> int:
        return make_letters(self.database, self.search)

    def deliver(self) -> Sent:
        engine = template_engine(self.settings).engine
        return send_letters(self.database, self.search, self.settings, engine)

    def send(self) -> Sent:
        """Do what `directory alerts send` does."""
        self.make()
        return self.deliver()

    def letters(self, email: str) -> list[EmailMessage]:
        return [message for to, message in self.box.got if to == [email]]

    def news(self, email: str) -> list[EmailMessage]:
        """Return the letters with news that somebody got."""
        return [m for m in self.letters(email) if m["List-Unsubscribe"]]

    def rows(self, table: Any) -> list[Any]:
        with self.database.reading() as session:
            return list(session.exec(select(table)))


def curator_of(session: Session) -> User:
    cora = select(User).where(User.email == "cora@example.org")
    if session.exec(cora).first() is None:
        add_user(session, "cora@example.org", "curator")
    return session.exec(cora).one()


def house_at(database: Database, settings: Settings, box: Postbox) -> House:
    settings = settings.model_copy(update={"smtp_url": box.url})
    with database.writing() as session:
        curator = curator_of(session)
    search = SearchService(database, settings.data_dir)
    return House(database, settings, box, search, curator)


@pytest.fixture
def french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """French is a language of the interface, with some of its messages."""
    (tmp_path / "fr.po").write_text(FRENCH, encoding="utf-8")
    monkeypatch.setattr(spoken, "FOLDER", tmp_path)
    spoken.languages.cache_clear()
    spoken._catalogue.cache_clear()
    yield
    spoken.languages.cache_clear()
    spoken._catalogue.cache_clear()


@pytest.fixture
def house(
    any_seeded: Engine,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[House]:
    """The installation on each database we support."""
    settings = settings_for(tmp_path_factory.mktemp("alerts"), str(any_seeded.url))
    with postbox() as box:
        made = house_at(Database(any_seeded), settings, box)
        for module in (following, letters, links, making, sending):
            monkeypatch.setattr(module, "now", made.now)
        yield made
        made.search.close()
