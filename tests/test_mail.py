"""Mail that waits: queued once, sent once, tried again, and never forged."""

import os
import shutil
import ssl
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import select

from directory import mail
from directory.db import Database, now
from directory.errors import Invalid
from directory.mail import OutgoingMail, check_smtp_url, deliver, queue_mail
from directory.migrate import migrate
from directory.settings import Settings
from tests.conftest import need, settings_for
from tests.postbox import in_folder, postbox


@pytest.fixture
def waiting(any_engine: Engine) -> Database:
    """A database with one message in the queue."""
    migrate(any_engine)
    database = Database(any_engine)
    put(database, "Is it still right?")
    return database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path, "sqlite:///unused.db")


def with_smtp(settings: Settings, url: str) -> Settings:
    return Settings(**settings.model_dump() | {"smtp_url": url})


def put(database: Database, subject: str, to: str = "office@example.org", **more: Any) -> bool:
    with database.writing() as session:
        return queue_mail(session, to, subject, "Good day,\n\nπ is 3.14.\n", **more)


def rows(database: Database) -> list[OutgoingMail]:
    with database.reading() as session:
        return list(session.exec(select(OutgoingMail).order_by(OutgoingMail.subject)))


def later(database: Database, by: timedelta) -> None:
    """Let time pass: what is put off was put off that much earlier."""
    with database.writing() as session:
        for row in session.exec(select(OutgoingMail)):
            row.try_after = row.try_after - by if row.try_after else None
            session.add(row)


def test_a_message_becomes_a_file_that_only_its_owner_reads(
    waiting: Database, settings: Settings
) -> None:
    mask = os.umask(0)
    try:
        assert deliver(waiting, settings) == mail.Delivered(sent=1)
    finally:
        os.umask(mask)
    (path,) = (settings.data_dir / "outbox").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (message,) = in_folder(settings.data_dir)
    assert message["To"] == "office@example.org"
    assert message["From"] == "Digital Capacity Directory <noreply@testserver.local>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "π is 3.14." in message.get_content()
    assert parsedate_to_datetime(message["Date"]).tzinfo is not None


def test_what_was_sent_is_not_sent_again(waiting: Database, settings: Settings) -> None:
    deliver(waiting, settings)
    assert deliver(waiting, settings) == mail.Delivered()
    later(waiting, timedelta(days=400))
    assert deliver(waiting, settings) == mail.Delivered()
    assert rows(waiting)[0].sent_at is not None


def test_a_message_with_a_key_is_queued_once(waiting: Database) -> None:
    assert put(waiting, "One", key="a")
    assert not put(waiting, "One, again", key="a")
    assert put(waiting, "Two", key="b")
    assert [row.subject for row in rows(waiting)] == ["Is it still right?", "One", "Two"]


def test_a_change_that_fails_takes_its_message_along(waiting: Database) -> None:
    with pytest.raises(RuntimeError), waiting.writing() as session:
        queue_mail(session, "office@example.org", "Never", "x")
        raise RuntimeError
    assert len(rows(waiting)) == 1


def test_a_server_gets_the_message_whole(waiting: Database, settings: Settings) -> None:
    with postbox() as box:
        assert deliver(waiting, with_smtp(settings, box.url)).sent == 1
    ((to, message),) = box.got
    assert to == ["office@example.org"]
    assert message["Subject"] == "Is it still right?"
    assert message.get_content().splitlines()[-1] == "π is 3.14."
    assert not (settings.data_dir / "outbox").exists()


def test_a_server_that_refuses_is_asked_again_later_and_later_and_then_no_more(
    waiting: Database, settings: Settings
) -> None:
    with postbox() as box:
        box.answer = "451 Too busy"
        configured = with_smtp(settings, box.url)
        for tries, wait in enumerate((*mail._WAITS, None), 1):
            assert deliver(waiting, configured) == mail.Delivered(failed=1)
            assert deliver(waiting, configured) == mail.Delivered()
            (row,) = rows(waiting)
            assert row.tries == tries and "Too busy" in (row.failed or "")
            if wait is None:
                assert row.try_after is None
            else:
                later(waiting, wait + timedelta(seconds=1))
        box.answer = "250 OK"
        assert deliver(waiting, configured) == mail.Delivered()


def test_one_that_fails_does_not_keep_the_others(waiting: Database, settings: Settings) -> None:
    put(waiting, "To nobody", to="a@example.org\r\nX: y")
    put(waiting, "Another")
    assert deliver(waiting, settings) == mail.Delivered(sent=2, failed=1)


