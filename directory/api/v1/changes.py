"""What changed, entry by entry, for programs that keep a copy: what was taken down as well."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get
from litestar.openapi import ResponseSpec
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import QueryParameter
from pydantic import BaseModel, Field

from directory.api.v1.answers import (
    WRONG_PARAMETER,
    Reading,
    answer,
    next_page,
    problems,
    refuse_unknown_parameters,
)
from directory.api.v1.entries import PerPage
from directory.db import Database
from directory.entries.changes import (
    PLACE,
    START,
    Changed,
    Place,
    address_of,
    changes_after,
    line_of,
    read_place,
)
from directory.entries.kinds import KINDS
from directory.entries.models import Entry, State
from directory.exports.state import state
from directory.search.query import MOST_PER_PAGE
from directory.web.etags import not_modified, tag_for

SEEN = tuple(s.value for s in State if s is not State.DRAFT)


class ChangedAddress(BaseModel):
    """An entry, by its address alone."""

    id: UUID = Field(description="Stays the same for ever, also when the slug changes.")
    kind: Literal[tuple(KINDS)] = Field(description="Its kind.")  # type: ignore[valid-type]
    slug: str = Field(description="The short name in its address.")
    url: str = Field(description="Its page, below the address of the site.")


class ChangedEntry(ChangedAddress):
    """An entry that changed, and what it is now."""

    state: Literal[SEEN] = Field(  # type: ignore[valid-type]
        description="published: read it again. Anything else: take it out of your copy."
    )
    version: int = Field(description="Number of the newest revision that was published.")
    changed_at: datetime = Field(description="When it changed last.")
    into: ChangedAddress | None = Field(description="merged: the entry that it is part of now.")


class ChangeList(BaseModel):
    """The changes after a place, in the order in which they happened."""

    items: list[ChangedEntry] = Field(description="Each entry once, where it changed last.")
    cursor: str = Field(description="Ask with it next time: it leads on from here, also later.")
    more: bool = Field(description="Whether there is more to read now.")


def _address(entry: Entry) -> dict[str, Any]:
    return {"id": entry.id, "kind": entry.kind, "slug": entry.slug, "url": address_of(entry)}


def _changed(found: Changed) -> ChangedEntry:
    return ChangedEntry(
        **_address(found.entry),
        state=found.state.value,
        version=found.entry.version,
        changed_at=found.place.at,
        into=ChangedAddress(**_address(found.into)) if found.into else None,
    )


def page_of_changes(session: Any, place: Place, per_page: int) -> ChangeList:
    """Return the changes after a place as the API gives them."""
    found, more = changes_after(session, place.sequence, per_page)
    upcoming = str(found[-1].place if found else place)
    return ChangeList(items=[_changed(one) for one in found], cursor=upcoming, more=more)


@get(
    "/changes",
    sync_to_thread=True,
    before_request=refuse_unknown_parameters,
    operation_class=Reading,
    operation_id="list_changes",
    summary="Follow what changes",
    description="Which entries were published, changed, archived, withdrawn or merged since the "
    "last time, so that a copy can follow. Nothing is missed, however much is written meanwhile; "
    "an entry may come more than once.",
    tags=["Entries"],
    responses={
        200: ResponseSpec(ChangeList, description="The next changes.", generate_examples=False),
        **problems(
            _400=WRONG_PARAMETER,
            _410="The cursor is of a list that is no more: begin again without it.",
        ),
    },
)
def list_changes(
    request: Request[Any, Any, Any],
    cursor: Annotated[
        str | None,
        QueryParameter(
            description="The `cursor` of the last answer; without it, from the beginning.",
            schema_extra={"type": OpenAPIType.STRING, "one_of": None, "pattern": f"^{PLACE}$"},
        ),
    ] = None,
    per_page: PerPage = MOST_PER_PAGE,
) -> Response[Any]:
    """Return the next changes."""
    database: Database = request.app.state.database
    # A standby that has not come as far as the cursor is not asked.
    with database.reading(at_least=line_of(cursor)) as session:
        place = START if cursor is None else read_place(session, cursor)
        tag = tag_for(request, state(session))
        if same := not_modified(request, tag):
            return same
        found = page_of_changes(session, place, per_page)
    response = answer(found, tag)
    if found.more:
        next_page(request, response, cursor=found.cursor)
    return response
