"""Addresses with an ending, such as `/trainings/cyber-school-initiative.ics`: one table."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True)
class Ending:
    """`/{path}/{name}.{ending}` is answered by `{answered_at}/{path}/{name}`.

    `paths` are the folders of pages that have this format, `title` and `media_type` are what a
    person and a machine read of it.
    """

    ending: str
    paths: Collection[str]
    answered_at: str
    title: str
    media_type: str


def with_endings(app: ASGIApp, endings: Iterable[Ending]) -> ASGIApp:
    """Wrap an application: every ending of the table leads to who answers it.

    A slug and the name of a vocabulary have no dot, and codes with a dot end in a number, so that
    nothing loses its page by this.
    """
    table = [
        (re.compile(rf"/({'|'.join(map(re.escape, e.paths))})/([^/]+)\.{e.ending}"), e)
        for e in endings
    ]

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        request: Any = scope
        if request["type"] == "http" and "." in request["path"]:
            for pattern, ending in table:
                if found := pattern.fullmatch(request["path"]):
                    path = f"{ending.answered_at}/{found[1]}/{found[2]}"
                    request = {**request, "path": path, "raw_path": path.encode()}
                    break
        await app(request, receive, send)

    return wrapped
