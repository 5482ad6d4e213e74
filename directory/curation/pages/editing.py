"""The form of an entry: filled in, sent, and given back when something is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from secrets import token_hex
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.plugins.flash import flash

from directory.accounts.guards import may, signed_in
from directory.accounts.permissions import is_allowed
from directory.curation.autosave import Kept, Pairs, finish, keep, kept_for, place_of
from directory.curation.boxes import field_id, lists_of, sections_of, titles_of, with_places
from directory.curation.controls import Control
from directory.curation.duplicates import Similar
from directory.curation.editing import (
    Opened,
    controls_for,
    differences,
    draft_from,
    looks_the_same,
    open_entry,
    open_new,
    save,
    save_and_move,
)
from directory.curation.forms import Form, read_form, without_blank_rows
from directory.curation.inline import put_reference, read_way_back, wanted_kind
from directory.curation.likeness import is_sign
from directory.curation.options import SOURCES, read_options
from directory.curation.owning import may_on
from directory.curation.pages.common import AnyRequest, kind_at
from directory.curation.pages.desk import walk_of
from directory.curation.pages.unsaved import sent_texts
from directory.curation.quality import Quality, measure
from directory.curation.review import asked_for
from directory.curation.service import missing_to_publish
from directory.db import Database, now
from directory.entries.freshness import is_stale
from directory.entries.kinds import Kind
from directory.entries.models import State
from directory.entries.vocabularies import Vocabularies
from directory.errors import Conflict, Invalid
from directory.sources.claims import Status
from directory.sources.queries import sources_by_slug
from directory.web.csrf import form_page
from directory.web.page import go_to, page


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
        return _form_page(request, kind, opened, kept=kept)
    controls = controls_for(kind, user)
    form = replace(read_form(controls, kept.pairs), add="", drop="", create="", number="")
    if created:
        form = put_reference(controls, form, put, created)
    return _form_again(request, kind, opened.entry.slug if opened.entry else None, form, {}, 200)


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
        return _form_again(request, kind, slug, form, {}, 200)
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
        return _form_again(request, kind, slug, rows, error.by_field, 422, alike)
    except Conflict:
        return _conflict_page(request, kind, slug or form.slug, form)
    if alike:
        return _form_again(request, kind, slug, form, {}, 422, alike)
    if way := read_way_back(form.back):
        said = {"publish": "is published", "submit": "was sent to review"}
        flash(
            request,
            f"{entry.title} {said.get(move, 'is saved as a draft')}, and filled in below.",
            "success",
        )
        return go_to(request, way.url(entry.slug))
    if move == "publish":
        flash(request, f"{entry.title} is published.", "success")
        walk = walk_of(request, entry)
        return go_to(request, walk.onwards if walk else kind.url(entry.slug))
    if move:
        flash(request, "Saved, and sent to review. Nothing public has changed.", "success")
        return go_to(request, f"/curation/{kind.path}/{entry.slug}/review")
    flash(request, "The draft is saved. Nothing public has changed.", "success")
    walk = walk_of(request, entry)
    trail = walk.narrowed.walk if walk else ""
    return go_to(request, f"/curation/{kind.path}/{entry.slug}{trail}")


def _form_again(
    request: AnyRequest,
    kind: Kind,
    slug: str | None,
    form: Form,
    errors: dict[str, str],
    status: int,
    alike: Sequence[Similar] = (),
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
    return _form_page(request, kind, opened, errors, status, alike=alike)


def _form_page(
    request: AnyRequest,
    kind: Kind,
    opened: Opened,
    errors: dict[str, str] | None = None,
    status: int = 200,
    kept: Kept | None = None,
    alike: Sequence[Similar] = (),
) -> Response[Any]:
    database: Database = request.app.state.database
    user = signed_in(request)
    controls = controls_for(kind, user)
    form = replace(opened.form, number=opened.form.number or token_hex(8))
    entry, walk = opened.entry, walk_of(request, opened.entry)
    with database.reading() as session:
        options = read_options(session, controls.values(), user)
        asked = asked_for(session, entry) if entry else None
        may_confirm = (
            entry is not None
            and entry.state is State.PUBLISHED
            and may_on(session, user, "confirm", entry)
        )
    sections = sections_of(kind, controls, form, options, errors or {})
    boxes = [box for _, found in sections for box in found]
    lists = sorted(lists_of(boxes) | {SOURCES})
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
        alike=alike,
        signs=[field_id(name) for name, d in kind.fields.items() if is_sign(kind, d)],
        action=f"/curation/{kind.path}/{entry.slug if entry else 'new'}",
        asked=asked,
        may_publish=is_allowed(user.role, "publish"),
        may_confirm=may_confirm,
        stale=entry is not None and is_stale(entry, now().date()),
        walk=walk,
        trail=walk.narrowed.walk if walk else "",
        back=walk.onwards if walk else f"/curation/{kind.path}/{entry.slug if entry else ''}",
        quality=_quality(opened),
        slug_is_open=entry is None or not entry.version,
        kept=kept,
        way=read_way_back(form.back),
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


def _quality(opened: Opened) -> Quality | None:
    """Return how complete the form is; None for a new one, and while there are mistakes in it."""
    if opened.draft is None or opened.entry is None:
        return None
    draft, confirmed_at = opened.draft, opened.entry.confirmed_at
    return measure(draft.kind, draft.values, draft.claims, confirmed_at, now().date())


def _conflict_page(request: AnyRequest, kind: Kind, slug: str, form: Form) -> Response[Any]:
    """Show both texts where they differ, so that nobody's work is lost."""
    database: Database = request.app.state.database
    with database.reading() as session:
        newest, found = differences(session, kind, slug, form, signed_in(request))
        words, sources = Vocabularies.read(session), sources_by_slug(session)
    return page(
        request,
        "curation/conflict.html",
        status=409,
        kind=kind,
        slug=slug,
        newest=newest,
        differences=found,
        words=words,
        sources=sources,
        statuses={status.value: status.words for status in Status},
    )


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
