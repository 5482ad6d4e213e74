"""What one found to take away: the same addresses as of the pages, with an ending."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.exceptions import NotAuthorizedException
from litestar.response import Stream

from directory.accounts.guards import may, to_sign_in
from directory.curation.audited import LogQuery
from directory.db import Database, now
from directory.entries.compare import read_comparison
from directory.entries.kinds import KINDS
from directory.entries.models import Entry
from directory.entries.shortlist import Shortlist, find_entries
from directory.entries.vocabularies import Vocabularies
from directory.exports.audit import write_log
from directory.exports.compare import write_comparison
from directory.exports.csv import write_csv
from directory.exports.insights import write_table
from directory.exports.json import entry_of
from directory.exports.results import batches
from directory.exports.state import state
from directory.insights import gaps, network, reach, timeline
from directory.insights.query import GapQuery
from directory.search.query import PER_PAGE, SearchQuery
from directory.search.service import SearchService
from directory.settings import Settings
from directory.web.etags import not_modified, tag_for, tag_headers


def _query(request: Request[Any, Any, Any]) -> SearchQuery:
    """Read the parameters as the page does; an export has no pages."""
    query = SearchQuery.read(request.query_params.multi_items(), strict=False)
    return replace(query, page=1, per_page=PER_PAGE)


def _tag(request: Request[Any, Any, Any]) -> str:
    """Return the ETag of an export; what is open depends on the day as well."""
    database: Database = request.app.state.database
    with database.reading() as session:
        return tag_for(request, state(session), now().date().isoformat())


def _file(content: Iterator[str], name: str, media_type: str, total: int, tag: str) -> Stream:
    return Stream(
        content,
        media_type=media_type,
        headers={
            **tag_headers(tag),
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Total-Count": str(total),
        },
    )


@get("/search.csv", sync_to_thread=True)
def search_csv(request: Request[Any, Any, Any]) -> Response[Any]:
    """The whole result for a spreadsheet; the columns depend on the question, not the answer."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    tag = _tag(request)
    if same := not_modified(request, tag):
        return same
    query = _query(request)
    ids = search.ids(query)
    kinds = [KINDS[name] for name in query.selected("kind") or KINDS]
    content = write_csv(kinds, batches(database, ids))
    return _file(content, "search.csv", "text/csv; header=present", len(ids), tag)


