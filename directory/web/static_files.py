"""Static files: few and small, so that each is packed once, as tightly as can be, and kept."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from directory.errors import NotFound
from directory.languages import gettext
from directory.web.compression import HAS_BROTLI, accepted
from directory.web.etags import not_modified
from directory.web.templating import STATIC, static_digest

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PICTURES = {".png": "image/png"}
"""Packed already: what else is done to them makes them no smaller."""

FOR_A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class StaticFile:
    """A file as it is sent: plain under the encoding "", packed under the others."""

    media_type: str
    bodies: Mapping[str, bytes]


@cache
def read_static(name: str) -> StaticFile:
    """Read a file and pack it in every way; a tenth of a second for the largest. Or NotFound."""
    path = STATIC / name
    media_type = (MEDIA_TYPES | PICTURES).get(path.suffix)
    if media_type is None or name not in {file.name for file in STATIC.iterdir()}:
        raise NotFound(gettext("There is nothing at this address."))
    plain = path.read_bytes()
    if path.suffix in PICTURES:
        return StaticFile(media_type, {"": plain})
    bodies = {"": plain, "gzip": gzip.compress(plain, 9, mtime=0)}
    if HAS_BROTLI:
        import brotli

        bodies = {"br": brotli.compress(plain), **bodies}
    return StaticFile(media_type, bodies)


@get("/static/{name:str}", sync_to_thread=True)
def static_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """A file of the site; for a year under the address that names what is in it."""
    found = read_static(name)
    digest = static_digest(name)
    tag = f'W/"{digest}"'
    if same := not_modified(request, tag):
        return same
    offered = [encoding for encoding in found.bodies if encoding]
    encoding = accepted(request.headers.get("accept-encoding", ""), offered) or ""
    is_this = request.query_params.get("v") == digest
    headers = {
        "ETag": tag,
        "Cache-Control": FOR_A_YEAR if is_this else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(found.bodies[encoding], media_type=found.media_type, headers=headers)
