"""The page of components: what pages are built from, in every state, by the same templates."""

from typing import Any

from litestar import Request, Response, get
from markupsafe import Markup

from directory.api import samples
from directory.search.panel import panel
from directory.search.service import VALUES_SHOWN, SearchService
from directory.search.told import told
from directory.web.page import page, template_block
from directory.web.pagination import Paging


def _cards(request: Request[Any, Any, Any]) -> list[tuple[str, Markup]]:
    """Draw each card as the search does."""
    return [
        (
            words,
            Markup(told(drawn, hit.card, hit.why) if hit.why else drawn),
        )
        for words, hit in samples.hits()
        for drawn in [template_block(request, "search/_card.html", hit=hit, card=hit.card)]
    ]


@get("/about/components", sync_to_thread=True)
def show_components(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every component in every state, for who builds or tests this site."""
    service: SearchService = request.app.state.search
    words = service.vocabularies
    return page(
        request,
        "api/components.html",
        boxes=list(samples.boxes(words)),
        values=list(samples.values()),
        cards=_cards(request),
        facets=panel(samples.results(words), VALUES_SHOWN, None),
        deadlines=list(samples.deadlines()),
        states=list(samples.states()),
        moment=samples.MOMENT,
        pagings=[Paging(400, number, 20) for number in (1, 10, 20)],
        say=samples.SAY,
        problem=samples.PROBLEM,
        arabic=samples.ARABIC,
        long=samples.LONG,
    )
