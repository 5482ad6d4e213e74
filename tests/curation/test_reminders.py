"""Letters to providers: when, to whom, what they say, and how they stop."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from directory.curation.reminders import Queued, queue_reminders
from directory.curation.service import publish, read_draft, save_draft
from directory.db import Database, now
from directory.entries.kinds import KINDS, kind_named
from directory.entries.models import Entry
from directory.mail import MailRefusal, deliver
from directory.migrate import migrate
from directory.settings import Settings
from directory.sources.claims import Claim, complete
from tests.conftest import settings_for
from tests.people import form_in, send, writing
from tests.postbox import in_folder, postbox
from tests.search.conftest import TERMS, fill_vocabularies

TODAY = date(2027, 11, 1)
LOOKED = date(2026, 11, 22)
HOLDS_UNTIL = date(2027, 11, 22)


class Office:
    """A database of entries, each with its contact."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        migrate(engine)
        self.db, self.settings = Database(engine), settings
        with self.db.writing() as session:
            fill_vocabularies(session)
            assert "roles" in TERMS

    def publish(self, kind_name: str, slug: str, looked: date = LOOKED, **profile: Any) -> None:
        kind = KINDS[kind_name]
        profile = {kind.title_field: slug.title(), "website": "https://example.org", **profile}
        claims = {name: [Claim(source="a-paper", checked_on=looked)] for name in profile}
        whole = complete(claims, profile, kind.fields.values(), ["a-paper"], looked)
        as_json = {
            n: [c.model_dump(mode="json", exclude_none=True) for c in some]
            for n, some in whole.items()
        }
        with self.db.writing() as session:
            saved = save_draft(session, read_draft(kind, slug, profile, as_json), by=None)
            publish(session, *saved, by=None)

    def queue(self, today: date = TODAY) -> Queued:
        with self.db.writing() as session:
            return queue_reminders(session, self.settings, today)

    def letters(self, today: date = TODAY) -> list[EmailMessage]:
        """Queue, deliver and return what is new."""
        before = {m["Message-ID"] for m in in_folder(self.settings.data_dir)}
        self.queue(today)
        assert deliver(self.db, self.settings).failed == 0
        return [m for m in in_folder(self.settings.data_dir) if m["Message-ID"] not in before]


@pytest.fixture
def office(any_engine: Engine, tmp_path: Path) -> Office:
    return Office(any_engine, settings_for(tmp_path, "sqlite:///unused.db"))


def test_nobody_is_written_to_while_there_is_time(office: Office) -> None:
    office.publish("organisation", "early-bird", contact_email="office@example.org")
    assert office.letters(HOLDS_UNTIL - timedelta(days=31)) == []


def test_there_is_one_letter_before_the_day_and_one_after(office: Office) -> None:
    office.publish("organisation", "early-bird", contact_email="office@example.org")
    (soon,) = office.letters(HOLDS_UNTIL - timedelta(days=30))
    assert "It holds until 22 November 2027." in soon.get_content()
    assert office.letters(HOLDS_UNTIL - timedelta(days=1)) == []
    (past,) = office.letters(HOLDS_UNTIL)
    assert "It counts as not confirmed since 22 November 2027." in past.get_content()
    assert office.letters(HOLDS_UNTIL + timedelta(days=500)) == []


def test_a_mailbox_gets_one_letter_with_all_of_its_entries(office: Office) -> None:
    office.publish("organisation", "provider", contact_email="office@example.org")
    office.publish("training", "course", providers=["provider"])
    office.publish("programme", "network", contact_email="Office@example.org")
    office.publish("organisation", "other", contact_email="other@example.org")
    letters = {m["To"]: m for m in office.letters()}
    assert len(letters) == 2
    text = letters.pop("other@example.org").get_content()
    assert "Other" in text and "Course" not in text
    (letter,) = letters.values()
    assert letter["Subject"] == "Are your 3 entries in the Digital Capacity Directory still right?"
    for path in ("organisations/provider", "trainings/course", "programmes/network"):
        assert f"http://testserver.local/{path}\n" in letter.get_content()
    assert len(re.findall(r"/confirm/\S+", letter.get_content())) == 3


def test_an_entry_that_joins_later_is_not_an_excuse_to_ask_about_the_others_again(
    office: Office,
) -> None:
    office.publish("organisation", "first", contact_email="office@example.org")
    assert len(office.letters()) == 1
    office.publish("organisation", "second", contact_email="office@example.org")
    (letter,) = office.letters()
    assert "Second" in letter.get_content() and "First" not in letter.get_content()


@pytest.mark.parametrize("role", ["lead"])
def test_what_has_no_address_is_asked_of_those_who_carry_it(office: Office, role: str) -> None:
    office.publish("organisation", "carrier", contact_email="carrier@example.org")
    office.publish("organisation", "silent")
    lead = [{"organisation": "silent", "role": role}, {"organisation": "carrier", "role": role}]
    office.publish("programme", "network", organisations=lead)
    office.publish("training", "orphan")
    (letter,) = office.letters()
    assert letter["To"] == "carrier@example.org"
    assert "Network" in letter.get_content()
    assert office.queue(TODAY).without_address == 2


