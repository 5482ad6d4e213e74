"""Answer HEAD wherever GET is answered (RFC 9110, section 9.3.2); Litestar would say 405."""

from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send


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
