"""Sessions of browsers, kept in the database under the hash of their cookie.

Litestar's own server-side sessions adopt whatever id a cookie brings and write a row for every
visitor. Here an id that was not issued is nothing, a sign-in issues a new one, and a visitor who
is not signed in leaves no row and gets no cookie.
"""

import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware.session.base import BaseBackendConfig, BaseSessionBackend
from litestar.types import Empty, Message, Scopes, ScopeSession

from directory.accounts.agents import browser_words
from directory.accounts.kept import (
    IDLE,
    RENEW_AFTER,
    Holder,
    delete_session,
    issue_session,
    key_of,
    read_session,
    renew_session,
)
from directory.accounts.models import User
from directory.db import Database, now
from directory.errors import Unavailable
from directory.settings import Settings

_ISSUED = "session_issued"
_LOADED = "session_loaded"
_ROTATE = "session_rotate"
CONFIRMED = timedelta(minutes=30)
"""For so long after signing in one may change how one signs in (OWASP ASVS 5, 7.5.1)."""

Connection = ASGIConnection[Any, Any, Any, Any]
AnyRequest = Request[Any, Any, Any]


class DatabaseSessions(BaseSessionBackend["SessionConfig"]):
    """Loads and stores the session of a request."""

    def get_session_id(self, connection: Connection) -> str | None:
        """Return the id only if we issued it."""
        found: str | None = connection.scope["state"].get(_ISSUED)
        return found

    async def load_from_connection(self, connection: Connection) -> dict[str, Any]:
        """Return the data behind the cookie, or nothing for an id that was not issued."""
        session_id = connection.cookies.get(self.config.key)
        if not session_id:
            return {}
        data = await sync_to_thread(self._load, connection.app.state.database, session_id)
        if data is None:
            return {}
        connection.scope["state"] |= {_ISSUED: session_id, _LOADED: data}
        return self.deserialize_data(data)

    @staticmethod
    def _load(database: Database, session_id: str) -> bytes | None:
        with database.reading() as session:
            found = read_session(session, session_id)
        if found is None:
            return None
        if found.whole and now() - found.seen_at > RENEW_AFTER:
            # Nobody is kept from reading because the database cannot be written to.
            with suppress(Unavailable), database.writing() as session:
                renew_session(session, session_id)
        return found.data

    async def store_in_message(
        self, scope_session: ScopeSession, message: Message, connection: Connection
    ) -> None:
        """Write what changed, and set a cookie only when its value changes."""
        state = connection.scope["state"]
        issued = self.get_session_id(connection)
        if not scope_session or scope_session is Empty:
            if issued:
                # Without its cookie a session opens nothing, and it ends by itself.
                with suppress(Unavailable):
                    await sync_to_thread(self._end, connection.app.state.database, issued)
                self._set_cookie(message, "", max_age=0)
            return
        data = self.serialize_data(scope_session, connection.scope)
        fresh = issued is None or state.pop(_ROTATE, False)
        if data == state.get(_LOADED) and not fresh:
            return
        database = connection.app.state.database
        if issued and not fresh:
            # Such as a message that was shown: it is shown once more where this fails.
            with suppress(Unavailable):
                await sync_to_thread(self._renew, database, issued, data)
            return
        session_id = secrets.token_urlsafe(32)
        holder = _holder(scope_session, connection)
        await sync_to_thread(self._issue, database, issued, session_id, data, holder)
        self._set_cookie(message, session_id)

    @staticmethod
    def _issue(database: Database, old: str | None, new: str, data: bytes, holder: Holder) -> None:
        with database.writing() as session:
            if old:
                delete_session(session, old)
            issue_session(session, new, data, holder)

    @staticmethod
    def _renew(database: Database, session_id: str, data: bytes) -> None:
        with database.writing() as session:
            renew_session(session, session_id, data)

    @staticmethod
    def _end(database: Database, session_id: str) -> None:
        with database.writing() as session:
            delete_session(session, session_id)

    def _set_cookie(self, message: Message, value: str, max_age: int | None = None) -> None:
        """Set the cookie; without `max_age` the browser drops it when it closes."""
        config = self.config
        cookie = Cookie(
            key=config.key,
            value=value,
            max_age=max_age,
            path=config.path,
            secure=config.secure,
            httponly=config.httponly,
            samesite=config.samesite,
        )
        MutableScopeHeaders.from_message(message).add("Set-Cookie", cookie.to_header(header=""))


@dataclass
class SessionConfig(BaseBackendConfig[DatabaseSessions]):
    """How the cookie is set, in the words of Litestar."""

    key: str
    secure: bool
    max_age: int = int(IDLE.total_seconds())
    path: str = "/"
    domain: str | None = None
    httponly: bool = True
    samesite: Literal["lax", "strict", "none"] = "lax"
    scopes: Scopes = frozenset({ScopeType.HTTP})  # type: ignore[assignment]
    exclude: str | list[str] | None = None
    exclude_opt_key: str = "skip_session"

    _backend_class = DatabaseSessions


def session_config(settings: Settings) -> SessionConfig:
    """Return the configuration; `.middleware` goes into the application.

    Over https the name of the cookie keeps other hosts of the same domain from setting it.
    """
    name = "__Host-session" if settings.secure else "session"
    exclude = ["^/static", "^/api", "^/healthz", "^/readyz", "^/metrics"]
    return SessionConfig(key=name, secure=settings.secure, exclude=exclude)


def _holder(data: Any, connection: Connection) -> Holder:
    """Say whose a session is, from what is in it."""
    user_id = data.get("user") or data.get("half")
    agent = browser_words(connection.headers.get("user-agent", ""))
    return Holder(uuid.UUID(user_id) if user_id else None, bool(data.get("user")), agent)


def begin_session(request: AnyRequest, user: User) -> None:
    """Sign a browser in, under a new id; what it had before is gone."""
    request.scope["state"][_ROTATE] = True
    request.set_session(
        {
            "user": str(user.id),
            "email": user.email,
            "role": user.role,
            "confirmed": now().timestamp(),
        }
    )


def begin_half(request: AnyRequest, user: User, next: str) -> None:
    """Remember that a password was right; until the second factor this opens nothing."""
    request.scope["state"][_ROTATE] = True
    request.set_session({"half": str(user.id), "next": next})


def half_signed_in(request: AnyRequest) -> uuid.UUID | None:
    """Return whose password was right in this browser, when the second factor is still to come."""
    found = request.session.get("half")
    return uuid.UUID(found) if found else None


def is_confirmed(request: Connection) -> bool:
    """Say whether the person has signed in a short time ago."""
    since = now().timestamp() - request.session.get("confirmed", 0)
    return bool(since < CONFIRMED.total_seconds())


def key_here(request: AnyRequest) -> str:
    """Return under what the session of this browser is kept, or an empty text."""
    session_id = request.scope["state"].get(_ISSUED)
    return key_of(session_id) if session_id else ""


def put_aside(request: AnyRequest, **values: Any) -> None:
    """Keep something for the next step of this browser, whoever it is."""
    request.set_session({**request.session, **values})


def take_back(request: AnyRequest, name: str) -> Any:
    """Return what was put aside, once."""
    found = dict(request.session)
    value = found.pop(name, None)
    request.set_session(found)
    return value


def end_session(request: AnyRequest) -> None:
    """Sign a browser out: its row is deleted and its cookie expires."""
    request.clear_session()
