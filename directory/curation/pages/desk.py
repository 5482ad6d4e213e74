"""The desk: what one sees on coming in."""

from typing import Any

from litestar import Response, get

from directory.accounts.guards import signed_in
from directory.curation.desk import read_desk
from directory.curation.pages.common import AnyRequest
from directory.db import Database
from directory.entries.kinds import KINDS
from directory.web.page import page


@get("", sync_to_thread=True)
def show_desk(request: AnyRequest) -> Response[Any]:
    """Drafts, what was published last, and the way to something new."""
    database: Database = request.app.state.database
    with database.reading() as session:
        desk = read_desk(session, signed_in(request))
    return page(request, "curation/desk.html", desk=desk, kinds=KINDS)


HANDLERS = [show_desk]
