"""Addresses of entries with an ending, such as `/trainings/cyber-school-initiative.json`."""

import re
from collections.abc import Collection
from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send


def with_json_addresses(app: ASGIApp, paths: Collection[str], api: str) -> ASGIApp:
    """Wrap an application: `/{path}/{slug}.json` is answered by `{api}/{path}/{slug}`.

    A slug has no dot, so that no entry loses its page by this.
    """
    pattern = re.compile(rf"/({'|'.join(map(re.escape, paths))})/([^/]+)\.json")

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        request: Any = scope
        if request["type"] == "http" and (found := pattern.fullmatch(request["path"])):
            path = f"{api}/{found[1]}/{found[2]}"
            request = {**request, "path": path, "raw_path": path.encode()}
        await app(request, receive, send)

    return wrapped
