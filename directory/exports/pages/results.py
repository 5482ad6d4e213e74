"""What one found to take away: the same addresses as of the pages, with an ending."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Response, get

from directory.db import Database
from directory.entries.compare import read_comparison
from directory.entries.kinds import KINDS, Kind
from directory.entries.models import Entry
from directory.entries.shortlist import Shortlist, find_entries
from directory.entries.vocabularies import Vocabularies
from directory.exports.compare import write_comparison
from directory.exports.csv import write_csv
from directory.exports.json import entry_of
from directory.exports.pages.common import AnyRequest, file, tag_of
from directory.exports.results import batches
from directory.exports.xlsx import XLSX, xlsx_pieces
from directory.search.query import PER_PAGE, SearchQuery
from directory.search.service import SearchService
from directory.settings import Settings
from directory.web.etags import not_modified


def _query(request: AnyRequest) -> SearchQuery:
    """Read the parameters as the page does; an export has no pages."""
    query = SearchQuery.read(request.query_params.multi_items(), strict=False)
    return replace(query, page=1, per_page=PER_PAGE)


@get("/search.csv", sync_to_thread=True)
def search_csv(request: AnyRequest) -> Response[Any]:
    """The whole result for a spreadsheet; the columns depend on the question, not the answer."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    query = _query(request)
    ids = search.ids(query)
    kinds = [KINDS[name] for name in query.selected("kind") or KINDS]
    content = write_csv(kinds, batches(database, ids))
    return file(content, "search.csv", "text/csv; header=present", len(ids), tag)


@get("/search.xlsx", sync_to_thread=True)
def search_xlsx(request: AnyRequest) -> Response[Any]:
    """The whole result as a workbook, in the columns and the order of the CSV file."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    query = _query(request)
    ids = search.ids(query)
    kinds = [KINDS[name] for name in query.selected("kind") or KINDS]
    content = xlsx_pieces([("Entries", kinds, batches(database, ids))])
    return file(content, "search.xlsx", XLSX, len(ids), tag)


@get("/search.json", sync_to_thread=True)
def search_json(request: AnyRequest) -> Response[Any]:
    """The whole result with the full entries, each as the API gives it."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    query = _query(request)
    ids = search.ids(query)
    content = _json(database, {"query": query.url(), "total": len(ids)}, ids)
    return file(content, "search.json", "application/json", len(ids), tag)


def _json(db: Database, head: dict[str, Any], ids: Sequence[UUID]) -> Iterator[str]:
    """Yield one JSON object piece by piece: what `head` says, then the entries as `items`."""
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "items": ['
    comma = ""
    for batch in batches(db, ids):
        for published in batch:
            yield comma + entry_of(published).model_dump_json()
            comma = ",\n"
    yield "]}\n"


def _listed(request: AnyRequest) -> list[Entry]:
    """Return the entries that the address names; who is not there is no part of a file."""
    database: Database = request.app.state.database
    with database.reading() as session:
        asked = Shortlist.read(request.query_params.multi_items())
        return find_entries(session, asked).entries


def _kinds_of(entries: Sequence[Entry]) -> list[Kind]:
    """Return the kinds whose columns a file of these entries needs."""
    present = {entry.kind for entry in entries} or KINDS
    return [kind for name, kind in KINDS.items() if name in present]


@get("/shortlist.csv", sync_to_thread=True)
def shortlist_csv(request: AnyRequest) -> Response[Any]:
    """The entries of a shortlist for a spreadsheet, with the columns of their kinds."""
    database: Database = request.app.state.database
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    entries = _listed(request)
    content = write_csv(_kinds_of(entries), batches(database, [entry.id for entry in entries]))
    return file(content, "shortlist.csv", "text/csv; header=present", len(entries), tag)


@get("/shortlist.xlsx", sync_to_thread=True)
def shortlist_xlsx(request: AnyRequest) -> Response[Any]:
    """The entries of a shortlist as a workbook."""
    database: Database = request.app.state.database
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    entries = _listed(request)
    ids = [entry.id for entry in entries]
    content = xlsx_pieces([("Entries", _kinds_of(entries), batches(database, ids))])
    return file(content, "shortlist.xlsx", XLSX, len(entries), tag)


@get("/shortlist.json", sync_to_thread=True)
def shortlist_json(request: AnyRequest) -> Response[Any]:
    """The entries of a shortlist, each as the API gives it."""
    database: Database = request.app.state.database
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    entries = _listed(request)
    head = {"query": Shortlist.of(entries).url(), "total": len(entries)}
    content = _json(database, head, [entry.id for entry in entries])
    return file(content, "shortlist.json", "application/json", len(entries), tag)


@get("/compare.csv", sync_to_thread=True)
def compare_csv(request: AnyRequest) -> Response[Any]:
    """Entries side by side for a spreadsheet, in the words of the page."""
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    with database.reading() as session:
        asked = Shortlist.read(request.query_params.multi_items())
        comparison = read_comparison(session, Vocabularies.read(session), asked)
    content = write_comparison(comparison, settings.base_url)
    count = len(comparison.entries)
    return file(content, "compare.csv", "text/csv; header=present", count, tag)


HANDLERS = [
    search_csv,
    search_xlsx,
    search_json,
    shortlist_csv,
    shortlist_xlsx,
    shortlist_json,
    compare_csv,
]
