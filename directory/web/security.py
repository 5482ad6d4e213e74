"""Headers that every response carries, even those of addresses that lead nowhere."""

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


_STRICT = {"strict-transport-security": "max-age=31536000; includeSubDomains"}


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


_HEADERS, _FOR_HTTPS = _encoded(HEADERS), _encoded(HEADERS | _STRICT)


async def add_security_headers(message: Message, scope: Scope) -> None:
    """Add the headers just before a response is sent: middleware would miss unrouted 404s.

    What a page says itself stays.
    """
    if message["type"] != "http.response.start":
        return
    given = [*message["headers"]]
    names = {name.lower() for name, _ in given}
    wanted = _FOR_HTTPS if scope.get("scheme") == "https" else _HEADERS
    message["headers"] = [*given, *(header for header in wanted if header[0] not in names)]
