"""What was chosen of two texts, sent: saved as one."""

from contextlib import suppress
from typing import Any

from litestar import Response, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from directory.accounts.guards import may, signed_in
from directory.curation.autosave import finish, place_of
from directory.curation.conflicts import settle, settled_form
from directory.curation.editing import controls_for, move_saved
from directory.curation.forms import Form, read_form
from directory.curation.merging import Side
from directory.curation.pages.common import AnyRequest, kind_at
from directory.curation.pages.conflicts import conflict_page, read_choices
from directory.curation.pages.forms import done, form_again
from directory.db import Database
from directory.entries.kinds import Kind
from directory.errors import Conflict, Invalid


@post("/{path:str}/{slug:str}/settle")
async def settle_entry(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str]
) -> Response[Any]:
    """Save what was chosen of two texts as a draft."""
    return await _receive_choices(request, kind_at(path), slug, move="")


@post("/{path:str}/{slug:str}/settle/publish", guards=[may("publish")])
async def settle_and_publish(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str]
) -> Response[Any]:
    """Save what was chosen of two texts and publish it."""
    return await _receive_choices(request, kind_at(path), slug, move="publish")


async def _receive_choices(
    request: AnyRequest, kind: Kind, slug: str, *, move: str
) -> Response[Any]:
    pairs = list((await request.form()).multi_items())
    form = read_form(controls_for(kind, signed_in(request)), pairs)
    seen, choices = read_choices(pairs)
    return await sync_to_thread(_settle, request, kind, slug, form, seen, choices, move)


def _settle(
    request: AnyRequest,
    kind: Kind,
    slug: str,
    form: Form,
    seen: int,
    choices: dict[str, Side],
    move: str,
) -> Response[Any]:
    """Save two texts as one; what cannot be saved goes back to its writer, already merged."""
    database: Database = request.app.state.database
    base_url, user = request.app.state.settings.base_url, signed_in(request)
    try:
        with database.writing() as session:
            entry, revision = settle(session, kind, slug, form, seen, choices, by=user)
            if move:
                move_saved(session, entry, revision, move, by=user, base_url=base_url)
            finish(session, user, place_of(kind.path, slug), form.number)
    except Invalid as error:
        with database.reading() as session:
            merged = settled_form(session, kind, slug, form, seen, choices, user)
        return form_again(request, kind, slug, merged, error.by_field, 422)
    except Conflict as error:
        with database.reading() as session, suppress(Conflict):
            form = settled_form(session, kind, slug, form, seen, choices, user)
        return conflict_page(request, kind, slug, form, str(error))
    return done(request, kind, entry, move, form)


HANDLERS = [settle_entry, settle_and_publish]
