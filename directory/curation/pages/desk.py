"""The desk, and its lists: what one sees on coming in, and works through."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from directory.accounts.guards import signed_in
from directory.accounts.permissions import allow
from directory.curation.autosave import unsaved
from directory.curation.desk import read_desk
from directory.curation.listing import SORTS, WHOSE, Narrowed, Walk, read_list, read_walk
from directory.curation.lists import LISTS, list_named
from directory.curation.pages.common import AnyRequest
from directory.db import Database
from directory.entries.kinds import KINDS
from directory.entries.models import Entry
from directory.entries.vocabularies import Vocabularies
from directory.web.csrf import form_page
from directory.web.page import page


@get("", sync_to_thread=True)
def show_desk(request: AnyRequest) -> Response[Any]:
    """How much work there is, what one goes on with, and the way to something new."""
    database: Database = request.app.state.database
    with database.reading() as session:
        desk = read_desk(session, signed_in(request), request.app.state.elsewhere)
        kept = unsaved(session, signed_in(request))
    return page(request, "curation/desk.html", desk=desk, kept=kept, kinds=KINDS)


@get("/lists/{name:str}", sync_to_thread=True)
def show_list(request: AnyRequest, name: FromPath[str]) -> Response[Any]:
    """One page of a list, narrowed down."""
    user, database = signed_in(request), request.app.state.database
    allow(user.role, list_named(name).action, own=True)
    narrowed = Narrowed.read(name, request.query_params.multi_items())
    with database.reading() as session:
        found = read_list(session, narrowed, user)
        words = Vocabularies.read(session)
    return form_page(
        request,
        "curation/list.html",
        found=found,
        narrowed=narrowed,
        kinds=KINDS,
        areas=words.of("policy-areas"),
        sorts=SORTS,
        whose=WHOSE,
    )


def walk_of(request: AnyRequest, entry: Entry | None) -> Walk | None:
    """Return where an entry stands in the list from which it was opened, if it was from one."""
    name = request.query_params.get("list", "")
    if entry is None or name not in LISTS:
        return None
    narrowed = Narrowed.read(name, request.query_params.multi_items())
    database: Database = request.app.state.database
    with database.reading() as session:
        return read_walk(session, narrowed, signed_in(request), entry)


HANDLERS = [show_desk, show_list]
