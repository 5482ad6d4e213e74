"""Curators decide who edits an organisation for its provider, and who no longer does."""

from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import signed_in
from directory.errors import Invalid, NotFound
from directory.inbox.grants import all_grants, find_grant, revoke
from directory.inbox.models import RequestState
from directory.inbox.moves import MOVES, moves_from
from directory.inbox.pages.common import AnyRequest, database_of, settings_of, uuid_of
from directory.inbox.queue import list_requests, read_request
from directory.inbox.requests import find_request, grant, mark_disputed, refuse
from directory.languages import gettext, marked, worded
from directory.web.csrf import form_page
from directory.web.page import go_to, page, texts

QUEUE = (RequestState.DISPUTED, RequestState.PROVED)
_WITH_WORDS = {"refuse": refuse, "dispute": mark_disputed}
_SAID = {
    "refuse": marked("The request is refused. The reason is on its way to the applicant."),
    "dispute": marked(
        "The request is marked as disputed. The applicant is told that it takes longer."
    ),
}


@get("/", sync_to_thread=True)
def show_queue(request: AnyRequest) -> Response[Any]:
    """What waits for a decision, and who edits what today."""
    state = request.query_params.get("state", "")
    states = [state] if state in list(RequestState) else [s.value for s in QUEUE]
    with database_of(request).reading() as session:
        found, held = list_requests(session, states), all_grants(session)
    return page(
        request,
        "inbox/requests.html",
        found=found,
        held=held,
        state=state if len(states) == 1 else "",
        states=list(RequestState),
    )


@get("/{key:str}", sync_to_thread=True)
def show_one(request: AnyRequest, key: FromPath[str]) -> Response[Any]:
    """One request with its evidence and what was said."""
    return _one(request, key)


@post("/{key:str}/grant", sync_to_thread=True)
def send_grant(request: AnyRequest, key: FromPath[str]) -> Response[Any]:
    """Grant a request; the link of a new account is shown this once."""
    by, settings = signed_in(request), settings_of(request)
    with database_of(request).writing() as session:
        asked = find_request(session, uuid_of(key))
        decided = grant(session, asked, by=by, settings=settings)
        held = find_grant(session, decided.grant.id)
    return page(request, "inbox/granted.html", held=held, link=decided.link)


@post("/{key:str}/{move:str}")
async def send_move(request: AnyRequest, key: FromPath[str], move: FromPath[str]) -> Response[Any]:
    """Refuse a request or mark it as disputed, with a reason."""
    return await sync_to_thread(_decide, request, key, move, await texts(request))


def _decide(request: AnyRequest, key: str, move: str, sent: dict[str, str]) -> Response[Any]:
    if move not in _WITH_WORDS:
        raise NotFound(gettext("There is nothing at this address."))
    reason, by, settings = sent.get("reason", ""), signed_in(request), settings_of(request)
    try:
        with database_of(request).writing() as session:
            asked = find_request(session, uuid_of(key))
            _WITH_WORDS[move](session, asked, reason, by=by, settings=settings)
    except Invalid as error:
        return _one(request, key, error.by_field, reason)
    flash(request, worded(_SAID[move]), "success")
    return go_to(request, f"/curation/requests/{key}")


def _one(
    request: AnyRequest, key: str, errors: dict[str, str] | None = None, reason: str = ""
) -> Response[Any]:
    with database_of(request).reading() as session:
        asked, steps = read_request(session, uuid_of(key))
    return form_page(
        request,
        "inbox/request.html",
        status=422 if errors else 200,
        errors=errors or {},
        asked=asked,
        steps=[(step, MOVES[step.move].done, email) for step, email in steps],
        moves=moves_from(asked.request.state, "curator"),
        reason=reason,
    )


@get("/grants/{key:str}", sync_to_thread=True)
def show_grant(request: AnyRequest, key: FromPath[str]) -> Response[Any]:
    """Who edits an organisation since when, and the form to end it."""
    return _grant(request, key)


@post("/grants/{key:str}/revoke")
async def send_revoke(request: AnyRequest, key: FromPath[str]) -> Response[Any]:
    """End a grant, with a reason."""
    return await sync_to_thread(_revoke, request, key, await texts(request))


def _revoke(request: AnyRequest, key: str, sent: dict[str, str]) -> Response[Any]:
    reason, by, settings = sent.get("reason", ""), signed_in(request), settings_of(request)
    try:
        with database_of(request).writing() as session:
            held = find_grant(session, uuid_of(key))
            revoke(session, held, reason, by=by, settings=settings)
    except Invalid as error:
        return _grant(request, key, error.by_field, reason)
    said = gettext("The right has ended. The reason is on its way to the person.")
    flash(request, said, "success")
    return go_to(request, "/curation/requests")


def _grant(
    request: AnyRequest, key: str, errors: dict[str, str] | None = None, reason: str = ""
) -> Response[Any]:
    with database_of(request).reading() as session:
        held = find_grant(session, uuid_of(key))
    return form_page(
        request,
        "inbox/grant.html",
        status=422 if errors else 200,
        errors=errors or {},
        held=held,
        reason=reason,
    )


HANDLERS = [
    show_queue,
    show_one,
    send_grant,
    send_move,
    show_grant,
    send_revoke,
]
