"""A file of entries: send it, see what it would change, choose, and save that as drafts."""

import re
import uuid
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import may, signed_in
from directory.curation.options import SOURCES, read_options
from directory.curation.pages.common import AnyRequest
from directory.db import Database
from directory.entries.kinds import KINDS
from directory.errors import Conflict, Invalid
from directory.imports.entries import Action
from directory.imports.held import (
    LARGEST_UPLOAD,
    PER_PAGE,
    HeldImport,
    Sent,
    begin_saving,
    choose,
    count_rows,
    discard,
    find_held,
    held_by,
    hold,
    page_of_rows,
)
from directory.imports.merging import Side
from directory.imports.readers.encoding import CHOICES, NAMES
from directory.imports.working import work_on
from directory.languages import gettext
from directory.web.csrf import form_page
from directory.web.page import go_to, texts, wants_fragment
from directory.web.pagination import Paging

_SENT = "/curation/import"
# What stands around a file in the body of a form is small.
_BODY = LARGEST_UPLOAD + 64 * 1024
_CHOICE = re.compile(r"take\.([0-9]{1,7})\.([a-z0-9_]{1,60})")
_ORDER = ("error", "conflict", "update", "create", "no change")


@get("/import", guards=[may("bring in")], sync_to_thread=True)
def show_import(request: AnyRequest) -> Response[Any]:
    """Choose a file; templates; what one has sent during the last day."""
    return _form(request, {}, {})


def _form(
    request: AnyRequest, values: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response[Any]:
    database: Database = request.app.state.database
    user = signed_in(request)
    with database.reading() as session:
        held = held_by(session, user)
        options = read_options(session, [], user)
    return form_page(
        request,
        "imports/import.html",
        status=status,
        errors=[(f"f-{name}", text) for name, text in errors.items()],
        wrong=errors,
        values=values,
        held=held,
        kinds=KINDS,
        sources=options.of(SOURCES),
        encodings=[(name, NAMES[name]) for name in CHOICES],
        largest=LARGEST_UPLOAD // 1024**2,
    )


@post("/import", guards=[may("bring in")], request_max_body_size=_BODY)
async def send_import(request: AnyRequest) -> Response[Any]:
    """Keep the file, begin to read it, and lead to its page."""
    form = await request.form()
    values = {k: v.strip() for k, v in form.multi_items() if isinstance(v, str)}
    file = form.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    name = file.filename if isinstance(file, UploadFile) else ""
    sent = Sent(
        name,
        content,
        kind=values.get("kind") if values.get("kind") in KINDS else None,
        source=values.get("source") or None,
        encoding=values.get("encoding") if values.get("encoding") in CHOICES else None,
        dates=values.get("dates") if values.get("dates") in ("day", "month") else None,
    )
    return await sync_to_thread(_hold, request, sent, values)


def _hold(request: AnyRequest, sent: Sent, values: dict[str, str]) -> Response[Any]:
    database, settings = request.app.state.database, request.app.state.settings
    user = signed_in(request)
    try:
        with database.reading() as session:
            known = {option.value for option in read_options(session, [], user).of(SOURCES)}
        if sent.source and sent.source not in known:
            raise Invalid(
                gettext("No such source."), {"source": gettext("Choose a source from the list.")}
            )
        with database.writing() as session:
            key = hold(session, sent, by=user, secret=settings.secret).id
    except Invalid as error:
        return _form(request, values, error.by_field, status=422)
    work_on(database, settings, key)
    return go_to(request, f"{_SENT}/{key}")


@get("/import/{key:uuid}", guards=[may("bring in")], sync_to_thread=True)
def show_held(request: AnyRequest, key: FromPath[uuid.UUID]) -> Response[Any]:
    """How far the work is; then what the file would change, or what was saved."""
    database, settings = request.app.state.database, request.app.state.settings
    with database.reading() as session:
        held = find_held(session, key, signed_in(request))
    if held.stage.works:
        # Whoever worked on it may have stopped with the server.
        work_on(database, settings, key)
        return form_page(request, "imports/working.html", fragment="progress", held=held)
    if wants_fragment(request):
        return go_to(request, f"{_SENT}/{key}")
    return _report(request, held)


def _report(request: AnyRequest, held: HeldImport) -> Response[Any]:
    database: Database = request.app.state.database
    with database.reading() as session:
        counts = count_rows(session, held)
        order = ("saved", *_ORDER) if held.state == "done" else _ORDER
        asked = request.query_params.get("show", "")
        show = asked if asked in order else next((a for a in order if counts[a]), order[0])
        paging = Paging(counts[show], _page_number(request), PER_PAGE)
        rows = page_of_rows(session, held, show, paging.page)
    return form_page(
        request,
        "imports/report.html",
        held=held,
        counts=counts,
        order=order,
        show=show,
        rows=rows,
        paging=paging,
        here=f"{_SENT}/{held.id}",
        page_url=lambda number: f"{_SENT}/{held.id}?{urlencode({'show': show, 'page': number})}",
        saves=counts[Action.CREATE] + counts[Action.UPDATE] + counts[Action.CONFLICT],
    )


def _page_number(request: AnyRequest) -> int:
    text = request.query_params.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


@post("/import/{key:uuid}/choices", guards=[may("bring in")])
async def keep_choices(request: AnyRequest, key: FromPath[uuid.UUID]) -> Response[Any]:
    """Keep whose text to take in the conflicts that were shown, or in all."""
    return await sync_to_thread(_choose, request, key, await texts(request))


def _choose(request: AnyRequest, key: uuid.UUID, sent: dict[str, str]) -> Response[Any]:
    database: Database = request.app.state.database
    taken = {
        (int(found[1]), found[2]): Side(value)
        for name, value in sent.items()
        if (found := _CHOICE.fullmatch(name)) and value in list(Side)
    }
    prefer = Side(sent["all"]) if sent.get("all") in list(Side) else None
    try:
        with database.writing() as session:
            held = find_held(session, key, signed_in(request))
            choose(session, held, {} if prefer else taken, prefer)
        flash(request, gettext("Your choices are kept."), "success")
    except Conflict as error:
        flash(request, str(error), "error")
    return go_to(request, f"{_SENT}/{key}?show=conflict")


@post("/import/{key:uuid}/save", guards=[may("bring in")], sync_to_thread=True)
def save_held(request: AnyRequest, key: FromPath[uuid.UUID]) -> Response[Any]:
    """Begin to save drafts, and lead to the page that says how far it is."""
    database, settings = request.app.state.database, request.app.state.settings
    try:
        with database.writing() as session:
            begin_saving(session, find_held(session, key, signed_in(request)))
        work_on(database, settings, key)
    except Conflict as error:
        flash(request, str(error), "error")
    return go_to(request, f"{_SENT}/{key}")


@post("/import/{key:uuid}/discard", guards=[may("bring in")], sync_to_thread=True)
def discard_held(request: AnyRequest, key: FromPath[uuid.UUID]) -> Response[Any]:
    """Delete the file and what was found in it; drafts that were saved stay."""
    database: Database = request.app.state.database
    with database.writing() as session:
        discard(session, key, signed_in(request))
    flash(request, gettext("The file is deleted."), "success")
    return go_to(request, _SENT)


HANDLERS = [show_import, send_import, show_held, keep_choices, save_held, discard_held]
