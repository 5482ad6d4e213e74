"""Scripts of every other site may read the API and what is made for their pages (Fetch standard).

All other pages stay with their own.
"""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

OPEN = ("/api/", "/embed/")
HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag",
}
PREFLIGHT_HEADERS = {
    "access-control-allow-methods": "GET, HEAD, POST",
    "access-control-allow-headers": "Content-Type, If-None-Match",
    "access-control-max-age": "86400",
}


async def open_api_to_all_origins(message: Message, scope: Scope) -> None:
    """Add the headers to whatever these addresses answer, errors too. A hook for `before_send`.

    No cookie is read there, so that nothing of a visitor can be read through it.
    """
    if message["type"] != "http.response.start" or not scope["path"].startswith(OPEN):
        return
    headers = MutableScopeHeaders.from_message(message)
    asks_first = scope.get("method") == "OPTIONS"
    for name, value in (HEADERS | (PREFLIGHT_HEADERS if asks_first else {})).items():
        headers.setdefault(name, value)
