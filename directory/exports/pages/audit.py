"""The log of who did what, as a file."""

from typing import Any

from litestar import Response, get
from litestar.exceptions import NotAuthorizedException
from litestar.response import Stream

from directory.accounts.guards import may, to_sign_in
from directory.curation.audited import LogQuery
from directory.exports.audit import write_log
from directory.exports.csv import MEDIA_TYPE as CSV
from directory.exports.pages.common import AnyRequest


@get(
    "/admin/audit.csv",
    guards=[may("read audit")],
    exception_handlers={NotAuthorizedException: to_sign_in},
    sync_to_thread=False,
)
def audit_csv(request: AnyRequest) -> Response[Any]:
    """The log of who did what, as filtered on its page."""
    query = LogQuery.read(dict(request.query_params.multi_items()))
    return Stream(
        write_log(request.app.state.database, query),
        media_type=CSV,
        headers={
            "Content-Disposition": 'attachment; filename="audit.csv"',
            "Cache-Control": "private, no-store",
        },
    )


HANDLERS = [audit_csv]
