"""Who one is, what one may do, and where one is signed in."""

from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromQuery

from directory import audit
from directory.accounts.factors import factors_of, of
from directory.accounts.guards import signed_in
from directory.accounts.kept import end_sessions, sessions_of
from directory.accounts.models import User
from directory.accounts.overview import organisations_of
from directory.accounts.pages.common import AnyRequest
from directory.accounts.permissions import ACTIONS, ROLE_NAMES, is_allowed, is_allowed_somewhere
from directory.accounts.service import choose_language
from directory.accounts.sessions import key_here
from directory.db import Database
from directory.errors import Invalid
from directory.languages import marked, worded
from directory.web.csrf import form_page
from directory.web.page import go_to, texts

CHANGED = {
    "password": marked("Your password is changed, and you are signed out everywhere else."),
    "passkey": marked("Your passkey is added."),
    "removed": marked("It is removed."),
    "sessions": marked("Signed out there."),
    "language": marked("The language of letters to you is changed."),
}
"""What the address says was done, in words; an address with another word says nothing."""


@get("", sync_to_thread=True)
def show_account(request: AnyRequest, changed: FromQuery[str] = "") -> Response[Any]:
    """Who one is here, what one may do, for whom, and how one signs in."""
    return _account_page(request, changed=changed)


def _account_page(
    request: AnyRequest, *, changed: str = "", errors: dict[str, str] | None = None
) -> Response[Any]:
    user, database = signed_in(request), request.app.state.database
    with database.reading() as session:
        factors = factors_of(session, user.id)
        organisations = organisations_of(session, user)
        count = len(sessions_of(session, user))
    return form_page(
        request,
        "accounts/account.html",
        status=422 if errors else 200,
        errors=errors or {},
        user=user,
        role=worded(ROLE_NAMES.get(user.role, user.role)),
        actions=[a for a in ACTIONS.values() if is_allowed_somewhere(user.role, a.name)],
        invites=is_allowed(user.role, "invite"),
        factors=factors,
        organisations=organisations,
        sessions=count,
        done=CHANGED.get(changed),
    )


@post("/language")
async def send_language(request: AnyRequest) -> Response[Any]:
    """Choose the language of letters to oneself."""
    code, database = (await texts(request)).get("language", ""), request.app.state.database
    try:
        await sync_to_thread(_choose, database, signed_in(request), code)
    except Invalid as error:
        return await sync_to_thread(_account_page, request, errors=error.by_field)
    return go_to(request, "/account?changed=language")


def _choose(database: Database, user: User, code: str) -> None:
    with database.writing() as session:
        choose_language(session, user, code)


@get("/sessions", sync_to_thread=True)
def show_sessions(request: AnyRequest, changed: FromQuery[str] = "") -> Response[Any]:
    """Where one is signed in."""
    user, database = signed_in(request), request.app.state.database
    with database.reading() as session:
        found = sessions_of(session, user)
    return form_page(
        request,
        "accounts/sessions.html",
        sessions=found,
        here=key_here(request),
        done=CHANGED.get(changed),
    )


@post("/sessions")
async def end_others(request: AnyRequest) -> Response[Any]:
    """Sign out in one other browser, or in all others."""
    form = await texts(request)
    only = form.get("session", "")
    await sync_to_thread(
        _end, request.app.state.database, signed_in(request), key_here(request), only
    )
    return go_to(request, "/account/sessions?changed=sessions")


def _end(database: Database, user: User, here: str, only: str) -> None:
    with database.writing() as session:
        # The row of the log comes first: it takes the lock that everybody takes first.
        audit.record(session, "signed out elsewhere", of(user), by=user)
        end_sessions(session, user.id, keep=here, only=only)


HANDLERS = [show_account, send_language, show_sessions, end_others]
