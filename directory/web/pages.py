"""Pages that hold no entries: about, accessibility, and what machines that watch ask for."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, Router, get

from directory.db import Database, now
from directory.settings import Settings
from directory.web.help import guide, guides
from directory.web.keeping import PRIVATE_PATHS
from directory.web.offline import offline, worker
from directory.web.page import page

# RFC 9116 wants less than a year.
SECURITY_TXT_HOLDS = timedelta(days=180)
TESTED = Path(__file__).parent / "accessibility.json"
"""What the accessibility tests looked at, and when; `make accessibility` writes it."""


@get("/about")
async def about(request: Request[Any, Any, Any]) -> Response[Any]:
    """What this is, how it is made, what a listing means."""
    return page(request, "web/about.html")


@get("/accessibility")
async def accessibility(request: Request[Any, Any, Any]) -> Response[Any]:
    """What is done for every reader, what was tested, what is not met."""
    tested = json.loads(TESTED.read_text(encoding="utf-8"))
    tested["tested_on"] = date.fromisoformat(tested["tested_on"])
    return page(request, "web/accessibility.html", tested=tested)


@get("/robots.txt", media_type=MediaType.TEXT)
async def robots(request: Request[Any, Any, Any]) -> str:
    """Where crawlers may go (RFC 9309)."""
    settings: Settings = request.app.state.settings
    closed = "".join(f"Disallow: {path}\n" for path in PRIVATE_PATHS)
    return f"User-agent: *\n{closed}Sitemap: {settings.base_url}/sitemap.xml\n"


@get("/.well-known/security.txt", media_type=MediaType.TEXT)
async def security_txt(request: Request[Any, Any, Any]) -> str:
    """Where to report a weakness (RFC 9116)."""
    settings: Settings = request.app.state.settings
    expires = (now() + SECURITY_TXT_HOLDS).strftime("%Y-%m-%dT00:00:00Z")
    return (
        f"Contact: {settings.security_contact or settings.base_url + '/about#security'}\n"
        f"Expires: {expires}\nPreferred-Languages: en\n"
        f"Canonical: {settings.base_url}/.well-known/security.txt\n"
    )


@get("/healthz", media_type=MediaType.TEXT)
async def healthz() -> str:
    """Say that the process answers."""
    return "ok\n"


@get("/readyz", media_type=MediaType.TEXT, sync_to_thread=True)
def readyz(request: Request[Any, Any, Any]) -> Response[str]:
    """Say whether the database answers too; 503 when it does not."""
    database: Database = request.app.state.database
    if database.answers():
        return Response("ready\n")
    return Response("the database does not answer\n", status_code=503)


router = Router(
    path="/",
    route_handlers=[
        about,
        accessibility,
        guides,
        guide,
        robots,
        security_txt,
        healthz,
        readyz,
        offline,
        worker,
    ],
)
