"""One entry, whole: its values, the claims behind each, and the documents these cite."""

import re
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny

from directory.api.tools.base import (
    WRONG,
    Answer,
    Arguments,
    Catalogue,
    Schema,
    Tool,
    cut,
    only,
    refuse_others,
)
from directory.api.v1.search import SLUG
from directory.entries.kinds import KINDS, Kind
from directory.entries.queries import Published, published_by_id, read_published
from directory.entries.shown import Shown
from directory.entries.vocabularies import Vocabularies
from directory.errors import Invalid, NotFound
from directory.exports.json import Entry, entry_of
from directory.languages import day, marked
from directory.sources.claims import Status
from directory.sources.queries import sources_by_slug


class CitedSource(BaseModel):
    """A document that the claims of an entry cite."""

    model_config = ConfigDict(from_attributes=True)

    slug: str = Field(description="Its short name, as in the claims.")
    title: str = Field(description="Its title.")
    publisher: str | None = Field(description="Who published it.")
    symbol: str | None = Field(description="Such as A/RES/78/16.")
    dated: str | None = Field(description="Its date, as precise as the document says.")
    checked_on: date = Field(description="When it was last read for this directory.")
    url: str = Field(description="Its page, below the address of the site.")


class CitedEntry(BaseModel):
    """An entry with what one needs to cite it."""

    entry: SerializeAsAny[Entry] = Field(description="The entry, as the API gives it.")
    sources: list[CitedSource] = Field(description="The documents that its claims cite.")
    cite: str = Field(description="How to name it in a text.")


def _schema(_words: Vocabularies) -> Schema:
    return only(
        kind={
            "type": "string",
            "enum": list(KINDS),
            "description": "The kind of entry; needed with a slug.",
        },
        slug={
            "type": "string",
            "pattern": SLUG.pattern,
            "maxLength": SLUG.max_length,
            "description": "Its short name, as in the results of a search.",
        },
        id={
            "type": "string",
            "format": "uuid",
            "description": "Its id, instead of kind and slug.",
        },
    )


def _entry(catalogue: Catalogue, arguments: Arguments) -> Answer:
    refuse_others(arguments, _schema(catalogue.search.vocabularies))
    given = {name: value for name, value in arguments.items() if value is not None}
    key = _id(given) if "id" in given else _name(given)
    with catalogue.database.reading() as session:
        if isinstance(key, UUID):
            published = next(iter(published_by_id(session, [key])), None)
        else:
            published = read_published(session, *key)
        words, held = Vocabularies.read(session), sources_by_slug(session)
    if published is None:
        raise NotFound(f"There is no entry with the id {key}.")
    shown = Shown(published, words, held)
    sources = [
        CitedSource.model_validate({**s.model_dump(), "url": f"/sources/{s.slug}"})
        for s in shown.read_from
    ]
    found = CitedEntry(entry=entry_of(published), sources=sources, cite=cite(catalogue, published))
    return Answer(found, _words(shown, found.cite))


def _id(given: Arguments) -> UUID:
    if len(given) > 1:
        raise Invalid(WRONG, {"id": "Give an id, or a kind and a slug, not both."})
    try:
        return UUID(str(given["id"]))
    except ValueError:
        raise Invalid(WRONG, {"id": "id is 32 hexadecimal digits with dashes."}) from None


def _name(given: Arguments) -> tuple[Kind, str]:
    kind, slug = KINDS.get(str(given.get("kind"))), given.get("slug")
    wrong = {}
    if kind is None:
        wrong["kind"] = f"kind is one of {', '.join(KINDS)}."
    if not (isinstance(slug, str) and re.fullmatch(SLUG.pattern, slug)):
        wrong["slug"] = "slug is the short name of an entry, as in the results of a search."
    if kind is None or wrong:
        raise Invalid(WRONG, wrong)
    return kind, str(slug)


def cite(catalogue: Catalogue, published: Published) -> str:
    """Return how to name an entry in a text."""
    entry = published.entry
    return (
        f"{entry.title}. In: {catalogue.settings.site_name}, version {entry.version}, "
        f"updated on {day(entry.updated_at)}. {catalogue.address(published.url)}"
    )


def _words(shown: Shown, cited: str) -> str:
    lines = [f"{shown.title} ({shown.kind_label}). Cite as: {cited}"]
    silent = []
    for value in shown.values.values():
        declared = value.declared
        if not value.stated:
            silent.append(declared.title.lower())
            continue
        origins = [
            f"{o.source.slug}{', ' + o.locator if o.locator else ''} ({o.status.value})"
            for o in value.origins
            if o.status is not Status.NOT_STATED
        ]
        said = cut("; ".join(item.text for item in value.items))
        lines.append(f"- {declared.title}: {said}{_within(origins)}")
    if silent:
        lines.append(f"No source states: {', '.join(silent)}.")
    return "\n".join(lines)


def _within(origins: list[str]) -> str:
    return f" [{'; '.join(dict.fromkeys(origins))}]" if origins else ""


ENTRY = Tool(
    name="entry",
    title=marked("Read one entry"),
    description=marked(
        "Read an organisation, a programme or a training whole: every value, which source "
        "states it and at which place, and how to cite it. A value that is null is stated by no "
        "source: do not fill it from elsewhere."
    ),
    takes=_schema,
    gives=CitedEntry,
    run=_entry,
)
