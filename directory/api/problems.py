"""The one translator from errors to problem details (RFC 9457); pages have their own."""

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import ValidationException
from pydantic import BaseModel, Field

from directory.errors import DirectoryError, Invalid
from directory.web.errors import headers_of, status_of

log = logging.getLogger("directory")

PROBLEM_JSON = "application/problem+json"
WORDS = {
    400: "Some parameters need another look.",
    401: "Send a token that works, as in Authorization: Bearer dcd_…; see /account/tokens.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    500: "Something broke on our side; please try again in a minute.",
}


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field("about:blank", description="about:blank: the status says it all.")
    title: str = Field(description="The words of the HTTP status.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="One sentence about this very request.")
    instance: str = Field(description="The address that was asked for.")
    errors: dict[str, str] | None = Field(
        None, description="By parameter: one sentence that says what does not fit."
    )


class StaleProblem(Problem):
    """Somebody has saved since the revision that a change was made from; nothing was saved."""

    revision: int = Field(description="Number of the newest revision.")
    etag: str = Field(description="The ETag of the newest revision, for If-Match.")
    differing: list[str] = Field(
        description="The fields in which what was sent and the newest revision differ."
    )


def is_api(request: Request[Any, Any, Any]) -> bool:
    """Say whether an address belongs to an API, also when nothing is there."""
    return f"{request.scope['path']}/".startswith(("/api/", "/hsds/"))


def _said_of(key: str | None, message: str) -> tuple[str, str]:
    """Name what does not fit, and say so; Litestar gives the body as a whole no name of its own."""
    if key in (None, "data"):
        return "body", "The body is one JSON object."
    text = message.replace("`", "")
    return key, f"{key} does not fit: {text}."


def _errors(error: Exception) -> dict[str, str] | None:
    """Return one sentence for each parameter that does not fit."""
    if isinstance(error, Invalid):
        return error.by_field or None
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        return dict(_said_of(e.get("key"), str(e["message"])) for e in error.extra)
    return None


def problem_response(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Translate any error; what nobody foresaw is a 500 that shows nothing of the inside."""
    status = 400 if isinstance(error, Invalid) else status_of(error)
    if status >= 500:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    said = str(error) if isinstance(error, DirectoryError) and status < 500 else None
    return problem(request, status, said, _errors(error), headers=headers_of(error))


def problem(
    request: Request[Any, Any, Any],
    status: int,
    said: str | None = None,
    errors: dict[str, str] | None = None,
    *,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Response[bytes]:
    """Answer with a problem; `more` are members of a `StaleProblem`."""
    known = HTTPStatus(status)
    found = (StaleProblem if more else Problem)(
        title=known.phrase,
        status=status,
        detail=said or WORDS.get(status) or known.description or known.phrase,
        instance=quote(request.scope["path"]),
        errors=errors,
        **more,
    )
    return Response(
        found.model_dump_json(exclude_none=True).encode(),
        status_code=status,
        media_type=PROBLEM_JSON,
        headers=headers,
    )
