"""The search page: whole for a visit, in parts for htmx while one types."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from litestar import Request, Response, Router, get
from markupsafe import Markup

from directory.search.panel import panel
from directory.search.query import FACETS, SORTS, SearchQuery
from directory.search.service import VALUES_SHOWN, Hit, SearchService
from directory.web.page import page, template_block, wants_fragment
from directory.web.pagination import Paging


def _cards(request: Request[Any, Any, Any], hits: list[Hit]) -> Markup:
    """Return the results as HTML; a card is drawn once for each version and day."""
    parts = []
    for hit in hits:
        key = (hit.open, hit.deadline)
        drawn = hit.card.rendered.get(key)
        if drawn is None:
            drawn = template_block(request, "search/_card.html", hit=hit, card=hit.card)
            hit.card.rendered[key] = drawn
        parts.append(drawn)
    return Markup("".join(parts))


def _address(request: Request[Any, Any, Any], query: SearchQuery) -> dict[str, str]:
    """Return the header that shows the canonical address.

    Typing replaces the address, so that the back button does not walk through letters; a filter,
    an order or a page is a step of its own.
    """
    before = SearchQuery.read(
        parse_qsl(urlsplit(request.headers.get("hx-current-url", "")).query), strict=False
    )
    steps = (before.filters, before.sort) != (query.filters, query.sort)
    return {"HX-Push-Url" if steps else "HX-Replace-Url": query.url()}


@get("/search", sync_to_thread=True)
def search(request: Request[Any, Any, Any]) -> Response[Any]:
    """Find entries by text and filters."""
    params = list(request.query_params.multi_items())
    query = SearchQuery.read(params, strict=False)
    more = next((value for name, value in params if name == "more" and value in FACETS), None)
    service: SearchService = request.app.state.search
    results = service.search(query, more=more)
    response = page(
        request,
        "search/page.html",
        fragment="found",
        query=query,
        results=results,
        cards=_cards(request, results.hits),
        facets=panel(results, VALUES_SHOWN, more),
        titles=FACETS,
        chosen=service.chosen(query),
        drops=service.suggest_drop(query) if not results.total and query.filters else [],
        sorts=SORTS,
        paging=Paging(results.total, query.page, query.per_page),
    )
    if wants_fragment(request):
        response.headers.update(_address(request, query))
    return response


router = Router(path="/", route_handlers=[search])
