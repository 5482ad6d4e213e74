"""Measure the search page against Datasette and Wagtail, at up to a million entries: `make bench`.

All run in one process, one after the other, on the same texts, and are asked the same questions
over HTTP. What was made for it stays in `.bench/` and is used again. `--sizes` and `--only` measure
less; Wagtail indexes some hundred entries a second, so that it stays out of the million.
"""

import argparse
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from urllib.request import urlopen

from directory.db import make_engine
from tests.benchmarks.many import TIMES, multiply, multiply_peer
from tests.benchmarks.peers import (
    SHARED,
    Datasette,
    Indexed,
    OnPostgres,
    Ours,
    Server,
    Wagtail,
    fill_peers,
    memory,
    processor_time,
)
from tests.benchmarks.postgres import postgres_with
from tests.benchmarks.questions import CLASSES, Corpus, Question, questions

SIZES = (10_000, 100_000, 1_000_000)
MANY = 1_000_000
"""From so many entries on, those of a smaller database are multiplied."""

PEERS: tuple[type[Server], ...] = (OnPostgres, Datasette, Indexed, Wagtail)
SEED = 1
CONNECTIONS = 16
SECONDS = 12.0
LONGEST = 150.0
"""After so many seconds a slow peer is asked no further questions by a single client.

They are in no order, so that the first ones stand for all.
"""

NEW_EACH = 300
"""Questions of each class that are asked once only, while many ask at the same time.

There are not many more without a text.
"""

WARMING, CHECKED = 20, 10
ROOT = Path(__file__).parents[2]
TOTAL = re.compile(rb"([\d,]+) (?:entry|entries|rows?)\b")
NOTES = f"""
"first time": no question was asked before, though the text may have been, with other filters.
"again": the same questions once more. The directory keeps the answers to the last 500 questions
(which entries, which counts), the HTML of their filters and of single results, never a whole page.
"with indexes": Datasette with an index for each facet, which its documentation advises and nothing
makes by itself.

Not comparable:
- The directory counts all its facets, each without its own filter, mends typing errors and ranks
  the results. Datasette counts six facets
  ({", ".join(SHARED)})
  within all filters, finds nothing for a typing error and shows matches in the order of their rows.
- The directory also finds entries by the names of their terms and organisations, by stems and by
  beginnings; Datasette gets a * for questions of the class "prefix", and an index for beginnings.
- Wagtail has one snippet model, an index for each facet and its database search. Its pages also
  count six facets within all filters.
- A million entries are a hundred thousand, ten times, each with an id and a slug of its own.
- Datasette is a general tool that shows any table. It does not show the long description here.
- Both send their pages uncompressed, because the client does not ask for less, and both find their
  database in the memory of the machine.
"""


@dataclass
class Measured:
    """What one application did."""

    first: dict[str, list[float]] = field(default_factory=dict)
    again: list[float] = field(default_factory=list)
    busy_first: float = 0.0
    busy_again: float = 0.0
    ready: float = 0.0
    size: float = 0.0
    failed: int = 0
    constant: float = 0.0
    cost: float = 0.0
    cost_of_constant: float = 0.0
    memory: float | None = None
    own_memory: float | None = None
    totals: list[bytes] = field(default_factory=list)

    @property
    def every(self) -> list[float]:
        """Return the times of all classes, in milliseconds."""
        return [ms for found in self.first.values() for ms in found]


def load(**order: Any) -> Any:
    """Let the client do what is ordered."""
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    done = subprocess.run(
        command, input=json.dumps(order), stdout=subprocess.PIPE, check=True, cwd=ROOT, text=True
    )
    return json.loads(done.stdout)


