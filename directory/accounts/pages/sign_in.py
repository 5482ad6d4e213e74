"""Signing in, in one step or two, and signing out."""

import uuid
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromQuery

from directory import audit
from directory.accounts.factors import Factors, check_code, factors_of, of
from directory.accounts.guards import OPEN, local_path, signed_in
from directory.accounts.guessing import Guesser
from directory.accounts.models import User
from directory.accounts.pages.common import AnyRequest, come_in, guesser
from directory.accounts.passkeys import site_of
from directory.accounts.service import note_arrival, note_failure, sign_in
from directory.accounts.sessions import begin_half, end_session, half_signed_in
from directory.db import Database
from directory.errors import Invalid, TooMany
from directory.web.csrf import form_page
from directory.web.errors import headers_of, status_of
from directory.web.page import go_to, texts


@get("/sign-in", opt={OPEN: True}, sync_to_thread=False)
def show_sign_in(
    request: AnyRequest, next: FromQuery[str] = "/curation", again: FromQuery[str] = ""
) -> Response[Any]:
    """The form to sign in with."""
    email = request.session.get("email", "") if again else ""
    return _sign_in_page(request, local_path(next), email, again=bool(again))


def _sign_in_page(
    request: AnyRequest,
    next: str,
    email: str,
    refused: Exception | None = None,
    *,
    again: bool = False,
) -> Response[Any]:
    response = form_page(
        request,
        "accounts/sign_in.html",
        status=status_of(refused) if refused else 200,
        errors={"email": str(refused)} if refused else {},
        next=next,
        email=email,
        expired=False,
        again=again,
        passkeys=site_of(request.app.state.settings),
    )
    response.headers.update(headers_of(refused) if refused else {})
    return response


@post("/sign-in", opt={OPEN: True})
async def send_sign_in(request: AnyRequest) -> Response[Any]:
    """Sign in, or say that it did not work without saying what was wrong."""
    form = await texts(request)
    email, next = form.get("email", ""), local_path(form.get("next", ""))
    password = form.get("password", "")
    try:
        user, factors = await sync_to_thread(
            _check, request.app.state, guesser(request), email, password
        )
    except (Invalid, TooMany) as error:
        return _sign_in_page(request, next, email, error)
    return await after_password(request, user, factors, next)


def _check(state: State, who: Guesser, email: str, password: str) -> tuple[User, Factors]:
    """Compare a password outside of any transaction that writes: hashing takes its time."""
    database: Database = state.database
    with database.writing() as session:
        who.begin(session, email)
    try:
        with database.reading() as session:
            user = sign_in(session, email, password)
            factors = factors_of(session, user.id)
    except Invalid:
        with database.writing() as session:
            note_failure(session, email, "password")
        raise
    with database.writing() as session:
        if not factors.any:
            note_arrival(session, user, "password")
        who.succeeded(session, email)
    return user, factors


async def after_password(
    request: AnyRequest, user: User, factors: Factors, next: str
) -> Response[Any]:
    """Lead on to the second factor of an account, or in when it has none."""
    if not factors.any:
        return await come_in(request, user, next)
    begin_half(request, user, next)
    return go_to(request, "/account/code")


@get("/code", opt={OPEN: True}, sync_to_thread=True)
def show_code(request: AnyRequest) -> Response[Any]:
    """The second step: a code, or a passkey."""
    return _code_page(request, _half(request))


def _half(request: AnyRequest) -> uuid.UUID:
    number = half_signed_in(request)
    if number is None:
        raise NotAuthorizedException("Please sign in.")
    return number


def _code_page(
    request: AnyRequest, number: uuid.UUID, refused: Exception | None = None
) -> Response[Any]:
    database: Database = request.app.state.database
    with database.reading() as session:
        factors = factors_of(session, number)
    response = form_page(
        request,
        "accounts/code.html",
        status=status_of(refused) if refused else 200,
        errors={"code": _words(refused)} if refused else {},
        factors=factors,
        passkeys=site_of(request.app.state.settings) if factors.passkeys else None,
        next=request.session.get("next", "/curation"),
    )
    response.headers.update(headers_of(refused) if refused else {})
    return response


def _words(refused: Exception) -> str:
    by_field = refused.by_field if isinstance(refused, Invalid) else {}
    return by_field.get("code", str(refused))


@post("/code", opt={OPEN: True})
async def send_code(request: AnyRequest) -> Response[Any]:
    """Take the code and let the person in."""
    number, form = _half(request), await texts(request)
    try:
        user = await sync_to_thread(
            _check_code, request.app.state, guesser(request), number, form.get("code", "")
        )
    except (Invalid, TooMany) as error:
        return await sync_to_thread(_code_page, request, number, error)
    return await come_in(request, user, local_path(request.session.get("next", "")))


def _check_code(state: State, who: Guesser, number: uuid.UUID, code: str) -> User:
    database: Database = state.database
    with database.reading() as session:
        user = session.get(User, number)
    if user is None or user.ended_at:
        raise NotAuthorizedException("Please sign in.")
    with database.writing() as session:
        who.begin_code(session, user.email)
    try:
        with database.writing() as session:
            check_code(session, user, code, state.settings.secret)
    except Invalid:
        with database.writing() as session:
            note_failure(session, user.email, "code")
        raise
    with database.writing() as session:
        note_arrival(session, user, "password and code")
        who.succeeded(session, user.email, "code")
    return user


@post("/sign-out", sync_to_thread=True)
def send_sign_out(request: AnyRequest) -> Response[Any]:
    """Sign out."""
    user, database = signed_in(request), request.app.state.database
    with database.writing() as session:
        audit.record(session, "signed out", of(user), by=user)
    end_session(request)
    return go_to(request, "/")


HANDLERS = [show_sign_in, send_sign_in, show_code, send_code, send_sign_out]
