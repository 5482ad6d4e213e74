"""The HSDS API: services, organisations and taxonomies for referral directories (HSDS 3.1)."""

import json
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from uuid import UUID

from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream

from directory.db import Database
from directory.entries.kinds import ORGANISATION, PROGRAMME, TRAINING, Kind
from directory.entries.vocabularies import Vocabularies
from directory.errors import NotFound
from directory.exports import hsds
from directory.exports.hsds_description import LISTS, description
from directory.exports.hsds_lists import (
    Wanted,
    choose,
    find_term,
    page_of,
    read_one,
    read_wanted,
    stream,
    tell,
)
from directory.exports.pages.common import AnyRequest, tag_of
from directory.search.query import SearchQuery
from directory.search.service import SearchService
from directory.settings import Settings
from directory.web.etags import not_modified, tag_headers
from directory.web.page import page


def _json(body: Any, tag: str) -> Response[Any]:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text.encode(), media_type=MediaType.JSON, headers=tag_headers(tag))


def _lines(objects: Iterator[dict[str, Any]], tag: str) -> Stream:
    lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in objects)
    return Stream(lines, media_type="application/x-ndjson", headers=tag_headers(tag))


def _cached(answer: Callable[..., Response[Any]]) -> Callable[..., Response[Any]]:
    """Answer 304 before the work where the client has the answer already."""

    @wraps(answer)
    def cached(request: AnyRequest, **more: Any) -> Response[Any]:
        tag = tag_of(request)
        return not_modified(request, tag) or answer(request, tag=tag, **more)

    return cached


@_cached
def _entries(request: AnyRequest, *, kind: Kind, path: str, tag: str) -> Response[Any]:
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    wanted = read_wanted(list(request.query_params.multi_items()), LISTS[path])
    found = _search(request, kind, wanted.search) if wanted.search else None
    with database.reading() as session:
        chosen = choose(session, kind, wanted, found)
        if wanted.ndjson:
            return _lines(stream(database, chosen.all, settings.base_url, wanted), tag)
        contents = tell(session, chosen.page, settings.base_url, wanted)
    return _json(page_of(wanted, chosen.total, contents), tag)


def _search(request: AnyRequest, kind: Kind, text: str) -> list[UUID]:
    search: SearchService = request.app.state.search
    return search.ids(SearchQuery(q=text, filters={"kind": (kind.name,)}))


@_cached
def _entry(request: AnyRequest, *, kind: Kind, key: UUID, tag: str) -> Response[Any]:
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    with database.reading() as session:
        found = read_one(session, kind, key, settings.base_url)
    return _json(found, tag)


def _entry_handlers(path: str, kind: Kind) -> list[HTTPRouteHandler]:
    @get(f"/hsds/{path}", sync_to_thread=True)
    def list_entries(request: AnyRequest) -> Response[Any]:
        return _entries(request, kind=kind, path=path)

    @get(f"/hsds/{path}/{{key:uuid}}", sync_to_thread=True)
    def read_entry(request: AnyRequest, key: FromPath[UUID]) -> Response[Any]:
        return _entry(request, kind=kind, key=key)

    return [list_entries, read_entry]


def _around(request: AnyRequest) -> hsds.Around:
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    with database.reading() as session:
        return hsds.Around(Vocabularies.read(session), settings.base_url, {})


def _listed(wanted: Wanted, objects: list[dict[str, Any]], tag: str) -> Response[Any]:
    if wanted.search:
        words = wanted.search.casefold().split()
        texts = [(one, f"{one['name']} {one['description']}".casefold()) for one in objects]
        objects = [one for one, text in texts if all(word in text for word in words)]
    if wanted.ndjson:
        return _lines(iter(objects), tag)
    start = (wanted.page - 1) * wanted.per_page
    return _json(page_of(wanted, len(objects), objects[start : start + wanted.per_page]), tag)


