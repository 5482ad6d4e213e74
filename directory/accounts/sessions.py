"""Sessions of browsers, kept in the database under the hash of their cookie.

Litestar's own server-side sessions adopt whatever id a cookie brings and write a row for every
visitor. Here an id that was not issued is nothing, a sign-in issues a new one, and a visitor who
is not signed in leaves no row and gets no cookie.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware.session.base import BaseBackendConfig, BaseSessionBackend
from litestar.types import Empty, Message, Scopes, ScopeSession
from sqlmodel import Session, col

from directory.accounts.models import BrowserSession, User
from directory.db import Database, now
from directory.settings import Settings

IDLE = timedelta(hours=12)
_RENEW_AFTER = timedelta(minutes=10)
_ISSUED = "session_issued"
_LOADED = "session_loaded"
_ROTATE = "session_rotate"

Connection = ASGIConnection[Any, Any, Any, Any]


def _key(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()


def read_session(session: Session, session_id: str) -> tuple[bytes, datetime] | None:
    """Return the data of a session that was issued and has not expired, and when it will."""
    row = session.get(BrowserSession, _key(session_id))
    return (row.data, row.expires_at) if row and row.expires_at > now() else None


def issue_session(session: Session, session_id: str, data: bytes) -> None:
    """Keep a new session for as long as it may be idle, and remove those that have expired."""
    session.exec(sa.delete(BrowserSession).where(col(BrowserSession.expires_at) <= now()))
    session.add(BrowserSession(key=_key(session_id), data=data, expires_at=now() + IDLE))


def renew_session(session: Session, session_id: str, data: bytes) -> None:
    """Keep a session longer, with its data of now; one that was ended meanwhile stays ended."""
    session.exec(
        sa.update(BrowserSession)
        .where(col(BrowserSession.key) == _key(session_id))
        .values(data=data, expires_at=now() + IDLE)
    )


def delete_session(session: Session, session_id: str) -> None:
    """Forget a session; harmless when there is none."""
    session.exec(sa.delete(BrowserSession).where(col(BrowserSession.key) == _key(session_id)))


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
        data, expires_at = found
        if expires_at - now() < IDLE - _RENEW_AFTER:
            with database.writing() as session:
                renew_session(session, session_id, data)
        return data

    async def store_in_message(
        self, scope_session: ScopeSession, message: Message, connection: Connection
    ) -> None:
        """Write what changed, and set a cookie only when its value changes."""
        state = connection.scope["state"]
        issued = self.get_session_id(connection)
        if not scope_session or scope_session is Empty:
            if issued:
                await sync_to_thread(self._end, connection.app.state.database, issued)
                self._set_cookie(message, "", max_age=0)
            return
        data = self.serialize_data(scope_session, connection.scope)
        fresh = issued is None or state.pop(_ROTATE, False)
        if data == state.get(_LOADED) and not fresh:
            return
        database = connection.app.state.database
        if issued and not fresh:
            await sync_to_thread(self._renew, database, issued, data)
            return
        session_id = secrets.token_urlsafe(32)
        await sync_to_thread(self._issue, database, issued, session_id, data)
        self._set_cookie(message, session_id)

    @staticmethod
    def _issue(database: Database, old: str | None, new: str, data: bytes) -> None:
        with database.writing() as session:
            if old:
                delete_session(session, old)
            issue_session(session, new, data)

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


def begin_session(request: Request[Any, Any, Any], user: User) -> None:
    """Sign a browser in, under a new id; what it had before is gone."""
    request.scope["state"][_ROTATE] = True
    request.set_session({"user": str(user.id), "email": user.email, "role": user.role})


def end_session(request: Request[Any, Any, Any]) -> None:
    """Sign a browser out: its row is deleted and its cookie expires."""
    request.clear_session()
