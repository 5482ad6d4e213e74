"""Forms carry a token; pages without a form set no cookie for it, so that caches may keep them.

In a form the token stands under a mask that is new each time. Otherwise whoever sees how large
compressed answers are could find it out bit by bit (BREACH, breachattack.com).
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from litestar import Request, Response
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.middleware.csrf import CSRFMiddleware, generate_csrf_token
from litestar.types import Receive, Scope, Send

from directory.settings import Settings
from directory.web.keeping import SHOWS_FORM
from directory.web.page import page


class CarefulCSRF(CSRFMiddleware):
    """Litestar's check, for requests that may change something.

    Litestar's own makes a token and a cookie for everybody who reads anything, and breaks on a
    token that is no ASCII text instead of refusing it.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through that changes nothing, or that has the token of its cookie."""
        reads = scope["type"] == ScopeType.HTTP and scope["method"] in self.config.safe_methods
        passed_on = self.app if reads else super().__call__
        await passed_on(scope, receive, send)

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


def csrf_config(settings: Settings, exclude: list[str]) -> CSRFConfig:
    """Return what is checked, and how; the addresses of programs are left out."""
    return CSRFConfig(
        secret=settings.secret,
        cookie_httponly=True,
        cookie_secure=settings.secure,
        exclude=exclude,
    )


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
    config = csrf_config(request.app.state.settings, [])
    known = request.cookies.get(config.cookie_name)
    token = known or generate_csrf_token(config.secret)
    context = {"errors": {}, "csrf": masked(token), **context}
    response = page(request, template, fragment=fragment, status=status, **context)
    if not known:
        response.set_cookie(
            Cookie(
                key=config.cookie_name,
                value=token,
                path=config.cookie_path,
                secure=config.cookie_secure,
                httponly=config.cookie_httponly,
                samesite=config.cookie_samesite,
            )
        )
    return response
