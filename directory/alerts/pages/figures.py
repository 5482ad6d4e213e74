"""How many follow something, for administrators: counts, and nobody's address."""

from typing import Any

from litestar import Response, Router, get
from litestar.exceptions import NotAuthorizedException

from directory.accounts.guards import may, to_sign_in
from directory.alerts.following import figures
from directory.alerts.pages.common import KEPT_BY_NOBODY
from directory.inbox.pages.common import AnyRequest, database_of
from directory.web.page import page

ACTION = "see followers"


@get("", sync_to_thread=True)
def show_figures(request: AnyRequest) -> Response[Any]:
    """Counts of readers, searches and letters."""
    with database_of(request).reading() as session:
        counted = figures(session)
    return page(request, "alerts/figures.html", figures=counted)


router = Router(
    path="/admin/alerts",
    route_handlers=[show_figures],
    guards=[may(ACTION)],
    exception_handlers={NotAuthorizedException: to_sign_in},
    cache_control=KEPT_BY_NOBODY,
)
