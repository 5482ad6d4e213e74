"""Headers that every response carries, even those of addresses that lead nowhere."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope


def content_security_policy(*, framed_by: str = "'none'", frames: str = "'none'") -> str:
    """Return the policy of a page: who may show it in a frame, and what it may itself frame."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'; worker-src 'self'; frame-src {frames}; form-action 'self'; "
        f"frame-ancestors {framed_by}; base-uri 'none'"
    )


HEADERS = {
    "content-security-policy": content_security_policy(),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(), camera=(), microphone=()",
}


async def add_security_headers(message: Message, scope: Scope) -> None:
    """Add the headers just before a response is sent: middleware would miss unrouted 404s."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if scope.get("scheme") == "https":
        headers.setdefault("strict-transport-security", "max-age=31536000; includeSubDomains")
