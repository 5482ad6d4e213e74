"""Judge five pages as a phone on a slow mobile line sees them; exit 1 below the goals.

Each page is visited three times, because a busy machine slows some visits down; the middle score
of each category counts. Words on the command line choose pages by their names.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from tests.interop.site import serving

HERE = Path(__file__).parent
LIGHTHOUSE = HERE / "node_modules" / ".bin" / "lighthouse"
PAGES = {
    "home": "/",
    "search": "/search?q=cybersecurity",
    "training": "/trainings/cyber-school-initiative",
    "action line": "/action-lines/C5",
    "match": "/match",
}
GOALS = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
VISITS = 3
TRIES = 3
CHROME = "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
SECONDS = 180
"""A visit that takes longer is broken."""


def visit(address: str, chromium: str) -> dict[str, Any]:
    """Return what Lighthouse says of a page: its own mobile profile, with a simulated line.

    On a busy machine Chromium sometimes loses the trace of a visit; then it is made again.
    """
    command = [str(LIGHTHOUSE), address, "--quiet", "--output=json", f"--chrome-flags={CHROME}"]
    environment = {"PATH": os.environ["PATH"], "CHROME_PATH": chromium}
    for _ in range(TRIES):
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
        if not done.returncode:
            report: dict[str, Any] = json.loads(done.stdout)
            return report
    sys.exit(f"Lighthouse could not judge {address}: {done.stderr.strip()}")


def scores(report: dict[str, Any]) -> dict[str, int]:
    """Return the scores of a visit, from 0 to 100."""
    return {name: round(100 * (report["categories"][name]["score"] or 0)) for name in GOALS}


def lacking(report: dict[str, Any], category: str) -> list[str]:
    """Return what a page lost points for."""
    audits = report["audits"]
    found = [audits[ref["id"]] for ref in report["categories"][category]["auditRefs"]
             if ref["weight"]]  # fmt: skip
    return [
        f"{audit['id']} {audit.get('displayValue', '')}".strip()
        for audit in found
        if audit["score"] is not None and audit["score"] < 0.9
    ]


def judge(address: str, chromium: str, wanted: list[str]) -> bool:
    """Print a line for each page, and what it lacks; return whether all goals are met."""
    print(f"{'page':<14}" + "".join(f"{name:>16}" for name in GOALS), flush=True)
    met = True
    for name, path in PAGES.items():
        if wanted and name not in wanted:
            continue
        reports = [visit(address + path, chromium) for _ in range(VISITS)]
        middle = {c: round(median(scores(report)[c] for report in reports)) for c in GOALS}
        print(f"{name:<14}" + "".join(f"{middle[c]:>16}" for c in GOALS), flush=True)
        for category in (c for c, goal in GOALS.items() if middle[c] < goal):
            met = False
            print(f"  {category}: {', '.join(lacking(reports[-1], category)) or 'close to it'}")
    return met


def main() -> int:
    """Serve a seeded site of its own and judge it."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium or not LIGHTHOUSE.exists():
        print("Lighthouse needs Chromium and npm: run make lighthouse.", file=sys.stderr)
        return 2
    with serving() as site:
        return 0 if judge(site.address, chromium, sys.argv[1:]) else 1


if __name__ == "__main__":
    sys.exit(main())
