"""Who asks with a token. Sessions of browsers open nothing here, and tokens open no page."""

from contextlib import suppress
from typing import Any

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from directory.accounts.factors import lacks_factor
from directory.accounts.models import User
from directory.accounts.permissions import allow
from directory.accounts.tokens import ApiToken, ScopeMissing, holder_of, note_use
from directory.db import Database, now
from directory.errors import NotAllowed, Unavailable
from directory.settings import Settings
from directory.web.limits import count

SCOPES: set[str] = set()
"""The actions that some address of the API asks a token for: what tokens can be made for."""

_HOLDER = "holder_of_token"
_BEARER = "bearer "


def _find_holder(database: Database, text: str, settings: Settings) -> tuple[ApiToken, User] | None:
    with database.reading() as session:
        found = holder_of(session, text, secret=settings.secret)
        if found is None:
            return None
        token, user = found
        # A token opens no more than its person could: where they must show a second factor and
        # have none, they may do nothing either.
        if lacks_factor(session, user, settings):
            raise NotAllowed("Sign in on the site and set up a second factor first.")
    if token.last_used != now().date():
        with suppress(Unavailable), database.writing() as session:
            note_use(session, token)
    return token, user


def may_with_token(action: str) -> Guard:
    """Return a guard that lets pass whoever holds a token for this, of somebody who may do it.

    Who must have a second factor and has none is refused, as on the pages. What writes is counted
    for each token.
    """
    SCOPES.add(action)

    async def guard(
        connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler
    ) -> None:
        header = connection.headers.get("authorization", "")
        found = None
        if header.lower().startswith(_BEARER):
            state = connection.app.state
            text = header[len(_BEARER) :].strip()
            found = await sync_to_thread(_find_holder, state.database, text, state.settings)
        if found is None:
            raise NotAuthorizedException(
                "A token is needed.", headers={"WWW-Authenticate": 'Bearer realm="API"'}
            )
        token, user = found
        if connection.scope.get("method") != "GET":
            count(connection.scope, connection.app.state.limits.token, str(token.id))
        if action not in token.scopes:
            raise ScopeMissing(action)
        allow(user.role, action, own=True)
        connection.scope["state"][_HOLDER] = user

    return guard


def holder(request: Request[Any, Any, Any]) -> User:
    """Return whose token it is that a guard has let pass."""
    user: User = request.scope["state"][_HOLDER]
    return user
