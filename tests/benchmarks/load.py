"""The client, in a process of its own: asks for addresses and notes how long each answer took.

Reads a JSON order from standard input and writes a JSON report to standard output.
"""

import json
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import cycle, takewhile
from threading import Lock, Thread
from time import perf_counter
from typing import Any

PATIENCE = 60
"""Seconds to wait for one answer."""


def ask(connection: HTTPConnection, path: str) -> dict[str, Any]:
    """Ask for one address; return its status, size in bytes and time in milliseconds.

    Who does not answer in time has the status 0.
    """
    start = perf_counter()
    status, size = 0, 0
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        size, status = len(response.read()), response.status
    except TimeoutError:
        connection.close()
    return {"status": status, "bytes": size, "ms": (perf_counter() - start) * 1000}


def one_after_the_other(port: int, paths: list[str], within: float) -> list[dict[str, Any]]:
    """Ask for each address once, over one connection, until so many seconds are over."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    end = perf_counter() + within
    return [ask(connection, path) for path in takewhile(lambda _: perf_counter() < end, paths)]


def at_once(
    port: int, paths: list[str], connections: int, seconds: float, *, once: bool = False
) -> dict[str, Any]:
    """Keep so many connections busy for so long, each asking again when it was answered.

    With `once` every address is asked for once at most, even if the time is not over then.
    """
    left, lock = iter(paths) if once else cycle(paths), Lock()
    end = perf_counter() + seconds
    answers: list[dict[str, Any]] = []

    def following() -> Iterator[str]:
        while perf_counter() < end:
            with lock:
                path = next(left, None)
            if path is None:
                return
            yield path

    def client() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        for path in following():
            answers.append(ask(connection, path))

    clients = [Thread(target=client) for _ in range(connections)]
    start = perf_counter()
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    took = perf_counter() - start
    return {
        "per_second": len(answers) / took,
        "answers": len(answers),
        "failed": sum(answer["status"] != 200 for answer in answers),
    }


def main() -> None:
    """Do what the order says."""
    order = json.load(sys.stdin)
    if "connections" in order:
        report: Any = at_once(**order)
    else:
        report = one_after_the_other(**order)
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
