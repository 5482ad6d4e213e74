"""Pages that open without a network: the worker that keeps them, and the page for the others."""

import json
from hashlib import sha256
from typing import Any

from litestar import Request, Response, get

from directory.web.etags import not_modified
from directory.web.page import page
from directory.web.templating import STATIC, static_url

SHELL = ("style.css", "icon.svg", "offline.js", "offline-page.js")
"""What the offline page needs; the style sheets of other pages are kept when they are seen."""

_WORKER = (STATIC / "worker.js").read_text(encoding="utf-8")
_ANONYMOUS = {"skip_session": True}


def _offline(request: Request[Any, Any, Any]) -> Response[str]:
    return page(request, "web/offline.html")


@get("/offline", opt=_ANONYMOUS)
async def offline(request: Request[Any, Any, Any]) -> Response[Any]:
    """What the worker shows in place of a page that it cannot get and has not kept."""
    response = _offline(request)
    # The worker keeps it as a file of its own, and not among the pages that were seen.
    response.headers["Cache-Control"] = "no-cache"
    return response


@get("/sw.js", opt=_ANONYMOUS)
async def worker(request: Request[Any, Any, Any]) -> Response[Any]:
    """The worker. It names its files by what is in them, so that each release replaces it."""
    release = sha256(_offline(request).content.encode()).hexdigest()[:10]
    files = [*map(static_url, SHELL), f"/offline?v={release}"]
    script = f"const SHELL = {json.dumps(files)};\n{_WORKER}"
    tag = f'W/"{sha256(script.encode()).hexdigest()[:24]}"'
    if same := not_modified(request, tag):
        return same
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    return Response(script, media_type="text/javascript", headers=headers)
