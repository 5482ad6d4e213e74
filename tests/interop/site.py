"""A site of its own for the clients: a fresh folder, the seed, a port of this machine."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from directory.curation.service import get_entry, latest_revision, publish, read_draft, save_draft
from directory.db import Database, make_engine
from directory.entries.kinds import TRAINING

ROOT = Path(__file__).parents[2]
_BESIDE = [folder / "shared" / "schemas" for folder in ROOT.parents]
SHARED = next((folder for folder in _BESIDE if folder.exists()), _BESIDE[0])
"""Schemas of other projects, which lie beside this one where they are there at all."""

PATIENCE = 30.0
SAMPLE = "cyber-school-initiative"


class Absent(Exception):
    """There is nothing at an address."""


class NoSchema(Exception):
    """The schema of somebody else is not on this machine, so that a format cannot be checked."""


@dataclass
class Site:
    """A running site: its address, its folder and the environment of its commands."""

    address: str
    folder: Path
    environment: dict[str, str]

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Return an answer, after redirects; raises Absent for 404, an error for other failures."""
        answer = httpx.get(self.address + path, headers=headers, timeout=60, follow_redirects=True)
        if answer.status_code == 404:
            raise Absent(path)
        return answer.raise_for_status()

    def json(self, path: str) -> Any:
        """Return what is at an address, as JSON."""
        return self.get(path).json()

    def total(self, query: str = "") -> int:
        """Return how many entries a search finds, in the words of our own API."""
        return int(self.json(f"/api/v1/search?per_page=1&{query}")["total"])

    def slugs(self, path: str, most: int = 100) -> list[str]:
        """Return the slugs of the first entries of a kind."""
        return [e["slug"] for e in self.json(f"/api/v1/{path}?per_page={most}")["items"]]

    def directory(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a `directory` command on the same database; raises Absent if there is none."""
        command = [sys.executable, "-m", "directory", *words]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=300
        )
        if "No such command" in done.stderr:
            raise Absent(words[0])
        return done


@contextmanager
def serving() -> Iterator[Site]:
    """Start a site as an administrator does, with the seed in an empty folder."""
    with tempfile.TemporaryDirectory(prefix="interop") as name, socket.socket() as probe:
        folder = Path(name)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        address = f"http://127.0.0.1:{port}"
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "PYTHONPATH": str(ROOT),
            "DIRECTORY_DATABASE_URL": f"sqlite:///{folder / 'directory.db'}",
            "DIRECTORY_DATA_DIR": str(folder / "data"),
            "DIRECTORY_BASE_URL": address,
        }
        command = [sys.executable, "-m", "directory", "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait_for(f"{address}/readyz", process)
            _publish_what_the_seed_lacks(environment["DIRECTORY_DATABASE_URL"])
            yield Site(address, folder, environment)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _publish_what_the_seed_lacks(url: str) -> None:
    """Give one course dates and a licence: no source of the seed states any.

    A calendar and a list of licensed courses that hold nothing would prove nothing.
    """
    engine = make_engine(url)
    with Database(engine).writing() as session:
        entry = get_entry(session, TRAINING, SAMPLE)
        last = latest_revision(session, entry)
        track = {"title": "Open track", "application_deadline": "2027-01-31"}
        run = {"label": "2027", "start": "2027-03-01", "end": "2027-03-05",
               "time_zone": "Europe/Zurich", "place": "Geneva", "tracks": [track]}  # fmt: skip
        stated = {
            "runs": [run, {**run, "label": "2028", "start": "2028-03-06", "end": "2028-03-10"}],
            "licence": "CC BY 4.0",
        }
        claim = {"source": "curator-check", "status": "stated", "checked_on": "2026-11-26"}
        claims = {**last.claims, **{name: [claim] for name in stated}}
        draft = read_draft(TRAINING, entry.slug, last.profile | stated, claims)
        publish(session, *save_draft(session, draft, by=None), by=None)
    engine.dispose()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise SystemExit("The site did not start.")
