"""The description of the API (OpenAPI 3.1): one JSON file, and no page that loads scripts."""

from copy import deepcopy
from typing import Any

from litestar import Request
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Server, Tag

from directory.db import Database
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.search.query import FACETS
from directory.settings import Settings

PATH = "/api/v1/openapi.json"
DESCRIPTION = """\
Organisations that work on digital policy, their programmes and their trainings.

Every value of an entry comes with claims that say which source states it. A value that no source
states is null. Reading needs no key. Lists and entries carry an ETag: send it back as If-None-Match
and an unchanged answer costs nothing. Errors are problem details (RFC 9457). A parameter that does
not exist is refused, so that a typo does not go unseen. Fields and addresses may be added within
version 1; none is renamed or removed.
"""


class _WithCodes(JsonRenderPlugin):
    """Fills in the codes that the filters of the search take: they are data, not code."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Render the description with the codes of this moment."""
        database: Database = request.app.state.database
        with database.reading() as session:
            words = Vocabularies.read(session)
        described = dict(openapi_schema)
        described["paths"] = deepcopy(openapi_schema["paths"])
        for parameter in described["paths"]["/api/v1/search"]["get"]["parameters"]:
            facet = FACETS.get(parameter["name"])
            if facet and facet.vocabulary:
                codes = [*words.terms.get(facet.vocabulary, {}), NOT_STATED]
                parameter["schema"]["items"]["enum"] = codes
        return self.render_json(request, described)


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
        ],
        # The path of the router itself: below it Litestar would answer what is not there by
        # a page of its own.
        path=PATH,
        render_plugins=[_WithCodes(path="/")],
    )
