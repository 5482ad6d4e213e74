"""What every file we give out has in common: its name, its length and its ETag."""

from collections.abc import Iterator
from typing import Any

from litestar import Request
from litestar.response import Stream

from directory.db import Database, now
from directory.exports.state import state
from directory.web.etags import tag_for, tag_headers

AnyRequest = Request[Any, Any, Any]


def tag_of(request: AnyRequest) -> str:
    """Return the ETag of an export; what is open depends on the day as well."""
    database: Database = request.app.state.database
    with database.reading() as session:
        return tag_for(request, state(session), now().date().isoformat())


def file(
    content: Iterator[str] | Iterator[bytes], name: str, media_type: str, total: int, tag: str
) -> Stream:
    """Return a file to save, written piece by piece; `total` is the number of its entries."""
    return Stream(
        content,
        media_type=media_type,
        headers={
            **tag_headers(tag),
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Total-Count": str(total),
        },
    )
