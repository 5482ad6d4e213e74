"""A mail server on this machine that keeps what it gets, for tests that read real messages."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def in_folder(data_dir: Path) -> list[EmailMessage]:
    """Return what lies in the folder for mail where no server is configured."""
    return [read(path.read_bytes()) for path in sorted((data_dir / "outbox").glob("*.eml"))]


@dataclass
class Postbox:
    """What a server has got, and how it answers."""

    url: str = ""
    got: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    answer: str = "250 OK"
    passwords: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a message, or refuse it."""
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.raw.append(envelope.content)
            self.got.append((list(envelope.rcpt_tos), read(envelope.content)))
        return self.answer

    def let_in(self, *given: Any) -> AuthResult:
        self.passwords.append(given[-1].password)
        return AuthResult(success=True)


@contextmanager
def postbox(**options: Any) -> Iterator[Postbox]:
    """Run a server while a test lasts; it offers a password over a plain line when asked to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Postbox(f"smtp://127.0.0.1:{port}")
    controller = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=box.let_in, **options
    )
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
