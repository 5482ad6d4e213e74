"""Two entries become one: choose field by field, look at what would happen, do it, undo it."""

import re
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import may, signed_in
from directory.curation.controls import controls_of
from directory.curation.marks import mark_items, mark_value
from directory.curation.merge_choices import read_choices
from directory.curation.merging_entries import merge
from directory.curation.naming import STATUSES, names_in
from directory.curation.pages.common import AnyRequest
from directory.curation.pairing import open_pair, preview
from directory.curation.unmerging import look_at_undo, merges, undo
from directory.db import Database
from directory.entries.kinds import KINDS, kind_named
from directory.errors import Conflict, Invalid, NotFound
from directory.languages import gettext
from directory.sources.queries import sources_by_slug
from directory.web.csrf import form_page
from directory.web.page import go_to, page

LISTED = 100
CHOICE = "choice."


def _asked(data: Mapping[str, Any]) -> tuple[str, str, str, dict[str, str]]:
    """Return (kind, keep, fold, choices by field) as an address or a form has them."""
    kind, keep, fold = (str(data.get(name, "")).strip() for name in ("kind", "keep", "fold"))
    said = {n.removeprefix(CHOICE): str(data[n]) for n in data if n.startswith(CHOICE)}
    return kind, keep, fold, said


def _stopped(request: AnyRequest, data: Mapping[str, Any], error: Exception) -> Response[Any]:
    """Say why nothing was merged, and where to go on from here."""
    kind, keep, fold, _ = _asked(data)
    return page(
        request,
        "curation/merge_stopped.html",
        status=409 if isinstance(error, Conflict) else 422,
        said=str(error),
        again=_query(kind, keep, fold, {})
        if kind and keep and fold and isinstance(error, Conflict)
        else "",
    )


def _query(kind: str, keep: str, fold: str, choices: Mapping[str, str]) -> str:
    return urlencode(
        {"kind": kind, "keep": keep, "fold": fold, **{CHOICE + n: c for n, c in choices.items()}}
    )


@get("/merge", guards=[may("merge")], sync_to_thread=True)
def show_choices(request: AnyRequest) -> Response[Any]:
    """Which of the two stays, and whose value of each field."""
    database: Database = request.app.state.database
    name, keep, fold, said = _asked(request.query_params)
    if not (name and keep and fold):
        return page(
            request, "curation/merge_which.html", kinds=KINDS, name=name, keep=keep, fold=fold
        )
    kind, user = kind_named(name), signed_in(request)
    try:
        with database.reading() as session:
            pairing = open_pair(session, kind, keep, fold, user)
            both = [side.says.profile for side in (pairing.keep, pairing.fold)]
            words, sources = names_in(session, user, kind, both), sources_by_slug(session)
    except (Invalid, Conflict) as error:
        return _stopped(request, request.query_params, error)
    return page(
        request,
        "curation/merge.html",
        kind=kind,
        pairing=pairing,
        controls=controls_of(kind, True),
        choices=read_choices(pairing.questions, said),
        swapped=_query(kind.name, fold, keep, {}),
        words=words,
        sources=sources,
        statuses=STATUSES,
    )


@get("/merge/preview", guards=[may("merge")], sync_to_thread=True)
def show_preview(request: AnyRequest) -> Response[Any]:
    """What the merge would do: nothing is written."""
    return _preview_page(request, request.query_params, {}, 200)


def _preview_page(
    request: AnyRequest, data: Mapping[str, Any], problems: dict[str, str], status: int
) -> Response[Any]:
    database: Database = request.app.state.database
    name, keep, fold, said = _asked(data)
    kind, user = kind_named(name), signed_in(request)
    try:
        with database.reading() as session:
            pairing = open_pair(session, kind, keep, fold, user)
            shown = preview(session, pairing, said)
            both = [shown.before.profile, shown.after.profile]
            words, sources = names_in(session, user, kind, both), sources_by_slug(session)
    except (Invalid, Conflict) as error:
        return _stopped(request, data, error)
    return form_page(
        request,
        "curation/merge_preview.html",
        status=status,
        kind=kind,
        shown=shown,
        pairing=pairing,
        controls=controls_of(kind, True),
        problems=problems or shown.problems,
        back=_query(kind.name, keep, fold, shown.choices),
        words=words,
        sources=sources,
        statuses=STATUSES,
        mark_value=mark_value,
        mark_items=mark_items,
    )


@post("/merge", guards=[may("merge")])
async def do_merge(request: AnyRequest) -> Response[Any]:
    """Merge two entries."""
    return await sync_to_thread(_merge, request, await request.form())


def _merge(request: AnyRequest, form: Mapping[str, Any]) -> Response[Any]:
    database: Database = request.app.state.database
    name, keep, fold, said = _asked(form)
    kind = kind_named(name)
    try:
        with database.writing() as session:
            done = merge(
                session, kind, keep, fold, by=signed_in(request), choices=said, seen=_seen(form)
            )
    except Conflict as error:
        return _stopped(request, form, error)
    except Invalid as error:
        return _preview_page(request, form, error.by_field or {"": str(error)}, 422)
    message = gettext("Merged. The old address leads to the entry that stays.")
    flash(request, message, "success")
    return go_to(request, f"/curation/merges/{done.id}")


def _seen(form: Mapping[str, Any]) -> tuple[int, int]:
    """Return the numbers of the revisions that the person saw; no numbers were never right."""
    found = re.fullmatch(r"([0-9]{1,9})-([0-9]{1,9})", str(form.get("seen", "")))
    return (int(found[1]), int(found[2])) if found else (-1, -1)


@get("/merges", guards=[may("merge")], sync_to_thread=True)
def list_merges(request: AnyRequest) -> Response[Any]:
    """What was merged, newest first."""
    database: Database = request.app.state.database
    with database.reading() as session:
        found = merges(session, LISTED)
    return page(request, "curation/merges.html", merges=found, kinds=KINDS)


@get("/merges/{merge_id:str}", guards=[may("merge")], sync_to_thread=True)
def show_merge(request: AnyRequest, merge_id: FromPath[str]) -> Response[Any]:
    """One merge: what it did, and what undoing it would do."""
    database: Database = request.app.state.database
    with database.reading() as session:
        found = look_at_undo(session, _id(merge_id), signed_in(request))
    return form_page(request, "curation/merged.html", found=found)


@post("/merges/{merge_id:str}/undo", guards=[may("merge")])
async def undo_merge(request: AnyRequest, merge_id: FromPath[str]) -> Response[Any]:
    """Undo a merge, or what can be undone of it."""
    partly = (await request.form()).get("partly") == "yes"
    return await sync_to_thread(_undo, request, _id(merge_id), partly)


def _undo(request: AnyRequest, key: uuid.UUID, partly: bool) -> Response[Any]:
    database: Database = request.app.state.database
    user = signed_in(request)
    try:
        with database.writing() as session:
            found = undo(session, key, by=user, partly=partly)
    except (Conflict, Invalid) as error:
        with database.reading() as session:
            found = look_at_undo(session, key, user)
        status = 409 if isinstance(error, Conflict) else 422
        return form_page(
            request, "curation/merged.html", status=status, found=found, stopped=str(error)
        )
    said = gettext(
        "Undone: %(one)s and %(other)s are two again.",
        one=found.fold.title,
        other=found.keep.title,
    )
    flash(request, said, "success")
    return go_to(request, f"/curation/merges/{key}")


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(gettext("There is no such merge.")) from None


HANDLERS = [
    show_choices,
    show_preview,
    do_merge,
    list_merges,
    show_merge,
    undo_merge,
]
