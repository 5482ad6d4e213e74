"""What one found to take away: the same addresses as of the pages, with an ending."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from litestar import Response, get

from directory.db import Database
from directory.entries.compare import read_comparison
from directory.entries.kinds import KINDS, Kind
from directory.entries.shortlist import Shortlist, find_entries
from directory.entries.vocabularies import Vocabularies
from directory.exports.compare import write_comparison
from directory.exports.csv import MEDIA_TYPE as CSV
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


@dataclass(frozen=True)
class _Format:
    """A format of a file of entries: its media type, and what writes it piece by piece."""

    media_type: str
    write: Callable[[Database, list[Kind], dict[str, Any], Sequence[UUID]], Iterator[Any]]


def _json(db: Database, head: dict[str, Any], ids: Sequence[UUID]) -> Iterator[str]:
    """Yield one JSON object piece by piece: what `head` says, then the entries as `items`."""
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "items": ['
    comma = ""
    for batch in batches(db, ids):
        for published in batch:
            yield comma + entry_of(published).model_dump_json()
            comma = ",\n"
    yield "]}\n"


_FORMATS = {
    "csv": _Format(
        CSV,
        lambda db, kinds, _head, ids: write_csv(kinds, batches(db, ids)),
    ),
    "xlsx": _Format(
        XLSX, lambda db, kinds, _head, ids: xlsx_pieces([("Entries", kinds, batches(db, ids))])
    ),
    "json": _Format("application/json", lambda db, _kinds, head, ids: _json(db, head, ids)),
}


def _written(
    request: AnyRequest,
    name: str,
    kinds: list[Kind],
    address: str,
    ids: Sequence[UUID],
    tag: str,
) -> Response[Any]:
    """Return a file of entries; JSON says to which address they are the answer."""
    database: Database = request.app.state.database
    format = _FORMATS[name.rpartition(".")[2]]
    head = {"query": address, "total": len(ids)}
    content = format.write(database, kinds, head, ids)
    return file(content, name, format.media_type, len(ids), tag)


def _search(request: AnyRequest, name: str) -> Response[Any]:
    """Return the whole result; the columns depend on the question, not the answer."""
    search: SearchService = request.app.state.search
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    query = _query(request)
    kinds = [KINDS[kind] for kind in query.selected("kind") or KINDS]
    return _written(request, name, kinds, query.url(), search.ids(query), tag)


@get("/search.csv", sync_to_thread=True)
def search_csv(request: AnyRequest) -> Response[Any]:
    """The whole result for a spreadsheet."""
    return _search(request, "search.csv")


@get("/search.xlsx", sync_to_thread=True)
def search_xlsx(request: AnyRequest) -> Response[Any]:
    """The whole result as a workbook, in the columns and the order of the CSV file."""
    return _search(request, "search.xlsx")


@get("/search.json", sync_to_thread=True)
def search_json(request: AnyRequest) -> Response[Any]:
    """The whole result with the full entries, each as the API gives it."""
    return _search(request, "search.json")


def _shortlist(request: AnyRequest, name: str) -> Response[Any]:
    """Return the entries that the address names, in the columns of their kinds."""
    database: Database = request.app.state.database
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    with database.reading() as session:
        asked = Shortlist.read(request.query_params.multi_items())
        # Who is not there is no part of a file.
        entries = find_entries(session, asked).entries
    present = {entry.kind for entry in entries} or KINDS
    kinds = [kind for kind_name, kind in KINDS.items() if kind_name in present]
    ids = [entry.id for entry in entries]
    return _written(request, name, kinds, Shortlist.of(entries).url(), ids, tag)


@get("/shortlist.csv", sync_to_thread=True)
def shortlist_csv(request: AnyRequest) -> Response[Any]:
    """The entries of a shortlist for a spreadsheet."""
    return _shortlist(request, "shortlist.csv")


@get("/shortlist.xlsx", sync_to_thread=True)
def shortlist_xlsx(request: AnyRequest) -> Response[Any]:
    """The entries of a shortlist as a workbook."""
    return _shortlist(request, "shortlist.xlsx")


@get("/shortlist.json", sync_to_thread=True)
def shortlist_json(request: AnyRequest) -> Response[Any]:
    """The entries of a shortlist, each as the API gives it."""
    return _shortlist(request, "shortlist.json")


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
    return file(content, "compare.csv", CSV, count, tag)


HANDLERS = [
    search_csv,
    search_xlsx,
    search_json,
    shortlist_csv,
    shortlist_xlsx,
    shortlist_json,
    compare_csv,
]
