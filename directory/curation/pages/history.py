"""What an entry said before: its revisions, two of them side by side, and who said each value."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import may, signed_in
from directory.accounts.models import User
from directory.accounts.permissions import is_allowed
from directory.curation.boxes import with_places
from directory.curation.editing import controls_for
from directory.curation.history import (
    PER_PAGE,
    compare_revisions,
    read_history,
    read_origins,
    read_revision,
    restore,
    words_of_move,
)
from directory.curation.marks import mark_items, mark_value
from directory.curation.naming import STATUSES, names_in
from directory.curation.owning import may_on
from directory.curation.pages.common import AnyRequest, kind_at
from directory.curation.service import latest_revision
from directory.db import Database
from directory.entries.kinds import Kind
from directory.errors import Conflict, Invalid
from directory.languages import gettext
from directory.sources.queries import sources_by_slug
from directory.web.csrf import form_page
from directory.web.page import go_to, page
from directory.web.pagination import Paging


def _number(request: AnyRequest, name: str) -> int | None:
    """Return a number of an address; 0, which no revision has, for what is none."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def _shown(session: Any, user: User, kind: Kind, *profiles: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every page needs that draws the values and claims of these profiles."""
    return {
        "words": names_in(session, user, kind, profiles),
        "sources": sources_by_slug(session),
        "statuses": STATUSES,
        "mark_value": mark_value,
        "mark_items": mark_items,
    }


def _address(kind: Kind, slug: str) -> str:
    return f"/curation/{kind.path}/{slug}"


@get("/{path:str}/{slug:str}/history", sync_to_thread=True)
def show_history(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """Every revision, newest first, with what was said in its review."""
    kind, database = kind_at(path), request.app.state.database
    here = _number(request, "page") or 1
    with database.reading() as session:
        history = read_history(session, kind, slug, signed_in(request), here)
    address = f"{_address(kind, history.entry.slug)}/history"
    return page(
        request,
        "curation/history.html",
        kind=kind,
        entry=history.entry,
        history=history,
        words_of_move=words_of_move,
        paging=Paging(history.total, here, PER_PAGE),
        page_url=partial("{}?page={}".format, address),
    )


@get("/{path:str}/{slug:str}/history/compare", sync_to_thread=True)
def show_comparison(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """Two revisions, field by field; without numbers, the newest one and the one before it."""
    kind, database = kind_at(path), request.app.state.database
    user = signed_in(request)
    with database.reading() as session:
        pair = _number(request, "from"), _number(request, "to")
        found = compare_revisions(session, kind, slug, *pair, user)
        shown = _shown(session, user, kind, found.older.profile, found.newer.profile)
    return page(request, "curation/compare.html", kind=kind, found=found, **shown)


@get("/{path:str}/{slug:str}/history/{number:int}", sync_to_thread=True)
def show_revision(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str], number: FromPath[int]
) -> Response[Any]:
    """One revision as it was saved."""
    return _revision_page(request, kind_at(path), slug, number)


def _revision_page(
    request: AnyRequest,
    kind: Kind,
    slug: str,
    number: int,
    errors: dict[str, str] | None = None,
    refused: str = "",
    status: int = 200,
) -> Response[Any]:
    database: Database = request.app.state.database
    user = signed_in(request)
    controls = controls_for(kind, user)
    with database.reading() as session:
        entry, revision = read_revision(session, kind, slug, number, user)
        newest = latest_revision(session, entry).number
        may_save = may_on(session, user, "save", entry)
        shown = _shown(session, user, kind, revision.profile)
    titles = {name: control.title for name, control in controls.items()}
    return form_page(
        request,
        "curation/revision.html",
        status=status,
        kind=kind,
        entry=entry,
        revision=revision,
        newest=newest,
        controls=controls,
        errors=with_places(errors or {}, titles),
        refused=refused,
        may_restore=may_save and number != newest,
        may_publish=is_allowed(user.role, "publish"),
        **shown,
    )


@post("/{path:str}/{slug:str}/history/{number:int}/restore")
async def restore_revision(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str], number: FromPath[int]
) -> Response[Any]:
    """Save what a revision said as a new draft."""
    return await _receive(request, kind_at(path), slug, number, publishing=False)


@post("/{path:str}/{slug:str}/history/{number:int}/restore/publish", guards=[may("publish")])
async def restore_and_publish(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str], number: FromPath[int]
) -> Response[Any]:
    """Make what a revision said public again."""
    return await _receive(request, kind_at(path), slug, number, publishing=True)


async def _receive(
    request: AnyRequest, kind: Kind, slug: str, number: int, *, publishing: bool
) -> Response[Any]:
    text = str((await request.form()).get("_base", ""))
    base = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0
    return await sync_to_thread(_restore, request, kind, slug, number, base, publishing)


def _restore(
    request: AnyRequest, kind: Kind, slug: str, number: int, base: int, publishing: bool
) -> Response[Any]:
    database: Database = request.app.state.database
    user = signed_in(request)
    at = request.app.state.settings.base_url if publishing else None
    try:
        with database.writing() as session:
            entry, _ = restore(session, kind, slug, number, base=base, by=user, publish_at=at)
    except Invalid as error:
        return _revision_page(request, kind, slug, number, error.by_field, str(error), 422)
    except Conflict:
        refused = gettext(
            "Somebody has saved this entry since you opened this page. Look again, then restore."
        )
        return _revision_page(request, kind, slug, number, refused=refused, status=409)
    if publishing:
        said = gettext(
            "Revision %(number)s of %(title)s is public again.",
            number=str(number),
            title=entry.title,
        )
        flash(request, said, "success")
        return go_to(request, kind.url(entry.slug))
    said = gettext(
        "Revision %(number)s is restored as a draft. Nothing public has changed.",
        number=str(number),
    )
    flash(request, said, "success")
    return go_to(request, _address(kind, entry.slug))


@get("/{path:str}/{slug:str}/values", sync_to_thread=True)
def show_values(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """Each value of the newest revision: who wrote it, when, and which source says so."""
    kind, database = kind_at(path), request.app.state.database
    user = signed_in(request)
    with database.reading() as session:
        entry, newest, origins = read_origins(session, kind, slug, user)
        shown = _shown(session, user, kind, newest.profile)
    return page(
        request,
        "curation/values.html",
        kind=kind,
        entry=entry,
        newest=newest,
        origins=origins,
        **shown,
    )


HANDLERS = [
    show_history,
    show_comparison,
    show_revision,
    restore_revision,
    restore_and_publish,
    show_values,
]
