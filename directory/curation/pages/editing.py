"""The form of an entry: opened, filled in, and sent."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery, QueryParameter

from directory.accounts.guards import may, signed_in
from directory.curation.autosave import Pairs, finish, keep, kept_for, place_of
from directory.curation.duplicates import Similar
from directory.curation.editing import (
    Opened,
    controls_for,
    looks_the_same,
    open_entry,
    open_new,
    save,
    save_and_move,
)
from directory.curation.forms import Form, read_form, without_blank_rows
from directory.curation.inline import put_reference, wanted_kind
from directory.curation.pages.common import AnyRequest, kind_at
from directory.curation.pages.conflicts import conflict_page
from directory.curation.pages.forms import done, draw_form, form_again
from directory.curation.pages.unsaved import sent_texts
from directory.db import Database
from directory.entries.kinds import Kind
from directory.errors import Conflict, Invalid
from directory.web.page import go_to


@get("/{path:str}/new", guards=[may("save")], sync_to_thread=True)
def show_new(
    request: AnyRequest,
    path: FromPath[str],
    resume: Annotated[str, QueryParameter(name="continue")] = "",
    back: FromQuery[str] = "",
    put: FromQuery[str] = "",
    slug: FromQuery[str] = "",
) -> Response[Any]:
    """An empty form, or what one was typing into it."""
    kind = kind_at(path)
    opened = open_new(kind, signed_in(request))
    opened = replace(opened, form=replace(opened.form, back=back))
    return _resumed(request, kind, opened, resume, put, slug)


@get("/{path:str}/{slug:str}", sync_to_thread=True)
def show_form(
    request: AnyRequest,
    path: FromPath[str],
    slug: FromPath[str],
    resume: Annotated[str, QueryParameter(name="continue")] = "",
    put: FromQuery[str] = "",
    created: Annotated[str, QueryParameter(name="slug")] = "",
) -> Response[Any]:
    """The newest revision in a form, or what one was typing into it."""
    kind, database = kind_at(path), request.app.state.database
    with database.reading() as session:
        opened = open_entry(session, kind, slug, signed_in(request))
    return _resumed(request, kind, opened, resume, put, created)


def _resumed(
    request: AnyRequest, kind: Kind, opened: Opened, resume: str, put: str, created: str
) -> Response[Any]:
    """Draw a form: as it was opened, or with what its reader never saved when they say so."""
    database: Database = request.app.state.database
    user = signed_in(request)
    place = place_of(kind.path, opened.entry.slug if opened.entry else None)
    with database.reading() as session:
        kept = kept_for(session, user, place)
    if not kept or not resume:
        return draw_form(request, kind, opened, kept=kept)
    controls = controls_for(kind, user)
    form = replace(read_form(controls, kept.pairs), add="", drop="", create="", number="")
    if created:
        form = put_reference(controls, form, put, created)
    return form_again(request, kind, opened.entry.slug if opened.entry else None, form, {}, 200)


@post("/{path:str}/new")
async def save_new(request: AnyRequest, path: FromPath[str]) -> Response[Any]:
    """Save a new entry as a draft."""
    return await _receive(request, kind_at(path), None)


@post("/{path:str}/new/publish", guards=[may("publish")])
async def publish_new(request: AnyRequest, path: FromPath[str]) -> Response[Any]:
    """Save a new entry and publish it."""
    return await _receive(request, kind_at(path), None, "publish")


@post("/{path:str}/new/submit", guards=[may("submit")])
async def submit_new(request: AnyRequest, path: FromPath[str]) -> Response[Any]:
    """Save a new entry and send it to review."""
    return await _receive(request, kind_at(path), None, "submit")


@post("/{path:str}/{slug:str}")
async def save_entry(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str]
) -> Response[Any]:
    """Save a draft of an entry."""
    return await _receive(request, kind_at(path), slug)


@post("/{path:str}/{slug:str}/publish", guards=[may("publish")])
async def publish_entry(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str]
) -> Response[Any]:
    """Save a draft of an entry and publish it."""
    return await _receive(request, kind_at(path), slug, "publish")


@post("/{path:str}/{slug:str}/submit", guards=[may("submit")])
async def submit_entry(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str]
) -> Response[Any]:
    """Save a draft of an entry and send it to review."""
    return await _receive(request, kind_at(path), slug, "submit")


async def _receive(
    request: AnyRequest, kind: Kind, slug: str | None, move: str = ""
) -> Response[Any]:
    controls = controls_for(kind, signed_in(request))
    pairs = await sent_texts(request)
    form = read_form(controls, pairs)
    if wanted := wanted_kind(controls, form.create):
        return await sync_to_thread(_create_first, request, kind, slug, form, pairs, wanted)
    return await sync_to_thread(_act, request, kind, slug, form, move)


def _create_first(
    request: AnyRequest, kind: Kind, slug: str | None, form: Form, pairs: Pairs, wanted: Kind
) -> Response[Any]:
    """Keep a form as it stands, and lead to the form of what it is to refer to."""
    database: Database = request.app.state.database
    place = place_of(kind.path, slug)
    with database.writing() as session:
        keep(session, signed_in(request), place, form.number, pairs)
    return go_to(request, f"/curation/{wanted.path}/new?back={place}:{form.create}")


def _act(request: AnyRequest, kind: Kind, slug: str | None, form: Form, move: str) -> Response[Any]:
    """Save, maybe with a move, and answer; a form with mistakes comes back as it was sent."""
    database: Database = request.app.state.database
    base_url, by = request.app.state.settings.base_url, signed_in(request)
    if form.add or form.drop:
        return form_again(request, kind, slug, form, {}, 200)
    alike: Sequence[Similar] = ()
    if slug is None:
        with database.reading() as session:
            alike = looks_the_same(session, kind, form, by)
    try:
        with database.writing() as session:
            entry, _ = (
                save_and_move(session, kind, slug, form, move, by=by, base_url=base_url)
                if move
                else save(session, kind, slug, form, by=by)
            )
            finish(session, by, place_of(kind.path, slug), form.number)
            if alike:
                session.rollback()
    except Invalid as error:
        # Errors count rows without the blank ones.
        rows = without_blank_rows(form)
        return form_again(request, kind, slug, rows, error.by_field, 422, alike)
    except Conflict as error:
        return conflict_page(request, kind, slug or form.slug, form, str(error))
    if alike:
        return form_again(request, kind, slug, form, {}, 422, alike)
    return done(request, kind, entry, move, form)


HANDLERS = [
    show_new,
    show_form,
    save_new,
    publish_new,
    submit_new,
    save_entry,
    publish_entry,
    submit_entry,
]