def test_a_server_that_is_not_there_is_a_failure_to_try_again(
    waiting: Database, settings: Settings
) -> None:
    with postbox() as box:
        gone = with_smtp(settings, box.url)
    assert deliver(waiting, gone).failed == 1
    (row,) = rows(waiting)
    assert row.sent_at is None and row.try_after and row.try_after > now()


def test_who_is_killed_after_sending_sends_again_under_the_same_name(
    waiting: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with postbox() as box:
        configured = with_smtp(settings, box.url)
        with monkeypatch.context() as patch:
            patch.setattr(mail, "_note", killed)
            with pytest.raises(KeyboardInterrupt):
                deliver(waiting, configured)
        assert deliver(waiting, configured) == mail.Delivered()
        later(waiting, mail._WAITS[0] + timedelta(seconds=1))
        assert deliver(waiting, configured).sent == 1
    first, second = (message for _, message in box.got)
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize(
    "evil", ["Hello\r\nBcc: all@example.org", "Hello\nX-Evil: yes\n\nbody", "Hello\r\n\r\nbody"]
)
def test_a_subject_cannot_add_a_header(waiting: Database, settings: Settings, evil: str) -> None:
    put(waiting, evil)
    deliver(waiting, settings)
    for message in in_folder(settings.data_dir):
        assert message["Bcc"] is None and message["X-Evil"] is None
        assert "\n" not in message["Subject"]


def test_an_address_cannot_add_a_header(waiting: Database, settings: Settings) -> None:
    put(waiting, "Hello", to="a@example.org\r\nBcc: all@example.org")
    assert deliver(waiting, settings) == mail.Delivered(sent=1, failed=1)
    assert [m["Bcc"] for m in in_folder(settings.data_dir)] == [None]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key and a certificate for this machine that nobody else trusts."""
    need(shutil.which("openssl"), "openssl")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, cert


def serving(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    key, cert = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def test_a_password_is_never_sent_over_a_plain_line(waiting: Database, settings: Settings) -> None:
    with postbox(auth_require_tls=False) as box:
        url = box.url.replace("smtp://", "smtp://us:secret@")
        assert deliver(waiting, with_smtp(settings, url)).failed == 1
    assert (box.passwords, box.got) == ([], [])
    failed = rows(waiting)[0].failed or ""
    assert "no encryption" in failed and "secret" not in failed


def test_where_encryption_is_offered_it_is_used_and_the_password_goes_through(
    waiting: Database,
    settings: Settings,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def trusting() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(certificate[1]))

    with postbox(tls_context=serving(certificate)) as box:
        url = box.url.replace("smtp://", "smtp://us:s%40crt@")
        assert deliver(waiting, with_smtp(settings, url)).failed == 1, "nobody trusts it"
        assert box.passwords == []
        later(waiting, timedelta(days=2))
        monkeypatch.setattr(mail, "ssl", type("ssl", (), {"create_default_context": trusting}))
        assert deliver(waiting, with_smtp(settings, url)).sent == 1
    assert box.passwords == [b"s@crt"]


@pytest.mark.parametrize("wrong", ["http://host", "smtp://", "host:25", "smtp:host", ""])
def test_what_is_no_mail_server_is_refused_in_words(wrong: str) -> None:
    with pytest.raises(Invalid, match="is no mail server"):
        check_smtp_url(wrong)


def test_two_that_deliver_at_once_share_the_work(
    waiting: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one message is on its way, another process takes the next one."""
    put(waiting, "Another")
    sent: list[str] = []
    real = mail.Carrier.send

    def send(carrier: mail.Carrier, message: Any) -> None:
        sent.append(message["Subject"])
        if len(sent) == 1:
            assert deliver(waiting, settings) == mail.Delivered(sent=1)
        real(carrier, message)

    monkeypatch.setattr(mail.Carrier, "send", send)
    assert deliver(waiting, settings) == mail.Delivered(sent=1)
    assert sorted(sent) == ["Another", "Is it still right?"]
    assert len(in_folder(settings.data_dir)) == 2


def test_the_moment_of_queueing_is_the_date_of_the_message(
    waiting: Database, settings: Settings
) -> None:
    day = datetime(2026, 11, 22, 8, tzinfo=UTC)
    with waiting.writing() as session:
        session.execute(sa.update(OutgoingMail).values(queued_at=day))
    deliver(waiting, settings)
    assert parsedate_to_datetime(in_folder(settings.data_dir)[0]["Date"]) == day
