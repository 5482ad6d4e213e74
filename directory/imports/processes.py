"""A long file is judged by several processes: one reads the file and saves, the others compare.

Comparing takes most of the time of a long table, and an interpreter uses one core. The processes
share nothing: each asks the database itself. They end with the pipe that leads to them, however
the first process ends.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from queue import SimpleQueue

from directory.db import Database, last_change, make_engine
from directory.errors import DirectoryError
from directory.imports.entries import Batch, Judged, Plan, in_batches
from directory.imports.readers.opened import Opened, Raw
from directory.imports.rows import Reading
from directory.languages import gettext

LONG = 4_000
"""So many rows take longer to compare than processes take to start."""

MOST = 3
"""More would wait for the one that saves, and each takes some 100 MB."""


@contextmanager
def batches_of(
    opened: Opened, reading: Reading, plan: Plan, database_url: str
) -> Iterator[Iterable[Batch]]:
    """Give the rows of a file in batches; those of a long one are judged already.

    Raises DirectoryError while one goes through them when a process ended before its work did.
    """
    processes = min(len(os.sched_getaffinity(0)), MOST)
    if reading.survey.total < LONG or processes == 1:
        yield in_batches(opened, reading)
        return
    judges = _Judges(database_url, reading, plan, processes)
    try:
        yield judges.ahead(in_batches(opened, reading))
    finally:
        judges.close()


class _Judges:
    """The processes that judge. A thread waits for each, so that none is ever waited for alone."""

    def __init__(self, database_url: str, reading: Reading, plan: Plan, count: int) -> None:
        # A forked process would share the connections of this one.
        context = multiprocessing.get_context("spawn")
        self._count = count
        self._threads = ThreadPoolExecutor(count)
        self._processes = []
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_judge, args=(theirs, database_url, reading, plan), daemon=True
            )
            process.start()
            theirs.close()
            self._processes.append(process)
            self._idle.put(ours)

    def ahead(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yield the batches in their order, each judged; a few are judged ahead."""
        waiting: deque[tuple[Batch, Future[Judged]]] = deque()
        for batch in batches:
            waiting.append((batch, self._threads.submit(self._ask, batch.raws)))
            if len(waiting) > 2 * self._count:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)

    def close(self) -> None:
        """Let the processes end, after what they are at."""
        self._threads.shutdown(cancel_futures=True)
        for _ in self._processes:
            self._idle.get().close()
        for process in self._processes:
            process.join()

    def _ask(self, raws: Sequence[Raw]) -> Judged:
        connection = self._idle.get()
        try:
            connection.send(raws)
            judged: Judged = connection.recv()
        except (EOFError, OSError) as error:
            raise DirectoryError(
                gettext(
                    "A process that compared rows ended too early. What is saved stays saved: run "
                    "the command again, and it goes on from there."
                )
            ) from error
        finally:
            self._idle.put(connection)
        return judged


def _first(waiting: deque[tuple[Batch, Future[Judged]]]) -> Batch:
    batch, future = waiting.popleft()
    return replace(batch, judged=future.result())


def _judge(connection: Connection, database_url: str, reading: Reading, plan: Plan) -> None:
    """Judge what comes through a pipe until it is closed."""
    # Ctrl-C reaches every process of the terminal; the first one says what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    database = Database(make_engine(database_url))
    while True:
        try:
            raws: Sequence[Raw] = connection.recv()
        except EOFError:
            return
        with database.reading() as session:
            planned = plan.rows(session, [reading.row(raw) for raw in raws])
            judged = Judged(planned, last_change(session))
        connection.send(judged)
