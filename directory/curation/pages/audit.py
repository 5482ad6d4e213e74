"""The log of who did what, for administrators; its rows as a file are in `exports`."""

from functools import partial
from typing import Any

from litestar import Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotAuthorizedException

from directory.accounts.guards import may, to_sign_in
from directory.curation.audited import LogQuery, actions_in, count_log, read_log
from directory.curation.pages.common import AnyRequest
from directory.db import Database
from directory.web.page import page
from directory.web.pagination import Paging

PER_PAGE = 50


@get("/audit", sync_to_thread=True)
def show_audit(request: AnyRequest) -> Response[Any]:
    """The log, newest first; filtered by action, person, entry and day."""
    database: Database = request.app.state.database
    query = LogQuery.read(dict(request.query_params.multi_items()))
    with database.reading() as session:
        paging = Paging(count_log(session, query), query.page, PER_PAGE)
        rows = read_log(session, query, limit=PER_PAGE, offset=paging.offset)
        actions = actions_in(session)
    return page(
        request,
        "curation/audit.html",
        query=query,
        paging=paging,
        rows=rows,
        actions=actions,
        page_url=partial(query.url, "/admin/audit"),
    )


router = Router(
    path="/admin",
    route_handlers=[show_audit],
    guards=[may("read audit")],
    exception_handlers={NotAuthorizedException: to_sign_in},
    cache_control=CacheControlHeader(private=True, no_cache=True),
    include_in_schema=False,
)
