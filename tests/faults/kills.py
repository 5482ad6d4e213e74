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
UNDISTURBED = 2
"""The first run of a process takes longer; the second says how many steps and seconds it takes."""


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
    told.send("begun")
    begun = time.monotonic()
    OPERATIONS[operation].work(place, number)
    told.send((steps.count, time.monotonic() - begun))
    told.close()
    os._exit(0)


def attempt(
    operation: str, place: Place, number: int, last: int, seconds: float | None = None
) -> tuple[int, float] | None:
    """Work in a child that dies at a step, or after some seconds.

    Returns how many steps and seconds the work took, None when it did not come to its end.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    hears, tells = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(operation, place, number, last, tells))
    child.start()
    tells.close()
    assert child.pid and hears.recv() == "begun"
    if seconds is not None and not hears.poll(seconds):
        os.killpg(child.pid, signal.SIGKILL)
    child.join()
    if child.exitcode not in (0, -signal.SIGKILL):
        raise AssertionError(f"{operation}: the child ended with {child.exitcode}")
    done: tuple[int, float] | None = hears.recv() if child.exitcode == 0 else None
    hears.close()
    child.close()
    _wait_for_the_server(place)
    return done


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
    """Let an operation run through to count its steps, then kill it `kills` times."""
    begun, chance = time.monotonic(), random.Random(seed)
    work, tally = OPERATIONS[operation], Tally(operation)
    whole = 0.0
    for number in range(kills + UNDISTURBED):
        work.prepare(place, number)
        if number < UNDISTURBED:
            done = attempt(operation, place, number, 0)
            assert done
            tally.steps, whole = done
        else:
            tally.kills += 1
            last, moment = _when(tally, kills, chance.uniform(0, whole))
            done = attempt(operation, place, number, last, moment)
            tally.finished += done is not None
        wrong = work.check(place, number)
        tally.violations += [f"{operation}, attempt {number}: {what}" for what in wrong]
    tally.seconds = time.monotonic() - begun
    return tally


def _when(tally: Tally, kills: int, moment: float) -> tuple[int, float | None]:
    """Return the step at which to die: each of them once, or a spread of them; then a moment."""
    if kills <= tally.steps:
        return 1 + (tally.kills - 1) * tally.steps // kills, None
    return (tally.kills, None) if tally.kills <= tally.steps else (0, moment)
