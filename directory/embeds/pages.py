"""The page that makes a snippet, and what stands in the frame of another site.

What is framed holds nothing that changes anything, reads no cookie and sets none: whoever lures a
visitor into clicking in a frame gains nothing. It alone may be framed; every other page refuses.
"""

from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get

from directory.db import Database, now
from directory.embeds.query import MOST_ENTRIES, SHAPES, TARGETS, Embed
from directory.embeds.theme import COLOURS, LIGHT, SCHEMES, Theme, write_colour
from directory.exports.state import state
from directory.languages import gettext
from directory.search.panel import panel
from directory.search.query import SORTS, SearchQuery
from directory.search.service import SearchService
from directory.settings import Settings
from directory.web.etags import not_modified, tag_for, tag_headers
from directory.web.page import page, template_block
from directory.web.security import content_security_policy
from directory.web.templating import STATIC

AnyRequest = Request[Any, Any, Any]

SCRIPT = Path(STATIC / "embed.js").read_text(encoding="utf-8")
A_DAY = "public, max-age=86400"
AN_HOUR = "public, max-age=3600"
# A page that isolates itself (COEP) may only frame what says that it may be loaded from elsewhere.
FRAMED = {
    "Content-Security-Policy": content_security_policy(framed_by="*"),
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
NO_SESSION = {"skip_session": True}


@get("/", sync_to_thread=True)
def embed(request: AnyRequest) -> Response[Any]:
    """Choose what to show, see it, and copy the snippet."""
    search: SearchService = request.app.state.search
    settings: Settings = request.app.state.settings
    given = list(request.query_params.multi_items())
    asked = Embed.read(given)
    said = _said(asked.theme)
    # Every value that any entry has can be chosen, whatever else is.
    values = search.search(SearchQuery(filters=asked.search.filters, per_page=1), values=None)
    response = page(
        request,
        "embeds/embed.html",
        status=422 if said else 200,
        embed=asked,
        errors=[(f"f-{name}", sentence) for name, sentence in said.items()],
        by_field=said,
        given=dict(given),
        address=settings.base_url,
        snippets=asked.snippets(settings.base_url, settings.site_name),
        facets=panel(values, len(values.facets) * 1000, None),
        shapes=SHAPES,
        schemes=SCHEMES,
        colours=COLOURS,
        sorts=SORTS,
        targets=TARGETS,
        most=MOST_ENTRIES,
        changed=[(s, write_colour(a), write_colour(b)) for s, a, b in asked.theme.changed],
        example=write_colour(LIGHT["accent"]),
    )
    response.headers["Content-Security-Policy"] = content_security_policy(frames="'self'")
    return response


def _said(theme: Theme) -> dict[str, str]:
    colour = gettext("Write a colour as six digits and letters from a to f, such as 0b4f6c.")
    words = dict.fromkeys(COLOURS, colour) | {"theme": gettext("Choose one of the list.")}
    return {name: words[name] for name in theme.wrong}


def _tag(request: AnyRequest) -> str:
    """Return the ETag of what stands in a frame; what is open depends on the day as well."""
    database: Database = request.app.state.database
    with database.reading() as session:
        return tag_for(request, state(session), now().date().isoformat())


def _framed(request: AnyRequest, template: str, tag: str, **context: Any) -> Response[str]:
    """Return a small page of its own, without the head and foot of the site."""
    html = template_block(request, template, **context)
    return Response(html, media_type="text/html", headers={**tag_headers(tag), **FRAMED})


@get("/list", sync_to_thread=True, opt=NO_SESSION)
def embed_list(request: AnyRequest) -> Response[Any]:
    """A few entries of a search, for the frame of another site."""
    tag = _tag(request)
    if same := not_modified(request, tag):
        # What a browser keeps takes the headers of a 304 over (RFC 9111, 3.2).
        same.headers.update(FRAMED)
        return same
    search: SearchService = request.app.state.search
    asked = Embed.read(request.query_params.multi_items(), "list")
    results = search.search(asked.search, values=1)
    return _framed(request, "embeds/list.html", tag, embed=asked, results=results)


@get("/search", sync_to_thread=True, opt=NO_SESSION)
def embed_search(request: AnyRequest) -> Response[Any]:
    """A search box for the frame of another site; the results open on our own."""
    tag = _tag(request)
    if same := not_modified(request, tag):
        # What a browser keeps takes the headers of a 304 over (RFC 9111, 3.2).
        same.headers.update(FRAMED)
        return same
    search: SearchService = request.app.state.search
    asked = Embed.read(request.query_params.multi_items(), "search")
    chosen = search.chosen(asked.search)
    return _framed(request, "embeds/search.html", tag, embed=asked, chosen=chosen)


@get("/theme.css", opt=NO_SESSION)
async def theme_css(request: AnyRequest) -> Response[str]:
    """The colours of an embed."""
    theme = Theme.read(request.query_params.multi_items())
    headers = {"Cache-Control": A_DAY, "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(theme.css(), media_type="text/css", headers=headers)


@get("/embed.js", opt=NO_SESSION)
async def embed_js(request: AnyRequest) -> Response[Any]:
    """The script that other sites load; its address stays the same when it changes."""
    tag = tag_for(request)
    if same := not_modified(request, tag):
        return same
    headers = {
        "ETag": tag,
        "Cache-Control": AN_HOUR,
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(SCRIPT, media_type="text/javascript", headers=headers)


router = Router(
    path="/embed",
    route_handlers=[embed, embed_list, embed_search, theme_css, embed_js],
    include_in_schema=False,
)
