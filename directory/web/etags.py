"""ETags: whoever has an answer already is told that it still holds, before the work is done."""

from hashlib import sha256
from importlib.metadata import version
from typing import Any

from litestar import Request, Response

from directory.languages import language

_RELEASE = version("capacity-directory")


def tag_for(request: Request[Any, Any, Any], *state: str) -> str:
    """Return the weak ETag of this address, language and state of the data (RFC 9110, 8.8.3)."""
    query = request.scope["query_string"].decode("latin-1")
    text = "\n".join((_RELEASE, request.scope["path"], query, language().code, *state))
    return f'W/"{sha256(text.encode()).hexdigest()[:24]}"'


def tag_headers(tag: str) -> dict[str, str]:
    """Return the headers that let a client keep an answer, and make it ask whether it holds."""
    return {"ETag": tag, "Cache-Control": "no-cache"}


def names(given: str, tag: str) -> bool:
    """Say whether the header If-None-Match names this very tag, however strong (RFC 9110, 8.8.3.2).

    It does not look at `*`, which names whatever there is.
    """
    return tag.removeprefix("W/") in {t.strip().removeprefix("W/") for t in given.split(",")}


def not_modified(request: Request[Any, Any, Any], tag: str) -> Response[None] | None:
    """Return a 304 when the client has this answer already (RFC 9110, 13.1.2)."""
    given = request.headers.get("if-none-match", "")
    if not names(given, "*") and not names(given, tag):
        return None
    return Response(None, status_code=304, headers=tag_headers(tag))
