"""The form of an entry: filled in, sent, and given back when something is wrong."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import may, signed_in
from directory.accounts.permissions import is_allowed
from directory.curation.boxes import field_id, lists_of, sections_of, titles_of, with_places
from directory.curation.conflicts import settle, settled_form
from directory.curation.controls import Control
from directory.curation.editing import (
    Opened,
    controls_for,
    draft_from,
    open_entry,
    open_new,
    publish_saved,
    save,
    save_and_publish,
)
from directory.curation.forms import Form, read_form, without_blank_rows
from directory.curation.merging import Side
from directory.curation.options import SOURCES, read_options
from directory.curation.pages.common import AnyRequest, kind_at
from directory.curation.pages.conflicts import conflict_page, read_choices
from directory.curation.service import missing_to_publish
from directory.db import Database
from directory.entries.kinds import Kind
from directory.entries.models import Entry
from directory.errors import Conflict, Invalid
from directory.sources.claims import Status
from directory.web.csrf import form_page
from directory.web.page import go_to


@get("/{path:str}/new", sync_to_thread=True)
def show_new(request: AnyRequest, path: FromPath[str]) -> Response[Any]:
    """An empty form."""
    return _form_page(request, kind_at(path), open_new(kind_at(path), signed_in(request)))


@get("/{path:str}/{slug:str}", sync_to_thread=True)
def show_form(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """The newest revision in a form."""
    kind, database = kind_at(path), request.app.state.database
    with database.reading() as session:
        opened = open_entry(session, kind, slug, signed_in(request))
    return _form_page(request, kind, opened)


@post("/{path:str}/new")
async def save_new(request: AnyRequest, path: FromPath[str]) -> Response[Any]:
    """Save a new entry as a draft."""
    return await _receive(request, kind_at(path), None, publishing=False)


@post("/{path:str}/new/publish", guards=[may("publish")])
async def publish_new(request: AnyRequest, path: FromPath[str]) -> Response[Any]:
    """Save a new entry and publish it."""
    return await _receive(request, kind_at(path), None, publishing=True)


@post("/{path:str}/{slug:str}")
async def save_entry(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str]
) -> Response[Any]:
    """Save a draft of an entry."""
    return await _receive(request, kind_at(path), slug, publishing=False)


@post("/{path:str}/{slug:str}/publish", guards=[may("publish")])
async def publish_entry(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str]
) -> Response[Any]:
    """Save a draft of an entry and publish it."""
    return await _receive(request, kind_at(path), slug, publishing=True)


async def _receive(
    request: AnyRequest, kind: Kind, slug: str | None, *, publishing: bool
) -> Response[Any]:
    controls = controls_for(kind, signed_in(request))
    form = read_form(controls, (await request.form()).multi_items())
    return await sync_to_thread(_act, request, kind, slug, form, publishing)


def _act(
    request: AnyRequest, kind: Kind, slug: str | None, form: Form, publishing: bool
) -> Response[Any]:
    """Save or publish, and answer; a form with mistakes comes back as it was sent."""
    database: Database = request.app.state.database
    if form.add or form.drop:
        return _form_again(request, kind, slug, form, {}, 200)
    work = save_and_publish if publishing else save
    try:
        with database.writing() as session:
            entry, _ = work(session, kind, slug, form, by=signed_in(request))
    except Invalid as error:
        # Errors count rows without the blank ones.
        return _form_again(request, kind, slug, without_blank_rows(form), error.by_field, 422)
    except Conflict as error:
        return conflict_page(request, kind, slug or form.slug, form, str(error))
    return _done(request, kind, entry, publishing)


def _done(request: AnyRequest, kind: Kind, entry: Entry, publishing: bool) -> Response[Any]:
    if publishing:
        flash(request, f"{entry.title} is published.", "success")
        return go_to(request, kind.url(entry.slug))
    flash(request, "The draft is saved. Nothing public has changed.", "success")
    return go_to(request, f"/curation/{kind.path}/{entry.slug}")


def _form_again(
    request: AnyRequest,
    kind: Kind,
    slug: str | None,
    form: Form,
    errors: dict[str, str],
    status: int,
) -> Response[Any]:
    """Draw a form that was sent once more, with everything that stood in it."""
    database: Database = request.app.state.database
    user = signed_in(request)
    with database.reading() as session:
        opened = open_entry(session, kind, slug, user) if slug else open_new(kind, user)
        try:
            draft = draft_from(session, kind, opened.entry, form, user)
        except Invalid:
            draft = None
    opened = replace(opened, form=form, draft=draft)
    return _form_page(request, kind, opened, errors, status)


def _form_page(
    request: AnyRequest,
    kind: Kind,
    opened: Opened,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    database: Database = request.app.state.database
    user = signed_in(request)
    controls, form = controls_for(kind, user), opened.form
    with database.reading() as session:
        options = read_options(session, controls.values())
    sections = sections_of(kind, controls, form, options, errors or {})
    boxes = [box for _, found in sections for box in found]
    lists = sorted(lists_of(boxes) | {SOURCES})
    entry = opened.entry
    return form_page(
        request,
        "curation/form.html",
        fragment="form",
        status=status,
        errors=with_places(errors or {}, titles_of(boxes)),
        slug_error=(errors or {}).get("slug", ""),
        comment_error=(errors or {}).get("comment", ""),
        kind=kind,
        entry=entry,
        form=form,
        sections=sections,
        options=options,
        lists=lists,
        sources=SOURCES,
        statuses=list(Status),
        missing=_missing(opened, controls),
        action=f"/curation/{kind.path}/{entry.slug if entry else 'new'}",
        may_publish=is_allowed(user.role, "publish"),
        slug_is_open=entry is None or not entry.version,
    )


def _missing(opened: Opened, controls: Mapping[str, Control]) -> list[tuple[str, str]] | None:
    """Return what publishing still needs, in the words of the page; None with mistakes in it."""
    if opened.draft is None:
        return None
    given = opened.draft.values
    return [
        (field_id(name), controls[name].title + (": where it comes from" if name in given else ""))
        for name in missing_to_publish(opened.draft)
    ]


@post("/{path:str}/{slug:str}/settle")
async def settle_entry(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str]
) -> Response[Any]:
    """Save what was chosen of two texts as a draft."""
    return await _receive_choices(request, kind_at(path), slug, publishing=False)


@post("/{path:str}/{slug:str}/settle/publish", guards=[may("publish")])
async def settle_and_publish(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str]
) -> Response[Any]:
    """Save what was chosen of two texts and publish it."""
    return await _receive_choices(request, kind_at(path), slug, publishing=True)


async def _receive_choices(
    request: AnyRequest, kind: Kind, slug: str, *, publishing: bool
) -> Response[Any]:
    pairs = list((await request.form()).multi_items())
    form = read_form(controls_for(kind, signed_in(request)), pairs)
    seen, choices = read_choices(pairs)
    return await sync_to_thread(_settle, request, kind, slug, form, seen, choices, publishing)


def _settle(
    request: AnyRequest,
    kind: Kind,
    slug: str,
    form: Form,
    seen: int,
    choices: dict[str, Side],
    publishing: bool,
) -> Response[Any]:
    """Save two texts as one; what cannot be saved goes back to its writer, already merged."""
    database: Database = request.app.state.database
    user = signed_in(request)
    try:
        with database.writing() as session:
            entry, revision = settle(session, kind, slug, form, seen, choices, by=user)
            if publishing:
                publish_saved(session, entry, revision, by=user)
    except Invalid as error:
        with database.reading() as session:
            merged = settled_form(session, kind, slug, form, seen, choices, user)
        return _form_again(request, kind, slug, merged, error.by_field, 422)
    except Conflict as error:
        with database.reading() as session, suppress(Conflict):
            form = settled_form(session, kind, slug, form, seen, choices, user)
        return conflict_page(request, kind, slug, form, str(error))
    return _done(request, kind, entry, publishing)


HANDLERS = [
    show_new,
    show_form,
    save_new,
    publish_new,
    save_entry,
    publish_entry,
    settle_entry,
    settle_and_publish,
]
