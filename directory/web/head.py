"""Answer HEAD wherever GET is answered, and say so (RFC 9110, 9.3.2 and 10.2.1).

Litestar would say 405, and leave HEAD out of Allow.
"""

from typing import Any

from litestar.datastructures import MutableScopeHeaders
from litestar.types import ASGIApp, Message, Receive, Scope, Send


async def allow_head_with_get(message: Message, _scope: Scope) -> None:
    """Name HEAD beside GET where a response lists what an address takes.

    A hook for `before_send`.
    """
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    methods = {m.strip() for m in headers.get("allow", "").split(",")}
    if "GET" in methods:
        headers["allow"] = ", ".join(sorted(methods | {"HEAD"}))


def with_head(app: ASGIApp) -> ASGIApp:
    """Wrap an application: HEAD runs as GET, with the same headers and no body."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        request: Any = scope
        if request["type"] != "http" or request["method"] != "HEAD":
            await app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await app({**request, "method": "GET"}, receive, without_body)  # type: ignore[arg-type]

    return wrapped
