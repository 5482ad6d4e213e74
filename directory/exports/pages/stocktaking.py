"""The draft of a programme for WSIS Stocktaking, to read, print or copy."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from directory.db import Database
from directory.entries.kinds import PROGRAMME
from directory.entries.queries import read_published
from directory.entries.vocabularies import Vocabularies
from directory.exports.pages.common import AnyRequest
from directory.exports.stocktaking import FEWEST, MOST, draft
from directory.web.page import page


@get("/programmes/{slug:str}/stocktaking", sync_to_thread=True)
def show_draft(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    """What an organisation could report about a programme, in 150 to 200 words."""
    database: Database = request.app.state.database
    with database.reading() as session:
        published = read_published(session, PROGRAMME, slug)
        if published.entry.slug != slug:
            return Redirect(f"{published.url}/stocktaking", status_code=301)
        found = draft(published, Vocabularies.read(session))
    return page(
        request,
        "exports/stocktaking.html",
        entry=published.entry,
        url=published.url,
        draft=found,
        fewest=FEWEST,
        most=MOST,
    )


HANDLERS = [show_draft]
