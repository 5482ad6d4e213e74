"""Somebody follows a search: the form, the answer, the link in the mail, and the way to stop.

Programs that look through mail open every link: to open one changes nothing, only its button does.
"""

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from directory.alerts.following import (
    LETTERS_A_DAY,
    Wish,
    ask,
    ask_for_link,
    confirm,
    read_every,
    stop,
)
from directory.alerts.links import link_to_manage, read_confirmation, read_stop
from directory.alerts.models import Every, Following, Question, Reader
from directory.alerts.pages.common import (
    KEPT_BY_NOBODY,
    NOT_LISTED,
    asked_in,
    search_of,
)
from directory.alerts.questions import in_words, read_question
from directory.errors import Conflict, Invalid, NotAllowed, TooMany
from directory.inbox.pages.common import (
    TRAP,
    AnyRequest,
    ask_to_wait,
    database_of,
    sender_of,
    settings_of,
)
from directory.inbox.words import check_address
from directory.languages import gettext, language
from directory.web.csrf import form_page
from directory.web.page import go_to, page, texts

STOP = "/alerts/stop"
WITHOUT_TOKEN = [r"^/alerts/?$", rf"^{STOP}/"]
"""Addresses that take a form without a token, as patterns: a letter has none (RFC 8058, 3.2), and
neither has the form below every search, so that its page sets no cookie. Nobody is signed in here,
and all that the form can do is to send a letter that asks."""


@get("", sync_to_thread=True)
def show_find(request: AnyRequest) -> Response[Any]:
    """The two ways to follow something, and the way to what one follows already."""
    return _find(request, {})


@post("")
async def send_wish(request: AnyRequest) -> Response[Any]:
    """Take an address; the answer is the same whether it is known or not."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise NotAllowed(
            gettext("This form was sent from another site. Open the search here, and send it.")
        )
    return await sync_to_thread(_receive, request, await texts(request))


def _receive(request: AnyRequest, sent: dict[str, str]) -> Response[Any]:
    """Follow a search, or without one send the link to what is followed."""
    follows = "question" in sent
    again = _again if follows else _find
    settings, sender = settings_of(request), sender_of(request)
    try:
        if sent.get(TRAP):
            said = gettext(
                "We took this for the message of a program. If it is not, send it once more."
            )
            raise Invalid(said, {"email": said})
        if follows:
            wish = _read_wish(request, sent)
            with database_of(request).writing() as session:
                ask(session, wish, sender=sender, settings=settings)
        else:
            email = check_address(sent.get("email", "") or "-", "email")
            with database_of(request).writing() as session:
                ask_for_link(session, email, sender=sender, settings=settings)
    except Invalid as error:
        return again(request, sent, errors=error.by_field, status=422)
    except TooMany as error:
        return ask_to_wait(again(request, sent, notice=str(error), status=429), error)
    return go_to(request, "/alerts/sent" if follows else "/alerts/sent?link=1")


def _read_wish(request: AnyRequest, sent: Mapping[str, str]) -> Wish:
    """Return what somebody asks for; raises Invalid with everything that does not fit."""
    wrong: dict[str, str] = {}

    def read(name: str, reader: Callable[[str], Any]) -> Any:
        try:
            return reader(sent.get(name, "") or "-")
        except Invalid as error:
            wrong[name] = error.by_field.get(name, str(error))

    wish = Wish(
        email=read("email", lambda text: check_address(text, "email")),
        every=read("every", read_every),
        question=read("question", lambda text: read_question(text, search_of(request))),
        language=language().code,
    )
    if wrong:
        raise Invalid(gettext("Something needs another look."), wrong)
    return wish


def _again(
    request: AnyRequest,
    sent: Mapping[str, str],
    *,
    errors: dict[str, str] | None = None,
    notice: str = "",
    status: int = 200,
) -> Response[Any]:
    try:
        question = read_question(sent["question"], search_of(request))
    except Invalid:
        question = "/search"
    return page(
        request,
        "alerts/follow.html",
        status=status,
        errors=errors or {},
        notice=notice,
        asked=in_words(question, search_of(request)),
        sent={"email": "", "every": Every.WEEK.value, **sent},
        trap=TRAP,
    )


def _find(
    request: AnyRequest,
    sent: Mapping[str, str],
    *,
    errors: dict[str, str] | None = None,
    notice: str = "",
    status: int = 200,
) -> Response[Any]:
    return page(
        request,
        "alerts/find.html",
        status=status,
        errors=errors or {},
        notice=notice,
        email=sent.get("email", ""),
        trap=TRAP,
    )


@get("/sent")
async def show_sent(request: AnyRequest) -> Response[Any]:
    """Say to look into the mailbox."""
    link = "link" in request.query_params
    return page(request, "alerts/sent.html", link=link, most=LETTERS_A_DAY)


@get("/confirm/{token:str}", sync_to_thread=True)
def show_confirmation(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """What would be followed, and the button."""
    return _confirmation(request, token)


@post("/confirm/{token:str}", status_code=200, sync_to_thread=True)
def send_confirmation(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Yes: write to me."""
    settings = settings_of(request)
    try:
        with database_of(request).writing() as session:
            following = confirm(session, search_of(request), token, settings=settings)
            question = session.get_one(Question, following.question_id)
            reader = session.get_one(Reader, following.reader_id)
    except Conflict as error:
        return _confirmation(request, token, notice=str(error), status=409)
    return page(
        request,
        "alerts/confirmed.html",
        asked=asked_in(request, question),
        following=following,
        manage=link_to_manage(settings, reader),
    )


def _confirmation(
    request: AnyRequest, token: str, *, notice: str = "", status: int = 200
) -> Response[Any]:
    settings = settings_of(request)
    with database_of(request).reading() as session:
        following = read_confirmation(session, token, settings)
        question = session.get_one(Question, following.question_id)
        reader = session.get_one(Reader, following.reader_id)
    return form_page(
        request,
        "alerts/confirm.html",
        status=status,
        notice=notice,
        asked=asked_in(request, question),
        following=following,
        manage=link_to_manage(settings, reader),
    )


@get("/stop/{token:str}", sync_to_thread=True)
def show_stop(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """What would be stopped, and the button."""
    key = read_stop(token, settings_of(request))
    with database_of(request).reading() as session:
        following = session.get(Following, key)
        question = session.get(Question, following.question_id) if following else None
    asked = asked_in(request, question) if question else None
    return page(request, "alerts/stop.html", asked=asked, done=question is None)


@post("/stop/{token:str}", status_code=200, sync_to_thread=True)
def send_stop(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Stop one search; a mail program may do so by itself, and twice (RFC 8058, 3.2)."""
    key = read_stop(token, settings_of(request))
    with database_of(request).writing() as session:
        stop(session, key)
    return page(request, "alerts/stop.html", asked=None, done=True)


ROUTERS = [
    Router(path="/alerts", route_handlers=[show_find, send_wish, show_sent]),
    Router(
        path="/alerts",
        route_handlers=[show_confirmation, send_confirmation, show_stop, send_stop],
        cache_control=KEPT_BY_NOBODY,
        response_headers=NOT_LISTED,
    ),
]
