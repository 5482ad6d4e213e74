"""Pages of entries and terms."""

import re
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from directory.db import Database, now
from directory.entries import queries
from directory.entries.compare import read_comparison
from directory.entries.kinds import KINDS, Kind
from directory.entries.links import broken_links
from directory.entries.shortlist import Shortlist, name_of
from directory.entries.shown import Shown
from directory.entries.terms import action_line_view, policy_area_view, term_tree
from directory.entries.vocabularies import Vocabularies
from directory.sources.queries import sources_by_slug
from directory.web.guides import GUIDES
from directory.web.keeping import FOR_ALL
from directory.web.page import page
from directory.web.pagination import Paging

LIST_LENGTH = 50
TEXT = "text"
"""The parameter that asks for the prose of an entry in a language, whatever the page is in."""

_NUMBER = re.compile(r"[0-9]{1,9}")


def _database(request: Request[Any, Any, Any]) -> Database:
    database: Database = request.app.state.database
    return database


def _list_page(request: Request[Any, Any, Any], kind: Kind, number: int) -> Response[Any]:
    number = max(1, min(number, 10_000))
    with _database(request).reading() as session:
        total, entries = queries.list_published(
            session, kind, offset=(number - 1) * LIST_LENGTH, limit=LIST_LENGTH
        )
        words = Vocabularies.read(session)
    return page(
        request,
        "entries/list.html",
        kind=kind,
        entries=entries,
        words=words,
        paging=Paging(total, number, LIST_LENGTH),
    )


def _handlers(kind: Kind) -> list[HTTPRouteHandler]:
    """Return the list and the entry page of one kind."""

    @get(f"/{kind.path}", sync_to_thread=True, opt=FOR_ALL)
    def list_entries(
        request: Request[Any, Any, Any], page: FromQuery[str | None] = None
    ) -> Response[Any]:
        """Every entry of a kind, by name."""
        return _list_page(request, kind, int(page) if page and _NUMBER.fullmatch(page) else 1)

    @get(f"/{kind.path}/{{slug:str}}", sync_to_thread=True, opt=FOR_ALL)
    def show_entry(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[Any]:
        """One entry: the visitor's first questions, then everything else, with its origins."""
        return _entry_page(request, kind, slug)

    return [list_entries, show_entry]


def _entry_page(request: Request[Any, Any, Any], kind: Kind, slug: str) -> Response[Any]:
    shortlist = Shortlist.read(request.query_params.multi_items())
    with _database(request).reading() as session:
        published = queries.read_published(session, kind, slug)
        if published.entry.slug != slug:
            # A merge can be undone; who kept the redirect would never see the entry again.
            fresh = {"Cache-Control": "no-cache"}
            return Redirect(shortlist.url(published.url), status_code=301, headers=fresh)
        words = Vocabularies.read(session)
        broken = broken_links(session, [published])
        sources, text = sources_by_slug(session), request.query_params.get(TEXT)
        shown = Shown(published, words, sources, broken, text)
        return page(
            request,
            f"entries/{kind.name}.html",
            shown=shown,
            texts=_texts(published, shortlist),
            unconfirmed_since=shown.unconfirmed_since(now().date()),
            kind=kind,
            entry=published.entry,
            similar=queries.like(session, published, 5),
            words=words,
            shortlist=shortlist,
            name=name_of(kind, slug),
        )


def _texts(published: queries.Published, shortlist: Shortlist) -> dict[str, str]:
    """Return the address of each language in which the prose of an entry can be read."""
    return {
        code: f"{published.url}?{urlencode([*shortlist.params(), (TEXT, code)], safe='/')}"
        for code in (published.language, *published.translations)
    }


@get("/compare", sync_to_thread=True, opt=FOR_ALL)
def show_comparison(request: Request[Any, Any, Any]) -> Response[Any]:
    """Up to four entries side by side, question by question."""
    asked = Shortlist.read(request.query_params.multi_items())
    with _database(request).reading() as session:
        words = Vocabularies.read(session)
        comparison = read_comparison(session, words, asked)
        return page(request, "entries/compare.html", comparison=comparison, words=words)


@get("/policy-areas", sync_to_thread=True, opt=FOR_ALL)
def list_policy_areas(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every basket with its issues."""
    with _database(request).reading() as session:
        words = Vocabularies.read(session)
        tree = term_tree(session, words, "policy-areas")
    return page(request, "entries/policy_areas.html", tree=tree)


@get("/policy-areas/{code:str}", sync_to_thread=True, opt=FOR_ALL)
def show_policy_area(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[Any]:
    """One policy area: what it is, who offers what, where it leads."""
    with _database(request).reading() as session:
        words = Vocabularies.read(session)
        return page(
            request,
            "entries/policy_area.html",
            words=words,
            **policy_area_view(session, words, code),
        )


@get("/action-lines", sync_to_thread=True, opt=FOR_ALL)
def list_action_lines(request: Request[Any, Any, Any]) -> Response[Any]:
    """The eighteen action lines."""
    with _database(request).reading() as session:
        words = Vocabularies.read(session)
        tree = term_tree(session, words, "action-lines")
    return page(request, "entries/action_lines.html", tree=tree)


@get("/action-lines/{code:str}", sync_to_thread=True, opt=FOR_ALL)
def show_action_line(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[Any]:
    """One action line: what it covers, who facilitates it, what is offered, what texts say."""
    with _database(request).reading() as session:
        words = Vocabularies.read(session)
        if code.upper() != code and words.term("action-lines", code.upper()):
            return Redirect(f"/action-lines/{code.upper()}", status_code=301)
        return page(
            request,
            "entries/action_line.html",
            words=words,
            **action_line_view(session, words, code),
        )


@get("/vocabularies", sync_to_thread=True, opt=FOR_ALL)
def list_vocabularies(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every list of terms with its version and origin."""
    with _database(request).reading() as session:
        words = Vocabularies.read(session)
    return page(request, "entries/vocabularies.html", words=words)


@get("/vocabularies/{name:str}", sync_to_thread=True, opt=FOR_ALL)
def show_vocabulary(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """One list of terms."""
    with _database(request).reading() as session:
        words = Vocabularies.read(session)
        terms = words.of(name)
        counts = queries.counts_by_term(session, name)
    fields = [
        d for kind in KINDS.values() for d in kind.public_fields.values() if d.vocabulary == name
    ]
    return page(
        request,
        "entries/vocabulary.html",
        vocabulary=words.vocabularies[name],
        terms=terms,
        counts=counts,
        carried=bool(fields),
        facet=next((d.facet for d in fields if d.facet), None),
        words=words,
    )


@get("/sitemap.xml", media_type="application/xml", sync_to_thread=True)
def sitemap(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every public address with its last change (sitemaps.org, 0.9)."""
    with _database(request).reading() as session:
        words = Vocabularies.read(session)
        response = page(
            request,
            "entries/sitemap.xml",
            addresses=queries.addresses(session),
            terms=[
                f"/{name}/{code}"
                for name in ("action-lines", "policy-areas")
                for code in words.of(name)
            ],
            guides=[f"/help/{name}" for name in GUIDES],
        )
    response.media_type = "application/xml"
    return response


router = Router(
    path="/",
    route_handlers=[
        *(handler for kind in KINDS.values() for handler in _handlers(kind)),
        list_policy_areas,
        show_policy_area,
        list_action_lines,
        show_action_line,
        list_vocabularies,
        show_vocabulary,
        show_comparison,
        sitemap,
    ],
)
