"""What somebody was typing: kept while they write, offered when they come back."""

from typing import Any

from litestar import Response, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from directory.accounts.guards import may, signed_in
from directory.curation.autosave import Pairs, finish, keep, place_of
from directory.curation.pages.common import AnyRequest, kind_at
from directory.db import Database, now
from directory.web.page import go_to, template_block


async def sent_texts(request: AnyRequest) -> Pairs:
    """Return every field of a form that was sent, as texts, in order."""
    return [(n, t) for n, t in (await request.form()).multi_items() if isinstance(t, str)]


@post("/{path:str}/new/autosave", guards=[may("save")], status_code=200)
async def autosave_new(request: AnyRequest, path: FromPath[str]) -> Response[Any]:
    """Keep what stands in the form of a new entry."""
    return await _autosave(request, place_of(kind_at(path).path, None))


@post("/{path:str}/{slug:str}/autosave", guards=[may("save")], status_code=200)
async def autosave(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """Keep what stands in the form of an entry."""
    return await _autosave(request, place_of(kind_at(path).path, slug))


async def _autosave(request: AnyRequest, place: str) -> Response[Any]:
    """Keep a form, and say when."""
    pairs = [(n, t) for n, t in await sent_texts(request) if n != "_csrf_token"]
    kept = await sync_to_thread(_keep, request, place, pairs)
    text = template_block(request, "curation/_kept.html", at=now() if kept else None)
    return Response(text, media_type="text/html")


def _keep(request: AnyRequest, place: str, pairs: Pairs) -> bool:
    database: Database = request.app.state.database
    number = dict(pairs).get("_number", "")
    with database.writing() as session:
        return keep(session, signed_in(request), place, number, pairs)


@post("/{path:str}/new/autosave/discard", guards=[may("save")], sync_to_thread=True)
def discard_new(request: AnyRequest, path: FromPath[str]) -> Response[Any]:
    """Throw away what one was typing into the form of a new entry."""
    return _discard(request, place_of(kind_at(path).path, None))


@post("/{path:str}/{slug:str}/autosave/discard", guards=[may("save")], sync_to_thread=True)
def discard(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """Throw away what one was typing into the form of an entry."""
    return _discard(request, place_of(kind_at(path).path, slug))


def _discard(request: AnyRequest, place: str) -> Response[Any]:
    database: Database = request.app.state.database
    with database.writing() as session:
        finish(session, signed_in(request), place, "")
    return go_to(request, f"/curation/{place}")


HANDLERS = [autosave_new, autosave, discard_new, discard]
