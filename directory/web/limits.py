"""How often a program may ask: generous, told in headers, and counted at almost no cost.

Counted in the memory of each worker, so that a site with several workers lets through up to as
many times more; nothing is written anywhere, and what is counted is forgotten within a minute.
Pages are never counted. Any router for machines may stand behind `limit_by_address`.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10: RateLimit-Policy says how many
(`q`) in how many seconds (`w`), RateLimit how many are left (`r`) and in how many seconds all of
them are there again (`t`).
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.handlers import BaseRouteHandler
from litestar.types import Message, Scope

from directory.errors import TooMany
from directory.languages import gettext
from directory.settings import Settings
from directory.web.network import network

WINDOW = 60
"""Seconds."""

MOST_KEYS = 10_000
"""So many callers are kept in mind; beyond them the one seen first is forgotten."""

_COUNTED = "counted_requests"


@dataclass(frozen=True)
class Counted:
    """What is left of a limit after one request, and in how many seconds all of it is back."""

    name: str
    limit: int
    left: int
    reset: int


@dataclass
class Limit:
    """So many requests a minute of each caller, as evenly or as unevenly as they like.

    For each caller one number is kept: when all that they asked for would have come in at the
    permitted pace (the generic cell rate algorithm, ITU-T I.371).
    """

    name: str
    limit: int
    clock: Callable[[], float] = time.monotonic
    _due: dict[str, float] = field(default_factory=dict)

    def count(self, key: str) -> Counted:
        """Count a request; raises TooMany, and counts nothing, when there were too many."""
        now, each = self.clock(), WINDOW / self.limit
        due = max(self._due.get(key, now), now)
        ahead = due + each - now
        if ahead > WINDOW + each / 1000:
            wait = math.ceil(ahead - WINDOW)
            said = gettext("At most %(count)s requests a minute are answered.", count=self.limit)
            raise TooMany(wait, said)
        self._due.pop(key, None)
        self._due[key] = due + each
        if len(self._due) > MOST_KEYS:
            self._forget(now)
        return Counted(
            self.name, self.limit, int((WINDOW - ahead) / each + 0.001), math.ceil(ahead)
        )

    def _forget(self, now: float) -> None:
        """Drop whoever has their whole limit again; where that is nobody, who was seen first."""
        self._due = {key: due for key, due in self._due.items() if due > now}
        while len(self._due) > MOST_KEYS:
            del self._due[next(iter(self._due))]


class Limits:
    """The limits of one worker."""

    def __init__(self, settings: Settings) -> None:
        self.address = Limit("address", settings.api_requests_a_minute)
        self.token = Limit("token", settings.api_writes_a_minute)


def note_count(scope: Scope, counted: Counted) -> None:
    """Remember what `rate_limit_headers` tells of this request."""
    scope["state"].setdefault(_COUNTED, []).append(counted)


async def limit_by_address(
    connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler
) -> None:
    """Count what an address asks for. A guard; raises TooMany."""
    count(connection.scope, connection.app.state.limits.address, _address(connection))


def count(scope: Scope, limit: Limit, key: str) -> None:
    """Count one request of a caller; raises TooMany, of which the headers tell as well."""
    try:
        note_count(scope, limit.count(key))
    except TooMany as error:
        note_count(scope, Counted(limit.name, limit.limit, 0, error.wait))
        raise


def _address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    return network(connection.client.host) if connection.client else ""


async def rate_limit_headers(message: Message, scope: Scope) -> None:
    """Tell what is left of each limit that was counted. A hook for `before_send`."""
    counted: list[Counted] | None = scope["state"].get(_COUNTED)
    if message["type"] != "http.response.start" or not counted:
        return
    headers = MutableScopeHeaders.from_message(message)
    headers["RateLimit-Policy"] = ", ".join(f'"{c.name}";q={c.limit};w={WINDOW}' for c in counted)
    headers["RateLimit"] = ", ".join(f'"{c.name}";r={c.left};t={c.reset}' for c in counted)
