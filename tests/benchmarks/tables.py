"""How long tables of many entries take, and how much memory: python -m tests.benchmarks.tables.

Each step is a command in a process of its own, as people run it. Beside the seconds on the clock
stand those of the processor, which a busy machine does not change.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

FORMATS = ("csv", "xlsx", "json")
SUMMARY_ADDED = " Looked at again."


def run(environment: dict[str, str], *words: str) -> tuple[float, float, float]:
    """Run `directory` once; return seconds, seconds of the processor, and peak memory in MB."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "directory", *words],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"directory {' '.join(words)} failed")
    seconds = time.monotonic() - began
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def say(step: str, found: tuple[float, float, float]) -> None:
    """Print one line of the table."""
    seconds, busy, memory = found
    print(f"{step:44} {seconds:8.1f} s {busy:8.1f} s {memory:7.0f} MB", flush=True)


def every_row_changed(file: Path, to: Path) -> None:
    """Write a table again with another summary in each row."""
    csv.field_size_limit(1 << 20)
    with (
        file.open(encoding="utf-8-sig", newline="") as old,
        to.open("w", encoding="utf-8", newline="") as new,
    ):
        rows = csv.DictReader(old)
        assert rows.fieldnames
        out = csv.DictWriter(new, rows.fieldnames)
        out.writeheader()
        for row in rows:
            row["summary"] += SUMMARY_ADDED
            out.writerow(row)


def measure(folder: Path, entries: int) -> None:
    """Fill a database, export it, and bring the files in: nothing new, all changed, all new."""
    environment: dict[str, Any] = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "DIRECTORY_DATABASE_URL": f"sqlite:///{folder / 'directory.db'}",
        "DIRECTORY_DATA_DIR": str(folder / "data"),
    }
    if not (folder / "directory.db").exists():
        run(environment, "migrate")
        run(environment, "demo", "--entries", str(entries), "--seed", "1")
    print(f"{entries:,} entries{'':31} {'clock':>10} {'busy':>10} {'memory':>10}")
    for ending in FORMATS:
        file = folder / f"all.{ending}"
        say(f"export to {ending}", run(environment, "export", str(file)))
        say(f"import from {ending}: no change", run(environment, "import", str(file)))
    changed = folder / "changed.csv"
    every_row_changed(folder / "all.csv", changed)
    say("import from csv: every row changed", run(environment, "import", str(changed)))
    apply = ("import", str(changed), "--apply")
    say("import from csv: save every row", run(environment, *apply))
    say("import from csv: again, no change", run(environment, *apply))
    _new_elsewhere(folder, environment)


def _new_elsewhere(folder: Path, environment: dict[str, Any]) -> None:
    """Bring the same table into a database that has the vocabularies and sources alone."""
    other = {**environment, "DIRECTORY_DATABASE_URL": f"sqlite:///{folder / 'other.db'}"}
    run(other, "migrate")
    run(other, "demo", "--entries", "1", "--seed", "2")
    file = str(folder / "all.csv")
    say("import from csv: every row new", run(other, "import", file))
    say("import from csv: save every row, new", run(other, "import", file, "--apply"))
    engine = sa.create_engine(other["DIRECTORY_DATABASE_URL"])
    with engine.connect() as connection:
        count = connection.scalar(sa.text("SELECT count(*) FROM entry"))
    print(f"{count:,} entries are in the second database")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="Kept, with its database, for the next time.")
    asked = parser.parse_args()
    if asked.folder:
        asked.folder.mkdir(parents=True, exist_ok=True)
        measure(asked.folder, asked.entries)
    else:
        with tempfile.TemporaryDirectory() as made:
            measure(Path(made), asked.entries)