@get("/search.json", sync_to_thread=True)
def search_json(request: Request[Any, Any, Any]) -> Response[Any]:
    """The whole result with the full entries, each as the API gives it."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    tag = _tag(request)
    if same := not_modified(request, tag):
        return same
    query = _query(request)
    ids = search.ids(query)
    content = _json(database, {"query": query.url(), "total": len(ids)}, ids)
    return _file(content, "search.json", "application/json", len(ids), tag)


def _json(db: Database, head: dict[str, Any], ids: Sequence[UUID]) -> Iterator[str]:
    """Yield one JSON object piece by piece: what `head` says, then the entries as `items`."""
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "items": ['
    comma = ""
    for batch in batches(db, ids):
        for published in batch:
            yield comma + entry_of(published).model_dump_json()
            comma = ",\n"
    yield "]}\n"


def _listed(request: Request[Any, Any, Any]) -> list[Entry]:
    """Return the entries that the address names; who is not there is no part of a file."""
    database: Database = request.app.state.database
    with database.reading() as session:
        asked = Shortlist.read(request.query_params.multi_items())
        return find_entries(session, asked).entries


@get("/shortlist.csv", sync_to_thread=True)
def shortlist_csv(request: Request[Any, Any, Any]) -> Response[Any]:
    """The entries of a shortlist for a spreadsheet, with the columns of their kinds."""
    database: Database = request.app.state.database
    tag = _tag(request)
    if same := not_modified(request, tag):
        return same
    entries = _listed(request)
    present = {entry.kind for entry in entries} or KINDS
    kinds = [kind for name, kind in KINDS.items() if name in present]
    content = write_csv(kinds, batches(database, [entry.id for entry in entries]))
    return _file(content, "shortlist.csv", "text/csv; header=present", len(entries), tag)


@get("/shortlist.json", sync_to_thread=True)
def shortlist_json(request: Request[Any, Any, Any]) -> Response[Any]:
    """The entries of a shortlist, each as the API gives it."""
    database: Database = request.app.state.database
    tag = _tag(request)
    if same := not_modified(request, tag):
        return same
    entries = _listed(request)
    head = {"query": Shortlist.of(entries).url(), "total": len(entries)}
    content = _json(database, head, [entry.id for entry in entries])
    return _file(content, "shortlist.json", "application/json", len(entries), tag)


@get("/compare.csv", sync_to_thread=True)
def compare_csv(request: Request[Any, Any, Any]) -> Response[Any]:
    """Entries side by side for a spreadsheet, in the words of the page."""
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    tag = _tag(request)
    if same := not_modified(request, tag):
        return same
    with database.reading() as session:
        asked = Shortlist.read(request.query_params.multi_items())
        comparison = read_comparison(session, Vocabularies.read(session), asked)
    content = write_comparison(comparison, settings.base_url)
    count = len(comparison.entries)
    return _file(content, "compare.csv", "text/csv; header=present", count, tag)


def _table(
    request: Request[Any, Any, Any],
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> Response[Any]:
    """Return the figures behind a chart as a file."""
    found = list(rows)
    media_type = "text/csv; header=present"
    return _file(write_table(header, found), f"{name}.csv", media_type, len(found), _tag(request))


@get("/gaps.csv", sync_to_thread=True)
def gaps_csv(request: Request[Any, Any, Any]) -> Response[Any]:
    """The gap map, one line a cell."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    settings: Settings = request.app.state.settings
    query = GapQuery.read(request.query_params.multi_items())
    with database.reading() as session:
        found = gaps.gap_map(session, search.refresh(), query, now().date())
    return _table(request, "gaps", gaps.TABLE, gaps.table_of(found, settings.base_url))


@get("/gaps/map.csv", sync_to_thread=True)
def map_csv(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every region and country with its entries."""
    search: SearchService = request.app.state.search
    settings: Settings = request.app.state.settings
    query = reach.ReachQuery.read(request.query_params.multi_items())
    found = reach.reach(search.refresh(), query, now().date())
    return _table(request, "map", reach.TABLE, reach.table_of(found, settings.base_url))


@get("/gaps/timeline.csv", sync_to_thread=True)
def timeline_csv(request: Request[Any, Any, Any]) -> Response[Any]:
    """Dated runs and the years of programmes, one line each."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    settings: Settings = request.app.state.settings
    with database.reading() as session:
        found = timeline.timeline(session, search.refresh(), now().date())
    rows = timeline.table_of(found, settings.base_url)
    return _table(request, "timeline", timeline.TABLE, rows)


@get("/gaps/network.csv", sync_to_thread=True)
def network_csv(request: Request[Any, Any, Any]) -> Response[Any]:
    """One line for each organisation in each joint programme."""
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    with database.reading() as session:
        found = network.network(session, Vocabularies.read(session))
    return _table(request, "network", network.TABLE, network.table_of(found, settings.base_url))


@get(
    "/admin/audit.csv",
    guards=[may("read audit")],
    exception_handlers={NotAuthorizedException: to_sign_in},
    sync_to_thread=False,
)
def audit_csv(request: Request[Any, Any, Any]) -> Response[Any]:
    """The log of who did what, as filtered on its page."""
    query = LogQuery.read(dict(request.query_params.multi_items()))
    return Stream(
        write_log(request.app.state.database, query),
        media_type="text/csv; header=present",
        headers={
            "Content-Disposition": 'attachment; filename="audit.csv"',
            "Cache-Control": "private, no-store",
        },
    )


router = Router(
    path="/",
    route_handlers=[
        search_csv,
        search_json,
        shortlist_csv,
        shortlist_json,
        compare_csv,
        gaps_csv,
        map_csv,
        timeline_csv,
        network_csv,
        audit_csv,
    ],
)