def made(folder: Path, entries: int) -> Corpus:
    """Return the corpus of so many entries; make the databases when they are not there."""
    kept = folder / "corpus.pickle"
    if entries >= MANY and not kept.exists():
        kept.write_bytes(pickle.dumps(_multiplied(folder, entries // TIMES)))
    elif not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | Ours(folder).environment()
        (folder / Ours.file).unlink(missing_ok=True)
        for arguments in (["migrate"], ["demo", "--entries", str(entries), "--seed", str(SEED)]):
            command = [sys.executable, "-m", "directory", *arguments]
            subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        kept.write_bytes(pickle.dumps(fill_peers(folder)))
    corpus: Corpus = pickle.loads(kept.read_bytes())
    return corpus


def _multiplied(folder: Path, entries: int) -> Corpus:
    """Make the databases out of smaller ones."""
    folder.mkdir(parents=True, exist_ok=True)
    smaller = folder.parent / f"{entries}-{SEED}"
    corpus = made(smaller, entries).times(TIMES)
    for file in (Ours.file, Datasette.file, Indexed.file):
        if not (folder / file).exists():
            try:
                shutil.copy(smaller / file, folder / file)
                if file == Ours.file:
                    multiply(make_engine(f"sqlite:///{folder / file}"))
                else:
                    multiply_peer(folder / file)
            except BaseException:
                (folder / file).unlink(missing_ok=True)
                raise
    return corpus


def measure(server: Server, mix: list[Question], unasked: list[Question]) -> Measured:
    """Ask everything of one application, after a few questions to warm up."""
    warming, unasked = unasked[:WARMING], unasked[WARMING:]
    paths, new = ([server.path(q) for q in some] for some in (mix, unasked))
    found = Measured()
    everything = server.path(Question("no text", "", ()))
    server.read_database()
    with server.running(everything) as (port, process, found.ready):
        load(port=port, paths=[server.path(q) for q in warming], within=LONGEST)
        answers = load(port=port, paths=paths, within=LONGEST)
        paths = paths[: len(answers)]
        for question, answer in zip(mix, answers, strict=False):
            found.first.setdefault(question.of, []).append(answer["ms"])
        found.size = median(answer["bytes"] for answer in answers)
        found.again = [answer["ms"] for answer in load(port=port, paths=paths, within=LONGEST)]
        busy: dict[str, Any] = {"port": port, "connections": CONNECTIONS, "seconds": SECONDS}
        # What was asked just now is asked again before other questions take its place.
        used = processor_time(process)
        again = load(paths=paths, **busy)
        found.cost = (processor_time(process) - used) * 1000 / again["answers"]
        first = load(paths=new, once=True, **busy)
        found.busy_first, found.busy_again = first["per_second"], again["per_second"]
        found.failed = sum(a["status"] != 200 for a in answers) + first["failed"] + again["failed"]
        found.memory, found.own_memory = memory(process), memory(process, "Pss_Anon")
        found.totals = [total(port, server.path(q)) for q in mix if q.of == CLASSES[0]][:CHECKED]
    print(
        f"    {server.name}: p50 {percentile(found.every, 0.5):,.1f} ms, "
        f"p99 {percentile(found.every, 0.99):,.1f} ms, {found.busy_first:,.1f} a second; again "
        f"{percentile(found.again, 0.5):,.1f} ms, {percentile(found.again, 0.99):,.1f} ms, "
        f"{found.busy_again:,.1f} a second",
        flush=True,
    )
    return found


def total(port: int, path: str) -> bytes:
    """Return how many entries a page says it found."""
    with urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        found = TOTAL.search(answer.read())
    return found[1].replace(b",", b"") if found else b"0"


class Constant(Server):
    """Litestar alone, which answers with a constant page of 10 kB."""

    name = "constant"
    file = "constant"

    def command(self, port: int) -> list[str]:
        app = "tests.benchmarks.pages:constant_app"
        options = ["--factory", "--port", str(port), "--log-level", "warning"]
        return [sys.executable, "-m", "uvicorn", app, *options]

    def path(self, question: Question) -> str:
        return "/constant"

    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": str(ROOT)}


def constant_page(folder: Path, found: Measured) -> None:
    """Measure how many constant pages Litestar sends, and what one costs."""
    with Constant(folder).running("/constant") as (port, process, _):
        used = processor_time(process)
        done = load(port=port, paths=["/constant"], connections=CONNECTIONS, seconds=4)
        found.cost_of_constant = (processor_time(process) - used) * 1000 / done["answers"]
        found.constant = done["per_second"]


def inside(server: Ours) -> str:
    """Measure the engine in a process of its own, and publications in two services."""
    environment = os.environ | server.environment()
    url, data = environment["DIRECTORY_DATABASE_URL"], environment["DIRECTORY_DATA_DIR"]
    command = [sys.executable, "-m", "tests.benchmarks.engine", url, data]
    done = subprocess.run(
        [*command, str(server.folder / "corpus.pickle")],
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
        env=environment,
        text=True,
    )
    lines = [f"    {name:62}{value:10,.2f}" for name, value in json.loads(done.stdout).items()]
    return "\n".join([f"Inside one process, {server.name}:", *lines])


def rebuilt(server: Ours) -> str:
    """Build the index anew, and say how long it took."""
    server.read_database()
    start, before = time.perf_counter(), os.times()
    command = [sys.executable, "-m", "directory", "index"]
    environment = os.environ | server.environment()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    after, took = os.times(), time.perf_counter() - start
    used = after.children_user + after.children_system - before[2] - before[3]
    return f"Index built anew in {took:.0f} s, {used:.0f} s of processor time, {server.name}"


def first_answer() -> float:
    """Return the seconds from an empty folder to the first page of the seeded directory."""
    with tempfile.TemporaryDirectory() as folder, Ours(Path(folder)).running("/") as (_, _, took):
        return took


def percentile(values: list[float], share: float) -> float:
    """Return the value that so large a share of all values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def table(ours: Measured, peers: dict[str, Measured]) -> str:
    """Lay the measurements out side by side, each peer with its ratio to the directory."""
    heads = "".join(f"{name:>14}{'ratio':>8}" for name in peers)
    lines = [f"{'':44}{'directory':>11}{heads}"]

    def line(name: str, of: Callable[[Measured], float | None], *, more: bool = False) -> None:
        mine = of(ours)
        cells = [f"{name:44}{mine or 0:11,.1f}"]
        for peer in peers.values():
            other = of(peer)
            ratio = (mine / other if more else other / mine) if mine and other else 0.0
            cells.append(f"{other or 0:14,.1f}{ratio:7.1f}x")
        lines.append("".join(cells))

    line("one client, questions asked", lambda m: len(m.every), more=True)
    line("one client, first time, p50, ms", lambda m: percentile(m.every, 0.5))
    line("one client, first time, p99, ms", lambda m: percentile(m.every, 0.99))
    for name in CLASSES:
        line(f"    {name}, p50, ms", lambda m, n=name: percentile(m.first.get(n, [0.0]), 0.5))  # type: ignore[misc]
    line("one client, again, p50, ms", lambda m: percentile(m.again, 0.5))
    line("one client, again, p99, ms", lambda m: percentile(m.again, 0.99))
    line(f"{CONNECTIONS} connections, first time, requests/s", lambda m: m.busy_first, more=True)
    line(f"{CONNECTIONS} connections, again, requests/s", lambda m: m.busy_again, more=True)
    line("processor time of one of these, ms", lambda m: m.cost)
    line("memory of the process, MB (PSS)", lambda m: m.memory)
    line("    without the files it reads, MB", lambda m: m.own_memory)
    line("page, median, kB", lambda m: m.size / 1000)
    line("start to first search page, s", lambda m: m.ready)
    return "\n".join(lines)


def checks(ours: Measured, peers: dict[str, Measured]) -> str:
    """Say whether all did the same work, and whether the client kept up."""
    same = all(ours.totals == peer.totals for peer in peers.values())
    failed = [measured.failed for measured in (ours, *peers.values())]
    return (
        f"Totals of {CHECKED} questions without a text are {'the same' if same else 'NOT THE SAME'}"
        f" everywhere. Answers other than 200: {', '.join(map(str, failed))}.\n"
        f"The same client gets a constant page of Litestar {ours.constant:,.0f} times a second: "
        f"{ours.cost_of_constant:.3f} ms of processor time. A search page that is asked for again "
        f"is {ours.cost_of_constant / ours.cost:.1%} of that."
    )


def measured(entries: int, wanted: list[type[Server]]) -> Measured:
    """Measure everything at one size and print it."""
    start = time.perf_counter()
    folder = ROOT / ".bench" / f"{entries}-{SEED}"
    corpus = made(folder, entries)
    mix = questions(corpus, Random(SEED))
    unasked = questions(corpus, Random(SEED + 1), NEW_EACH, but={*mix})
    print(f"\n{entries:,} entries, made in {time.perf_counter() - start:.0f} s", flush=True)
    print(rebuilt(Ours(folder)), flush=True)
    ours, peers = measure(Ours(folder), mix, unasked), {}
    constant_page(folder, ours)
    print(inside(Ours(folder)), flush=True)
    for peer in wanted:
        if peer is OnPostgres:
            with postgres_with(folder, Ours.file) as OnPostgres.url:
                print(rebuilt(OnPostgres(folder)), flush=True)
                peers[peer.name] = measure(OnPostgres(folder), mix, unasked)
                print(inside(OnPostgres(folder)), flush=True)
        elif peer is Wagtail and entries >= MANY:
            print("Wagtail is left out: it would index for hours.")
        else:
            server = peer(folder)
            if isinstance(server, Wagtail):
                server.fill()
            peers[peer.name] = measure(server, mix, unasked)
    print(f"{table(ours, peers)}\n{checks(ours, peers)}", flush=True)
    return ours


def main() -> None:
    """Measure what is asked for and print it."""
    names = [peer.name for peer in PEERS]
    reading = argparse.ArgumentParser(description=main.__doc__)
    reading.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    reading.add_argument("--only", choices=names, nargs="*", default=names, help="these peers")
    asked = reading.parse_args()
    wanted = [peer for peer in PEERS if peer.name in asked.only]
    print(f"An empty folder to the first page: {first_answer():.1f} s (at most 4)", flush=True)
    found = {size: measured(size, wanted) for size in asked.sizes}
    for size, larger in pairwise(sorted(found)):
        growth = percentile(found[larger].every, 0.99) / percentile(found[size].every, 0.99)
        print(f"From {size:,} to {larger:,} entries p99 grows {growth:.1f} times.")
    print(NOTES)


if __name__ == "__main__":
    main()
