"""Pages of the whole: gap map, world map, timeline and network, each also as SVG.

The same figures as CSV stand in `exports/`.
"""

from typing import Any

from litestar import Request, Response, Router, get

from directory.db import Database, now
from directory.entries.kinds import KINDS
from directory.entries.vocabularies import Vocabularies
from directory.insights import charts, gaps, network, reach, timeline
from directory.insights.drawing import Chart, shade
from directory.insights.query import ROWS, GapQuery, columns_of
from directory.search.query import FACETS
from directory.search.service import SearchService
from directory.web.keeping import FOR_ALL
from directory.web.page import page, template_block
from directory.web.xml import xml_text

Asked = Request[Any, Any, Any]


def _svg(request: Asked, name: str, template: str, chart: Chart) -> Response[str]:
    """Return a drawing as a file that stands alone: with whole addresses, in the light colours."""
    drawn = template_block(
        request, f"insights/{template}", chart=chart, alone=True, today=now().date()
    )
    return Response(
        xml_text(drawn),
        media_type="image/svg+xml",
        headers={"Content-Disposition": f'attachment; filename="{name}.svg"'},
    )


def _gaps(request: Asked) -> gaps.GapMap:
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    query = GapQuery.read(request.query_params.multi_items())
    with database.reading() as session:
        return gaps.gap_map(session, search.refresh(), query, now().date())


@get("/gaps", sync_to_thread=True, opt=FOR_ALL)
def gap_page(request: Asked) -> Response[Any]:
    """What stands out, then the gap map itself."""
    found = _gaps(request)
    return page(
        request,
        "insights/gaps.html",
        found=found,
        kinds=KINDS,
        topics={name: FACETS[name].title for name in ROWS},
        columns_of=columns_of(found.kind),
        shade=shade,
    )


@get("/gaps.svg", sync_to_thread=True)
def gap_svg(request: Asked) -> Response[str]:
    """The gap map as a drawing."""
    return _svg(request, "gaps", "_heat.svg", charts.heat_chart(_gaps(request)))


def _reach(request: Asked) -> reach.Reach:
    search: SearchService = request.app.state.search
    query = reach.ReachQuery.read(request.query_params.multi_items())
    return reach.reach(search.refresh(), query, now().date())


@get("/gaps/map", sync_to_thread=True, opt=FOR_ALL)
def map_page(request: Asked) -> Response[Any]:
    """Where entries reach, as a map of tiles and as tables."""
    found = _reach(request)
    chart = charts.tile_chart(found)
    return page(request, "insights/map.html", found=found, chart=chart, kinds=KINDS)


@get("/gaps/map.svg", sync_to_thread=True)
def map_svg(request: Asked) -> Response[str]:
    """The map as a drawing."""
    return _svg(request, "map", "_tiles.svg", charts.tile_chart(_reach(request)))


def _timeline(request: Asked) -> timeline.Timeline:
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    with database.reading() as session:
        return timeline.timeline(session, search.refresh(), now().date())


@get("/gaps/timeline", sync_to_thread=True, opt=FOR_ALL)
def timeline_page(request: Asked) -> Response[Any]:
    """What opens and closes within a year, and programmes by year."""
    found = _timeline(request)
    return page(
        request,
        "insights/timeline.html",
        found=found,
        runs=charts.run_chart(found),
        years=charts.year_chart(found),
    )


@get("/gaps/timeline.svg", sync_to_thread=True)
def timeline_svg(request: Asked) -> Response[str]:
    """The dated runs as a drawing."""
    return _svg(request, "timeline", "_bars.svg", charts.run_chart(_timeline(request)))


@get("/gaps/programmes.svg", sync_to_thread=True)
def programmes_svg(request: Asked) -> Response[str]:
    """The years of programmes as a drawing."""
    return _svg(request, "programmes", "_bars.svg", charts.year_chart(_timeline(request)))


def _network(request: Asked) -> network.Network:
    database: Database = request.app.state.database
    with database.reading() as session:
        return network.network(session, Vocabularies.read(session))


@get("/gaps/network", sync_to_thread=True, opt=FOR_ALL)
def network_page(request: Asked) -> Response[Any]:
    """Which organisations carry programmes together."""
    found = _network(request)
    return page(request, "insights/network.html", found=found, chart=charts.net_chart(found))


@get("/gaps/network.svg", sync_to_thread=True)
def network_svg(request: Asked) -> Response[str]:
    """The network as a drawing."""
    return _svg(request, "network", "_net.svg", charts.net_chart(_network(request)))


router = Router(
    path="/",
    route_handlers=[
        gap_page, gap_svg, map_page, map_svg,
        timeline_page, timeline_svg, programmes_svg,
        network_page, network_svg,
    ],
)  # fmt: skip
