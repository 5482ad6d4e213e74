"""Who stands before a handler. Nothing under /curation or /account is open unless it says so."""

import uuid
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect
from litestar.types import Guard

from directory.accounts.models import User
from directory.accounts.permissions import allow
from directory.db import Database
from directory.web.csrf import form_page

Connection = ASGIConnection[Any, Any, Any, Any]
OPEN = "open_to_all"
_USER = "signed_in_user"


def _find_user(database: Database, user_id: str) -> User | None:
    with database.reading() as session:
        return session.get(User, uuid.UUID(user_id))


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

    return guard


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
    if request.method in ("GET", "HEAD"):
        query = f"?{request.url.query}" if request.url.query else ""
        wanted = quote(request.url.path + query, safe="/")
        return Redirect(f"/account/sign-in?next={wanted}", status_code=303)
    return form_page(
        request, "accounts/sign_in.html", status=401, next="/curation", email="", expired=True
    )
