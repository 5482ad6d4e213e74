"""Lists of entries, and each entry."""

from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import PathParameter, QueryParameter
from litestar.response import Redirect
from pydantic import BaseModel, Field, create_model

from directory.api.v1.answers import (
    WRONG_PARAMETER,
    Reading,
    answer,
    problems,
    refuse_unknown_parameters,
)
from directory.db import Database, now
from directory.entries.kinds import KINDS, Kind
from directory.entries.queries import list_published, read_published
from directory.errors import Invalid
from directory.exports.json import ENTRY_MODELS, Entry, entry_of
from directory.exports.state import state
from directory.search.query import DEEPEST_PAGE, MOST_PER_PAGE, PER_PAGE
from directory.web.etags import not_modified, tag_for
from directory.web.pagination import Paging

KNOWN_SLUGS = {
    "organisation": "cyberpeace-institute",
    "programme": "cyberpeace-builders",
    "training": "cyber-school-initiative",
}

PageNumber = Annotated[
    int, QueryParameter(ge=1, le=DEEPEST_PAGE, description="Which page, from 1.")
]
PerPage = Annotated[
    int, QueryParameter(ge=1, le=MOST_PER_PAGE, description="How many entries on a page.")
]
Since = Annotated[
    str | None,
    QueryParameter(
        description="Only entries published or changed since: a date or a moment (ISO 8601), "
        "UTC unless it says otherwise.",
        # Leaving it out is not a value: the schema is that of a moment, without null.
        schema_extra={"type": OpenAPIType.STRING, "format": "date-time", "one_of": None},
        examples=[Example(value="2026-11-22T00:00:00Z")],
    ),
]


class EntryList(BaseModel):
    """One page of a list."""

    total: int = Field(description="How many entries there are on all pages.")
    page: int = Field(description="Which page this is, from 1.")
    per_page: int = Field(description="How many entries a page has.")
    pages: int = Field(description="How many pages there are, at least 1.")
    items: list[Any]


def _list_model(entry: type[Entry]) -> type[EntryList]:
    return create_model(
        f"{entry.__name__}List",
        __base__=EntryList,
        __module__=__name__,
        items=(list[entry], Field(description="The entries of this page, by title.")),  # type: ignore[valid-type]
    )


LIST_MODELS = {name: _list_model(model) for name, model in ENTRY_MODELS.items()}


def _moment(text: str | None) -> datetime | None:
    """Read a date or a moment; raises Invalid when it is neither."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        sentence = (
            "updated_since is a date or a moment, such as 2026-11-22 or 2026-11-22T10:00:00Z; "
            "a plus sign is written %2B."
        )
        raise Invalid("Some parameters need another look.", {"updated_since": sentence}) from None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # The first or the last hours of the calendar: the zone no longer matters.
        return moment.replace(tzinfo=UTC)


def _list_handler(kind: Kind) -> HTTPRouteHandler:
    model = LIST_MODELS[kind.name]

    @get(
        f"/{kind.path}",
        sync_to_thread=True,
        before_request=refuse_unknown_parameters,
        operation_class=Reading,
        operation_id=f"list_{kind.path}",
        summary=f"List {kind.plural.lower()}",
        description=f"Every published {kind.label.lower()} by title, page by page.",
        tags=["Entries"],
        responses={
            200: ResponseSpec(model, description="One page.", generate_examples=False),
            **problems(_400=WRONG_PARAMETER),
        },
    )
    def list_entries(
        request: Request[Any, Any, Any],
        page: PageNumber = 1,
        per_page: PerPage = PER_PAGE,
        updated_since: Since = None,
    ) -> Response[Any]:
        since = _moment(updated_since)
        database: Database = request.app.state.database
        with database.reading() as session:
            tag = tag_for(request, state(session), now().date().isoformat())
            if same := not_modified(request, tag):
                return same
            total, entries = list_published(
                session, kind, offset=(page - 1) * per_page, limit=per_page, updated_since=since
            )
        paging = Paging(total, page, per_page)
        items = [entry_of(published) for published in entries]
        return answer(
            EntryList(total=total, page=page, per_page=per_page, pages=paging.pages, items=items),
            tag,
        )

    return list_entries


def _entry_handler(kind: Kind) -> HTTPRouteHandler:
    one = kind.label.lower()

    @get(
        f"/{kind.path}/{{slug:str}}",
        sync_to_thread=True,
        before_request=refuse_unknown_parameters,
        operation_class=Reading,
        operation_id=f"read_{kind.name}",
        summary=f"Read one {one}",
        description=f"A published {one}: its profile, where each value comes from, its links.",
        tags=["Entries"],
        responses={
            200: ResponseSpec(
                ENTRY_MODELS[kind.name], description=f"The {one}.", generate_examples=False
            ),
            301: ResponseSpec(
                None, description=f"The {one} has a new slug; `Location` is its address now."
            ),
            **problems(
                _400=WRONG_PARAMETER,
                _404=f"There is no such {one}.",
                _410=f"The {one} was withdrawn; `detail` says why.",
            ),
        },
    )
    def read_entry(
        request: Request[Any, Any, Any],
        slug: Annotated[
            str,
            PathParameter(
                description=f"The short name of the {one}.",
                examples=[Example(value=KNOWN_SLUGS[kind.name])],
            ),
        ],
    ) -> Response[Any]:
        database: Database = request.app.state.database
        with database.reading() as session:
            tag = tag_for(request, state(session), now().date().isoformat())
            if same := not_modified(request, tag):
                return same
            published = read_published(session, kind, slug)
        if published.entry.slug != slug:
            # A merge can be undone: nobody keeps the redirect without asking again.
            fresh = {"Cache-Control": "no-cache"}
            return Redirect(f"/api/v1{published.url}", status_code=301, headers=fresh)
        return answer(entry_of(published), tag)

    return read_entry


handlers = [
    handler for kind in KINDS.values() for handler in (_list_handler(kind), _entry_handler(kind))
]
