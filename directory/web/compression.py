"""Compression: brotli or gzip, for what is written anew for each request, as it is written.

Pages with a form are compressed too. The size of an answer could give a token away to somebody
who watches the line and has a browser ask again and again (BREACH); therefore the token is masked
anew in each answer, see `web/csrf.py`.
"""

import re
from collections.abc import Collection
from importlib.util import find_spec

from litestar.config.compression import CompressionConfig
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware.compression import CompressionMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_TEXT = re.compile(
    r"text/|image/svg\+xml|application/([\w.+-]+[+-])?(json|xml|javascript|ndjson)\b"
)
"""What gets smaller. Spreadsheets, PDF and ZIP files are compressed inside."""

WINDOW = 18
"""The power of two of how far brotli looks back, in bytes: no page is longer than 256 kB."""

HAS_BROTLI = find_spec("brotli") is not None

_CONFIG = CompressionConfig(
    backend="brotli" if HAS_BROTLI else "gzip",
    minimum_size=500,
    brotli_quality=5,
    brotli_lgwin=WINDOW,
    gzip_compress_level=5,
)
ENCODINGS = ("br", "gzip") if HAS_BROTLI else ("gzip",)
"""What we can do, the best first."""


def accepted(header: str, offered: Collection[str] = ENCODINGS) -> str | None:
    """Return the encoding that the header Accept-Encoding likes best, or None for none at all.

    Of several that it likes equally the first offered is taken (RFC 9110, 12.5.3).
    """
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        try:
            weights[name.strip()] = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            weights[name.strip()] = 0
    liked = {name: weights.get(name, weights.get("*", 0)) for name in offered}
    best = max(offered, key=lambda name: liked[name], default=None)
    return best if best and liked[best] > 0 else None


def with_compression(app: ASGIApp) -> ASGIApp:
    """Wrap an application; answers to addresses that lead nowhere are compressed too.

    Litestar's middleware, used directly, would take `br;q=0` for a yes, compress what is compressed
    inside, and say `Vary` only where it did something.
    """
    packer = CompressionMiddleware(app, _CONFIG)

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        chosen: Send = send
        depends = False

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start" and depends:
                headers = MutableScopeHeaders.from_message(message)
                if "accept-encoding" not in headers.get("vary", "").lower():
                    headers.extend_header_value("vary", "Accept-Encoding")
            await send(message)

        async def choose(message: Message) -> None:
            nonlocal chosen, depends
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                is_text = bool(_TEXT.match(headers.get("content-type", "")))
                # A 304 names what the whole answer would have depended on (RFC 9110, 15.4.5).
                depends = is_text or message["status"] == 304
                encoding = accepted(Headers.from_scope(scope).get("accept-encoding", ""))
                chosen = tell
                if is_text and encoding and "content-encoding" not in headers:
                    chosen = packer.create_compression_send_wrapper(tell, encoding, scope)
            await chosen(message)

        await app(scope, receive, choose if scope["type"] == ScopeType.HTTP else send)

    return wrapped
