"""Mail that waits to be sent: queued in the transaction that causes it, delivered afterwards.

Over SMTP where that is configured; else each message becomes a file of the data folder, which an
operator can read or hand on. Nothing in a message is tracked.
"""

import smtplib
import ssl
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from directory.db import Database, Moment, new_id, now
from directory.errors import DirectoryError, Invalid, SourceFailed
from directory.sealing import seal, unseal
from directory.settings import Settings

PATIENCE = 20
"""Seconds until a mail server that does not answer counts as failed."""

_WAITS = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
_SEALED = "sealed:"
_PORTS = {"smtp": 587, "smtps": 465}


class OutgoingMail(SQLModel, table=True):
    """A message to one address. `key` says what it is about, so that it is queued only once."""

    __tablename__ = "outgoing_mail"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    to: str
    subject: str
    text: str
    key: str | None = Field(default=None, unique=True)
    queued_at: datetime = Field(default_factory=now, sa_type=Moment)
    try_after: datetime | None = Field(default_factory=now, sa_type=Moment, index=True)
    tries: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    failed: str | None = Field(default=None, description="What the server said last.")


class MailRefusal(SQLModel, table=True):
    """An address that wants no letters, kept as its hash."""

    __tablename__ = "mail_refusal"

    address_hash: str = Field(primary_key=True)
    refused_at: datetime = Field(default_factory=now, sa_type=Moment)


@dataclass(frozen=True)
class Delivered:
    """How many messages went out, and how many did not."""

    sent: int = 0
    failed: int = 0


def queue_mail(
    session: Session,
    to: str,
    subject: str,
    text: str,
    *,
    key: str | None = None,
    secret: str | None = None,
) -> bool:
    """Queue a message with the change that causes it; return False when `key` was queued before.

    With the `secret` of the settings the text waits sealed: for links that let somebody in.
    """
    if key and session.exec(select(OutgoingMail.id).where(OutgoingMail.key == key)).first():
        return False
    if secret:
        text = _SEALED + seal(secret, "mail", text)
    session.add(OutgoingMail(to=to, subject=" ".join(subject.split()), text=text, key=key))
    session.flush()
    return True


def deliver(database: Database, settings: Settings) -> Delivered:
    """Send what waits, each message in a transaction of its own.

    A message is put off before it is sent: who is killed in between sends it again, under the
    same Message-ID, rather than never. Another process that delivers meanwhile takes the others.
    """
    sent = failed = 0
    if not _anything_due(database):
        return Delivered()
    with Carrier(settings) as carrier:
        while (mail := _take(database)) is not None:
            try:
                carrier.send(_message(mail, settings))
            except UNSENT as error:
                failed += 1
                _note(database, mail, why_unsent(error))
            else:
                sent += 1
                _note(database, mail, None)
    return Delivered(sent, failed)


def _anything_due(database: Database) -> bool:
    """Say whether a message waits, without taking the turn of whoever writes."""
    with database.reading() as session:
        due = select(OutgoingMail.id).where(col(OutgoingMail.try_after) <= now()).limit(1)
        return session.exec(due).first() is not None


