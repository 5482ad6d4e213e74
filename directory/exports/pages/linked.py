"""Entries, terms and vocabularies in the formats that other programs and portals read.

The addresses people use end in the name of the format; `exports/endings.py` says which there are.
"""

import re
from typing import Any

from litestar import Response, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect

from directory.db import Database, now
from directory.entries.kinds import TRAINING, Kind, kind_named
from directory.entries.queries import Published, published_by_id, read_published
from directory.entries.vocabularies import Vocabularies
from directory.errors import NotFound
from directory.exports import dcat, moochub, skos
from directory.exports.calendar import MEDIA_TYPE as CALENDAR
from directory.exports.calendar import Writing, new_calendar, write_calendar
from directory.exports.endings import INSIDE, TERMS
from directory.exports.graphs import MEDIA_TYPES
from directory.exports.jsonld import MEDIA_TYPE as JSON_LD
from directory.exports.jsonld import document, entry_node, write
from directory.exports.pages.common import AnyRequest, tag_of
from directory.exports.runs import runs_of
from directory.exports.state import changed_at
from directory.languages import gettext
from directory.settings import Settings
from directory.web.etags import not_modified, tag_headers
from directory.web.pagination import Paging

_TYPES = re.compile(r"text/html|application/xhtml\+xml|text/turtle|application/ld\+json")


def _answer(content: str | bytes, media_type: str, tag: str, **headers: str) -> Response[Any]:
    return Response(
        content.encode() if isinstance(content, str) else content,
        media_type=media_type,
        headers={**tag_headers(tag), **headers},
    )


def moved_to(published: Published, slug: str, ending: str) -> Response[Any] | None:
    """Return the way to where an entry is now, as its page does."""
    if published.entry.slug == slug:
        return None
    fresh = {"Cache-Control": "no-cache"}
    return Redirect(f"{published.url}.{ending}", status_code=301, headers=fresh)


def _settings(request: AnyRequest) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def kind_at(path: str) -> Kind:
    """Return the kind whose entries stand below a path; raises NotFound."""
    kind = kind_named(path)
    if kind.path != path:
        raise NotFound(gettext("There is nothing at this address."))
    return kind


