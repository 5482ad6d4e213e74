"""A search result to take away: the same addresses as `/search`, with an ending."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from litestar import Request, Router, get
from litestar.response import Stream

from directory.db import Database
from directory.entries.kinds import KINDS
from directory.exports.csv import write_csv
from directory.exports.json import entry_of
from directory.exports.results import batches
from directory.search.query import PER_PAGE, SearchQuery
from directory.search.service import SearchService


def _query(request: Request[Any, Any, Any]) -> SearchQuery:
    """Read the parameters as the page does; an export has no pages."""
    query = SearchQuery.read(request.query_params.multi_items(), strict=False)
    return replace(query, page=1, per_page=PER_PAGE)


def _file(content: Iterator[str], name: str, media_type: str, total: int) -> Stream:
    return Stream(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Total-Count": str(total),
        },
    )


@get("/search.csv", sync_to_thread=True)
def search_csv(request: Request[Any, Any, Any]) -> Stream:
    """The whole result for a spreadsheet; the columns depend on the question, not the answer."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    query = _query(request)
    ids = search.ids(query)
    kinds = [KINDS[name] for name in query.selected("kind") or KINDS]
    content = write_csv(kinds, batches(database, ids))
    return _file(content, "search.csv", "text/csv; header=present", len(ids))


@get("/search.json", sync_to_thread=True)
def search_json(request: Request[Any, Any, Any]) -> Stream:
    """The whole result with the full entries, each as the API gives it."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    query = _query(request)
    ids = search.ids(query)

    def content() -> Iterator[str]:
        head = json.dumps({"query": query.url(), "total": len(ids)}, ensure_ascii=False)
        yield head[:-1] + ', "items": ['
        comma = ""
        for batch in batches(database, ids):
            for published in batch:
                yield comma + entry_of(published).model_dump_json()
                comma = ",\n"
        yield "]}\n"

    return _file(content(), "search.json", "application/json", len(ids))


router = Router(path="/", route_handlers=[search_csv, search_json])
