"""Version 1 of the API: a field or an address may be added, none is renamed or removed."""

from litestar import Router

from directory.api.problems import problem_response
from directory.api.v1 import drafts, entries, match, search, vocabularies

router = Router(
    path="/api/v1",
    route_handlers=[
        *entries.handlers,
        search.search,
        match.match_need,
        *vocabularies.handlers,
        *drafts.handlers,
    ],
    exception_handlers={Exception: problem_response},
    include_in_schema=True,
)
