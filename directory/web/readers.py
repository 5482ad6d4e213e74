"""Who reads from where, and a second try when a server of the database goes away meanwhile.

Visitors read from standbys. Whoever has a session or a token reads from the primary, and so do the
pages about a person: what was just written is there.
"""

from collections.abc import Iterable
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from directory.standbys import Reader, reading_as
from directory.web.keeping import PRIVATE_PATHS

ASK_ONLY = ("/mcp", "/api/v1/match")
"""Where POST asks a question and changes nothing."""


def reader_of(scope: Any, session_cookie: str) -> Reader:
    """Say who reads in a request."""
    cookie = f"{session_cookie}=".encode()
    known = any(
        name == b"authorization" or (name == b"cookie" and cookie in value)
        for name, value in scope["headers"]
    )
    asks = scope["method"] in ("GET", "HEAD") or scope["path"] in ASK_ONLY
    private = scope["path"].startswith(PRIVATE_PATHS)
    return Reader.VISITOR if asks and not known and not private else Reader.PERSON


def with_readers(app: ASGIApp, session_cookie: str) -> ASGIApp:
    """Wrap an application: each request reads where it should.

    What was read from a server that went away in the middle is asked for once more: there is
    another server by then, or it is known that there is none.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        with reading_as(reader_of(scope, session_cookie)):
            if scope["method"] in ("GET", "HEAD"):
                first = _FirstTry(send)
                await app(_copied(scope), receive, first)
                if not first.failed:
                    return
            await app(scope, receive, send)

    return wrapped


class _FirstTry:
    """Passes an answer on, unless it says that the database is away."""

    def __init__(self, send: Send) -> None:
        self._send, self.failed = send, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.failed = message["status"] == 503 and _names(message["headers"], b"retry-after")
        if not self.failed:
            await self._send(message)


def _names(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bool:
    return any(name.lower() == wanted for name, _ in headers)


def _copied(scope: Any) -> Any:
    """Return a scope on which a first try may leave its marks."""
    return {**scope, "state": dict(scope.get("state", {}))}
