"""What the pages of accounts share: reading forms, knowing browsers, coming in."""

from typing import Any

from litestar import Request, Response
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie

from directory.accounts.factors import lacks_factor
from directory.accounts.guards import SET_UP
from directory.accounts.guessing import Guesser, read_known
from directory.accounts.models import User
from directory.accounts.passwords import ADVISED, LONGEST, SHORTEST
from directory.accounts.sessions import begin_session
from directory.db import Database
from directory.settings import Settings
from directory.web.page import go_to

AnyRequest = Request[Any, Any, Any]

PASSWORD_RULES = {"shortest": SHORTEST, "advised": ADVISED, "longest": LONGEST}
_YEAR = 365 * 24 * 60 * 60


def _cookie_of_known(settings: Settings) -> str:
    return "__Host-known" if settings.secure else "known"


def guesser(request: AnyRequest) -> Guesser:
    """Return who tries to come in."""
    settings: Settings = request.app.state.settings
    known = read_known(settings.secret, request.cookies.get(_cookie_of_known(settings), ""))
    return Guesser(settings.secret, request.client.host if request.client else "", known)


async def come_in(request: AnyRequest, user: User, next: str) -> Response[Any]:
    """Sign a browser in, make it known, and lead on: first of all to a second factor that lacks."""
    state = request.app.state
    lacks = await sync_to_thread(_lacks_factor, state.database, user, state.settings)
    begin_session(request, user)
    return know_browser(request, user, go_to(request, f"{SET_UP}?needed=1" if lacks else next))


def know_browser(request: AnyRequest, user: User, response: Response[Any]) -> Response[Any]:
    """Return the response with the cookie by which this browser is told from strangers."""
    settings: Settings = request.app.state.settings
    response.set_cookie(
        Cookie(
            key=_cookie_of_known(settings),
            value=guesser(request).known_after(user.email),
            max_age=_YEAR,
            secure=settings.secure,
            httponly=True,
            samesite="lax",
        )
    )
    return response


def _lacks_factor(database: Database, user: User, settings: Settings) -> bool:
    with database.reading() as session:
        return lacks_factor(session, user, settings)
