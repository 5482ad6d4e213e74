"""Lists of entries, and each entry."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
    next_page,
    problems,
    refuse_unknown_parameters,
)
from directory.db import Database, now
from directory.entries.changes import (
    BEFORE_ALL,
    before_moment,
    list_changed,
    newest_place,
    read_moment,
)
from directory.entries.kinds import KINDS, Kind
from directory.entries.queries import Published, list_published, read_published
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
        description="Only entries published, changed or confirmed since, in the order in which "
        "that happened: a date or a moment (ISO 8601), UTC unless it says otherwise.",
        # Leaving it out is not a value: the schema is that of a moment, without null.
        schema_extra={"type": OpenAPIType.STRING, "format": "date-time", "one_of": None},
        examples=[Example(value="2026-11-22T00:00:00Z")],
    ),
]


_ROUND = "([0-9]{1,18})-([0-9]{1,18})-([0-9]{1,9})-([0-9]{1,17})"
Cursor = Annotated[
    str | None,
    QueryParameter(
        description="The `cursor` of the page before. It stands for updated_since and page, which "
        "it needs no more. Nothing is lost between two pages, however much is published meanwhile.",
        schema_extra={"type": OpenAPIType.STRING, "one_of": None, "pattern": f"^{_ROUND}$"},
    ),
]


class EntryList(BaseModel):
    """One page of a list."""

    total: int = Field(description="How many entries there are on all pages.")
    page: int = Field(description="Which page this is, from 1.")
    per_page: int = Field(description="How many entries a page has.")
    pages: int = Field(description="How many pages there are, at least 1.")
    items: list[Any]
    cursor: str | None = Field(
        None, description="With updated_since: what to ask the next page with; null at the end."
    )
    next_updated_since: datetime | None = Field(
        None,
        description="Ask with it as updated_since next time, and no change is missed; the last "
        "entry may come once more. All pages of one round give the same.",
    )


def _list_model(entry: type[Entry]) -> type[EntryList]:
    return create_model(
        f"{entry.__name__}List",
        __base__=EntryList,
        __module__=__name__,
        items=(
            list[entry],  # type: ignore[valid-type]
            Field(description="The entries of this page: by title, or as they changed."),
        ),
    )


LIST_MODELS = {name: _list_model(model) for name, model in ENTRY_MODELS.items()}


def _moment(text: str | None) -> datetime | None:
    """Read a date or a moment; raises Invalid when it is neither."""
    if text is None:
        return None
    try:
        return read_moment(text)
    except ValueError:
        sentence = (
            "updated_since is a date or a moment, such as 2026-11-22 or 2026-11-22T10:00:00Z; "
            "a plus sign is written %2B."
        )
        raise Invalid("Some parameters need another look.", {"updated_since": sentence}) from None


@dataclass(frozen=True)
class _Round:
    """How far a program has come that reads page by page what changed since a moment.

    `since` and `after` are lines of the change log, `moment` is what to begin with next time.
    """

    since: int
    after: int
    page: int
    moment: datetime

    def __str__(self) -> str:
        passed = (self.moment - BEFORE_ALL) // _MICROSECOND
        return f"{self.since}-{self.after}-{self.page}-{passed}"


_MICROSECOND = timedelta(microseconds=1)


def _round(text: str | None) -> _Round | None:
    """Read a cursor; raises Invalid when it is none."""
    if text is None:
        return None
    found = re.fullmatch(_ROUND, text)
    if found is None:
        said = "cursor is the text that the page before gave, unchanged."
        raise Invalid("Some parameters need another look.", {"cursor": said})
    since, after, page, passed = (int(part) for part in found.groups())
    return _Round(since, after, page, BEFORE_ALL + passed * _MICROSECOND)


def _list_handler(kind: Kind) -> HTTPRouteHandler:
    model = LIST_MODELS[kind.name]

    @get(
        f"/{kind.path}",
        sync_to_thread=True,
        before_request=refuse_unknown_parameters,
        operation_class=Reading,
        operation_id=f"list_{kind.path}",
        summary=f"List {kind.plural.lower()}",
        description=f"Every published {kind.label.lower()} by title, page by page; or, with "
        "updated_since, those that changed since, as they changed.",
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
        cursor: Cursor = None,
    ) -> Response[Any]:
        since, so_far = _moment(updated_since), _round(cursor)
        database: Database = request.app.state.database
        # Who follows what changes must not be told by a standby that has not heard of all of it.
        follows = since is not None or so_far is not None
        with database.reading(newest=follows) as session:
            tag = tag_for(request, state(session), now().date().isoformat())
            if same := not_modified(request, tag):
                return same
            if so_far is not None:
                body = _as_changed(session, kind, so_far, 0, per_page)
            elif since is not None:
                start = before_moment(session, since)
                so_far = _Round(start, start, page, newest_place(session).at)
                body = _as_changed(session, kind, so_far, (page - 1) * per_page, per_page)
            else:
                body = page_by_title(session, kind, page, per_page)
        response = answer(body, tag)
        if body.cursor:
            next_page(request, response, cursor=body.cursor, updated_since=None, page=None)
        elif so_far is None and page < body.pages:
            next_page(request, response, page=str(page + 1))
        return response

    return list_entries


def page_by_title(session: Any, kind: Kind, page: int, per_page: int) -> EntryList:
    """Return one page of a list as the API gives it."""
    total, entries = list_published(session, kind, offset=(page - 1) * per_page, limit=per_page)
    moment = newest_place(session).at
    return _page_of(entries, Paging(total, page, per_page), None, moment)


def _as_changed(session: Any, kind: Kind, so_far: _Round, skipped: int, per_page: int) -> EntryList:
    total, entries, place = list_changed(
        session, kind, so_far.since, after=so_far.after, offset=skipped, limit=per_page
    )
    upcoming = None
    if place is not None:
        upcoming = str(replace(so_far, after=place, page=so_far.page + 1))
    return _page_of(entries, Paging(total, so_far.page, per_page), upcoming, so_far.moment)


def _page_of(
    entries: list[Published], paging: Paging, cursor: str | None, moment: datetime
) -> EntryList:
    return EntryList(
        total=paging.total,
        page=paging.page,
        per_page=paging.per_page,
        pages=paging.pages,
        items=[entry_of(published) for published in entries],
        cursor=cursor,
        next_updated_since=moment,
    )


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
