"""Who edits an organisation for its provider looks after that right: renew, hand over, give up."""

from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import signed_in
from directory.accounts.models import User
from directory.errors import Invalid, NotFound, TooMany
from directory.inbox.grants import Held, give_up, grants_of, held_by, renew
from directory.inbox.pages.common import (
    AnyRequest,
    ask_to_wait,
    database_of,
    settings_of,
    uuid_of,
)
from directory.inbox.requests import find_request, hand_over, object_to, open_requests
from directory.languages import gettext
from directory.settings import Settings
from directory.web.csrf import form_page
from directory.web.page import go_to, page, texts


@get("/", sync_to_thread=True)
def show_all(request: AnyRequest) -> Response[Any]:
    """The organisations that one edits."""
    with database_of(request).reading() as session:
        held = grants_of(session, signed_in(request))
    return page(request, "inbox/organisations.html", held=held)


@get("/{slug:str}", sync_to_thread=True)
def show_one(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    """One organisation: until when, who else asks, and what one can do."""
    return _one(request, slug, {})


@post("/{slug:str}/{move:str}")
async def send_move(request: AnyRequest, slug: FromPath[str], move: FromPath[str]) -> Response[Any]:
    """Renew, hand over, give up, or object to somebody else's request."""
    return await sync_to_thread(_act, request, slug, move, await texts(request))


def _act(request: AnyRequest, slug: str, move: str, sent: dict[str, str]) -> Response[Any]:
    if move not in _MOVES:
        raise NotFound(gettext("There is nothing at this address."))
    user, settings = signed_in(request), settings_of(request)
    try:
        with database_of(request).writing() as session:
            held = held_by(session, user, slug)
            said = _MOVES[move](session, held, sent, user, settings)
    except Invalid as error:
        return _one(request, slug, sent, error.by_field)
    except TooMany as error:
        again = _one(request, slug, sent, {"email": str(error)}, 429)
        return ask_to_wait(again, error)
    flash(request, said, "success")
    still = move != "give-up"
    return go_to(request, f"/account/organisations/{slug}" if still else "/account/organisations")


def _renew(session: Any, held: Held, sent: dict[str, str], user: User, settings: Settings) -> str:
    renew(session, held, by=user)
    return gettext("Thank you. Your right is good for another 24 months.")


def _hand_over(
    session: Any, held: Held, sent: dict[str, str], user: User, settings: Settings
) -> str:
    hand_over(session, held, sent.get("email", ""), by=user, settings=settings)
    return gettext(
        "A mail is on its way to your successor. Until a curator agrees, you stay the editor."
    )


def _give_up(session: Any, held: Held, sent: dict[str, str], user: User, settings: Settings) -> str:
    if sent.get("sure") != "yes":
        raise Invalid(
            gettext("Nothing has changed."),
            {"sure": gettext("Tick the box to say that you are sure.")},
        )
    give_up(session, held, by=user, settings=settings)
    return gettext(
        "You no longer edit %(title)s. Thank you for your work.", title=held.organisation.title
    )


def _object(session: Any, held: Held, sent: dict[str, str], user: User, settings: Settings) -> str:
    asked, reason = find_request(session, uuid_of(sent.get("request", ""))), sent.get("reason", "")
    object_to(session, held, asked, reason, by=user, settings=settings)
    return gettext("Your objection is with the curators. Nothing changes until they decide.")


_MOVES = {"renew": _renew, "hand-over": _hand_over, "give-up": _give_up, "object": _object}


def _one(
    request: AnyRequest,
    slug: str,
    sent: dict[str, str],
    errors: dict[str, str] | None = None,
    refused: int = 422,
) -> Response[Any]:
    with database_of(request).reading() as session:
        held = held_by(session, signed_in(request), slug)
        asked = open_requests(session, held.organisation)
    return form_page(
        request,
        "inbox/organisation.html",
        status=refused if errors else 200,
        errors=errors or {},
        held=held,
        asked=asked,
        sent={"email": "", "reason": "", "request": "", **sent},
    )


HANDLERS = [show_all, show_one, send_move]
