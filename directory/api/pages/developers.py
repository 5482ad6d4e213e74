"""The page for people who build on the API, with answers of this very site; and its reference."""

import json
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get
from pydantic import BaseModel

from directory.accounts.permissions import ACTIONS
from directory.accounts.repeats import KEPT
from directory.api.openapi import PATH, described
from directory.api.pages.reference import Words, groups, shapes, words_of
from directory.api.problems import PAGE, TYPES
from directory.api.tokens import SCOPES
from directory.api.v1.changes import page_of_changes
from directory.api.v1.entries import page_by_title
from directory.api.v1.search import found_page
from directory.db import Database
from directory.entries.changes import START
from directory.entries.kinds import KINDS, TRAINING, Kind
from directory.entries.queries import newest, read_published
from directory.exports.formats import FORMATS
from directory.exports.json import ENTRY_MODELS, Entry, entry_of
from directory.search.query import FACETS, MOST_PER_PAGE, SearchQuery
from directory.search.service import SearchService
from directory.web.page import page
from directory.webhooks.messages import EVENTS
from directory.webhooks.sending import WAITS

LINES = 34
"""So many lines of an answer are shown."""


@dataclass(frozen=True)
class Example:
    """A request, and what this site answers to it just now."""

    path: str
    answer: str
    is_cut: bool


def _example(path: str, answer: BaseModel) -> Example:
    text = json.dumps(json.loads(answer.model_dump_json()), indent=2, ensure_ascii=False)
    lines = text.split("\n")
    return Example(path, "\n".join(lines[:LINES]), len(lines) > LINES)


def _examples(request: Request[Any, Any, Any]) -> dict[str, Example]:
    """Ask the services what the API would ask them."""
    database: Database = request.app.state.database
    search: SearchService = request.app.state.search
    asked = [("q", "cyber"), ("kind", TRAINING.name), ("per_page", "2")]
    with database.reading() as session:
        found = {
            "list": _example("/trainings?per_page=1", page_by_title(session, TRAINING, 1, 1)),
            "changes": _example("/changes?per_page=2", page_of_changes(session, START, 2)),
        }
        for one in newest(session, 1):
            entry = entry_of(read_published(session, one.kind, one.slug))
            found["entry"] = _example(one.url, entry)
    words = "&".join(f"{name}={value}" for name, value in asked)
    result = search.search(SearchQuery.read(asked, strict=True), values=2)
    return found | {"search": _example(f"/search?{words}", found_page(result))}


@dataclass(frozen=True)
class Told:
    """A field of an entry, from its declaration and from the schema that is given out."""

    name: str
    words: Words
    help: str


def _fields(kind: Kind) -> list[Told]:
    schema = ENTRY_MODELS[kind.name].model_fields["profile"].annotation
    assert schema is not None
    shown = schema.model_json_schema()["properties"]
    return [
        Told(name, words_of(shown[name]), declared.help or declared.title)
        for name, declared in kind.public_fields.items()
    ]


@get(PAGE, sync_to_thread=True)
def show_developers(request: Request[Any, Any, Any]) -> Response[Any]:
    """How to read, follow, write and be told, with live examples."""
    settings = request.app.state.settings
    return page(
        request,
        "api/developers.html",
        api=f"{settings.base_url}/api/v1",
        description_path=PATH,
        examples=_examples(request),
        kinds=KINDS.values(),
        members=[(n, f.description) for n, f in Entry.model_fields.items() if f.description],
        fields={kind.name: _fields(kind) for kind in KINDS.values()},
        facets=FACETS.values(),
        most_per_page=MOST_PER_PAGE,
        problems=TYPES.values(),
        scopes=[action for action in ACTIONS.values() if action.name in SCOPES],
        hours_kept=int(KEPT.total_seconds() // 3600),
        events=EVENTS,
        tries=len(WAITS) + 1,
        formats=FORMATS,
    )


@get(f"{PAGE}/reference", sync_to_thread=True)
def show_reference(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every address, parameter, field and answer, from the description of the API."""
    document = described(request.app.state.database, request.app.openapi_schema.to_schema())
    return page(
        request,
        "api/reference.html",
        description_path=PATH,
        groups=groups(document),
        shapes=list(shapes(document)),
    )
