"""Sign-in, sign-out, the first password, and who one is."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath, FromQuery

from directory.accounts.guards import OPEN, local_path, must_be_signed_in, signed_in, to_sign_in
from directory.accounts.models import User
from directory.accounts.passwords import ADVISED, LONGEST, SHORTEST
from directory.accounts.permissions import ACTIONS, ROLE_NAMES, is_allowed_somewhere
from directory.accounts.service import read_link, set_password, sign_in
from directory.accounts.sessions import begin_session, end_session
from directory.accounts.throttle import SignInAttempts
from directory.db import Database
from directory.errors import Invalid
from directory.web.csrf import form_page
from directory.web.page import go_to

PASSWORD_RULES = {"shortest": SHORTEST, "advised": ADVISED, "longest": LONGEST}


async def _texts(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the form with one text for each name."""
    return {k: v for k, v in (await request.form()).multi_items() if isinstance(v, str)}


@get("/sign-in", opt={OPEN: True}, sync_to_thread=False)
def show_sign_in(
    request: Request[Any, Any, Any], next: FromQuery[str] = "/curation"
) -> Response[Any]:
    """The form to sign in with."""
    return _sign_in_page(request, local_path(next), "")


def _sign_in_page(
    request: Request[Any, Any, Any],
    next: str,
    email: str,
    refused: str = "",
    status: int = 200,
) -> Response[Any]:
    errors = {"email": refused} if refused else {}
    return form_page(
        request,
        "accounts/sign_in.html",
        status=status,
        errors=errors,
        next=next,
        email=email,
        expired=False,
    )


@post("/sign-in", opt={OPEN: True})
async def send_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Sign in, or say that it did not work without saying what was wrong."""
    form = await _texts(request)
    email, next = form.get("email", ""), local_path(form.get("next", ""))
    attempts: SignInAttempts = request.app.state.sign_in_attempts
    address = request.client.host if request.client else ""
    if wait := attempts.begin(email, address):
        minutes = -(-wait // 60)
        refused = f"There were too many failed attempts. Try again in {minutes} minutes."
        response = _sign_in_page(request, next, email, refused, 429)
        response.headers["Retry-After"] = str(wait)
        return response
    try:
        user = await sync_to_thread(
            _check, request.app.state.database, email, form.get("password", "")
        )
    except Invalid as error:
        return _sign_in_page(request, next, email, str(error), 422)
    attempts.succeeded(email, address)
    begin_session(request, user)
    return go_to(request, next)


def _check(database: Database, email: str, password: str) -> User:
    with database.reading() as session:
        return sign_in(session, email, password)


@post("/sign-out", sync_to_thread=False)
def send_sign_out(request: Request[Any, Any, Any]) -> Response[Any]:
    """Sign out."""
    end_session(request)
    return go_to(request, "/")


@get("/password/{token:str}", opt={OPEN: True}, sync_to_thread=True)
def show_password(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """The form behind a one-time link."""
    database: Database = request.app.state.database
    with database.reading() as session:
        user = read_link(session, token)
    return form_page(request, "accounts/password.html", email=user.email, rules=PASSWORD_RULES)


@post("/password/{token:str}", opt={OPEN: True})
async def send_password(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """Set the password and sign in."""
    form = await _texts(request)
    state = request.app.state
    try:
        user = await sync_to_thread(
            _set, state.database, token, form.get("password", ""), state.settings.site_name
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
    begin_session(request, user)
    return go_to(request, "/account")


def _set(database: Database, token: str, password: str, site_name: str) -> User:
    with database.writing() as session:
        return set_password(session, token, password, site_name)


@get("", sync_to_thread=False)
def show_account(request: Request[Any, Any, Any]) -> Response[Any]:
    """Who one is here, and what one may do."""
    user = signed_in(request)
    actions = [a for a in ACTIONS.values() if is_allowed_somewhere(user.role, a.name)]
    role = ROLE_NAMES.get(user.role, user.role)
    return form_page(request, "accounts/account.html", user=user, role=role, actions=actions)


router = Router(
    path="/account",
    route_handlers=[
        show_account,
        show_sign_in,
        send_sign_in,
        send_sign_out,
        show_password,
        send_password,
    ],
    guards=[must_be_signed_in],
    exception_handlers={NotAuthorizedException: to_sign_in},
    cache_control=CacheControlHeader(private=True, no_cache=True),
    include_in_schema=False,
)
