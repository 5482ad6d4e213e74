"""Which language an address is answered in, and its addresses in the others."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from babel import negotiate_locale
from litestar import Request
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from directory.languages import SOURCE, languages, reading

PARAMETER = "lang"
COOKIE = "lang"
A_YEAR = 365 * 24 * 60 * 60

_FOR_MACHINES = re.compile(
    r"/(api|mcp|oai|hsds(?!/profile$)|moochub|static|healthz|readyz|metrics)(/|$)|.*\.[a-z]+$"
)

_FRAMED = "/embed/"
"""What stands in the frames of other sites reads no cookie and sets none."""


def with_language(app: ASGIApp) -> ASGIApp:
    """Wrap an application: whatever it words is in the language of who reads.

    The parameter `lang` decides, then the choice kept in a cookie, then what the browser asks for
    (RFC 9110, 12.5.4). Programs get English unless the address says otherwise, so that an answer
    depends on nothing but its address.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        headers = Headers.from_scope(scope)
        asked = _asked(scope)
        machine = is_for_machines(scope["path"])
        framed = scope["path"].startswith(_FRAMED)
        kept = None if machine or framed else _cookie(headers)
        chosen = asked or kept or (SOURCE if machine else _preferred(headers))

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and not machine:
                _tell(message, chosen, keep=not framed and asked is not None and asked != kept)
            await send(message)

        with reading(chosen):
            await app(scope, receive, told)

    return wrapped


def is_for_machines(path: str) -> bool:
    """Say whether programs are answered here, and not people."""
    return bool(_FOR_MACHINES.match(path))


def _asked(scope: Scope) -> str | None:
    if b"lang=" not in scope["query_string"]:
        return None
    given = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get(PARAMETER)
    return given if given in languages() else None


def _cookie(headers: Headers) -> str | None:
    for pair in headers.get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE and value in languages():
            return value
    return None


def _preferred(headers: Headers) -> str:
    """Return the best of our languages for what the browser asks for; English if none fits."""
    asked = []
    for item in headers.get("accept-language", "").split(",")[:20]:
        name, _, quality = item.strip().partition(";q=")
        try:
            asked.append((-float(quality or 1), name))
        except ValueError:
            continue
    wanted = [name for weight, name in sorted(asked, key=lambda pair: pair[0]) if weight < 0]
    return negotiate_locale(wanted, languages(), sep="-") or SOURCE


def _tell(message: Any, chosen: str, *, keep: bool) -> None:
    """Say in the headers which language it is, and keep an explicit choice for the next page."""
    headers = MutableScopeHeaders.from_message(message)
    if not headers.get("content-type", "").startswith("text/html"):
        return
    headers["Content-Language"] = chosen
    headers.extend_header_value("Vary", "Accept-Language")
    if keep:
        headers.add(
            "Set-Cookie",
            f"{COOKIE}={chosen}; Max-Age={A_YEAR}; Path=/; HttpOnly; SameSite=lax",
        )


def address_of(request: Request[Any, Any, Any]) -> str:
    """Return the address of this page, whatever language it is asked for in."""
    path, query = request.url.path, request.scope["query_string"]
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True) if query else []
    others = urlencode([(k, v) for k, v in pairs if k != PARAMETER], safe="/")
    return f"{path}?{others}" if others else path
