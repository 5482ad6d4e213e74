"""Pages that are the same for everybody who is not signed in, answered before any work is done.

A handler says with `opt=FOR_ALL` that its page depends on nothing but what is public, its
address, the language, the day, and whether few bytes are wanted. All of that is in its ETag, so
that whoever has the page is told that it still holds, and whoever has not may get the bytes that
were compressed for somebody else. Whoever has a session gets neither.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from litestar.concurrency import sync_to_thread
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter

from directory.db import now
from directory.languages import language
from directory.settings import PACKAGE, Settings, data
from directory.web.compression import accepted
from directory.web.etags import names
from directory.web.keeping import BY_ALL, OF_PUBLIC_DATA, PRIVATE_PATHS
from directory.web.languages import PARAMETER, is_for_machines

BY_THE_QUARTER = ("/",)
"""Pages with deadlines, which end at midnight of their own zone: zones differ by quarters."""

VARY = "Cookie, HX-Request, Save-Data, Accept-Language, Accept-Encoding"
"""What any of these pages may depend on; a 304 has no page to look it up in (RFC 9110, 15.4.5)."""

_PER_PAGE = 2_000
"""Bytes that a kept page takes besides its own: key, headers, and the place in the list."""

_ANSWERED = Counter(
    "directory_kept_pages_total",
    "Pages answered before any work: from memory, or as not modified. No other metric has them.",
    ["how"],
)


class State(Protocol):
    """What is public, in a few letters that differ after each change of it."""

    def known(self) -> str | None:
        """Return it when it is certain without asking the database; never waits."""

    def current(self) -> str:
        """Return it, asking the database."""


class KeptPage(NamedTuple):
    """A page as it was sent."""

    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def size(self) -> int:
        """Return the bytes it takes in memory, about."""
        return len(self.body) + _PER_PAGE


class KeptPages:
    """Pages of one state of the data, those asked for least recently forgotten first."""

    def __init__(self, most: int) -> None:
        """Keep at most so many bytes."""
        self._most = most
        self._state = ""
        self._pages: OrderedDict[tuple[str, str], KeptPage] = OrderedDict()
        self.size = 0

    def find(self, state: str, tag: str, encoding: str) -> KeptPage | None:
        """Return a page; once the state is another one, all before are forgotten."""
        if state != self._state:
            self._pages.clear()
            self._state, self.size = state, 0
        if found := self._pages.get((tag, encoding)):
            self._pages.move_to_end((tag, encoding))
        return found

    def keep(self, state: str, tag: str, encoding: str, page: KeptPage) -> None:
        """Take a page, unless the state is another one since, or it would push out most others."""
        if state != self._state or page.size > self._most / 8:
            return
        if before := self._pages.pop((tag, encoding), None):
            self.size -= before.size
        self._pages[tag, encoding] = page
        self.size += page.size
        while self.size > self._most:
            _, oldest = self._pages.popitem(last=False)
            self.size -= oldest.size


@cache
def release() -> str:
    """Return the hash of the code and templates that pages are made with."""
    digest = hashlib.sha256()
    for folder in (PACKAGE, data("templates"), data("seed") / "languages"):
        for path in sorted(p for p in folder.rglob("*") if _is_made_with(p)):
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_made_with(path: Path) -> bool:
    return path.suffix in {".py", ".html", ".xml", ".css", ".js", ".svg", ".json", ".po"}


def with_kept_pages(
    app: ASGIApp,
    state: State,
    settings: Settings,
    session_cookie: str,
    clock: Callable[[], datetime] = now,
) -> ASGIApp:
    """Wrap an application that compresses: it is asked only for what nobody has yet."""
    kept = KeptPages(settings.kept_pages_mb * 1_000_000)
    # Who has no key cannot make up a tag, and settings stand in pages, too.
    secret = hashlib.sha256(f"{release()}\n{settings.secret}\n{settings.rows()}".encode()).digest()

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not _is_for_anybody(scope, session_cookie):
            await app(scope, receive, send)
            return
        headers = Headers.from_scope(scope)
        try:
            public = state.known() or await sync_to_thread(state.current)
        except Exception:
            # Without a database the application says so itself.
            await app(scope, receive, send)
            return
        moment = clock().astimezone(UTC)
        of_day = f"{public}-{moment.date()}"
        tag = _tag(scope, headers, secret, of_day, moment)
        if _has_it(scope, headers, tag):
            _ANSWERED.labels("not modified").inc()
            await _say_that_it_holds(send, tag)
            return
        encoding = accepted(headers.get("accept-encoding", "")) or ""
        if page := kept.find(of_day, tag, encoding):
            _ANSWERED.labels("from memory").inc()
            await _send_page(send, page)
            return
        sending = _Sending(scope, send, tag)
        await app(scope, receive, sending)
        if page := sending.page:
            kept.keep(of_day, tag, encoding, page)

    return wrapped


def _is_for_anybody(scope: Scope, session_cookie: str) -> bool:
    """Say whether somebody who has no session asks for a whole page."""
    headers = Headers.from_scope(scope)
    return (
        scope.get("method") == "GET"
        and "hx-request" not in headers
        and session_cookie not in headers.get("cookie", "")
        and not scope["path"].startswith(PRIVATE_PATHS)
        and not is_for_machines(scope["path"])
    )


def _tag(scope: Scope, headers: Headers, secret: bytes, of_day: str, moment: datetime) -> str:
    """Return the weak ETag of a page: of all it depends on (RFC 9110, 8.8.3)."""
    text = [
        of_day,
        language().code,
        "few bytes" if headers.get("save-data", "").strip().lower() == "on" else "",
        f"{moment.hour}-{moment.minute // 15}" if scope["path"] in BY_THE_QUARTER else "",
        scope["path"],
        scope["query_string"].decode("latin-1"),
    ]
    digest = hashlib.blake2b("\n".join(text).encode("utf-8", "replace"), key=secret, digest_size=12)
    return f'W/"{digest.hexdigest()}"'


def _has_it(scope: Scope, headers: Headers, tag: str) -> bool:
    """Say whether the client has this page.

    Where the address asks for a language, that choice may have to be kept: a 304 does not say so.
    """
    given = headers.get("if-none-match", "")
    asks_for_language = f"{PARAMETER}=".encode() in scope["query_string"]
    return names(given, tag) and not asks_for_language


async def _say_that_it_holds(send: Send, tag: str) -> None:
    headers = {"etag": tag, "cache-control": BY_ALL, "vary": VARY}
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 304, "headers": encoded})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_page(send: Send, page: KeptPage) -> None:
    # A copy: who sends it on adds headers of its own.
    start: Message = {"type": "http.response.start", "status": 200, "headers": [*page.headers]}
    await send(start)
    await send({"type": "http.response.body", "body": page.body, "more_body": False})


class _Sending:
    """Sends an answer on, with its ETag if it is such a page; `page` is what was sent."""

    def __init__(self, scope: Scope, send: Send, tag: str) -> None:
        self._scope, self._send, self._tag = scope, send, tag
        self._headers: list[tuple[bytes, bytes]] | None = None
        self._parts: list[bytes] = []
        self.page: KeptPage | None = None

    async def __call__(self, message: Message) -> None:
        """Send one message on."""
        if message["type"] == "http.response.start" and self._is_for_all(message):
            MutableScopeHeaders.from_message(message)["etag"] = self._tag
            self._headers = [*message["headers"]]
        elif message["type"] == "http.response.body" and self._headers is not None:
            self._parts.append(message["body"])
            if not message.get("more_body"):
                self.page = KeptPage(self._headers, b"".join(self._parts))
        await self._send(message)

    def _is_for_all(self, message: Message) -> bool:
        headers = MutableScopeHeaders.from_message(message)
        handler = self._scope.get("route_handler")
        return (
            message["status"] == 200  # type: ignore[typeddict-item]
            and handler is not None
            and bool(handler.opt.get(OF_PUBLIC_DATA))
            and headers.get("cache-control") == BY_ALL
            and "set-cookie" not in headers
        )
