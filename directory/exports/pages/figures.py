"""The figures behind each chart, as a file."""

from collections.abc import Iterable, Sequence
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotAuthorizedException
from litestar.response import Stream

from directory.accounts.guards import may, to_sign_in
from directory.db import Database, now
from directory.entries.vocabularies import Vocabularies
from directory.exports.csv import MEDIA_TYPE as CSV
from directory.exports.insights import write_table
from directory.exports.pages.common import AnyRequest, file, tag_of
from directory.insights import gaps, network, reach, timeline
from directory.insights.query import GapQuery
from directory.matching import demand
from directory.search.service import SearchService
from directory.settings import Settings


def _table(
    request: AnyRequest,
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> Response[Any]:
    """Return the figures behind a chart as a file."""
    found = list(rows)
    media_type = CSV
    return file(write_table(header, found), f"{name}.csv", media_type, len(found), tag_of(request))


@get("/gaps.csv", sync_to_thread=True)
def gaps_csv(request: AnyRequest) -> Response[Any]:
    """The gap map, one line a cell."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    settings: Settings = request.app.state.settings
    query = GapQuery.read(request.query_params.multi_items())
    with database.reading() as session:
        found = gaps.gap_map(session, search.refresh(), query, now().date())
    return _table(request, "gaps", gaps.TABLE, gaps.table_of(found, settings.base_url))


@get("/gaps/map.csv", sync_to_thread=True)
def map_csv(request: AnyRequest) -> Response[Any]:
    """Every region and country with its entries."""
    search: SearchService = request.app.state.search
    settings: Settings = request.app.state.settings
    query = reach.ReachQuery.read(request.query_params.multi_items())
    found = reach.reach(search.refresh(), query, now().date())
    return _table(request, "map", reach.TABLE, reach.table_of(found, settings.base_url))


@get("/gaps/timeline.csv", sync_to_thread=True)
def timeline_csv(request: AnyRequest) -> Response[Any]:
    """Dated runs and the years of programmes, one line each."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    settings: Settings = request.app.state.settings
    with database.reading() as session:
        found = timeline.timeline(session, search.refresh(), now().date())
    rows = timeline.table_of(found, settings.base_url)
    return _table(request, "timeline", timeline.TABLE, rows)


@get("/gaps/network.csv", sync_to_thread=True)
def network_csv(request: AnyRequest) -> Response[Any]:
    """One line for each organisation in each joint programme."""
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    with database.reading() as session:
        found = network.network(session, Vocabularies.read(session))
    return _table(request, "network", network.TABLE, network.table_of(found, settings.base_url))


@get(
    "/curation/demand.csv",
    guards=[may("see demand")],
    exception_handlers={NotAuthorizedException: to_sign_in},
    sync_to_thread=True,
)
def demand_csv(request: AnyRequest) -> Response[Any]:
    """Unmet demand, one line a figure."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    with database.reading() as session:
        cells = demand.unmet(session, now().date())
    rows = demand.lines_of(cells, search.vocabularies)
    return Stream(
        write_table(demand.TABLE, rows),
        media_type=CSV,
        headers={
            "Content-Disposition": 'attachment; filename="demand.csv"',
            "Cache-Control": "private, no-store",
        },
    )


HANDLERS = [gaps_csv, map_csv, timeline_csv, network_csv, demand_csv]
