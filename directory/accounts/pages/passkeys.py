"""The addresses that `passkey.js` speaks to; without scripts passkeys are simply not offered."""

import uuid
from typing import Any

from litestar import MediaType, Response, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State

from directory.accounts import letters
from directory.accounts.guards import OPEN, SET_UP, local_path, signed_in
from directory.accounts.guessing import Guesser
from directory.accounts.models import User
from directory.accounts.pages.common import AnyRequest, come_in, guesser
from directory.accounts.pages.factors import LATELY
from directory.accounts.passkeys import (
    offer_registration,
    offer_sign_in,
    read_answer,
    register,
    remove_passkey,
    sign_in_with,
)
from directory.accounts.service import note_arrival, note_failure
from directory.accounts.sessions import half_signed_in, put_aside, take_back
from directory.db import Database
from directory.errors import DirectoryError, Invalid, NotFound
from directory.languages import gettext, marked, worded
from directory.web.errors import headers_of, status_of
from directory.web.page import go_to, texts

_CHALLENGE = "challenge"
_TOO_LATE = marked("This took too long. Please try again.")


def _json(text: str) -> Response[Any]:
    return Response(text.encode(), media_type=MediaType.JSON, status_code=200)


def _failed(_request: AnyRequest, error: Exception) -> Response[Any]:
    """Say what went wrong, for the script to show."""
    return Response({"error": str(error)}, status_code=status_of(error), headers=headers_of(error))


FOR_SCRIPT: dict[Any, Any] = {DirectoryError: _failed}


@post("/passkeys/new/options", guards=LATELY, exception_handlers=FOR_SCRIPT, sync_to_thread=True)
def new_options(request: AnyRequest) -> Response[Any]:
    """What to ask the device for a new passkey."""
    user, state = signed_in(request), request.app.state
    with state.database.reading() as session:
        options, challenge = offer_registration(session, user, state.settings)
    put_aside(request, **{_CHALLENGE: challenge})
    return _json(options)


@post("/passkeys/new", guards=LATELY, exception_handlers=FOR_SCRIPT)
async def send_new(request: AnyRequest) -> Response[Any]:
    """Keep the new passkey."""
    sent, challenge = read_answer(await request.body()), take_back(request, _CHALLENGE)
    if not challenge:
        raise Invalid(worded(_TOO_LATE))
    user = signed_in(request)
    await sync_to_thread(_register, request.app.state, user, sent, challenge)
    response: Response[Any] = Response({"next": f"{SET_UP}?changed=passkey"})
    response.status_code = 200
    return response


def _register(state: State, user: User, sent: dict[str, str], challenge: str) -> None:
    database: Database = state.database
    answer, name = sent.get("credential", ""), sent.get("name", "")
    with database.writing() as session:
        register(session, user, answer, challenge, name, state.settings)
        letters.changed(session, user, marked("A passkey was added to your account."))


@post(
    "/passkeys/sign-in/options",
    opt={OPEN: True},
    exception_handlers=FOR_SCRIPT,
    sync_to_thread=True,
)
def sign_in_options(request: AnyRequest) -> Response[Any]:
    """What to ask the device for to sign in."""
    state, who = request.app.state, guesser(request)
    with state.database.writing() as session:
        who.begin_here(session, "passkey")
    options, challenge = offer_sign_in(state.settings)
    put_aside(request, **{_CHALLENGE: challenge})
    return _json(options)


@post("/passkeys/sign-in", opt={OPEN: True}, exception_handlers=FOR_SCRIPT)
async def send_sign_in(request: AnyRequest) -> Response[Any]:
    """Sign in with a passkey alone: it counts as both factors."""
    sent, challenge = read_answer(await request.body()), take_back(request, _CHALLENGE)
    if not challenge:
        raise Invalid(worded(_TOO_LATE))
    next = local_path(sent.get("next", ""))
    half = half_signed_in(request)
    user = await sync_to_thread(
        _check, request.app.state, guesser(request), sent.get("credential", ""), challenge, half
    )
    led = await come_in(request, user, next)
    response: Response[Any] = Response({"next": getattr(led, "url", next)}, status_code=200)
    response.cookies = led.cookies
    return response


def _check(state: State, who: Guesser, answer: str, challenge: str, half: uuid.UUID | None) -> User:
    database: Database = state.database
    try:
        with database.writing() as session:
            user = sign_in_with(session, answer, challenge, state.settings)
            if half and half != user.id:
                raise Invalid(gettext("This passkey belongs to another account."))
            note_arrival(session, user, "passkey")
            who.succeeded_here(session, "passkey")
    except Invalid:
        with database.writing() as session:
            note_failure(session, "", "passkey")
        raise
    return user


@post("/passkeys/remove", guards=LATELY)
async def send_remove(request: AnyRequest) -> Response[Any]:
    """Remove one passkey."""
    form, user = await texts(request), signed_in(request)
    try:
        number = uuid.UUID(form.get("passkey", ""))
    except ValueError:
        raise NotFound(gettext("There is no such passkey in this account.")) from None
    await sync_to_thread(_remove, request.app.state.database, user, number)
    return go_to(request, f"{SET_UP}?changed=removed")


def _remove(database: Database, user: User, number: uuid.UUID) -> None:
    with database.writing() as session:
        remove_passkey(session, user, number, by=user)
        letters.changed(session, user, marked("A passkey was removed from your account."))


HANDLERS = [new_options, send_new, sign_in_options, send_sign_in, send_remove]
