"""Change many entries: which, what, a look at it, and then what became of each."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread

from directory.accounts.guards import may, signed_in
from directory.accounts.models import User
from directory.curation.autosave import Pairs
from directory.curation.boxes import Box, about, field_id
from directory.curation.controls import Control
from directory.curation.forms import Form, read_form
from directory.curation.many import MOST, How, Wanted, change, changeable, plan, read_wanted, ways
from directory.curation.naming import names_in
from directory.curation.options import SOURCES, Options, read_options
from directory.curation.pages.common import AnyRequest
from directory.curation.pages.unsaved import sent_texts
from directory.db import Database
from directory.entries.kinds import KINDS, Kind
from directory.errors import Invalid
from directory.languages import gettext
from directory.search.query import SearchQuery
from directory.search.service import SearchService
from directory.web.csrf import form_page

_BLANKS = 3
_CHOSEN = re.compile(r"([a-z0-9-]{1,120})@([0-9]{1,9})")


@dataclass(frozen=True)
class _Asked:
    """What was asked for so far, step by step."""

    query: SearchQuery
    kind: Kind
    control: Control | None
    how: str
    form: Form
    note: str

    @property
    def ways(self) -> list[How]:
        """Return what can be done to the chosen field."""
        return ways(self.control) if self.control else []


def _read(pairs: Pairs) -> _Asked:
    texts = dict(pairs)
    # Once a value is filled in, the search travels in one field: both may be called `mode`.
    asked = parse_qsl(texts["_search"]) if "_search" in texts else pairs
    query = SearchQuery.read(asked, strict=False)
    kinds = query.selected("kind")
    kind = KINDS[kinds[0] if kinds else "training"]
    control = changeable(kind).get(texts.get("field", ""))
    form = read_form({control.name: control} if control else {}, pairs)
    query = SearchQuery(q=query.q, filters={**query.filters, "kind": (kind.name,)})
    return _Asked(query, kind, control, texts.get("how", ""), form, texts.get("_note", "").strip())


@get("/many", guards=[may("change many")], sync_to_thread=True)
def show_many(request: AnyRequest) -> Response[Any]:
    """Choose entries, a field, and what to do with it."""
    return _page(request, _read(list(request.query_params.multi_items())))


@post("/many/preview", guards=[may("change many")], status_code=200)
async def preview_many(request: AnyRequest) -> Response[Any]:
    """Show what the change would do to each entry."""
    return await sync_to_thread(_preview, request, _read(await sent_texts(request)))


def _preview(request: AnyRequest, asked: _Asked) -> Response[Any]:
    database: Database = request.app.state.database
    try:
        wanted = _wanted(database, asked, signed_in(request))
    except Invalid as error:
        return _page(request, asked, errors=error.by_field or {"field": str(error)}, status=422)
    with database.reading() as session:
        planned = plan(session, wanted, _found(request, asked))
        said = [{wanted.control.name: v} for p in planned for v in (p.before, p.after)]
        words = names_in(session, signed_in(request), asked.kind, said)
    return _page(request, asked, planned=planned, words=words)


@post("/many", guards=[may("change many")], status_code=200)
async def change_many(request: AnyRequest) -> Response[Any]:
    """Make the change to the entries that were ticked, and say what became of each."""
    pairs = await sent_texts(request)
    return await sync_to_thread(_change, request, _read(pairs), pairs)


def _change(request: AnyRequest, asked: _Asked, pairs: Pairs) -> Response[Any]:
    database: Database = request.app.state.database
    ticked = [_CHOSEN.fullmatch(text) for name, text in pairs if name == "entry"][:MOST]
    chosen = [(found[1], int(found[2])) for found in ticked if found]
    try:
        wanted = _wanted(database, asked, signed_in(request))
    except Invalid as error:
        return _page(request, asked, errors=error.by_field or {"field": str(error)}, status=422)
    english = f"{wanted.how.in_english}: {wanted.control.title_in_english}, for many."
    comment = asked.form.comment or english
    done = change(database, wanted, chosen, comment, by=signed_in(request))
    return _page(request, asked, done=done)


def _wanted(database: Database, asked: _Asked, by: User) -> Wanted:
    if asked.control is None:
        raise Invalid(gettext("Choose a field first."))
    with database.reading() as session:
        options = read_options(session, [asked.control], by)
    return read_wanted(asked.kind, asked.control.name, asked.how, asked.form, asked.note, options)


def _found(request: Request[Any, Any, Any], asked: _Asked) -> list[Any]:
    search: SearchService = request.app.state.search
    return search.ids(asked.query)[:MOST]


def _page(
    request: AnyRequest,
    asked: _Asked,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
    **more: Any,
) -> Response[Any]:
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    wrong, user = errors or {}, signed_in(request)
    with database.reading() as session:
        options = read_options(session, [asked.control] if asked.control else [], user)
    return form_page(
        request,
        "curation/many.html",
        status=status,
        errors=[(field_id(name), _titled(asked, name, text)) for name, text in wrong.items()],
        wrong=wrong,
        asked=asked,
        kinds=KINDS,
        fields=changeable(asked.kind),
        box=_box(asked, options, wrong),
        options=options,
        sources=SOURCES,
        found=len(search.ids(asked.query)),
        most=MOST,
        filters=[(n, v) for n, v, _ in search.chosen(asked.query) if n != "kind"],
        said=[label for n, _, label in search.chosen(asked.query) if n != "kind"],
        **{"planned": None, "done": None, "words": None, **more},
    )


def _titled(asked: _Asked, name: str, text: str) -> str:
    """Name the field of an error where its sentence does not."""
    of_control = asked.control is not None and name == asked.control.name
    return about(asked.control.title, text) if asked.control and of_control else text


def _box(asked: _Asked, options: Options, wrong: dict[str, str]) -> Box | None:
    if asked.control is None:
        return None
    name = asked.control.name
    value = asked.form.values.get(name, "")
    return Box(
        name, asked.control, value, options, error=wrong.get(name, ""), blanks=_BLANKS, alone=True
    )


HANDLERS = [show_many, preview_many, change_many]