def _take(database: Database) -> OutgoingMail | None:
    with database.writing() as session:
        due = (
            select(OutgoingMail)
            .where(col(OutgoingMail.try_after) <= now())
            .order_by(col(OutgoingMail.try_after))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        mail = session.exec(due).first()
        if mail:
            mail.try_after = now() + _WAITS[min(mail.tries, len(_WAITS) - 1)]
            mail.tries += 1
            if mail.tries > len(_WAITS):
                mail.try_after = None
    return mail


def _note(database: Database, mail: OutgoingMail, failed: str | None) -> None:
    values = {"failed": failed} if failed else {"failed": None, "sent_at": now(), "try_after": None}
    with database.writing() as session:
        session.exec(sa.update(OutgoingMail).where(col(OutgoingMail.id) == mail.id).values(values))


class _WithAddresses(EmailPolicy):
    """Headers as Python writes them, but those that programs read as addresses stay one line.

    Python would write a long one in encoded words, which RFC 2047 (5) does not allow there.
    """

    def fold(self, name: str, value: Any) -> str:
        """Return a header as it is sent."""
        if name.startswith("List-"):
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return a header as it is sent, in bytes."""
        if name.startswith("List-"):
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


@dataclass(frozen=True)
class Words:
    """What a message says: the same as plain text and, if there is such a part, as HTML."""

    subject: str
    text: str
    html: str = ""


def compose(
    settings: Settings,
    key: uuid.UUID,
    to: str,
    words: Words,
    *,
    at: datetime,
    headers: Mapping[str, str] | None = None,
) -> EmailMessage:
    """Return a message as it is sent; the same `key` gives the same Message-ID every time."""
    host = urlsplit(settings.base_url).hostname or "localhost"
    message = EmailMessage(policy=_WithAddresses())
    message["From"] = Address(settings.site_name, addr_spec=settings.mail_from or f"noreply@{host}")
    message["To"] = to
    message["Subject"] = words.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{key}@{host}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence notice answers it.
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(words.text)
    if words.html:
        message.add_alternative(words.html, subtype="html")
    return message


def _message(mail: OutgoingMail, settings: Settings) -> EmailMessage:
    words = Words(mail.subject, text_of(mail, settings))
    return compose(settings, mail.id, mail.to, words, at=mail.queued_at)


def text_of(mail: OutgoingMail, settings: Settings) -> str:
    """Return what a message says; raises Invalid when it was sealed with another secret key."""
    sealed = mail.text.removeprefix(_SEALED)
    return mail.text if sealed == mail.text else unseal(settings.secret, "mail", sealed)


UNSENT = (OSError, smtplib.SMTPException, DirectoryError, ValueError)
"""What can be wrong with a message or with the way to its reader."""


def why_unsent(error: Exception) -> str:
    """Return what went wrong in one line."""
    return " ".join(str(error).split())[:300] or type(error).__name__


class Carrier:
    """Takes messages to the mail server over one connection, or into the folder outbox."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> "Carrier":
        return self

    def __exit__(self, *error: object) -> None:
        self._hang_up()

    def send(self, message: EmailMessage) -> None:
        """Send one message; raises one of `UNSENT`, and connects anew for the next."""
        if not self._settings.smtp_url:
            _keep(message, self._settings.data_dir / "outbox")
            return
        if self._server is not None and not _is_alive(self._server):
            self._hang_up()
        if self._server is None:
            self._server = _connect(self._settings.smtp_url)
        try:
            self._server.send_message(message)
        except UNSENT:
            self._hang_up()
            raise

    def _hang_up(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()


def _is_alive(server: smtplib.SMTP) -> bool:
    """Say whether a server still listens: many let a line take only so many messages."""
    try:
        return server.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _keep(message: EmailMessage, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = str(message["Message-ID"]).strip("<>").partition("@")[0]
    _write_whole(folder / f"{name}.eml", message.as_bytes())


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that nobody else may read, and that is either whole or not there."""
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(content)
    part.replace(path)


def try_server(address: str, patience: float) -> None:
    """Go as far as a message would, without sending one; raises one of `UNSENT`.

    `patience` is how many seconds the server has for each answer.
    """
    with _connect(address, patience):
        pass


def _connect(address: str, patience: float = PATIENCE) -> smtplib.SMTP:
    """Connect to `smtp://user:password@host:port` (STARTTLS where offered) or `smtps://…`.

    A password is never sent over a line that is not encrypted.
    """
    url = check_smtp_url(address)
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    context = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(host, port, timeout=patience, context=context)
        if url.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=patience)
    )
    try:
        encrypted = url.scheme == "smtps"
        server.ehlo()
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=context)
            encrypted = True
        if url.username:
            if not encrypted:
                raise SourceFailed("The mail server offers no encryption for the password.")
            server.login(unquote(url.username), unquote(url.password or ""))
    except UNSENT:
        server.close()
        raise
    return server


def check_smtp_url(address: str) -> SplitResult:
    """Return the parts of the address of a mail server; raises Invalid when it is none."""
    url = urlsplit(address)
    if url.scheme not in _PORTS or not url.hostname:
        raise Invalid("DIRECTORY_SMTP_URL is no mail server: write smtp://user:password@host:587.")
    return url
