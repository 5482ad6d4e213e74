"""The page on which a person makes and revokes the tokens of their programs."""

from collections.abc import Collection
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.exceptions import NotAuthorizedException
from litestar.plugins.flash import flash

from directory.accounts.guards import (
    may,
    must_have_signed_in_lately,
    signed_in,
    to_sign_in,
)
from directory.accounts.models import User
from directory.accounts.permissions import ACTIONS, Action, is_allowed_somewhere
from directory.accounts.tokens import LIVES, MOST, make_token, revoke_token, tokens_of
from directory.api.tokens import SCOPES
from directory.db import Database
from directory.errors import Invalid
from directory.languages import gettext
from directory.web.csrf import form_page
from directory.web.page import go_to

FEWEST = ("read drafts",)
"""What a new token may do unless somebody ticks more."""


def _offered(user: User) -> list[Action]:
    """Return what a token of this person can be made for, in the order of the table."""
    return [
        a for a in ACTIONS.values() if a.name in SCOPES and is_allowed_somewhere(user.role, a.name)
    ]


@get("", sync_to_thread=True)
def show_tokens(request: Request[Any, Any, Any]) -> Response[Any]:
    """The tokens of a person, and the form for a new one."""
    return _tokens_page(request)


def _tokens_page(
    request: Request[Any, Any, Any],
    *,
    made: str = "",
    name: str = "",
    days: int = LIVES[-1],
    scopes: Collection[str] = FEWEST,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    database: Database = request.app.state.database
    with database.reading() as session:
        tokens = tokens_of(session, signed_in(request))
    response = form_page(
        request,
        "accounts/tokens.html",
        status=status,
        errors=[(f"f-{field}", said) for field, said in (errors or {}).items()],
        by_field=errors or {},
        user=signed_in(request),
        tokens=tokens,
        actions=ACTIONS,
        offered=_offered(signed_in(request)),
        chosen=scopes,
        made=made,
        name=name,
        days=days,
        lives=LIVES,
        most=MOST,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@post("", status_code=200, guards=[must_have_signed_in_lately])
async def send_token(request: Request[Any, Any, Any]) -> Response[Any]:
    """Make a token and show it, this once."""
    form = await request.form()
    name, days = str(form.get("name", "")), str(form.get("days", ""))
    number = int(days) if days in map(str, LIVES) else 0
    scopes = [str(one) for one in form.getall("scope", [])]
    return await sync_to_thread(_make, request, signed_in(request), name, number, scopes)


def _make(
    request: Request[Any, Any, Any], user: User, name: str, days: int, scopes: list[str]
) -> Response[Any]:
    database: Database = request.app.state.database
    secret = request.app.state.settings.secret
    try:
        with database.writing() as session:
            _, text = make_token(session, name, days, scopes, by=user, secret=secret)
    except Invalid as error:
        return _tokens_page(
            request, name=name, days=days, scopes=scopes, errors=error.by_field, status=422
        )
    return _tokens_page(request, made=text)


@post("/revoke")
async def send_revoke(request: Request[Any, Any, Any]) -> Response[Any]:
    """Revoke the token that the form names."""
    text = str((await request.form()).get("token", ""))
    return await sync_to_thread(_revoke, request, signed_in(request), text)


def _revoke(request: Request[Any, Any, Any], user: User, text: str) -> Response[Any]:
    database: Database = request.app.state.database
    with database.writing() as session:
        token = revoke_token(session, text, by=user)
    said = gettext("The token “%(name)s” is revoked: it opens nothing any more.", name=token.name)
    flash(request, said, "success")
    return go_to(request, "/account/tokens")


router = Router(
    path="/account/tokens",
    route_handlers=[show_tokens, send_token, send_revoke],
    guards=[may("save"), must_have_signed_in_lately],
    exception_handlers={NotAuthorizedException: to_sign_in},
    include_in_schema=False,
)
