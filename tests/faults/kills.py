"""kill -9 at every step of some work, and a look at what is left.

A step is what reaches outside the process: a statement or commit of the database, a file opened to
write, moved, linked or removed, a program started. The child counts them and kills itself at one.
What happens inside libraries (the text index, the copying of pages) has no such steps: after the
steps come kills at moments spread over the whole work.
"""

import multiprocessing
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from directory.db import make_engine
from tests.faults.operations import OPERATIONS, Place

FILES = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}
STARTS = {"sqlite3.connect", "subprocess.Popen"}
PRELOADED = "tests.faults.operations"


@dataclass
class Tally:
    """How an operation came through its kills."""

    operation: str
    steps: int = 0
    kills: int = 0
    finished: int = 0
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def line(self) -> str:
        return (
            f"{self.operation:24} {self.kills:5} {self.steps:6} {self.finished:9} "
            f"{len(self.violations):11} {self.seconds:8.1f}"
        )


HEAD = (
    f"{'operation':24} {'kills':>5} {'steps':>6} {'completed':>9} {'violations':>11} {'seconds':>8}"
)


class _Steps:
    """Counts the steps of this process, and ends it before the chosen one."""

    def __init__(self, last: int) -> None:
        self.count, self._last = 0, last
        event.listen(Engine, "before_cursor_execute", self._step)
        event.listen(Engine, "commit", self._step)
        sys.addaudithook(self._heard)

    def _step(self, *_: Any) -> None:
        self.count += 1
        if self.count == self._last:
            os.killpg(0, signal.SIGKILL)

    def _heard(self, name: str, words: tuple[Any, ...]) -> None:
        writes = name == "open" and isinstance(words[1], str) and set(words[1]) & set("wax+")
        if writes or name in FILES or name in STARTS:
            self._step()


def _child(operation: str, place: Place, number: int, last: int, told: Any) -> None:
    # A group of its own: the programs it has started die with it.
    os.setsid()
    steps = _Steps(last)
    OPERATIONS[operation].work(place, number)
    told.send(steps.count)
    told.close()
    os._exit(0)


def attempt(
    operation: str, place: Place, number: int, last: int, seconds: float | None = None
) -> int | None:
    """Work in a child that dies at a step or after some time; return its steps if it finished."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    hears, tells = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(operation, place, number, last, tells))
    child.start()
    tells.close()
    child.join(seconds)
    if child.is_alive():
        assert child.pid
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:  # It had not made its group yet.
            child.kill()
        child.join()
    if child.exitcode not in (0, -signal.SIGKILL):
        raise AssertionError(f"{operation}: the child ended with {child.exitcode}")
    steps: int | None = hears.recv() if child.exitcode == 0 else None
    hears.close()
    child.close()
    _wait_for_the_server(place)
    return steps


def _wait_for_the_server(place: Place) -> None:
    """Wait until PostgreSQL has noticed that the child is gone, and has rolled back."""
    for url in (place.url, place.other_url):
        if not url.startswith("postgresql"):
            return
        engine = make_engine(url)
        others = sa.text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        for _ in range(500):
            with engine.connect() as connection:
                if not connection.scalar(others):
                    break
            time.sleep(0.01)
        engine.dispose()


def run(operation: str, place: Place, kills: int, seed: int = 1) -> Tally:
    """Let an operation run through once to count its steps, then kill it `kills` times."""
    begun, chance = time.monotonic(), random.Random(seed)
    work, tally = OPERATIONS[operation], Tally(operation)
    for number in range(kills + 1):
        work.prepare(place, number)
        started = time.monotonic()
        last, moment = _when(number, tally, kills, chance)
        steps = attempt(operation, place, number, last, moment)
        if number == 0:
            assert steps
            tally.steps, whole = steps, time.monotonic() - started
            tally.seconds = whole
        else:
            tally.kills += 1
            tally.finished += steps is not None
        tally.violations += [
            f"{operation}, attempt {number}: {w}" for w in work.check(place, number)
        ]
    tally.seconds = time.monotonic() - begun
    return tally


def _when(number: int, tally: Tally, kills: int, chance: random.Random) -> tuple[int, float | None]:
    """Return the step at which to die, or the moment: first every step (or a spread of them)."""
    if number == 0:
        return 0, None
    if kills <= tally.steps:
        return 1 + (number - 1) * tally.steps // kills, None
    if number <= tally.steps:
        return number, None
    return 0, chance.uniform(0.3, 1.1) * tally.seconds
