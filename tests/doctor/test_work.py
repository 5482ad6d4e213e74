"""Faults of people, of mail and of scheduled work are named, with what to do."""

import json
import socket
from datetime import timedelta

import pytest
from click.testing import CliRunner

from directory.accounts.models import Grant, User
from directory.alerts.models import Following, Question, Reader
from directory.cli import main
from directory.db import Database, make_engine, now
from directory.doctor import Level
from directory.entries.links import LinkCheck
from directory.entries.models import Entry
from directory.exports.dump import DESCRIPTION, dump, latest
from directory.imports.harvest.models import Feed
from directory.inbox.models import Report
from directory.mail import queue_mail
from directory.sealing import seal
from directory.webhooks.models import Webhook
from tests.doctor.clinic import Clinic, told
from tests.imports.sites import fetcher_for, running
from tests.postbox import postbox


def test_nobody_who_administers(clinic: Clinic) -> None:
    clinic.sql('UPDATE "user" SET password_hash = NULL')
    assert "--role admin" in told(clinic.ask(), "administrator", Level.WARNING)


def test_an_administrator_without_a_second_factor(clinic: Clinic) -> None:
    clinic.set(base_url="https://directory.example")
    with running() as site:
        found = clinic.ask(fetcher=fetcher_for(site))
    assert "admin@example.org" in told(found, "administrator", Level.WARNING)


def test_no_mail_server_and_one_that_does_not_answer(clinic: Clinic) -> None:
    with postbox() as box:
        clinic.set(smtp_url=box.url)
        assert clinic.ask()["mail server"].level == Level.OK
        assert box.got == []
    assert "127.0.0.1" in told(clinic.ask(), "mail server", Level.FAULT)
    clinic.set(smtp_url="mail.example.org")
    assert "DIRECTORY_SMTP_URL" in told(clinic.ask(), "mail server", Level.FAULT)
    clinic.set(smtp_url=None, base_url="https://directory.example")
    with running() as site:
        found = clinic.ask(fetcher=fetcher_for(site))
    assert "0 letters" in told(found, "mail server", Level.WARNING)


def test_a_mail_server_that_never_says_a_word(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.doctor.work.PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        clinic.set(smtp_url=f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        assert "timed out" in told(clinic.ask(), "mail server", Level.FAULT)


def test_mail_that_waits(clinic: Clinic) -> None:
    engine = make_engine(clinic.settings.database_url)
    with Database(engine).writing() as session:
        queue_mail(session, "office@example.org", "Still right?", "Good day,\n")
    engine.dispose()
    assert clinic.ask()["waiting mail"].level == Level.OK
    clinic.sql(
        "UPDATE outgoing_mail SET failed = '550 No such user', queued_at = '2020-01-01 00:00:00'"
    )
    assert "550 No such user" in told(clinic.ask(), "waiting mail", Level.FAULT)


def test_a_backup_that_is_missing_or_old(clinic: Clinic) -> None:
    later = now() + timedelta(days=9)
    assert "never" in told(clinic.ask(moment=later), "backup", Level.WARNING)
    environment = {
        "DIRECTORY_DATABASE_URL": clinic.settings.database_url,
        "DIRECTORY_DATA_DIR": str(clinic.settings.data_dir),
    }
    done = CliRunner().invoke(main, ["backup", str(clinic.folder / "b.zip")], env=environment)
    assert done.exit_code == 0, done.output
    assert clinic.ask()["backup"].found.endswith("today.")
    assert "10 days ago" in told(
        clinic.ask(moment=later + timedelta(days=2)), "backup", Level.WARNING
    )


def test_links_that_nobody_checks(clinic: Clinic) -> None:
    later = now() + timedelta(days=9)
    assert "ever checked" in told(clinic.ask(moment=later), "links", Level.WARNING)
    moment = now() - timedelta(days=3)
    check = LinkCheck(
        url="https://a.example/", state="ok", since=moment, reason="", checked_at=moment,
        next_check_at=moment,
    )  # fmt: skip
    clinic.add(check)
    assert "1 outgoing link was" in told(clinic.ask(), "links", Level.WARNING)


def test_a_feed_that_nobody_reads(clinic: Clinic) -> None:
    feed = Feed(
        slug="x", title="X", owner_id=clinic.one(Entry.id), address="https://a.example/",
        format="rss", kind="training", state="approved", next_run_at=now() - timedelta(days=3),
    )  # fmt: skip
    clinic.add(feed)
    assert "directory harvest" in told(clinic.ask(), "feeds", Level.WARNING)


def test_readers_who_wait_for_a_letter(clinic: Clinic) -> None:
    reader = Reader(address_hash="x", sealed=seal(clinic.settings.secret, "alerts", "a@b.example"))
    question = Question(address="/search?q=cyber")
    clinic.add(reader, question)
    due = (now() - timedelta(days=4)).date()
    clinic.add(Following(reader_id=reader.id, question_id=question.id, every="daily", due_on=due))
    assert "alerts send" in told(clinic.ask(), "alerts", Level.FAULT)


def test_what_should_have_been_forgotten_or_ended(clinic: Clinic) -> None:
    long_ago = now() - timedelta(days=40)
    clinic.add(
        Grant(
            user_id=clinic.one(User.id), organisation_id=clinic.one(Entry.id), expires_at=long_ago
        )
    )
    assert "1 right to edit" in told(clinic.ask(), "reminders", Level.WARNING)
    report = Report(
        reference="7KQ2-M4XD", entry_id=clinic.one(Entry.id), version=1, problem="wrong",
        email="a@b.example", closed_at=long_ago,
    )  # fmt: skip
    clinic.add(report)
    assert "forget" in told(clinic.ask(), "reminders", Level.FAULT)


def test_files_given_out_that_are_old(clinic: Clinic) -> None:
    engine = make_engine(clinic.settings.database_url)
    dump(Database(engine), clinic.settings)
    engine.dispose()
    assert clinic.ask()["dump"].level == Level.OK
    made = latest(clinic.settings)
    assert made
    description = made.folder / DESCRIPTION
    told_of = json.loads(description.read_text())
    description.write_text(json.dumps(told_of | {"created": "2026-01-01T00:00:00+00:00"}))
    assert "directory dump" in told(clinic.ask(), "dump", Level.WARNING)


def test_webhooks_that_nobody_tells(clinic: Clinic) -> None:
    key = clinic.settings.secret
    hook = Webhook(
        user_id=clinic.one(User.id), url="https://a.example/", kinds=[], terms=[],
        sealed=seal(key, "webhook", "s"), position=0,
    )  # fmt: skip
    clinic.add(hook)
    assert clinic.ask()["webhooks"].level == Level.OK
    later = now() + timedelta(days=2)
    assert "webhooks deliver" in told(clinic.ask(moment=later), "webhooks", Level.WARNING)
    clinic.sql("UPDATE webhook SET paused_at = '2026-01-01 00:00:00'")
    assert "1 webhook is paused" in told(clinic.ask(), "webhooks", Level.WARNING)
