"""Scripts of every other site may read the API and the data formats (Fetch standard).

Pages stay with their own site, and so does everything of signed-in people.
"""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

OPEN = ("/api/", "/as/", "/moochub/")
OPEN_ENDINGS = (".json", ".jsonld", ".csv", ".atom", ".ics", ".ttl")
CLOSED = ("/curation", "/account", "/admin")
HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag",
}
PREFLIGHT_HEADERS = {
    "access-control-allow-methods": "GET, HEAD, POST",
    "access-control-allow-headers": "Content-Type, If-None-Match",
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
