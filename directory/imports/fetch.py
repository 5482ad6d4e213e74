"""The one client that fetches from the network.

Every request, and so every redirect, connects through `imports/guard.py`; certificates are always
checked, and time, redirects and size are limited. Nothing else in this project may fetch.
"""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpcore
import httpx

from directory.errors import SourceFailed
from directory.imports.guard import (
    Allowed,
    Deadline,
    Guard,
    NotConnected,
    Refused,
    Resolve,
    may_connect,
    resolve,
)
from directory.languages import gettext

REDIRECTS = 5
LARGEST_BODY = 8 * 1024 * 1024
SECONDS_TO_CONNECT = 8.0
SECONDS_IN_ALL = 20.0
SECONDS_BETWEEN = 1.0


class Pace:
    """Keeps a distance in seconds between the starts of two requests to one host."""

    def __init__(
        self,
        seconds: float = SECONDS_BETWEEN,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds, self._clock, self._sleep = seconds, clock, sleep
        self._free: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str) -> None:
        """Wait until it is this request's turn."""
        with self._lock:
            now = self._clock()
            self._free = {name: at for name, at in self._free.items() if at > now}
            turn = self._free.get(host, now)
            self._free[host] = turn + self._seconds
        if turn > now:
            self._sleep(turn - now)


class _Body(httpx.SyncByteStream):
    """The body as it comes."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()


class _Transport(httpx.BaseTransport):
    """Carries the requests of httpx over connections that the guard makes."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_keepalive_connections=0, network_backend=guard
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; raises what httpcore and the guard raise."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream))

    def close(self) -> None:
        self._pool.close()


@dataclass(frozen=True)
class Answer:
    """What a site answered: `url` is where the redirects ended, `body` empty if not asked for."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Fetcher:
    """Fetches addresses of the open internet, and no others; several threads may share one.

    `site` is our own public address, by which others know who asks. Tests hand over a resolver,
    a rule that lets them connect to their own server, the file of a certificate authority that
    is trusted instead of the usual ones, and a pace.
    """

    def __init__(
        self,
        site: str,
        *,
        resolve: Resolve = resolve,
        allowed: Allowed = may_connect,
        authority: Path | None = None,
        pace: Pace | None = None,
        seconds: float = SECONDS_IN_ALL,
    ) -> None:
        release = version("capacity-directory")
        self._headers = {
            "User-Agent": f"capacity-directory/{release} (+{site}/about)",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        self._resolve, self._allowed, self._seconds = resolve, allowed, seconds
        self._authority = authority
        self._pace = pace or Pace()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Return whom we trust; read on first use, because it takes a moment."""
        if self._authority:
            return ssl.create_default_context(cafile=self._authority)
        return httpx.create_ssl_context(trust_env=False)

    def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        largest: int = LARGEST_BODY,
        with_body: bool = True,
    ) -> Answer:
        """Return the answer at an address after at most five redirects, whatever its status.

        `content` is sent along and never sent on: a redirect is then the answer. `largest` limits
        the body, in bytes. Raises Refused where the guard says no, NotConnected where no trusted
        connection came about, SourceFailed for anything else.
        """
        deadline = Deadline(self._seconds)
        transport = _Transport(Guard(self._resolve, self._allowed, deadline), self._tls)
        timeout = httpx.Timeout(self._seconds, connect=SECONDS_TO_CONNECT)
        with httpx.Client(
            transport=transport, trust_env=False, headers=self._headers, timeout=timeout
        ) as client:
            request = client.build_request(method, _readable(url), headers=headers, content=content)
            for _ in range(REDIRECTS + 1):
                host = _checked(request.url)
                with deadline.stopped():
                    self._pace.wait(host)
                with (
                    _in_plain_words(host, self._seconds),
                    closing(client.send(request, stream=True)) as response,
                ):
                    if response.next_request is None or content is not None:
                        body = _read(response, largest) if with_body else b""
                        ended = str(response.url)
                        return Answer(ended, response.status_code, response.headers, body)
                request = _followed(request, response.next_request)
        raise SourceFailed(
            gettext("%(host)s sends on again and again, and never to a page.", host=host)
        )


def _readable(text: str) -> httpx.URL:
    try:
        return httpx.URL(text)
    except httpx.InvalidURL as error:
        raise Refused(gettext("This is not a web address that can be read.")) from error


def _checked(url: httpx.URL) -> str:
    """Return the host of a web address that may be asked for; raises Refused for others."""
    if url.scheme not in ("http", "https") or not url.host:
        raise Refused(gettext("Only addresses that start with http:// or https:// are asked."))
    if url.userinfo:
        raise Refused(gettext("An address with a user name or password in it is not asked."))
    return url.host


def _followed(before: httpx.Request, after: httpx.Request) -> httpx.Request:
    """Return the next request, unless it would give up the encryption of the one before."""
    if before.url.scheme == "https" and after.url.scheme == "http":
        raise Refused(
            gettext(
                "%(host)s sends on from https to http, which is not followed.", host=before.url.host
            )
        )
    return after


def _read(response: httpx.Response, largest: int) -> bytes:
    """Return the body; raises SourceFailed for one too large, or packed though we asked not to."""
    host = response.url.host
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        # A small packed body can unpack to any size.
        raise SourceFailed(
            gettext("%(host)s sends its answer packed, although it was asked not to.", host=host)
        )
    body = bytearray()
    for piece in response.iter_raw():
        body += piece
        if len(body) > largest:
            raise SourceFailed(
                gettext("%(host)s sends more than %(number)s bytes.", host=host, number=largest)
            )
    return bytes(body)


@contextmanager
def _in_plain_words(host: str, seconds: float) -> Iterator[None]:
    """Turn what goes wrong on the way into one sentence."""
    try:
        yield
    except httpcore.ConnectError as error:
        raise NotConnected(gettext("Nobody answers at %(host)s.", host=host)) from error
    except httpcore.ConnectTimeout as error:
        raise NotConnected(
            gettext("No connection to %(host)s came about in time.", host=host)
        ) from error
    except httpcore.TimeoutException as error:
        raise SourceFailed(
            gettext(
                "%(host)s did not answer within %(number)s seconds.",
                host=host,
                number=f"{seconds:g}",
            )
        ) from error
    except (httpx.RemoteProtocolError, httpx.InvalidURL) as error:
        raise SourceFailed(
            gettext("%(host)s sends on to an address that cannot be read.", host=host)
        ) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError) as error:
        raise SourceFailed(
            gettext("%(host)s broke off, or answered what is not HTTP.", host=host)
        ) from error
