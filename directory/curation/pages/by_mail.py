"""What a provider reads who follows a link in our mail, without an account.

Programs that look through mail open every link: to open one changes nothing, only its button does.
"""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.datastructures import CacheControlHeader
from litestar.params import FromPath

from directory.curation.confirming import confirm_by_link, read_link
from directory.curation.reminders import read_refusal, refuse_mail
from directory.db import Database
from directory.entries.kinds import kind_named
from directory.entries.queries import read_published
from directory.entries.shown import Shown
from directory.entries.vocabularies import Vocabularies
from directory.errors import Conflict
from directory.settings import Settings
from directory.sources.queries import sources_by_slug
from directory.web.csrf import form_page
from directory.web.page import page

AnyRequest = Request[Any, Any, Any]


@get("/confirm/{token:str}", sync_to_thread=True)
def show_question(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """What an entry says now, and the question whether that is still right."""
    return _question(request, token)


@post("/confirm/{token:str}", status_code=200, sync_to_thread=True)
def take_answer(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Yes: all of it is still right."""
    database, settings = _parts(request)
    try:
        with database.writing() as session:
            entry = confirm_by_link(session, settings, token)
    except Conflict:
        return _question(request, token, status=409)
    kind = kind_named(entry.kind)
    return page(request, "curation/confirmed.html", entry=entry, kind=kind)


def _question(request: AnyRequest, token: str, status: int = 200) -> Response[Any]:
    database, settings = _parts(request)
    with database.reading() as session:
        asked = read_link(session, settings, token)
        kind = kind_named(asked.entry.kind)
        published = read_published(session, kind, asked.entry.slug)
        words, sources = Vocabularies.read(session), sources_by_slug(session)
    return form_page(
        request,
        "curation/confirm.html",
        status=status,
        asked=asked,
        kind=kind,
        entry=asked.entry,
        # What is confirmed is the original, not what translators made of it.
        shown=Shown(published, words, sources, text=published.language),
        words=words,
    )


@get("/no-letters/{token:str}", sync_to_thread=True)
def show_refusal(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """The question whether we should write no more."""
    read_refusal(_parts(request)[1], token)
    return form_page(request, "curation/no_letters.html", done=False)


@post("/no-letters/{token:str}", status_code=200, sync_to_thread=True)
def take_refusal(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """No more letters."""
    database, settings = _parts(request)
    with database.writing() as session:
        refuse_mail(session, settings, token)
    return form_page(request, "curation/no_letters.html", done=True)


def _parts(request: AnyRequest) -> tuple[Database, Settings]:
    return request.app.state.database, request.app.state.settings


router = Router(
    path="/",
    route_handlers=[show_question, take_answer, show_refusal, take_refusal],
    cache_control=CacheControlHeader(private=True, no_store=True),
    response_headers={"X-Robots-Tag": "noindex"},
    include_in_schema=False,
)
