"""The button that confirms an entry at the desk."""

from typing import Any

from litestar import Response, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import local_path, may, signed_in
from directory.curation.confirming import confirm
from directory.curation.pages.common import AnyRequest, kind_at
from directory.curation.service import get_entry
from directory.db import Database
from directory.errors import Conflict
from directory.languages import gettext
from directory.web.page import go_to


@post("/{path:str}/{slug:str}/confirm", guards=[may("confirm")])
async def confirm_entry(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str]
) -> Response[Any]:
    """Confirm the version that the person has seen, and go back to where they were."""
    form = await request.form()
    version, back = str(form.get("version", "")), str(form.get("back", ""))
    return await sync_to_thread(_confirm, request, path, slug, version, local_path(back))


def _confirm(request: AnyRequest, path: str, slug: str, version: str, back: str) -> Response[Any]:
    kind, database = kind_at(path), request.app.state.database
    assert isinstance(database, Database)
    seen = int(version) if version.isdecimal() and version.isascii() and len(version) < 10 else 0
    try:
        with database.writing() as session:
            entry = get_entry(session, kind, slug)
            confirm(session, entry, seen, by=signed_in(request))
    except Conflict as error:
        flash(request, str(error), "warning")
        return go_to(request, f"/curation/{kind.path}/{slug}")
    said = gettext("%(title)s is confirmed. Nothing else has changed.", title=entry.title)
    flash(request, said, "success")
    return go_to(request, back)


HANDLERS = [confirm_entry]
