"""Pages of sources: what each document is, its paragraphs, and who cites it."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from directory.db import Database
from directory.entries.kinds import KINDS
from directory.entries.vocabularies import Vocabularies
from directory.sources.queries import list_sources, read_source
from directory.web.keeping import FOR_ALL
from directory.web.page import page


@get("/sources", sync_to_thread=True, opt=FOR_ALL)
def show_sources(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every source."""
    database: Database = request.app.state.database
    with database.reading() as session:
        sources = list_sources(session)
    return page(request, "sources/list.html", sources=sources)


@get("/sources/{slug:str}", sync_to_thread=True, opt=FOR_ALL)
def show_source(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[Any]:
    """One source with its paragraphs."""
    database: Database = request.app.state.database
    with database.reading() as session:
        source, paragraphs, entries = read_source(session, slug)
        words = Vocabularies.read(session)
    return page(
        request,
        "sources/source.html",
        source=source,
        paragraphs=paragraphs,
        entries=entries,
        kinds=KINDS,
        words=words,
    )


router = Router(path="/", route_handlers=[show_sources, show_source])