def test_a_letter_says_what_why_and_how_to_stop(office: Office) -> None:
    office.publish("organisation", "early-bird", contact_email="office@example.org")
    (letter,) = office.letters()
    text = letter.get_content()
    for words in (
        "Good day,",
        "It lists 1 entry with your office as the contact",
        "You need no account.",
        "Why you get this: your address is the contact in the entry",
        "is no endorsement",
        "http://testserver.local/no-letters/",
    ):
        assert words in " ".join(text.split("\n")), words
    assert "office@example.org" not in text


def test_a_new_look_starts_it_anew(office: Office) -> None:
    office.publish("organisation", "early-bird", contact_email="office@example.org")
    office.letters()
    office.publish(
        "organisation", "early-bird", date(2027, 11, 2), contact_email="office@example.org"
    )
    assert office.letters(HOLDS_UNTIL) == []
    assert len(office.letters(date(2028, 10, 20))) == 1


def test_a_draft_is_never_asked_about(office: Office) -> None:
    with office.db.writing() as session:
        draft = read_draft(
            kind_named("organisation"),
            "hidden",
            {"name": "Hidden", "contact_email": "a@example.org"},
            {},
        )
        entry, _ = save_draft(session, draft, by=None)
        entry.review_by = date(2026, 1, 1)
    assert office.queue() == Queued()


# Over a real server, and by the command


@pytest.fixture
def due(desk_settings: Settings) -> Iterator[Settings]:
    """The seed, where one entry with an address is out of date."""
    with writing(desk_settings) as session:
        entry = entry_called(session, "cyber-school-initiative")
        entry.confirmed_at = None
        entry.review_by = now().date()
        session.add(entry)
        table = kind_named("training").table
        row = session.get(table, entry.id)
        assert row
        row.contact_email = "school@example.org"
        session.add(row)
    yield desk_settings


def entry_called(session: Session, slug: str) -> Entry:
    return session.exec(select(Entry).where(Entry.slug == slug)).one()


def test_from_the_letter_to_the_public_page(due: Settings, desk: TestClient[Any]) -> None:
    with postbox() as box:
        settings = Settings(**due.model_dump() | {"smtp_url": box.url})
        with writing(due) as session:
            queue_reminders(session, settings, now().date())
        from directory.db import make_engine

        engine = make_engine(due.database_url)
        deliver(Database(engine), settings)
        engine.dispose()
    (text,) = (m.get_content() for to, m in box.got if to == ["school@example.org"])
    (link,) = re.findall(r"http://testserver\.local(/confirm/\S+)", text)
    assert "Not confirmed since" in desk.get("/trainings/cyber-school-initiative").text
    send(desk, form_in(desk.get(link).text, link))
    assert "confirmed by the provider" in desk.get("/trainings/cyber-school-initiative").text


def test_who_wants_no_letters_gets_none_and_only_a_button_decides(
    due: Settings, desk: TestClient[Any]
) -> None:
    with writing(due) as session:
        queue_reminders(session, due, now().date())
    from directory.db import make_engine

    database = Database(make_engine(due.database_url))
    deliver(database, due)
    (letter,) = (m for m in in_folder(due.data_dir) if m["To"] == "school@example.org")
    (link,) = re.findall(r"http://testserver\.local(/no-letters/\S+)", letter.get_content())
    page = desk.get(link)
    with writing(due) as session:
        assert session.exec(select(MailRefusal)).all() == []
    assert desk.post(link).status_code == 403
    for _ in range(2):
        assert "We will not write again" in send(desk, form_in(page.text, link)).text
    with writing(due) as session:
        (kept,) = session.exec(select(MailRefusal)).all()
        assert "school" not in kept.address_hash
        entry = entry_called(session, "cyber-school-initiative")
        entry.review_by = now().date() - timedelta(days=1)
        session.add(entry)
        session.flush()
        assert queue_reminders(session, due, now().date()).refused == 1
    database.engine.dispose()
    assert desk.get("/no-letters/made-up").status_code == 404
    confirm = re.findall(r"/confirm/(\S+)", letter.get_content())[0]
    assert desk.get(f"/no-letters/{confirm}").status_code == 404


def run(settings: Settings, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": "/usr/bin:/bin",
        "DIRECTORY_DATABASE_URL": settings.database_url,
        "DIRECTORY_DATA_DIR": str(settings.data_dir),
        "DIRECTORY_BASE_URL": settings.base_url,
        **more,
    }
    command = [sys.executable, "-m", "directory", "reminders"]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )


def test_the_command_writes_once_and_may_be_run_again(due: Settings) -> None:
    with writing(due) as session:
        # As if its source had last been looked at long ago.
        from directory.sources.models import ClaimRow

        entry = entry_called(session, "cyber-school-initiative")
        for claim in session.exec(select(ClaimRow).where(ClaimRow.entry_id == entry.id)):
            claim.checked_on = date(2020, 1, 1)
            session.add(claim)
    first, second = run(due), run(due)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "1 letter about 1 entry queued" in first.stdout
    assert "0 letters about 0 entries queued" in second.stdout
    assert [m["To"] for m in in_folder(due.data_dir)] == ["school@example.org"]


def test_the_command_fails_when_a_message_does(due: Settings) -> None:
    with writing(due) as session:
        from directory.mail import queue_mail

        queue_mail(session, "office@example.org", "Hello", "x")
    with postbox() as box:
        box.answer = "550 Not here"
        done = run(due, DIRECTORY_SMTP_URL=box.url)
    assert done.returncode == 1
    assert "0 messages sent, 1 failed" in done.stdout
