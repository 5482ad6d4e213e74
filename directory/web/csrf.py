"""Forms carry a token; pages without a form set no cookie for it, so that caches may keep them.

In a form the token stands under a mask that is new each time. Otherwise whoever sees how large
compressed answers are could find it out bit by bit (BREACH, breachattack.com).
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from litestar import Request, Response
from litestar.middleware.csrf import CSRFMiddleware
from litestar.template.base import csrf_token
from litestar.types import Message, Scope

from directory.web.keeping import SHOWS_FORM
from directory.web.page import page


class CarefulCSRF(CSRFMiddleware):
    """Litestar's check, which breaks on a token that is no ASCII text instead of refusing it."""

    def _csrf_tokens_match(self, request_csrf_token: Any, cookie_csrf_token: str) -> bool:
        if not isinstance(request_csrf_token, str):
            return False
        sent = unmasked(request_csrf_token)
        return (
            sent.isascii()
            and cookie_csrf_token.isascii()
            and super()._csrf_tokens_match(sent, cookie_csrf_token)
        )


def masked(token: str) -> str:
    """Return a token under a new mask; what is none, because a cookie was tampered with, as is."""
    try:
        bare = bytes.fromhex(token)
    except ValueError:
        return token
    mask = secrets.token_bytes(len(bare))
    return urlsafe_b64encode(mask + _mixed(mask, bare)).decode()


def unmasked(sent: str) -> str:
    """Return the token under a mask; what wears none is returned as it is."""
    try:
        both = urlsafe_b64decode(sent)
    except ValueError:
        return sent
    half = len(both) // 2
    return _mixed(both[:half], both[half:]).hex() if half == TOKEN_BYTES else sent


def _mixed(mask: bytes, text: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(mask, text, strict=False))


TOKEN_BYTES = 64
"""Litestar's token is 32 random bytes and their signature, in hexadecimal digits."""

_COOKIE = b"csrftoken="


def form_page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    fragment: str | None = None,
    status: int = 200,
    **context: Any,
) -> Response[str]:
    """Render a page with a form that is sent by POST; the template finds its token as `csrf`."""
    request.scope["state"][SHOWS_FORM] = True
    token = masked(unmasked(csrf_token({"request": request})))
    context = {"errors": {}, **context}
    return page(request, template, fragment=fragment, status=status, csrf=token, **context)


async def csrf_cookie_with_forms_only(message: Message, scope: Scope) -> None:
    """Drop the cookie that Litestar sets on every page, unless the page shows a form.

    A hook for `before_send`.
    """
    if message["type"] != "http.response.start" or scope["state"].get(SHOWS_FORM):
        return
    message["headers"] = [
        (name, value)
        for name, value in message["headers"]
        if not (name.lower() == b"set-cookie" and value.startswith(_COOKIE))
    ]
