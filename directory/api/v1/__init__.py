"""Version 1 of the API: a field or an address may be added, none is renamed or removed."""

from litestar import Router

from directory.api.problems import problem_response
from directory.api.v1 import changes, drafts, entries, match, search, vocabularies
from directory.web.limits import limit_by_address

router = Router(
    path="/api/v1",
    route_handlers=[
        *entries.handlers,
        changes.list_changes,
        search.search,
        match.match_need,
        *vocabularies.handlers,
        *drafts.handlers,
    ],
    guards=[limit_by_address],
    exception_handlers={Exception: problem_response},
    include_in_schema=True,
)
