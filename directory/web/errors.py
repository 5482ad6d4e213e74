"""The one translator from errors to pages; the API has its own, to problem JSON."""

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from directory.errors import (
    Conflict,
    DirectoryError,
    Gone,
    Invalid,
    NotAllowed,
    NotFound,
    TooMany,
)
from directory.languages import gettext, marked, worded
from directory.web.page import page

log = logging.getLogger("directory")

STATUS: dict[type[DirectoryError], int] = {
    Gone: 410,
    NotFound: 404,
    NotAllowed: 403,
    Invalid: 422,
    Conflict: 409,
    TooMany: 429,
}
WORDS = {
    400: (
        marked("This address cannot be read"),
        marked("Something in the address or the form does not fit."),
    ),
    401: (marked("Please sign in"), marked("This page is for people with an account.")),
    403: (
        marked("This is not for you to do"),
        marked("Your account may not do this, or the form has expired."),
    ),
    404: (
        marked("There is nothing at this address"),
        marked("It may have moved, or the address has a typing error."),
    ),
    405: (
        marked("This cannot be done here"),
        marked("Please use the links and buttons of the page."),
    ),
    409: (
        marked("Somebody else was faster"),
        marked("Your text was not saved over theirs."),
    ),
    410: (
        marked("This is no longer listed"),
        marked("It was here, and it was taken down for a reason."),
    ),
    413: (
        marked("That is too much at once"),
        marked("The file or text is larger than this page takes."),
    ),
    422: (marked("Some fields need another look"), marked("Nothing was saved yet.")),
    429: (marked("That was too often"), marked("Please wait a little; nothing was saved.")),
    500: (
        marked("Something broke on our side"),
        marked("Nothing was lost. Please try again in a minute."),
    ),
}
"""The title and the sentence for each status, in English until they are shown."""


def status_of(error: Exception) -> int:
    """Return the HTTP status for any error; what nobody foresaw is 500."""
    if isinstance(error, DirectoryError):
        return next((s for kind, s in STATUS.items() if isinstance(error, kind)), 500)
    return error.status_code if isinstance(error, HTTPException) else 500


def headers_of(error: Exception) -> dict[str, str]:
    """Return the headers that go with an error, such as when to try again (RFC 9110, 10.2.3)."""
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.wait)}
    return dict(error.headers or {}) if isinstance(error, HTTPException) else {}


async def refuse_unreadable_path(request: Request[Any, Any, Any]) -> None:
    """Raise NotFound for NUL in an address: PostgreSQL and the file system break on it.

    A hook for `before_request`.
    """
    if "\x00" in request.scope["path"]:
        raise NotFound(gettext("There is nothing at this address."))


def error_page(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Say what happened, what was kept and what to do next; never show a stack trace."""
    status = status_of(error)
    if status >= 500:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    title, words = WORDS.get(status, WORDS[400 if status < 500 else 500])
    said = str(error) if isinstance(error, DirectoryError) and status < 500 else None
    response = page(
        request,
        "web/error.html",
        status=status,
        title=worded(title),
        words=worded(words),
        said=said,
    )
    response.headers.update(headers_of(error))
    return response
