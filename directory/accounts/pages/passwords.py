"""Setting a password by a one-time link, asking for such a link, and changing a password."""

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.params import FromPath

from directory.accounts.factors import Factors, factors_of
from directory.accounts.guards import OPEN, signed_in
from directory.accounts.guessing import PER_ACCOUNT, WINDOW, Guesser
from directory.accounts.models import User
from directory.accounts.pages.common import (
    PASSWORD_RULES,
    AnyRequest,
    guesser,
    know_browser,
)
from directory.accounts.pages.sign_in import after_password
from directory.accounts.service import (
    RESET_LIVES,
    change_password,
    note_arrival,
    read_link,
    request_reset,
    set_password,
)
from directory.accounts.sessions import begin_session, key_here
from directory.accounts.throttle import throttle
from directory.db import Database
from directory.errors import Invalid
from directory.settings import Settings
from directory.web.csrf import form_page
from directory.web.page import go_to, page, texts


@get("/password/{token:str}", opt={OPEN: True}, sync_to_thread=True)
def show_link(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """The form behind a one-time link."""
    database: Database = request.app.state.database
    with database.reading() as session:
        user = read_link(session, token)
    return form_page(request, "accounts/password.html", email=user.email, rules=PASSWORD_RULES)


@post("/password/{token:str}", opt={OPEN: True})
async def send_link(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Set the password and sign in; a second factor is asked for all the same."""
    form = await texts(request)
    try:
        user, factors = await sync_to_thread(
            _set, request.app.state, token, form.get("password", "")
        )
    except Invalid as error:
        return form_page(
            request,
            "accounts/password.html",
            status=422,
            errors=error.by_field,
            email=form.get("email", ""),
            rules=PASSWORD_RULES,
        )
    return await after_password(request, user, factors, "/account")


def _set(state: State, token: str, password: str) -> tuple[User, Factors]:
    database: Database = state.database
    with database.writing() as session:
        user = set_password(session, token, password, state.settings.site_name)
        factors = factors_of(session, user.id)
        if not factors.any:
            note_arrival(session, user, "link")
    return user, factors


@get("/reset", opt={OPEN: True}, sync_to_thread=False)
def show_reset(request: AnyRequest) -> Response[Any]:
    """The form that asks for a link to set a new password."""
    return form_page(request, "accounts/reset.html")


@post("/reset", opt={OPEN: True})
async def send_reset(request: AnyRequest) -> Response[Any]:
    """Answer the same for every address; look for the account when the answer is out."""
    form, state = await texts(request), request.app.state
    await sync_to_thread(_count_reset, state.database, guesser(request))
    later = BackgroundTask(_reset, state.database, form.get("email", ""), state.settings)
    response = go_to(request, "/account/reset/sent")
    response.background = later
    return response


def _count_reset(database: Database, who: Guesser) -> None:
    with database.writing() as session:
        who.begin_here(session, "reset")


def _reset(database: Database, email: str, settings: Settings) -> None:
    with database.writing() as session:
        request_reset(session, email, settings)


@get("/reset/sent", opt={OPEN: True}, sync_to_thread=False)
def show_reset_sent(request: AnyRequest) -> Response[Any]:
    """What to expect now."""
    hours = RESET_LIVES // timedelta(hours=1)
    return page(request, "accounts/reset_sent.html", hours=hours)


@get("/password", sync_to_thread=False)
def show_change(request: AnyRequest) -> Response[Any]:
    """The form to change one's password."""
    return _change_page(request, signed_in(request))


def _change_page(
    request: AnyRequest, user: User, errors: dict[str, str] | None = None
) -> Response[Any]:
    return form_page(
        request,
        "accounts/change_password.html",
        status=422 if errors else 200,
        errors=errors or {},
        email=user.email,
        rules=PASSWORD_RULES,
    )


@post("/password")
async def send_change(request: AnyRequest) -> Response[Any]:
    """Change the password; this browser stays signed in, under a new session."""
    user, form = signed_in(request), await texts(request)
    words = (form.get("current", ""), form.get("password", ""))
    try:
        await sync_to_thread(_change, request.app.state, user, *words, key_here(request))
    except Invalid as error:
        return _change_page(request, user, error.by_field)
    begin_session(request, user)
    return know_browser(request, user, go_to(request, "/account?changed=password"))


def _change(state: State, user: User, current: str, password: str, keep: str) -> None:
    database: Database = state.database
    secret = state.settings.secret
    with database.writing() as session:
        key = str(user.id)
        throttle(session, "current password", key, PER_ACCOUNT, WINDOW, secret=secret)
    with database.writing() as session:
        change_password(session, user, current, password, state.settings.site_name, keep=keep)


HANDLERS = [
    show_link,
    send_link,
    show_reset,
    send_reset,
    show_reset_sent,
    show_change,
    send_change,
]
