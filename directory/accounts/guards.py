"""Who stands before a handler. Nothing under /curation, /account or /admin is open unless it says
so, and what is refused is written down.
"""

import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect
from litestar.types import Guard, Scope

from directory import audit
from directory.accounts.factors import lacks_factor
from directory.accounts.models import User
from directory.accounts.permissions import allow
from directory.accounts.sessions import is_confirmed
from directory.accounts.throttle import throttle
from directory.db import Database, write_alone
from directory.errors import NotAllowed, TooMany, Unavailable
from directory.settings import Settings
from directory.web.csrf import form_page

Connection = ASGIConnection[Any, Any, Any, Any]
OPEN = "open_to_all"
SET_UP = "/account/second-factor"
REFUSALS_AN_HOUR = 20
"""So many refusals of one person are written down; a script that tries on fills no disk."""

_USER = "signed_in_user"


class FactorMissing(NotAuthorizedException):
    """The person must set up a second factor first."""


class SignInAgain(NotAuthorizedException):
    """The person has signed in too long ago for what they want to change."""


def _find_user(database: Database, user_id: str) -> User | None:
    with database.reading() as session:
        user = session.get(User, uuid.UUID(user_id))
    return None if user is None or user.ended_at else user


async def _current_user(connection: Connection) -> User | None:
    """Return the user of the session as the database has it now, so that a role that was taken
    away is gone at once.
    """
    state = connection.scope["state"]
    if _USER not in state:
        user_id = connection.session.get("user")
        state[_USER] = (
            await sync_to_thread(_find_user, connection.app.state.database, user_id)
            if user_id
            else None
        )
    user: User | None = state[_USER]
    return user


async def must_be_signed_in(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let nobody pass who is not signed in, except where a handler is marked as open to all."""
    if not handler.opt.get(OPEN) and await _current_user(connection) is None:
        raise NotAuthorizedException("Please sign in.")


def may(action: str) -> Guard:
    """Return a guard that lets pass whose role may do this to some entry, by the table.

    To which ones is for the service to decide, which knows the entry.
    """

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        await must_be_signed_in(connection, handler)
        user = await _current_user(connection)
        if user is None:
            raise NotAuthorizedException("Please sign in.")
        allow(user.role, action, own=True)
        state = connection.app.state
        if state.settings.second_factor_required and await sync_to_thread(
            _lacks_factor, state.database, user, state.settings
        ):
            raise FactorMissing("Please set up a second factor first.")

    return guard


def _lacks_factor(database: Database, user: User, settings: Settings) -> bool:
    with database.reading() as session:
        return lacks_factor(session, user, settings)


async def must_have_signed_in_lately(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let only those change how they sign in who have just done so (OWASP ASVS 5, 7.5.1)."""
    await must_be_signed_in(connection, handler)
    if not is_confirmed(connection):
        raise SignInAgain("Please sign in again.")


async def note_refusal(error: Exception, scope: Scope) -> None:
    """Write down that a person was refused what they may not do (OWASP ASVS 5, 16.3.2).

    A hook for `after_exception`.
    """
    user: User | None = scope.get("state", {}).get(_USER)
    if user is not None and isinstance(error, NotAllowed):
        state = scope["litestar_app"].state
        await sync_to_thread(_note, state.database, state.settings.secret, user, scope)


def _note(database: Database, secret: str, user: User, scope: Scope) -> None:
    with suppress(Unavailable), database.writing() as session, suppress(TooMany):
        write_alone(session)
        throttle(
            session, "refused", str(user.id), REFUSALS_AN_HOUR, timedelta(hours=1), secret=secret
        )
        method = str(scope.get("method", ""))
        audit.record(session, "access refused", scope["path"], by=user, method=method)


def signed_in(request: Request[Any, Any, Any]) -> User:
    """Return the user that a guard has let pass."""
    user: User | None = request.scope["state"].get(_USER)
    if user is None:
        raise NotAuthorizedException("Please sign in.")
    return user


def local_path(text: str) -> str:
    """Return the text if it is a path of this site, else the curator's desk.

    A browser reads `//host` and `/\\host` as another site, and drops tabs and line ends.
    """
    plain = text.isprintable() and text.startswith("/")
    return text if plain and not text.startswith(("//", "/\\")) else "/curation"


def to_sign_in(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Send a reader to sign in and back; a form that was sent stays in the browser's history."""
    if isinstance(error, FactorMissing):
        return Redirect(f"{SET_UP}?needed=1", status_code=303)
    if isinstance(error, SignInAgain):
        return Redirect(f"/account/sign-in?next={_back(request)}&again=1", status_code=303)
    if request.method in ("GET", "HEAD"):
        return Redirect(f"/account/sign-in?next={_back(request)}", status_code=303)
    return form_page(
        request, "accounts/sign_in.html", status=401, next="/curation", email="", expired=True
    )


def _back(request: Request[Any, Any, Any]) -> str:
    """Return where to come back to, for a parameter."""
    if request.method not in ("GET", "HEAD"):
        return "/account"
    query = f"?{request.url.query}" if request.url.query else ""
    return quote(request.url.path + query, safe="/")