@_cached
def _taxonomies(request: AnyRequest, *, tag: str) -> Response[Any]:
    given = _around(request)
    wanted = read_wanted(list(request.query_params.multi_items()), LISTS["taxonomies"])
    return _listed(
        wanted, [hsds.taxonomy(v, given) for v in hsds.taxonomies_told(given.words)], tag
    )


@get("/hsds/taxonomies", sync_to_thread=True)
def taxonomies(request: AnyRequest) -> Response[Any]:
    """The vocabularies whose terms stand on entries."""
    return _taxonomies(request)


@get("/hsds/taxonomies/{key:uuid}", sync_to_thread=True)
def taxonomy(request: AnyRequest, key: FromPath[UUID]) -> Response[Any]:
    """One vocabulary."""
    given = _around(request)
    for vocabulary in hsds.taxonomies_told(given.words):
        if hsds.taxonomy_id(vocabulary.name) == str(key):
            return _json(hsds.taxonomy(vocabulary, given), tag_of(request))
    raise NotFound("There is no taxonomy with this id.")


@get("/hsds/taxonomy_terms", sync_to_thread=True)
def taxonomy_terms(request: AnyRequest) -> Response[Any]:
    """The terms of these vocabularies."""
    return _taxonomy_terms(request)


@_cached
def _taxonomy_terms(request: AnyRequest, *, tag: str) -> Response[Any]:
    given = _around(request)
    wanted = read_wanted(list(request.query_params.multi_items()), LISTS["taxonomy_terms"])
    found = [
        one
        for term in hsds.terms_told(given.words)
        if (one := hsds.taxonomy_term(term, given))
        and wanted.taxonomy_id in ("", one["taxonomy_id"])
        and wanted.parent_id in ("", one.get("parent_id"))
        and not (wanted.top_only and "parent_id" in one)
    ]
    return _listed(wanted, found, tag)


@get("/hsds/taxonomy_terms/{key:uuid}", sync_to_thread=True)
def taxonomy_term(request: AnyRequest, key: FromPath[UUID]) -> Response[Any]:
    """One term, with its vocabulary."""
    given = _around(request)
    term = find_term(given.words, str(key))
    if term is None:
        raise NotFound("There is no term with this id.")
    detail = hsds.taxonomy(given.words.vocabularies[term.vocabulary], given)
    return _json({**hsds.taxonomy_term(term, given), "taxonomy_detail": detail}, tag_of(request))


@get("/hsds", sync_to_thread=True)
def about(request: AnyRequest) -> Response[Any]:
    """Which version this is, the profile it keeps, and its description for programs."""
    settings: Settings = request.app.state.settings
    here = f"{settings.base_url}/hsds"
    body = {
        "version": hsds.VERSION,
        "profile": f"{here}/profile",
        "openapi_url": f"{here}/openapi.json",
        "description": f"{settings.site_name}: trainings as services, by HSDS.",
        "publisher": settings.site_name,
    }
    return _json(body, tag_of(request))


@get("/hsds/openapi.json", sync_to_thread=True)
def openapi(request: AnyRequest) -> Response[Any]:
    """The description of this API for programs (OpenAPI 3.1)."""
    settings: Settings = request.app.state.settings
    return _json(description(settings.site_name, settings.base_url), tag_of(request))


@get("/hsds/profile", sync_to_thread=True)
def profile(request: AnyRequest) -> Response[Any]:
    """What our use of the specification leaves out and adds, in plain words."""
    left_out = {
        kind.fields[name].title: why
        for kind in (ORGANISATION, PROGRAMME, TRAINING)
        for name, why in hsds.LEFT_OUT.items()
        if name in kind.public_fields
    }
    return page(request, "exports/hsds_profile.html", left_out=left_out, namespace=hsds.NAMESPACE)


HANDLERS = [
    about,
    openapi,
    profile,
    *_entry_handlers("services", TRAINING),
    *_entry_handlers("organizations", ORGANISATION),
    *_entry_handlers("programs", PROGRAMME),
    taxonomies,
    taxonomy,
    taxonomy_terms,
    taxonomy_term,
]
