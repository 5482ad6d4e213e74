"""Public entries that the rules of today would not let through."""

from typing import Any

from litestar import Response, get

from directory.accounts.guards import may
from directory.curation.pages.common import AnyRequest
from directory.curation.rules import failing_live
from directory.db import Database
from directory.web.page import page

MOST = 500
"""So many are shown at once; the command `directory rules` names all."""


@get("/rules", guards=[may("publish")], sync_to_thread=True)
def show_rules(request: AnyRequest) -> Response[Any]:
    """Each with the field that fails and why, and the way to that field."""
    database: Database = request.app.state.database
    with database.reading() as session:
        failing = [one for one, _ in zip(failing_live(session), range(MOST + 1), strict=False)]
    return page(request, "curation/rules.html", failing=failing[:MOST], more=len(failing) > MOST)


HANDLERS = [show_rules]
