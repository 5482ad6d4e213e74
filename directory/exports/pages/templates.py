"""Empty tables to fill in, for those who bring entries in."""

import io
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath

from directory.accounts.guards import may, to_sign_in
from directory.db import Database
from directory.errors import Invalid, NotFound
from directory.exports.csv import MEDIA_TYPE as CSV
from directory.exports.pages.common import AnyRequest
from directory.exports.template import write_template
from directory.exports.xlsx import XLSX

_TYPES = {"csv": CSV, "xlsx": XLSX}


@get(
    "/curation/import/template/{name:str}",
    guards=[may("bring in")],
    exception_handlers={NotAuthorizedException: to_sign_in},
    sync_to_thread=True,
)
def import_template(request: AnyRequest, name: FromPath[str]) -> Response[Any]:
    """The template of a kind, such as training.xlsx."""
    database: Database = request.app.state.database
    kind, _, ending = name.partition(".")
    made = io.BytesIO()
    try:
        with database.reading() as session:
            write_template(session, made, kind, ending)
    except Invalid as error:
        raise NotFound(str(error)) from error
    headers = {"Content-Disposition": f'attachment; filename="{kind}.{ending}"'}
    return Response(made.getvalue(), media_type=_TYPES[ending], headers=headers)


HANDLERS = [import_template]
