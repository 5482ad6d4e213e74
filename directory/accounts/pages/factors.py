"""Setting up and removing a second factor; only for who has signed in a short time ago."""

from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.params import FromQuery

from directory.accounts import letters
from directory.accounts.factors import (
    Offer,
    factors_of,
    make_recovery_codes,
    offer_app,
    remove_app,
    set_up_app,
)
from directory.accounts.guards import must_have_signed_in_lately, signed_in
from directory.accounts.guessing import PER_ACCOUNT, WINDOW
from directory.accounts.models import User
from directory.accounts.pages.account import CHANGED
from directory.accounts.pages.common import AnyRequest
from directory.accounts.passkeys import passkeys_of, site_of
from directory.accounts.throttle import throttle
from directory.db import Database
from directory.errors import Invalid
from directory.languages import marked
from directory.web.csrf import form_page
from directory.web.page import go_to, texts

LATELY = [must_have_signed_in_lately]


@get("/second-factor", guards=LATELY, sync_to_thread=True)
def show_factors(
    request: AnyRequest, needed: FromQuery[str] = "", changed: FromQuery[str] = ""
) -> Response[Any]:
    """What the account has besides its password, and the ways to more."""
    user, state = signed_in(request), request.app.state
    with state.database.reading() as session:
        factors = factors_of(session, user.id)
        passkeys = passkeys_of(session, user)
    return form_page(
        request,
        "accounts/factors.html",
        factors=factors,
        passkeys=passkeys,
        offers_passkeys=site_of(state.settings) is not None,
        needed=bool(needed) and not factors.any,
        done=CHANGED.get(changed),
    )


@get("/second-factor/app", guards=LATELY, sync_to_thread=False)
def show_app(request: AnyRequest) -> Response[Any]:
    """A new secret for an app, as a picture and in letters."""
    return _app_page(request, offer_app(signed_in(request), request.app.state.settings))


def _app_page(request: AnyRequest, offer: Offer, refused: str = "") -> Response[Any]:
    return form_page(
        request,
        "accounts/app.html",
        status=422 if refused else 200,
        errors={"code": refused} if refused else {},
        offer=offer,
    )


@post("/second-factor/app", guards=LATELY)
async def send_app(request: AnyRequest) -> Response[Any]:
    """Put the app in force once it shows the right code, and show recovery codes."""
    user, form, state = signed_in(request), await texts(request), request.app.state
    offer = offer_app(user, state.settings, form.get("offer", ""))
    try:
        codes = await sync_to_thread(_set_up, state, user, offer, form.get("code", ""))
    except Invalid as error:
        return _app_page(request, offer, error.by_field["code"])
    return form_page(request, "accounts/recovery.html", codes=codes, added=True)


def _set_up(state: State, user: User, offer: Offer, code: str) -> list[str]:
    database: Database = state.database
    with database.writing() as session:
        key = str(user.id)
        throttle(session, "set up app", key, 2 * PER_ACCOUNT, WINDOW, secret=state.settings.secret)
    with database.writing() as session:
        set_up_app(session, user, offer, code)
        letters.changed(
            session, user, marked("An app was added to your account as a second factor.")
        )
        return make_recovery_codes(session, user)


@post("/second-factor/app/remove", guards=LATELY, sync_to_thread=True)
def send_remove_app(request: AnyRequest) -> Response[Any]:
    """Remove the app."""
    user, database = signed_in(request), request.app.state.database
    with database.writing() as session:
        remove_app(session, user, by=user)
        letters.changed(session, user, marked("The app was removed from your account."))
    return go_to(request, "/account/second-factor?changed=removed")


@post("/recovery-codes", guards=LATELY, sync_to_thread=True)
def send_recovery_codes(request: AnyRequest) -> Response[Any]:
    """Show ten new recovery codes, this once."""
    user, database = signed_in(request), request.app.state.database
    with database.writing() as session:
        codes = make_recovery_codes(session, user)
    return form_page(request, "accounts/recovery.html", codes=codes, added=False)


HANDLERS = [show_factors, show_app, send_app, send_remove_app, send_recovery_codes]
