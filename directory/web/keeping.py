"""Who may keep a page: caches on the way, and the device of the reader.

One header says both. A page that may be kept is stale at once, so that everybody asks again; where
the network or the site does not answer, what was kept may be shown (RFC 5861, `stale-if-error`).
The worker that opens pages without a network keeps exactly the pages that say so.
"""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

PRIVATE_PATHS = (
    "/curation",
    "/account",
    "/admin",
    "/report",
    "/claim",
    "/confirm",
    "/no-letters",
    "/alerts/",
)
"""Pages about a person or for one: no crawler reads them, no program is told of them."""

A_MONTH = 30 * 24 * 60 * 60
SHOWS_FORM = "shows_form"
"""Under this name the state of a request says that its page holds the token of a form."""

OF_PUBLIC_DATA = "of_public_data"
FOR_ALL = {OF_PUBLIC_DATA: True}
"""The `opt` of a handler whose page depends on what is public alone: see `web/kept.py`."""

BY_ALL = f"public, max-age=0, stale-if-error={A_MONTH}"
BY_THE_READER = f"private, max-age=0, stale-if-error={A_MONTH}"
BY_NOBODY_ELSE = "private, no-cache"


async def say_who_may_keep(message: Message, scope: Scope) -> None:
    """Add the header to a page that has none; take it from a page of somebody who is signed in.

    A hook for `before_send`.
    """
    if message["type"] != "http.response.start" or message["status"] != 200:
        return
    headers = MutableScopeHeaders.from_message(message)
    if not headers.get("content-type", "").startswith("text/html"):
        return
    given = headers.get("cache-control", "")
    if scope.get("session"):
        if not given or "stale-if-error" in given:
            headers["cache-control"] = BY_NOBODY_ELSE
    elif not given and _is_for_all(scope):
        headers["cache-control"] = BY_ALL


def _is_for_all(scope: Scope) -> bool:
    """Say whether everybody gets this page; a part of it is no page."""
    is_part = any(name == b"hx-request" for name, _ in scope["headers"])
    return (
        scope.get("method") == "GET"
        and not is_part
        and not scope["state"].get(SHOWS_FORM)
        and not scope["path"].startswith(PRIVATE_PATHS)
    )
