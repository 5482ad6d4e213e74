"""An entry as JSON: the one shape that the API and every JSON export give.

The models are built from the declarations, so that a new field is described and given out without
a line here. They carry no limits: what was valid when it was published must never fail to be read.
"""

import uuid
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, create_model

from directory.db import now
from directory.entries.fields import is_model
from directory.entries.freshness import is_stale
from directory.entries.kinds import KINDS, Kind
from directory.entries.queries import Published
from directory.languages import marked
from directory.sources.claims import Status


class Claim(BaseModel):
    """Where a value, or one item of a list, comes from."""

    model_config = ConfigDict(from_attributes=True)

    source: str = Field(
        validation_alias="source_slug", description="The source; see /sources/{source}."
    )
    locator: str | None = Field(description="Line, paragraph or page in the source.")
    note: str | None = Field(description="What the source says, in our own words.")
    status: Literal[tuple(s.value for s in Status)] = Field(  # type: ignore[valid-type]
        description="What the source does about the value."
    )
    checked_on: date = Field(description="When somebody last compared it with the source.")
    item: str | None = Field(description="The one value of a list that the claim is about.")
    values: list[str] | None = Field(description="The answers that contradict each other.")


class Link(BaseModel):
    """A published entry that this one points to."""

    model_config = ConfigDict(from_attributes=True)

    rel: str = Field(description="What the other is to this one: provider, programme, a role.")
    kind: Literal[tuple(KINDS)] = Field(description="Its kind.")  # type: ignore[valid-type]
    slug: str = Field(description="Its short name.")
    title: str = Field(description="Its name or title.")


class Translation(BaseModel):
    """What the text of an entry is in another language."""

    model_config = ConfigDict(from_attributes=True)

    texts: dict[str, str] = Field(description="The translation, by the field of the profile.")
    outdated: list[str] = Field(
        description="The fields whose original has changed since they were translated."
    )
    made_by: Literal["provider", "curator"] = Field(
        description="Who made it: its provider, or a curator of this directory."
    )
    saved_at: datetime = Field(description="When it was last saved.")


class Entry(BaseModel):
    """A published entry of any kind; each kind puts its own profile in."""

    id: uuid.UUID = Field(
        description=marked("Stays the same for ever, also when the slug changes.")
    )
    kind: str = Field(description=marked("The kind of entry."))
    slug: str = Field(description=marked("The short name in its address."))
    title: str = Field(description=marked("Its name or title."))
    url: str = Field(description=marked("Its page, below the address of the site."))
    version: int = Field(description=marked("Number of the published revision."))
    state: Literal["published", "archived"] = Field(
        description=marked(
            "archived: kept readable at its address alone, no longer listed or found."
        )
    )
    profile: Any
    claims: dict[str, list[Claim]] = Field(
        description=marked(
            "By field: which source states its value, contradicts it or leaves it open."
        )
    )
    language: str = Field(
        description=marked("The language (BCP 47) in which the texts of the profile are written.")
    )
    translations: dict[str, Translation] = Field(
        description=marked("Those texts in other languages, by language (BCP 47).")
    )
    links: list[Link] = Field(description=marked("The published entries it points to."))
    published_at: datetime = Field(description=marked("When it was first published."))
    updated_at: datetime = Field(description=marked("When it was last published."))
    confirmed_at: datetime | None = Field(
        description=marked("When somebody last confirmed that all of it is still right.")
    )
    confirmed_by: Literal["provider", "curator"] | None = Field(
        description=marked("Who confirmed it: its provider, or a curator of this directory.")
    )
    review_by: date | None = Field(
        description=marked(
            "From this day on it counts as not confirmed, unless somebody confirms it."
        )
    )
    stale: bool = Field(description=marked("That day has come: check it with the provider."))


def _unlimited(annotation: Any) -> Any:
    """Return a type without its limits; exact amounts travel as text."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _unlimited(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return Union[tuple(_unlimited(a) for a in get_args(annotation))]  # noqa: UP007
    if origin is list:
        return list[_unlimited(get_args(annotation)[0])]  # type: ignore[misc]
    if is_model(annotation):
        return _part(annotation)
    return str if annotation is Decimal else annotation


@cache
def _part(model: type[BaseModel]) -> type[BaseModel]:
    """Return the output model of a structured value; parts that it lacks are null."""
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        kind = _unlimited(info.annotation)
        if info.default is None and NoneType not in get_args(kind):
            kind = kind | None
        fields[name] = (kind, Field(info.default, title=info.title, description=info.description))
    return create_model(model.__name__, __module__=__name__, __doc__=model.__doc__, **fields)


def _profile(kind: Kind) -> type[BaseModel]:
    """Return the output model of a profile: every public field, null when not stated."""
    fields: dict[str, Any] = {
        name: (
            _unlimited(kind.profile.model_fields[name].annotation),
            Field(title=declared.title, description=declared.help),
        )
        for name, declared in kind.public_fields.items()
    }
    return create_model(
        kind.profile.__name__, __module__=__name__, __doc__=kind.profile.__doc__, **fields
    )


def _entry(kind: Kind) -> type[Entry]:
    fields: dict[str, Any] = {
        "kind": (Literal[kind.name], Field(description="The kind of entry.")),
        "profile": (
            _profile(kind),
            Field(description="Every public field of the kind; null when no source states it."),
        ),
    }
    return create_model(
        kind.label, __base__=Entry, __module__=__name__, __doc__=kind.table.__doc__, **fields
    )


ENTRY_MODELS: dict[str, type[Entry]] = {name: _entry(kind) for name, kind in KINDS.items()}
"""The JSON of an entry, by the name of its kind."""


def entry_of(published: Published) -> Entry:
    """Return a published entry as everybody may see it."""
    entry, kind = published.entry, published.kind
    return ENTRY_MODELS[kind.name].model_validate(
        {
            **entry.model_dump(include=set(Entry.model_fields)),
            "url": published.url,
            "stale": is_stale(entry, now().date()),
            "profile": published.profile,
            # A field that was public when its claims were written may be private today.
            "claims": {f: c for f, c in published.claims.items() if f in kind.public_fields},
            "language": published.language,
            "translations": published.translations,
            "links": published.links,
        }
    )
