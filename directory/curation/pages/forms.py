"""The form of an entry as a page, with everything that stands beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from secrets import token_hex
from typing import Any

from litestar import Response
from litestar.plugins.flash import flash

from directory.accounts.guards import signed_in
from directory.accounts.permissions import is_allowed
from directory.curation.autosave import Kept
from directory.curation.boxes import field_id, lists_of, sections_of, titles_of, with_places
from directory.curation.controls import Control
from directory.curation.duplicates import Similar
from directory.curation.editing import Opened, controls_for, draft_from, open_entry, open_new
from directory.curation.forms import Form
from directory.curation.inline import read_way_back
from directory.curation.likeness import is_sign
from directory.curation.naming import STATUSES
from directory.curation.options import SOURCES, read_options
from directory.curation.owning import may_on
from directory.curation.pages.common import AnyRequest
from directory.curation.pages.desk import walk_of
from directory.curation.quality import Quality, measure
from directory.curation.review import asked_for
from directory.curation.service import missing_to_publish
from directory.db import Database, now
from directory.entries.freshness import is_stale
from directory.entries.kinds import Kind
from directory.entries.merges import what_became_of
from directory.entries.models import Entry, State
from directory.errors import Invalid
from directory.languages import gettext, marked
from directory.web.csrf import form_page
from directory.web.page import go_to

_CLAIMED = {**STATUSES, "stated": marked("States it")}
_FILLED_IN = {
    "": marked("%(title)s is saved as a draft, and filled in below."),
    "submit": marked("%(title)s was sent to review, and filled in below."),
    "publish": marked("%(title)s is published, and filled in below."),
}


def form_again(
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
    return draw_form(request, kind, opened, errors, status, alike=alike)


def draw_form(
    request: AnyRequest,
    kind: Kind,
    opened: Opened,
    errors: dict[str, str] | None = None,
    status: int = 200,
    kept: Kept | None = None,
    alike: Sequence[Similar] = (),
) -> Response[Any]:
    """Draw a form as it was opened or sent, with what is wrong and what stands beside it."""
    database: Database = request.app.state.database
    user = signed_in(request)
    controls = controls_for(kind, user)
    form = replace(opened.form, number=opened.form.number or token_hex(8))
    entry, walk = opened.entry, walk_of(request, opened.entry)
    with database.reading() as session:
        options = read_options(session, controls.values(), user)
        asked = asked_for(session, entry) if entry else None
        stays = what_became_of(session, entry) if entry else None
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
        statuses=_CLAIMED,
        missing=_missing(opened, controls),
        alike=alike,
        signs=[field_id(name) for name, d in kind.fields.items() if is_sign(kind, d)],
        action=f"/curation/{kind.path}/{entry.slug if entry else 'new'}",
        asked=asked,
        stays=stays if stays is not entry else None,
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
        (
            field_id(name),
            gettext("%(field)s: where it comes from", field=controls[name].title)
            if name in given
            else controls[name].title,
        )
        for name in missing_to_publish(opened.draft)
    ]


def _quality(opened: Opened) -> Quality | None:
    """Return how complete the form is; None for a new one, and while there are mistakes in it."""
    if opened.draft is None or opened.entry is None:
        return None
    draft, confirmed_at = opened.draft, opened.entry.confirmed_at
    return measure(draft.kind, draft.values, draft.claims, confirmed_at, now().date())


def done(request: AnyRequest, kind: Kind, entry: Entry, move: str, form: Form) -> Response[Any]:
    """Say what happened, and lead on: to the form that waits, along the list, or to the entry."""
    way, walk = read_way_back(form.back), walk_of(request, entry)
    if way:
        flash(request, gettext(_FILLED_IN[move], title=entry.title), "success")
        return go_to(request, way.url(entry.slug))
    if move == "publish":
        flash(request, gettext("%(title)s is published.", title=entry.title), "success")
        return go_to(request, walk.onwards if walk else kind.url(entry.slug))
    if move:
        said = gettext("Saved, and sent to review. Nothing public has changed.")
        flash(request, said, "success")
        return go_to(request, f"/curation/{kind.path}/{entry.slug}/review")
    flash(request, gettext("The draft is saved. Nothing public has changed."), "success")
    trail = walk.narrowed.walk if walk else ""
    return go_to(request, f"/curation/{kind.path}/{entry.slug}{trail}")