@get(f"{INSIDE}/jsonld/{{path:str}}/{{slug:str}}", sync_to_thread=True)
def entry_jsonld(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """One entry in the words of schema.org."""
    database: Database = request.app.state.database
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    with database.reading() as session:
        published = read_published(session, kind_at(path), slug)
        words = Vocabularies.read(session)
    if moved := moved_to(published, slug, "jsonld"):
        return moved
    node = entry_node(published, words, _settings(request).base_url)
    return _answer(write(document(node)), JSON_LD, tag)


@get(f"{INSIDE}/ics/{TRAINING.path}/{{slug:str}}", sync_to_thread=True)
def entry_ics(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    """The runs and deadlines of one training as a calendar."""
    database: Database = request.app.state.database
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    with database.reading() as session:
        published = read_published(session, TRAINING, slug)
        words = Vocabularies.read(session)
        runs = runs_of(session, [published.entry.id])
    if moved := moved_to(published, slug, "ics"):
        return moved
    site = _settings(request).base_url
    calendar = new_calendar(published.entry.title, f"{site}{published.url}.ics")
    writing = Writing(published, words, site, now().date())
    events = writing.events(runs.get(published.entry.id, ()))
    name = f'attachment; filename="{published.entry.slug}.ics"'
    return _answer(
        "".join(write_calendar(calendar, events)), CALENDAR, tag, **{"Content-Disposition": name}
    )


def _skos(request: AnyRequest, name: str | None, ending: str) -> Response[Any]:
    database: Database = request.app.state.database
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    with database.reading() as session:
        words = Vocabularies.read(session)
    content = skos.write_skos(words, name, ending, _settings(request).base_url)
    return _answer(content, MEDIA_TYPES[ending], tag)


@get(f"{INSIDE}/ttl/vocabularies/{{name:str}}", sync_to_thread=True)
def vocabulary_ttl(request: AnyRequest, name: FromPath[str]) -> Response[Any]:
    """One vocabulary as SKOS, in Turtle."""
    return _skos(request, name, "ttl")


@get(f"{INSIDE}/skos/vocabularies/{{name:str}}", sync_to_thread=True)
def vocabulary_jsonld(request: AnyRequest, name: FromPath[str]) -> Response[Any]:
    """One vocabulary as SKOS, in JSON-LD."""
    return _skos(request, name, "jsonld")


@get("/vocabularies.ttl", sync_to_thread=True)
def vocabularies_ttl(request: AnyRequest) -> Response[Any]:
    """Every vocabulary as SKOS, in Turtle."""
    return _skos(request, None, "ttl")


@get("/vocabularies.jsonld", sync_to_thread=True)
def vocabularies_jsonld(request: AnyRequest) -> Response[Any]:
    """Every vocabulary as SKOS, in JSON-LD."""
    return _skos(request, None, "jsonld")


@get("/vocabularies/{name:str}/{code:str}", sync_to_thread=True)
def term(request: AnyRequest, name: FromPath[str], code: FromPath[str]) -> Response[Any]:
    """A term itself: it cannot be sent, so that one is led to what is said of it (HTTP 303)."""
    database: Database = request.app.state.database
    with database.reading() as session:
        found = Vocabularies.read(session).of(name).get(code)
    if found is None:
        said = gettext("There is no %(code)s in the vocabulary %(name)s.", code=code, name=name)
        raise NotFound(said)
    wanted = _TYPES.search(request.headers.get("accept", ""))
    page = f"/{name}/{code}" if name in TERMS else f"/vocabularies/{name}#{code}"
    endings = {"text/turtle": ".ttl", "application/ld+json": ".jsonld"}
    ending = endings.get(wanted[0]) if wanted else None
    return Redirect(
        f"/vocabularies/{name}{ending}" if ending else page,
        status_code=303,
        headers={"Vary": "Accept"},
    )


def _catalogue(request: AnyRequest, ending: str) -> Response[Any]:
    database: Database = request.app.state.database
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    with database.reading() as session:
        changed = changed_at(session)
    content = dcat.write_catalogue(_settings(request), changed, ending)
    return _answer(content, MEDIA_TYPES[ending], tag)


@get("/catalog", sync_to_thread=False)
def catalogue(request: AnyRequest) -> Response[Any]:
    """The catalogue itself: what is said of it stands in a file."""
    wanted = _TYPES.search(request.headers.get("accept", ""))
    ending = "jsonld" if wanted and wanted[0] == JSON_LD else "ttl"
    return Redirect(f"/catalog.{ending}", status_code=303, headers={"Vary": "Accept"})


@get("/catalog.ttl", sync_to_thread=True)
def catalogue_ttl(request: AnyRequest) -> Response[Any]:
    """What can be taken away here, for open-data portals, in Turtle."""
    return _catalogue(request, "ttl")


@get("/catalog.jsonld", sync_to_thread=True)
def catalogue_jsonld(request: AnyRequest) -> Response[Any]:
    """What can be taken away here, for open-data portals, in JSON-LD."""
    return _catalogue(request, "jsonld")


@get("/moochub/courses", sync_to_thread=True)
def moochub_courses(request: AnyRequest) -> Response[Any]:
    """Courses with a licence, as MOOChub 3."""
    database: Database = request.app.state.database
    if not moochub.is_acceptable(request.headers.get("accept", "")):
        raise HTTPException(status_code=406)
    tag = tag_of(request)
    if same := not_modified(request, tag):
        return same
    asked = request.query_params.get("page", "1")
    number = int(asked) if re.fullmatch(r"[1-9]\d{0,5}", asked) else 1
    with database.reading() as session:
        ids = moochub.licensed(session)
        paging = Paging(len(ids), number, moochub.PER_PAGE)
        entries = published_by_id(session, ids[paging.offset : paging.offset + paging.per_page])
    site = _settings(request).base_url
    content = moochub.write_courses(entries, f"{site}/moochub/courses", paging, site)
    return _answer(write(content), moochub.MEDIA_TYPE, tag, Vary="Accept")


HANDLERS = [
    entry_jsonld,
    entry_ics,
    vocabulary_ttl,
    vocabulary_jsonld,
    vocabularies_ttl,
    vocabularies_jsonld,
    term,
    catalogue,
    catalogue_ttl,
    catalogue_jsonld,
    moochub_courses,
]
