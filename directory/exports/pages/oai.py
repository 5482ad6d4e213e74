"""The address at which libraries and aggregators harvest the catalogue (OAI-PMH 2.0)."""

from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread

from directory.db import Database
from directory.exports.oai import respond
from directory.exports.pages.common import AnyRequest
from directory.settings import Settings


def _answer(request: AnyRequest, arguments: list[tuple[str, str]]) -> Response[Any]:
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    return Response(
        respond(database, settings, arguments),
        media_type="text/xml; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


@get("/oai", sync_to_thread=True)
def oai(request: AnyRequest) -> Response[Any]:
    """Answer one request of the protocol, its arguments in the address."""
    return _answer(request, list(request.query_params.multi_items()))


@post("/oai", status_code=200)
async def oai_form(request: AnyRequest) -> Response[Any]:
    """Answer one request of the protocol, its arguments in the body (section 3.1.1.2)."""
    form = await request.form()
    arguments = [(k, v) for k, v in form.multi_items() if isinstance(v, str)]
    return await sync_to_thread(_answer, request, arguments)


HANDLERS = [oai, oai_form]
