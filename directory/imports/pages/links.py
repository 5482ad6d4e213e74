"""The links of an entry, for those who look after it."""

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import may, signed_in
from directory.curation.pages.common import AnyRequest, kind_at
from directory.db import Database
from directory.entries.kinds import Kind
from directory.entries.links import LinkCheck, LinkState
from directory.errors import SourceFailed
from directory.imports.links import check_entry, links_of
from directory.languages import gettext, worded
from directory.web.csrf import form_page
from directory.web.page import go_to

# Checks wait for other sites; at most so many hold a thread that serves pages.
_slots = threading.BoundedSemaphore(3)


@get("/{path:str}/{slug:str}/links", guards=[may("save")], sync_to_thread=True)
def show_links(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """Every address of an entry: whether it works, since when, and when it is checked again."""
    kind, database = kind_at(path), request.app.state.database
    with database.reading() as session:
        entry, held = links_of(session, kind, slug, signed_in(request))
    return form_page(
        request,
        "imports/links.html",
        kind=kind,
        entry=entry,
        held=held,
        states={state.value: state.words for state in LinkState},
    )


@post("/{path:str}/{slug:str}/links", guards=[may("save")])
async def check_now(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """Check every address of an entry now, and go back to where the button was."""
    kind = kind_at(path)
    form = await request.form()
    message, category = await sync_to_thread(_check, request, kind, slug)
    flash(request, message, category)
    back = f"/curation/{kind.path}/{slug}"
    return go_to(request, f"{back}/links" if form.get("to") == "links" else back)


def _check(request: AnyRequest, kind: Kind, slug: str) -> tuple[str, str]:
    """Return what to tell the person, and whether it is good news."""
    database: Database = request.app.state.database
    if not _slots.acquire(blocking=False):
        busy = gettext("Other links are being checked just now. Try again in a minute.")
        return busy, "error"
    try:
        fetcher, by = request.app.state.fetcher, signed_in(request)
        return _told(check_entry(database, fetcher, kind, slug, by=by))
    except SourceFailed as error:
        return str(error), "error"
    finally:
        _slots.release()


def _told(checks: Sequence[LinkCheck]) -> tuple[str, str]:
    if not checks:
        return gettext("This entry has no web address that could be checked."), "success"
    counts = Counter(check.state for check in checks)
    trouble = [f"{c.url}: {worded(c.reason)}" for c in checks if c.state != LinkState.OK]
    working = gettext(
        "Links that work: %(works)s of %(total)s.", works=counts[LinkState.OK], total=len(checks)
    )
    return " ".join((working, *trouble)), "error" if trouble else "success"


HANDLERS = [show_links, check_now]
