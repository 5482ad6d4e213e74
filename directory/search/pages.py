"""The home page, and the search page: whole for a visit, in parts for htmx while one types."""

from dataclasses import replace
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response, Router, get
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect
from markupsafe import Markup, escape

from directory.db import Database, now
from directory.entries.deadlines import closing
from directory.entries.kinds import ORGANISATION, PROGRAMME, TRAINING
from directory.entries.queries import newest
from directory.entries.shortlist import CHANGES, Shortlist, find_entries, name_of
from directory.entries.terms import branches
from directory.search.panel import panel
from directory.search.query import FACETS, PER_PAGE, SORTS, SearchQuery
from directory.search.results import Hit, Results
from directory.search.service import VALUES_SHOWN, SearchService
from directory.search.told import told
from directory.web.keeping import FOR_ALL
from directory.web.page import page, template_block, wants_fragment
from directory.web.pagination import Paging

TURNS = BoundedSemaphore(3)
"""Searches share one interpreter: more of them at a time would only slow each other down."""

MOST_NEW, MOST_CLOSING = 6, 5
"""How many lines the home page has of what is new and of what closes."""


@get("/", sync_to_thread=True, opt=FOR_ALL)
def home(request: Request[Any, Any, Any]) -> Response[Any]:
    """What is here, at a glance: how much of what, what closes soon, what is new.

    Its numbers are those of the search, so that each is what its link finds.
    """
    moment = now()
    service: SearchService = request.app.state.search
    database: Database = request.app.state.database
    words = service.vocabularies
    with database.reading() as session:
        return page(
            request,
            "search/home.html",
            kinds=[
                (kind, service.count("kind").get(kind.name, 0))
                for kind in (TRAINING, PROGRAMME, ORGANISATION)
            ],
            action_lines=branches(words, "action-lines", service.count("action_line")),
            policy_areas=branches(words, "policy-areas", service.count("policy_area")),
            closing=closing(session, moment)[:MOST_CLOSING],
            newest=newest(session, MOST_NEW),
            moment=moment,
        )


def _cards(request: Request[Any, Any, Any], hits: list[Hit], kept: Shortlist) -> Markup:
    """Return the results as HTML; a card is drawn once for each version and day.

    Its button sends a form that stands outside the card, so that the list in the address does
    not touch what is kept; only the way to the entry itself takes the list along.
    """
    parts = []
    for hit in hits:
        card = hit.card
        name = name_of(card.kind, card.slug)
        key = (hit.open, hit.deadline, hit.stale, name in kept)
        drawn = card.rendered.get(key)
        if drawn is None:
            drawn = template_block(
                request, "search/_card.html", hit=hit, card=card, name=name, picked=name in kept
            )
            card.rendered[key] = drawn
        if hit.why:
            drawn = told(drawn, card, hit.why)
        if kept:
            drawn = drawn.replace(f'href="{card.url}"', f'href="{escape(kept.url(card.url))}"')
        parts.append(drawn)
    return Markup("".join(parts))


def _address(request: Request[Any, Any, Any], query: SearchQuery) -> dict[str, str]:
    """Return the header that shows the canonical address.

    Typing replaces the address, so that the back button does not walk through letters; a filter,
    an order or a page is a step of its own.
    """
    # Not parsed as a URL: a header may hold anything, and only what stands after "?" matters.
    current = request.headers.get("hx-current-url", "")
    before_params = parse_qsl(current.partition("?")[2].partition("#")[0])
    before = SearchQuery.read(before_params, strict=False)
    kept = Shortlist.read(before_params)
    steps = (before.filters, before.sort, kept.names) != (
        query.filters,
        query.sort,
        query.kept.names,
    )
    return {"HX-Push-Url" if steps else "HX-Replace-Url": query.url()}


def _changes_list(request: Request[Any, Any, Any]) -> bool:
    """Say whether a button of a card was pressed, so that the address is not yet the list."""
    return any(name in request.query_params for name in CHANGES)


@get("/search", opt=FOR_ALL)
async def search(request: Request[Any, Any, Any]) -> Response[Any]:
    """Find entries by text and filters.

    What is in memory is answered at once, because handing it to a thread takes a fifth of the time.
    """
    params = list(request.query_params.multi_items())
    query = replace(SearchQuery.read(params, strict=False), kept=Shortlist.read(params))
    if _changes_list(request) and not wants_fragment(request):
        return Redirect(f"{query.url()}#results", status_code=303)
    more = next((value for name, value in params if name == "more" and value in FACETS), None)
    service: SearchService = request.app.state.search
    if query.per_page <= PER_PAGE and (results := service.kept(query, more=more)):
        return _answer(request, results, more)
    return await sync_to_thread(_find, request, query, more)


def _find(request: Request[Any, Any, Any], query: SearchQuery, more: str | None) -> Response[Any]:
    with TURNS:
        return _answer(request, request.app.state.search.search(query, more=more), more)


def _answer(request: Request[Any, Any, Any], results: Results, more: str | None) -> Response[Any]:
    query = results.query
    response = page(
        request,
        "search/page.html",
        fragment="found",
        query=query,
        asked=query.asked(),
        unordered=query.sorted_by("relevance").url(""),
        results=results,
        cards=_cards(request, results.hits, query.kept),
        facets=panel(results, VALUES_SHOWN, more),
        titles=FACETS,
        chosen=results.chosen,
        drops=results.drops,
        sorts=SORTS,
        paging=Paging(results.total, query.page, query.per_page),
    )
    if results.cut:
        # The next answer may be whole: nobody keeps this one.
        response.headers["cache-control"] = "no-store"
    if wants_fragment(request):
        response.headers.update(_address(request, query))
    return response


@get("/shortlist", sync_to_thread=True, opt=FOR_ALL)
def shortlist(request: Request[Any, Any, Any]) -> Response[Any]:
    """The entries that the address names, to compare, to take away and to send on."""
    asked = Shortlist.read(request.query_params.multi_items())
    if _changes_list(request):
        return Redirect(asked.url(), status_code=303)
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    with database.reading() as session:
        found = find_entries(session, asked)
    listed = Shortlist.of(found.entries)
    hits = search.hits(entry.id for entry in found.entries)
    return page(
        request,
        "search/shortlist.html",
        shortlist=listed,
        problems=found.problems,
        cards=_cards(request, hits, listed),
    )


router = Router(path="/", route_handlers=[home, search, shortlist])
