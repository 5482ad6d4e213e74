"""A provider asks to edit its organisation, proves its address, and answers a refusal."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from directory.entries.kinds import ORGANISATION
from directory.entries.models import Entry
from directory.entries.queries import find_published
from directory.errors import Invalid, TooMany
from directory.inbox import words
from directory.inbox.models import RequestState
from directory.inbox.pages.common import (
    TRAP,
    AnyRequest,
    ask_to_wait,
    database_of,
    refuse_programs,
    sender_of,
    settings_of,
)
from directory.inbox.proof import read_token
from directory.inbox.requests import answer_refusal, ask, organisation_of, prove, refusal_of
from directory.web.csrf import form_page
from directory.web.page import go_to, page, texts


@get("/organisations/{slug:str}/claim", sync_to_thread=True)
def show_claim(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    """What an editor of a provider may do, and the form to ask for it."""
    return _form(request, slug, {})


@post("/organisations/{slug:str}/claim")
async def send_claim(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    """Take a request; the answer is the same whoever asks."""
    return await sync_to_thread(_receive, request, slug, await texts(request))


def _receive(request: AnyRequest, slug: str, sent: dict[str, str]) -> Response[Any]:
    try:
        refuse_programs(sent)
        form = words.read_request(sent)
        with database_of(request).writing() as session:
            found = find_published(session, ORGANISATION, slug)
            ask(session, found, form, sender=sender_of(request), settings=settings_of(request))
    except Invalid as error:
        return _form(request, slug, sent, errors=error.by_field, status=422)
    except TooMany as error:
        return ask_to_wait(_form(request, slug, sent, notice=str(error), status=429), error)
    return go_to(request, f"/organisations/{found.slug}/claim/sent")


def _form(
    request: AnyRequest,
    slug: str,
    sent: Mapping[str, str],
    *,
    errors: dict[str, str] | None = None,
    notice: str = "",
    status: int = 200,
) -> Response[Any]:
    return form_page(
        request,
        "inbox/claim.html",
        status=status,
        errors=errors or {},
        notice=notice,
        organisation=_organisation(request, slug),
        sent={"email": "", "job": "", "message": "", **sent},
        trap=TRAP,
    )


def _organisation(request: AnyRequest, slug: str) -> Entry:
    with database_of(request).reading() as session:
        return find_published(session, ORGANISATION, slug)


@get("/organisations/{slug:str}/claim/sent", sync_to_thread=True)
def show_sent(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    """Say to look into the mailbox."""
    return page(request, "inbox/claim_sent.html", organisation=_organisation(request, slug))


@get("/claim/{token:str}", sync_to_thread=True)
def show_proof(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """What was asked with this address; opening the link alone does nothing.

    Programs that check mail for viruses open every link in it.
    """
    return _behind_link(request, "inbox/prove.html", token, RequestState.ASKED)


@post("/claim/{token:str}", sync_to_thread=True)
def send_proof(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Take the word of the owner of the address."""
    settings = settings_of(request)
    with database_of(request).writing() as session:
        organisation = organisation_of(session, prove(session, token, settings=settings))
    return page(request, "inbox/proved.html", organisation=organisation, answered=False)


@get("/claim/answer/{token:str}", sync_to_thread=True)
def show_answer(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Why a request was refused, and the form to answer."""
    return _behind_link(request, "inbox/answer.html", token, RequestState.REFUSED)


@post("/claim/answer/{token:str}")
async def send_answer(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Take an answer to a refusal."""
    return await sync_to_thread(_answer, request, token, await texts(request))


def _answer(request: AnyRequest, token: str, sent: dict[str, str]) -> Response[Any]:
    text, settings = sent.get("answer", ""), settings_of(request)
    try:
        with database_of(request).writing() as session:
            found = answer_refusal(session, token, text, settings=settings)
            organisation = organisation_of(session, found)
    except Invalid as error:
        state = RequestState.REFUSED
        return _behind_link(request, "inbox/answer.html", token, state, error.by_field, text)
    return page(request, "inbox/proved.html", organisation=organisation, answered=True)


def _behind_link(
    request: AnyRequest,
    template: str,
    token: str,
    state: RequestState,
    errors: dict[str, str] | None = None,
    text: str = "",
) -> Response[Any]:
    with database_of(request).reading() as session:
        asked = read_token(session, token, state, settings_of(request).secret)
        organisation, reason = organisation_of(session, asked), refusal_of(session, asked)
    return form_page(
        request,
        template,
        status=422 if errors else 200,
        errors=errors or {},
        asked=asked,
        organisation=organisation,
        reason=reason,
        text=text,
    )


HANDLERS = [
    show_claim,
    send_claim,
    show_sent,
    show_proof,
    send_proof,
    show_answer,
    send_answer,
]
