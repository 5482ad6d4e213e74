"""Forms carry a token; pages without a form set no cookie for it, so that caches may keep them."""

from typing import Any

from litestar import Request, Response
from litestar.middleware.csrf import CSRFMiddleware
from litestar.template.base import csrf_token
from litestar.types import Message, Scope

from directory.web.page import page


class CarefulCSRF(CSRFMiddleware):
    """Litestar's check, which breaks on a token that is no ASCII text instead of refusing it."""

    def _csrf_tokens_match(self, request_csrf_token: Any, cookie_csrf_token: str) -> bool:
        sent = isinstance(request_csrf_token, str) and request_csrf_token.isascii()
        return (
            sent
            and cookie_csrf_token.isascii()
            and super()._csrf_tokens_match(request_csrf_token, cookie_csrf_token)
        )


_SHOWS_FORM = "shows_form"
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
    request.scope["state"][_SHOWS_FORM] = True
    token = csrf_token({"request": request})
    context = {"errors": {}, **context}
    return page(request, template, fragment=fragment, status=status, csrf=token, **context)


async def csrf_cookie_with_forms_only(message: Message, scope: Scope) -> None:
    """Drop the cookie that Litestar sets on every page, unless the page shows a form.

    A hook for `before_send`.
    """
    if message["type"] != "http.response.start" or scope["state"].get(_SHOWS_FORM):
        return
    message["headers"] = [
        (name, value)
        for name, value in message["headers"]
        if not (name.lower() == b"set-cookie" and value.startswith(_COOKIE))
    ]
