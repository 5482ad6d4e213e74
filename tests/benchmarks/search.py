"""Measure the search page against Datasette at 10,000 and 100,000 entries: `make bench`.

Both run in one process, one after the other, on the same texts, and are asked the same questions
over HTTP. What was made for it stays in `.bench/` and is used again.
"""

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from tests.benchmarks.peers import SHARED, Datasette, Ours, Server, fill_peer, memory
from tests.benchmarks.questions import CLASSES, Corpus, Question, questions

SIZES = (10_000, 100_000)
SEED = 1
CONNECTIONS = 16
SECONDS = {Ours: 10.0, Datasette: 20.0}
NEW_EACH = 1_200
"""Questions of each class that are asked once only, while many ask at the same time."""
ROOT = Path(__file__).parents[2]
NOTES = f"""
Not comparable:
- The directory counts all its facets, each without its own filter, mends typing errors and ranks
  the results. Datasette counts six facets ({", ".join(SHARED)}) within all
  filters, finds nothing for a typing error and shows matches in the order of their rows.
- The directory also finds entries by the names of their terms and organisations, by stems and by
  beginnings; Datasette gets a * for questions of the class "prefix".
- Datasette is a general tool that shows any table; it has an index for each facet and for
  beginnings of words, and does not show the long description.
- No whole page is kept by either. The directory keeps what a text matched, counts of facets, and
  the HTML of single results; "asked again" shows what that brings when questions repeat.
"""


@dataclass
class Measured:
    """What one application did."""

    ready: float = 0.0
    ms: dict[str, list[float]] = field(default_factory=dict)
    bytes: float = 0.0
    failed: int = 0
    new: float = 0.0
    again: float = 0.0
    constant: float = 0.0
    memory: float | None = None

    @property
    def every(self) -> list[float]:
        """Return the times of all classes, in milliseconds."""
        return [ms for found in self.ms.values() for ms in found]


def load(**order: Any) -> Any:
    """Let the client do what is ordered."""
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    done = subprocess.run(
        command, input=json.dumps(order), capture_output=True, check=True, cwd=ROOT, text=True
    )
    return json.loads(done.stdout)


def made(folder: Path, entries: int) -> Corpus:
    """Return the corpus of so many entries; make the databases when they are not there."""
    kept = folder / "corpus.pickle"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | Ours(folder).environment()
        for arguments in (["migrate"], ["demo", "--entries", str(entries), "--seed", str(SEED)]):
            command = [sys.executable, "-m", "directory", *arguments]
            subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        kept.write_bytes(pickle.dumps(fill_peer(folder)))
    corpus: Corpus = pickle.loads(kept.read_bytes())
    return corpus


def measure(server: Server, mix: list[Question], unasked: list[Question]) -> Measured:
    """Ask everything of one application."""
    paths, new = ([server.path(q) for q in some] for some in (mix, unasked))
    found = Measured()
    first = Question("no text", "", ())
    with server.running(server.path(first)) as (port, process, found.ready):
        load(port=port, paths=new[-20:])
        answers = load(port=port, paths=paths)
        for question, answer in zip(mix, answers, strict=True):
            found.ms.setdefault(question.of, []).append(answer["ms"])
        found.bytes = median(answer["bytes"] for answer in answers)
        found.failed = sum(answer["status"] != 200 for answer in answers)
        busy = {"port": port, "connections": CONNECTIONS, "seconds": SECONDS[type(server)]}
        report = load(paths=new, **busy)
        found.new, found.failed = report["per_second"], found.failed + report["failed"]
        report = load(paths=paths, **busy)
        found.again, found.failed = report["per_second"], found.failed + report["failed"]
        found.memory = memory(process)
        if isinstance(server, Ours):
            found.constant = load(paths=["/healthz"], **busy | {"seconds": 3})["per_second"]
    return found


def first_answer() -> float:
    """Return the seconds from an empty folder to the first page of the seeded directory."""
    with tempfile.TemporaryDirectory() as folder, Ours(Path(folder)).running("/") as (_, _, took):
        return took


def percentile(values: list[float], share: float) -> float:
    """Return the value that so large a share of all values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def table(ours: Measured, peer: Measured) -> str:
    """Lay the measurements out side by side."""
    lines = [f"{'':44}{'directory':>12}{'Datasette':>12}{'ratio':>9}"]

    def line(name: str, of: Callable[[Measured], float | None], *, more_is_better: bool) -> None:
        a, b = of(ours), of(peer)
        if a and b:
            ratio = a / b if more_is_better else b / a
            lines.append(f"{name:44}{a:12,.1f}{b:12,.1f}{ratio:8.1f}x")

    line("one client, p50, ms", lambda m: percentile(m.every, 0.5), more_is_better=False)
    line("one client, p99, ms", lambda m: percentile(m.every, 0.99), more_is_better=False)
    for name in CLASSES:
        for share in (0.5, 0.99):
            line(
                f"    {name}, p{share * 100:.0f}, ms",
                lambda m, n=name, s=share: percentile(m.ms[n], s),  # type: ignore[misc]
                more_is_better=False,
            )
    line(
        f"{CONNECTIONS} connections, new questions, requests/s",
        lambda m: m.new,
        more_is_better=True,
    )
    line(
        f"{CONNECTIONS} connections, asked again, requests/s",
        lambda m: m.again,
        more_is_better=True,
    )
    line("memory of the process, MB (PSS)", lambda m: m.memory, more_is_better=False)
    line("page, median, kB", lambda m: m.bytes / 1000, more_is_better=False)
    line("start to first search page, s", lambda m: m.ready, more_is_better=False)
    lines.append(f"answers other than 200: {ours.failed} and {peer.failed}")
    lines.append(f"The same client gets a constant page {ours.constant:,.0f} times a second.")
    return "\n".join(lines)


def main() -> None:
    """Measure everything and print it."""
    print(f"An empty folder to the first page: {first_answer():.1f} s (at most 4)", flush=True)
    for entries in SIZES:
        start = time.perf_counter()
        folder = ROOT / ".bench" / f"{entries}-{SEED}"
        corpus = made(folder, entries)
        mix = questions(corpus, Random(SEED))
        unasked = questions(corpus, Random(SEED + 1), NEW_EACH)
        print(f"\n{entries:,} entries, ready after {time.perf_counter() - start:.0f} s", flush=True)
        ours, peer = (measure(server(folder), mix, unasked) for server in (Ours, Datasette))
        print(table(ours, peer), flush=True)
    print(NOTES)


if __name__ == "__main__":
    main()
