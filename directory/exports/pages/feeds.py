"""What one found to be told of: the same addresses as of the pages, with an ending."""

from dataclasses import replace
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from directory.db import Database
from directory.entries.vocabularies import Vocabularies
from directory.errors import NotFound
from directory.exports.atom import MEDIA_TYPE as ATOM
from directory.exports.atom import PER_PAGE, Feed, write_feed
from directory.exports.calendar import MEDIA_TYPE as CALENDAR
from directory.exports.calendar import events_of, new_calendar, write_calendar
from directory.exports.endings import INSIDE, TERMS
from directory.exports.pages.common import AnyRequest, file, tag_of
from directory.exports.results import MOST_ROWS, last_changed
from directory.exports.state import changed_at
from directory.languages import gettext
from directory.search.query import FACETS, SearchQuery
from directory.search.service import SearchService
from directory.settings import Settings
from directory.web.etags import not_modified, tag_headers
from directory.web.pagination import Paging


def _query(request: AnyRequest) -> tuple[SearchQuery, int]:
    """Return what is asked, newest first, and the page of the feed that is wanted."""
    query = SearchQuery.read(request.query_params.multi_items(), strict=False)
    return replace(query.sorted_by("relevance"), per_page=SearchQuery().per_page), query.page


def _title(request: AnyRequest, query: SearchQuery) -> str:
    """Say what is asked: the name of the site, then the words and filters."""
    settings: Settings = request.app.state.settings
    search: SearchService = request.app.state.search
    labels = [label for _, _, label in search.chosen(query)]
    asked = ([f"“{query.q}”"] if query.q else []) + labels
    return f"{settings.site_name}: {', '.join(asked)}" if asked else settings.site_name


def _feed(
    request: AnyRequest, query: SearchQuery, number: int, title: str, page: str, first: str
) -> Response[Any]:
    """Answer with one page of a feed; `page` and `first` are paths."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    settings: Settings = request.app.state.settings
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    ids = search.ids(query)
    paging = Paging(len(ids), number, PER_PAGE)
    with database.reading() as session:
        entries = last_changed(session, ids, offset=paging.offset, limit=PER_PAGE)
        words, changed = Vocabularies.read(session), changed_at(session)
    site = settings.base_url
    feed = Feed(title, site + page, site + first, site, settings.site_name, changed)
    return Response(
        write_feed(feed, entries, words, paging),
        media_type=ATOM,
        headers={**tag_headers(tag), "X-Total-Count": str(len(ids))},
    )


@get("/search.atom", sync_to_thread=True)
def search_atom(request: AnyRequest) -> Response[Any]:
    """The result of a search as a feed, what changed last first."""
    query, number = _query(request)
    title = _title(request, query)
    return _feed(request, query, number, title, query.url(), query.url("/search.atom"))


@get(f"{INSIDE}/atom/{{name:str}}/{{code:str}}", sync_to_thread=True)
def term_atom(request: AnyRequest, name: FromPath[str], code: FromPath[str]) -> Response[Any]:
    """The entries of a policy area or an action line as a feed, what changed last first."""
    search: SearchService = request.app.state.search
    words = search.vocabularies
    term = words.term(name, code) if name in TERMS else None
    if name in TERMS and term is None and words.term(name, code.upper()):
        return Redirect(f"/{name}/{code.upper()}.atom", status_code=301)
    if term is None:
        raise NotFound(gettext("There is no %(code)s here.", code=code))
    settings: Settings = request.app.state.settings
    _, number = _query(request)
    parameter = next(f.name for f in FACETS.values() if f.vocabulary == name)
    only = SearchQuery(filters={parameter: (code,)})
    title = f"{settings.site_name}: {term.shown}"
    return _feed(request, only, number, title, f"/{name}/{code}", f"/{name}/{code}.atom")


@get("/search.ics", sync_to_thread=True)
def search_ics(request: AnyRequest) -> Response[Any]:
    """The dates and deadlines of the trainings that a search finds, as a calendar."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    settings: Settings = request.app.state.settings
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    query, _ = _query(request)
    ids = search.ids(query)
    site = settings.base_url
    calendar = new_calendar(_title(request, query), site + query.url("/search.ics"))
    events = events_of(database, ids[:MOST_ROWS], search.vocabularies, site)
    return file(write_calendar(calendar, events), "search.ics", CALENDAR, len(ids), tag)


HANDLERS = [search_atom, term_atom, search_ics]
