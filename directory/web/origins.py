"""Scripts of every other site may use the API and read the data formats (Fetch standard).

Pages stay with their own site, and so does everything of signed-in people. A script may send a
token: no cookie opens anything here, so that a script can do no more than whoever gave it the
token could do without a browser. A token that stands in a page is known to all its readers; the
page for developers says so.
"""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

OPEN = ("/api/", "/as/", "/embed/", "/hsds", "/oai", "/dump", "/moochub/")
OPEN_ENDINGS = (".json", ".jsonld", ".csv", ".xlsx", ".atom", ".ics", ".ttl")
CLOSED = ("/curation", "/account", "/admin")
HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Link, Location, RateLimit, RateLimit-Policy, "
    "Retry-After, Idempotent-Replayed",
}
PREFLIGHT_HEADERS = {
    "access-control-allow-methods": "GET, HEAD, POST, PUT",
    "access-control-allow-headers": "Authorization, Content-Type, Idempotency-Key, If-Match, "
    "If-None-Match",
    "access-control-max-age": "86400",
}


def _is_open(path: str) -> bool:
    return path.startswith(OPEN) or (path.endswith(OPEN_ENDINGS) and not path.startswith(CLOSED))


async def open_data_to_all_origins(message: Message, scope: Scope) -> None:
    """Add the headers to whatever is answered there, errors included. A hook for `before_send`.

    No cookie is read there, so that nothing of a visitor can be read through it.
    """
    if message["type"] != "http.response.start" or not _is_open(scope["path"]):
        return
    headers = MutableScopeHeaders.from_message(message)
    asks_first = scope.get("method") == "OPTIONS"
    for name, value in (HEADERS | (PREFLIGHT_HEADERS if asks_first else {})).items():
        headers.setdefault(name, value)
