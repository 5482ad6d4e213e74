"""The page for whoever saves second: what both have written, and a choice for each field."""

import re
from collections.abc import Iterable
from typing import Any

from litestar import Response

from directory.accounts.guards import signed_in
from directory.accounts.permissions import is_allowed
from directory.curation.boxes import field_id, with_places
from directory.curation.conflicts import read_conflict
from directory.curation.editing import controls_for
from directory.curation.forms import Form, pairs_of
from directory.curation.marks import mark_items, mark_value
from directory.curation.merging import Side
from directory.curation.naming import STATUSES, names_in
from directory.curation.pages.common import AnyRequest
from directory.db import Database
from directory.entries.kinds import Kind
from directory.sources.queries import sources_by_slug
from directory.web.csrf import form_page

_SEEN, _TAKE = "_seen", "_take."


def read_choices(pairs: Iterable[tuple[str, Any]]) -> tuple[int, dict[str, Side]]:
    """Return the number of the revision that was shown, and whose text was chosen by field."""
    seen, choices = 0, {}
    for name, text in pairs:
        if name == _SEEN and isinstance(text, str) and re.fullmatch(r"[0-9]{1,9}", text):
            seen = int(text)
        elif name.startswith(_TAKE) and text in list(Side):
            choices[name.removeprefix(_TAKE)] = Side(text)
    return seen, choices


def conflict_page(
    request: AnyRequest, kind: Kind, slug: str, form: Form, why: str
) -> Response[Any]:
    """Show what two people have written since the same revision, as a form that carries mine."""
    database: Database = request.app.state.database
    user = signed_in(request)
    with database.reading() as session:
        found = read_conflict(session, kind, slug, form, user, why)
        words = names_in(session, user, kind, found.profiles)
        sources = sources_by_slug(session)
    controls = controls_for(kind, user)
    titles = {name: control.title for name, control in controls.items()}
    to_choose = [(field_id(p.name), titles[p.name]) for p in found.open]
    return form_page(
        request,
        "curation/conflict.html",
        status=409,
        kind=kind,
        found=found,
        controls=controls,
        carried=[(n, t) for n, t in pairs_of(controls, found.form) if n != "_comment"],
        seen=_SEEN,
        take=_TAKE,
        sides=Side,
        to_choose=to_choose,
        mistakes=[said for _, said in with_places(found.errors, titles)],
        field_id=field_id,
        action=f"/curation/{kind.path}/{slug}",
        may_publish=is_allowed(user.role, "publish"),
        words=words,
        sources=sources,
        statuses=STATUSES,
        mark_value=mark_value,
        mark_items=mark_items,
    )
