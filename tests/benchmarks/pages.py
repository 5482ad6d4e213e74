"""Measure what one search page costs, and what it costs to have it already.

Run with the address of a database: `python -m tests.benchmarks.pages sqlite:///directory.db`.
The application is called as its server calls it, without a network, and processor time is counted
and no clock, so that a busy machine changes little. Each way is tried in turns with the others.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from time import process_time
from typing import Any

from litestar import Litestar, MediaType, get

from directory.app import create_app
from directory.db import Database, make_engine
from directory.search.service import SearchService
from directory.settings import Settings

ROUNDS, EACH = 9, 40
TEXTS = 120
CONSTANT = b"x" * 10_000
PLAIN: dict[str, str] = {}
COMPRESSED = {"accept-encoding": "br"}


@get("/constant", media_type=MediaType.HTML)
async def constant() -> bytes:
    """Answer at once."""
    return CONSTANT


def constant_app() -> Litestar:
    """Return an application that does nothing else."""
    return Litestar([constant])


class Caller:
    """Calls an application as a server would."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.headers: dict[bytes, bytes] = {}
        self.status = 0
        self.size = 0

    async def ask(self, address: str, headers: dict[str, str]) -> None:
        """Ask for an address, and note status, headers and size of the answer."""
        path, _, query = address.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [
                (b"host", b"here"),
                *((k.encode(), v.encode()) for k, v in headers.items()),
            ],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
            "state": {},
        }
        self.size = 0
        gone = asyncio.Event()

        async def receive() -> Any:
            await gone.wait()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.status, self.headers = message["status"], dict(message["headers"])
            else:
                self.size += len(message.get("body", b""))

        await self.app(scope, receive, send)


def texts_of(search: SearchService) -> list[str]:
    """Return words that entries have: the words of some titles."""
    snapshot, rng = search.refresh(), Random(1)
    numbers = snapshot.facets.all
    words: dict[str, None] = {}
    while len(words) < TEXTS:
        (hit,) = search.hits([snapshot.facets.ids[numbers[rng.randrange(len(numbers))]]])
        words[rng.choice(hit.card.title.split())] = None
    return list(words)


async def measure(url: str, folder: Path) -> dict[str, list[float]]:
    """Return by way the milliseconds of processor time of a request, in several rounds."""
    settings = Settings(database_url=url, data_dir=folder, secret_key="x" * 32, base_url="http://h")
    search = SearchService(Database(make_engine(url)), folder)
    texts = texts_of(search)
    apps = {
        "none kept": create_app(settings.model_copy(update={"kept_pages_mb": 0})),
        "kept": create_app(settings),
        "constant": constant_app(),
    }
    callers = {name: Caller(app) for name, app in apps.items()}
    addresses = [f"/search?q={text}" for text in texts]
    known = {}
    for name in ("none kept", "kept"):
        for address in addresses:
            await callers[name].ask(address, COMPRESSED)
            assert callers[name].status == 200
            known[address] = callers[name].headers[b"etag"].decode()
    ways: dict[str, tuple[str, Callable[[str], tuple[str, dict[str, str]]]]] = {
        "constant page of Litestar, 10 kB": ("constant", lambda a: ("/constant", PLAIN)),
        "search page": ("none kept", lambda a: (a, PLAIN)),
        "search page, compressed": ("none kept", lambda a: (a, COMPRESSED)),
        "search page, compressed, kept": ("kept", lambda a: (a, COMPRESSED)),
        "search page that still holds": ("kept", lambda a: (a, {"if-none-match": known[a]})),
    }
    found: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, (name, request) in ways.items():
            some = [request(address) for address in addresses[:EACH]]
            start = process_time()
            for address, headers in some:
                await callers[name].ask(address, headers)
            found[way].append((process_time() - start) * 1000 / len(some))
    return found


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(sys.argv[1], Path(folder)))
    base = median(found["constant page of Litestar, 10 kB"])
    print(f"{'':36}{'ms':>9}{'a second':>10}{'of constant':>13}")
    for way, times in found.items():
        ms = median(times)
        print(f"{way:36}{ms:9.3f}{1000 / ms:10,.0f}{base / ms:12.1%}")


if __name__ == "__main__":
    main()
