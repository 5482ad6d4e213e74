"""The pages of a need: form and offers on one page, a briefing and a letter to take away."""

from dataclasses import replace
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from directory.db import Database, now
from directory.entries.kinds import KINDS
from directory.entries.shortlist import Shortlist, find_entries, name_of
from directory.languages import SOURCE, gettext, language, reading
from directory.matching.pages.common import PRIVATE, AnyRequest, asked_by
from directory.matching.paper import PAPERS, Paper, Site, language_of_pdf, write_paper
from directory.matching.said import in_words
from directory.matching.service import LISTED, MOST_LISTED, match
from directory.search.service import SearchService
from directory.settings import Settings
from directory.web.keeping import BY_THE_READER
from directory.web.languages import PARAMETER
from directory.web.page import page


def _most(request: AnyRequest) -> dict[str, int]:
    """Return how many offers of each kind are shown: more of the one that `more` names."""
    more = request.query_params.get("more")
    return {kind: MOST_LISTED if kind == more else most for kind, most in LISTED.items()}


@get("/match", sync_to_thread=True)
def show_match(request: AnyRequest) -> Response[Any]:
    """The form of a need and, once something is asked, the offers for it."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    today = now().date()
    asked = asked_by(request, request.query_params.multi_items(), today)
    chosen = Shortlist.read(request.query_params.multi_items())
    found = None
    with database.reading() as session:
        if asked.need.given:
            found = match(session, search, asked.need, today=today, most=_most(request))
        listed = find_entries(session, chosen)
    response = page(
        request,
        "matching/page.html",
        status=422 if asked.errors else 200,
        form=asked.form,
        need=asked.need,
        said=in_words(asked.need, search.vocabularies),
        found=found,
        listed=listed,
        shortlist=Shortlist.of(listed.entries),
        name_of=name_of,
        kinds=KINDS,
        submitted=bool(request.query_params),
    )
    if request.query_params:
        response.headers.update(PRIVATE)
    return response


def _paper(request: AnyRequest, name: str) -> tuple[Paper, str]:
    """Return a paper and the parameters of its address; a need with mistakes is left out."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    settings: Settings = request.app.state.settings
    asked = asked_by(request, request.query_params.multi_items())
    shortlist = Shortlist.read(request.query_params.multi_items())
    site = Site(settings.site_name, settings.base_url)
    with database.reading() as session:
        paper = write_paper(name, session, search, asked.need, shortlist, site, now().date())
    if asked.errors:
        said = [gettext("Your need is not on it, because some answers need another look.")]
        paper = replace(paper, problems=[*paper.problems, *said])
    return paper, asked.need.url("", shortlist.params())


def _handlers(name: str) -> list[HTTPRouteHandler]:
    """Return the page and the PDF of a paper."""

    @get(f"/match/{name}", sync_to_thread=True)
    def show_paper(request: AnyRequest) -> Response[Any]:
        """A paper to read, copy or print."""
        paper, address = _paper(request, name)
        drawn_in = language_of_pdf()
        # A file is in English unless its address says otherwise.
        chosen = f"&{PARAMETER}={drawn_in}" if drawn_in != SOURCE else ""
        response = page(
            request,
            "matching/paper.html",
            paper=paper,
            address=address,
            pdf=f"/match/{name}.pdf{address}{chosen}",
            pdf_in_english=drawn_in != language().code,
        )
        # It was asked for to be taken away: it opens again where there is no network.
        response.headers["Cache-Control"] = BY_THE_READER
        return response

    @get(f"/match/{name}.pdf", sync_to_thread=True)
    def paper_as_pdf(request: AnyRequest) -> Response[bytes]:
        """The same paper as a file."""
        # Fonts and drawing take a quarter of a second to load, and few readers ask for a file.
        from directory.matching.pdf import draw

        with reading(language_of_pdf()):
            paper, _ = _paper(request, name)
            drawn = draw(paper)
        disposition = f'attachment; filename="{name}.pdf"'
        return Response(
            drawn,
            media_type="application/pdf",
            headers=PRIVATE | {"Content-Disposition": disposition},
        )

    return [show_paper, paper_as_pdf]


HANDLERS = [show_match, *(h for name in PAPERS for h in _handlers(name))]
