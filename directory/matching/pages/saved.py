"""The pages on which a signed-in person keeps needs: save one, open it again, delete it."""

import uuid
from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath

from directory.accounts.guards import must_be_signed_in, signed_in, to_sign_in
from directory.db import Database, now
from directory.errors import Invalid, NotFound
from directory.languages import gettext, marked
from directory.matching.counting import judge_due
from directory.matching.demand import FEWEST
from directory.matching.pages.common import AnyRequest, Asked, asked_by
from directory.matching.said import in_words
from directory.matching.saved import (
    LONGEST_NAME,
    Wish,
    change_counted,
    delete_need,
    needs_of,
    save_need,
)
from directory.search.service import SearchService
from directory.web.csrf import form_page
from directory.web.page import go_to, texts

HERE = "/account/needs"
DONE = {
    "saved": marked("Saved. You alone can read it."),
    "deleted": marked("Deleted. Nothing of it is left here."),
    "counted": marked("It is counted now, without your name."),
    "uncounted": marked("It is no longer counted."),
}
"""What the address says was done, in words; an address with another word says nothing."""


@get("", sync_to_thread=True)
def show_needs(request: AnyRequest) -> Response[Any]:
    """The needs of a person."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    with database.reading() as session:
        kept = needs_of(
            session, signed_in(request), search.vocabularies, request.app.state.settings
        )
    done = DONE.get(request.query_params.get("done", ""), "")
    return form_page(request, "matching/saved.html", kept=kept, done=done, fewest=FEWEST)


@get("/new", sync_to_thread=True)
def show_new(request: AnyRequest) -> Response[Any]:
    """The need of the address in words, and the form to save it."""
    params = list(request.query_params.multi_items())
    return _form(request, params, asked_by(request, params))


def _form(
    request: AnyRequest,
    params: list[tuple[str, str]],
    asked: Asked,
    *,
    name: str = "",
    counted: bool = False,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    search: SearchService = request.app.state.search
    wrong = dict(errors or {})
    if asked.errors or not asked.need.given:
        wrong["need"] = gettext("This need cannot be saved as it is. Change it first.")
    return form_page(
        request,
        "matching/save.html",
        status=422 if wrong else 200,
        need=asked.need,
        # What cannot be read is put right where it was written.
        back=f"/match?{urlencode(params)}" if asked.errors else asked.need.url("/match"),
        said=in_words(asked.need, search.vocabularies),
        name=name,
        counted=counted,
        by_field=wrong,
        errors=[(f"f-{field}", text) for field, text in wrong.items()],
        longest=LONGEST_NAME,
        fewest=FEWEST,
    )


@post("")
async def send_new(request: AnyRequest) -> Response[Any]:
    """Save a need."""
    return await sync_to_thread(_save, request, await texts(request))


def _save(request: AnyRequest, sent: dict[str, str]) -> Response[Any]:
    state, user = request.app.state, signed_in(request)
    params = parse_qsl(sent.get("need", "").removeprefix("?"))
    asked = asked_by(request, params)
    wish = Wish(sent.get("name", ""), asked.need, "counted" in sent)
    try:
        with state.database.writing() as session:
            row = save_need(
                session, state.search.vocabularies, wish, by=user, settings=state.settings
            )
    except Invalid as error:
        return _form(
            request, params, asked, name=wish.name, counted=wish.counted, errors=error.by_field
        )
    _count(request, row.id)
    return go_to(request, f"{HERE}?done=saved")


def _count(request: AnyRequest, key: uuid.UUID) -> None:
    state = request.app.state
    judge_due(state.database, state.search, state.settings, today=now().date(), only=key)


@post("/{key:uuid}")
async def send_one(request: AnyRequest, key: FromPath[uuid.UUID]) -> Response[Any]:
    """Do what a button beside a need says."""
    return await sync_to_thread(_act, request, key, (await texts(request)).get("act", ""))


def _act(request: AnyRequest, key: uuid.UUID, act: str) -> Response[Any]:
    database: Database = request.app.state.database
    user = signed_in(request)
    if act not in ("delete", "count", "uncount"):
        raise NotFound(gettext("There is no such button here."))
    with database.writing() as session:
        if act == "delete":
            delete_need(session, key, by=user)
        else:
            change_counted(session, key, act == "count", by=user)
    if act == "count":
        _count(request, key)
    done = {"delete": "deleted", "count": "counted", "uncount": "uncounted"}[act]
    return go_to(request, f"{HERE}?done={done}")


@get(f"{HERE}.json", sync_to_thread=True, guards=[must_be_signed_in])
def take_away(request: AnyRequest) -> Response[Any]:
    """All that a person has saved, as a file."""
    state = request.app.state
    with state.database.reading() as session:
        kept = needs_of(session, signed_in(request), state.search.vocabularies, state.settings)
    return Response(
        [
            {
                "name": one.name,
                "need": [
                    {"title": said.title, "text": said.text, "must": said.must} for said in one.said
                ],
                "url": f"{state.settings.base_url}{one.url}",
                "saved_at": one.saved_at.isoformat(),
                "counted": one.counted,
            }
            for one in kept
        ],
        headers={"Content-Disposition": 'attachment; filename="needs.json"'},
    )


def _router(path: str, *handlers: Any) -> Router:
    return Router(
        path=path,
        route_handlers=handlers,
        guards=[must_be_signed_in],
        exception_handlers={NotAuthorizedException: to_sign_in},
        cache_control=CacheControlHeader(private=True, no_store=True),
        include_in_schema=False,
    )


ROUTERS = (_router(HERE, show_needs, show_new, send_new, send_one), _router("/", take_away))
