"""The one translator from errors to pages; the API has its own, to problem JSON."""

import logging
from typing import Any

from litestar import Request, Response
from litestar.datastructures.multi_dicts import FormMultiDict
from litestar.exceptions import HTTPException
from litestar.types import Empty
from litestar.utils.scope.state import ScopeState

from directory.errors import (
    Conflict,
    DirectoryError,
    Gone,
    Invalid,
    NotAllowed,
    NotFound,
    TooMany,
    Unavailable,
)
from directory.languages import gettext, marked, worded
from directory.web.csrf import form_page
from directory.web.page import page

log = logging.getLogger("directory")

STATUS: dict[type[DirectoryError], int] = {
    Gone: 410,
    NotFound: 404,
    NotAllowed: 403,
    Invalid: 422,
    Conflict: 409,
    TooMany: 429,
    Unavailable: 503,
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
    503: (
        marked("This cannot be done just now"),
        marked("Nothing that was saved is lost. It usually takes less than a minute."),
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
    if isinstance(error, TooMany | Unavailable):
        return {"Retry-After": str(error.wait)}
    return dict(error.headers or {}) if isinstance(error, HTTPException) else {}


async def refuse_unreadable_path(request: Request[Any, Any, Any]) -> None:
    """Raise NotFound for NUL in an address: PostgreSQL and the file system break on it.

    A hook for `before_request`.
    """
    if "\x00" in request.scope["path"]:
        raise NotFound(gettext("There is nothing at this address."))


def _sent(request: Request[Any, Any, Any]) -> list[tuple[str, str]]:
    """Return the fields of a form that was sent and not saved, so that it can be sent again.

    What people sign in with stands on no page; a file is not kept, and neither is what belongs
    to it.
    """
    form = ScopeState.from_scope(request.scope).form
    if form is Empty or request.method != "POST" or request.scope["path"].startswith("/account"):
        return []
    pairs = list(FormMultiDict.from_form_data(form).multi_items())
    if not all(isinstance(value, str) for _, value in pairs):
        return []
    # Browsers send the ends of lines as CR LF, whatever stood in the page.
    return [(n, value.replace("\r\n", "\n")) for n, value in pairs if n != "_csrf_token"]


def error_page(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Say what happened, what was kept and what to do next; never show a stack trace."""
    status = status_of(error)
    if status == 503:
        log.warning("%s %s: the database is away", request.method, request.url.path)
    elif status >= 500:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    title, words = WORDS.get(status, WORDS[400 if status < 500 else 500])
    shown = isinstance(error, DirectoryError) and status != 500
    context = {
        "title": worded(title),
        "words": worded(words),
        "said": str(error) if shown else None,
    }
    if status == 503 and (sent := _sent(request)):
        response = form_page(request, "web/kept.html", status=status, sent=sent, **context)
    else:
        response = page(request, "web/error.html", status=status, **context)
    response.headers.update(headers_of(error))
    return response
