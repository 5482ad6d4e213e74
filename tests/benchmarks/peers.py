"""The two applications that are compared: how each is filled, started and asked."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from directory.db import Database, make_engine
from directory.entries.kinds import KINDS
from directory.entries.vocabularies import Vocabularies
from directory.search.documents import Document, Projection
from directory.search.query import FACETS, PER_PAGE
from tests.benchmarks.questions import Corpus, Question

PATIENCE = 300
FAREWELL = 20
"""Seconds. Who is still at work on questions that nobody waits for any more is stopped."""

AT_ONCE = 1 << 20
TEXTS = ("name", "summary", "text")


def _six() -> list[str]:
    """Return six facets with one value an entry: a column can hold them, and no entry has two."""
    single = [
        name
        for name, facet in FACETS.items()
        if facet.vocabulary
        and not any(KINDS[k].fields[f].many for k, fields in facet.fields.items() for f in fields)
    ]
    return ["kind", *single][:6]


SHARED = _six()


class Server(ABC):
    """An application in one process, with the entries of one folder; `file` is its database."""

    name: str
    file: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def command(self, port: int) -> list[str]:
        """Return the command that starts it."""

    @abstractmethod
    def path(self, question: Question) -> str:
        """Return the address that answers a question."""

    def environment(self) -> dict[str, str]:
        """Return the variables it needs beside those of this process."""
        return {}

    def read_database(self) -> None:
        """Bring the database into the memory of the machine: no disk is measured."""
        with open(self.folder / self.file, "rb") as file:
            while file.read(AT_ONCE):
                pass

    @contextmanager
    def running(self, first: str) -> Iterator[tuple[int, int, float]]:
        """Start it; give port, process and the seconds until `first` was answered with 200."""
        port = _free_port()
        start = time.perf_counter()
        with open(self.folder / f"{self.name}.log", "wb") as log:
            process = subprocess.Popen(
                self.command(port),
                cwd=self.folder,
                env={**os.environ, **self.environment()},
                stdout=log,
                stderr=log,
            )
        try:
            while not _answers(port, first):
                if process.poll() is not None or time.perf_counter() - start > PATIENCE:
                    raise RuntimeError(f"{self.name} did not start: see {log.name}")
                time.sleep(0.02)
            yield port, process.pid, time.perf_counter() - start
        finally:
            process.terminate()
            try:
                process.wait(FAREWELL)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Ours(Server):
    """This application, as `directory serve` starts it."""

    name = "directory"
    file = "directory.db"

    def command(self, port: int) -> list[str]:
        return [sys.executable, "-m", "directory", "serve", "--port", str(port), "--workers", "1"]

    def environment(self) -> dict[str, str]:
        return {
            "DIRECTORY_DATABASE_URL": f"sqlite:///{self.folder / self.file}",
            "DIRECTORY_DATA_DIR": str(self.folder / "data"),
            # Whole pages are not kept, and nobody is told that a page still holds.
            "DIRECTORY_KEPT_PAGES_MB": "0",
        }

    def path(self, question: Question) -> str:
        text = [("q", question.text)] if question.text else []
        return f"/search?{urlencode([*text, *question.filters])}"


class OnPostgres(Ours):
    """The same on PostgreSQL, with an index of its own; `url` is set by whoever started it."""

    name = "on PostgreSQL"
    url = ""

    def environment(self) -> dict[str, str]:
        return super().environment() | {
            "DIRECTORY_DATABASE_URL": self.url,
            "DIRECTORY_DATA_DIR": str(self.folder / "data-postgresql"),
        }

    def read_database(self) -> None:
        """Leave that to the server."""


class Datasette(Server):
    """Datasette with the same texts, its full-text search and six facets, no suggestions."""

    name = "Datasette"
    file = "peer.db"

    def command(self, port: int) -> list[str]:
        settings = ["--setting", "suggest_facets", "off"]
        command = [sys.executable, "-m", "datasette", "serve", self.file, "--port", str(port)]
        return [*command, *settings]

    def path(self, question: Question) -> str:
        params = [("_size", str(PER_PAGE)), ("_nocol", TEXTS[-1])]
        params += [("_facet", name) for name in SHARED]
        if question.text:
            last = "*" if question.of == "prefix" else ""
            params += [("_search", question.text + last), ("_searchmode", "raw")]
        return f"/{Path(self.file).stem}/entry?{urlencode([*params, *question.filters])}"


class Indexed(Datasette):
    """The same with an index for each facet, which its documentation advises for large tables."""

    name = "with indexes"
    file = "indexed.db"


class Wagtail(Server):
    """Wagtail with one snippet model, its database search, and six facets with an index each."""

    name = "Wagtail"
    file = "wagtail.db"

    def command(self, port: int) -> list[str]:
        site = "tests.benchmarks.wagtail_site.asgi:application"
        options = ["--port", str(port), "--log-level", "warning"]
        return [sys.executable, "-m", "uvicorn", site, *options]

    def environment(self) -> dict[str, str]:
        return {
            "WAGTAIL_FOLDER": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "tests.benchmarks.wagtail_site.settings",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

    def path(self, question: Question) -> str:
        text = [("q", question.text)] if question.text else []
        return f"/entries/?{urlencode([*text, *question.filters])}"

    def fill(self) -> None:
        """Write and index its entries, once; what was interrupted begins again."""
        done = self.folder / f"{self.file}.filled"
        if done.exists():
            return
        (self.folder / self.file).unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.benchmarks.wagtail_site.fill"]
        environment = os.environ | self.environment()
        subprocess.run(command, check=True, env=environment, cwd=Path(__file__).parents[2])
        done.touch()


def fill_peers(folder: Path) -> Corpus:
    """Write the entries of the directory for Datasette; return what can be asked about them."""
    database = Database(make_engine(f"sqlite:///{folder / Ours.file}"))
    corpus = Corpus()
    with database.reading() as session:
        vocabularies = Vocabularies.read(session)
        documents = Projection(vocabularies).documents(session)
        _write(folder / Datasette.file, (_row(corpus, document) for document in documents))
    shutil.copy(folder / Datasette.file, folder / Indexed.file)
    with sqlite3.connect(folder / Indexed.file) as db:
        for name in SHARED:
            db.execute(f"CREATE INDEX entry_{name} ON entry ({name})")
    db.close()
    # A term that contains others would find their entries too, here but not there.
    for name, found in corpus.values.items():
        for code in list(found):
            if (FACETS[name].vocabulary or "", code) in vocabularies.narrower:
                del found[code]
    return corpus


def _row(corpus: Corpus, document: Document) -> tuple[str | None, ...]:
    """Return an entry as one row, and count its words and values."""
    texts = [" ".join(document.texts[group]) for group in TEXTS]
    values = {name: next(iter(document.values.get(name, [])), None) for name in SHARED}
    corpus.add(" ".join(texts), values)
    return (document.slug, *texts, *values.values())


def _write(file: Path, rows: Iterable[tuple[str | None, ...]]) -> None:
    """Write one table with full-text search."""
    file.unlink(missing_ok=True)
    columns = ["slug", *TEXTS, *SHARED]
    with sqlite3.connect(file) as db:
        db.execute(f"CREATE TABLE entry (id INTEGER PRIMARY KEY, {', '.join(columns)})")
        places = ", ".join("?" * len(columns))
        db.executemany(f"INSERT INTO entry ({', '.join(columns)}) VALUES ({places})", rows)
        db.execute(
            f"CREATE VIRTUAL TABLE entry_fts USING fts5({', '.join(TEXTS)}, content='entry', "
            "content_rowid='id', prefix='3 4')"
        )
        db.execute("INSERT INTO entry_fts(entry_fts) VALUES ('rebuild')")
        db.execute("INSERT INTO entry_fts(entry_fts) VALUES ('optimize')")
    db.close()


def memory(process: int, what: str = "Pss") -> float | None:
    """Return the proportional share of memory of a process in MB; None where nobody counts it.

    `Pss_Anon` is what it holds itself, without the files that it reads, which can be dropped.
    """
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024


def processor_time(process: int) -> float:
    """Return the seconds of processor time of a process until now; 0 where nobody counts them."""
    try:
        fields = (
            Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
