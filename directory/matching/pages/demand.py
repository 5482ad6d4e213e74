"""What is looked for and not offered, for providers and curators: figures, and nobody's need."""

from typing import Any

from litestar import Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotAuthorizedException

from directory.accounts.guards import may, to_sign_in
from directory.db import Database, now
from directory.matching.demand import COUNTS_FOR, FEWEST, tables_of, unmet
from directory.matching.pages.common import AnyRequest
from directory.search.service import SearchService
from directory.web.page import page

ACTION = "see demand"


@get("", sync_to_thread=True)
def show_demand(request: AnyRequest) -> Response[Any]:
    """People by topic and region, in fives."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    with database.reading() as session:
        cells = unmet(session, now().date())
    return page(
        request,
        "matching/demand.html",
        tables=tables_of(cells, search.vocabularies),
        fewest=FEWEST,
        days=COUNTS_FOR.days,
    )


router = Router(
    path="/curation/demand",
    route_handlers=[show_demand],
    guards=[may(ACTION)],
    exception_handlers={NotAuthorizedException: to_sign_in},
    cache_control=CacheControlHeader(private=True, no_store=True),
    include_in_schema=False,
)
