"""The description of the API (OpenAPI 3.1): one JSON file, and no page that loads scripts."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Server, Tag

from directory.db import Database
from directory.entries.kinds import KINDS, Kind
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.exports.json import ENTRY_MODELS, Claim
from directory.matching.need import MOST_VALUES, MUST, Need, conditions, questions
from directory.search.query import FACETS
from directory.settings import Settings
from directory.sources.claims import Status

PATH = "/api/v1/openapi.json"
DESCRIPTION = """\
Organisations that work on digital policy, their programmes and their trainings.

Every value of an entry comes with claims that say which source states it. A value that no source
states is null. Reading what is public needs no key; a program that saves drafts for a person sends
the token of that person, and names with If-Match the revision that it started from. Lists and
entries carry an ETag: send it back as If-None-Match and an unchanged answer costs nothing. A
request that writes may carry an Idempotency-Key and is then done once, however often it is sent.
Every answer tells in RateLimit how many requests are left. Errors are problem details (RFC 9457).
A parameter that does not exist is refused, so that a typo does not go unseen. Fields and addresses
may be added within version 1; none is renamed or removed. The page /developers explains all of it
with examples.
"""


def _example(kind: Kind) -> dict[str, Any]:
    """Return an entry of which no more than the title is known, as the API would give it."""
    title, day = (
        f"An example {kind.label_in_english.lower()}",
        datetime(2026, 11, 22, 12, tzinfo=UTC),
    )
    claim = Claim(
        source_slug="example-profile",
        locator="line 12",
        note=None,
        status=Status.STATED.value,
        checked_on=day.date(),
        item=None,
        values=None,
    )
    entry = ENTRY_MODELS[kind.name](
        id=UUID("01a202f6-daa9-7380-8e81-844945b75c45"),
        kind=kind.name,
        slug="example",
        title=title,
        url=kind.url("example"),
        version=1,
        state="published",
        profile={**dict.fromkeys(kind.public_fields), kind.title_field: title},
        claims={kind.title_field: [claim]},
        language="en",
        translations={},
        links=[],
        published_at=day,
        updated_at=day,
        confirmed_at=None,
        confirmed_by=None,
        review_by=day.date() + timedelta(days=365),
        stale=False,
    )
    return entry.model_dump(mode="json")


def need_schema(words: Vocabularies) -> dict[str, Any]:
    """Return the schema of a need with the codes of this moment."""
    schema = Need.model_json_schema()
    for name, asked in questions().items():
        if asked.vocabulary:
            codes = list(words.terms.get(asked.vocabulary, {}))
            found = schema["properties"][name]
            if asked.many:
                found["items"] = {"type": "string", "enum": codes}
            else:
                found["anyOf"] = [{"type": "string", "enum": codes}, {"type": "null"}]
    musts = {"type": "array", "items": {"enum": list(conditions())}, "maxItems": MOST_VALUES}
    schema["properties"][MUST]["anyOf"] = [musts, {"type": "null"}]
    return schema


def fill_codes(name: str, schema: dict[str, Any], words: Vocabularies) -> None:
    """Write the codes of this moment into the schema of a filter of the search."""
    facet = FACETS.get(name)
    if facet and facet.vocabulary:
        schema["items"]["enum"] = [*words.terms.get(facet.vocabulary, {}), NOT_STATED]


def described(database: Database, openapi_schema: dict[str, Any]) -> dict[str, Any]:
    """Add what Litestar cannot know or would leave out.

    The codes that the filters of the search take are data; and examples would lose their nulls,
    which are the point of an entry that no source says more about.
    """
    with database.reading() as session:
        words = Vocabularies.read(session)
    paths = deepcopy(openapi_schema["paths"])
    for parameter in paths["/api/v1/search"]["get"]["parameters"]:
        fill_codes(parameter["name"], parameter["schema"], words)
    schemas = deepcopy(openapi_schema["components"]["schemas"])
    schemas["Need"] = need_schema(words)
    for kind in KINDS.values():
        answer = paths[f"/api/v1/{kind.path}/{{slug}}"]["get"]["responses"]["200"]
        answer["content"]["application/json"]["example"] = _example(kind)
    components = {**openapi_schema["components"], "schemas": schemas}
    return {**openapi_schema, "paths": paths, "components": components}


class _Description(JsonRenderPlugin):
    """Gives the description as JSON."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Render the description with the codes of this moment."""
        return self.render_json(request, described(request.app.state.database, openapi_schema))


def openapi_config(settings: Settings) -> OpenAPIConfig:
    """Return the configuration; the application leaves everything but the API out of the schema."""
    return OpenAPIConfig(
        title=settings.site_name,
        version="1.0.0",
        description=DESCRIPTION,
        servers=[Server(url=settings.base_url)],
        tags=[
            Tag(name="Entries", description="Organisations, programmes and trainings."),
            Tag(name="Search", description="The search of the site."),
            Tag(name="Vocabularies", description="The codes that entries use."),
            Tag(name="Drafts", description="What a program writes for a person, with a token."),
        ],
        components=Components(
            security_schemes={
                "token": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="A token that a person makes on the page /account/tokens.",
                )
            }
        ),
        # The path of the router itself: below it Litestar would answer what is not there by
        # a page of its own.
        path=PATH,
        render_plugins=[_Description(path="/")],
    )
