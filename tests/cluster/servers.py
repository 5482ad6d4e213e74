"""PostgreSQL servers of our own: a primary and standbys that follow it, in one folder.

They run as the user `postgres` where we are root, because PostgreSQL refuses to be root.
"""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

PATIENCE = 30.0


def binaries() -> Path | None:
    """Return the folder of the newest release that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@contextmanager
def folder_for_servers() -> Iterator[Path]:
    """A folder in which servers may keep their data; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def until(holds: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait until something holds; raises AssertionError when it takes too long."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"{what} took more than {seconds:.0f} s"
        time.sleep(0.02)


@dataclass
class PostgresServer:
    """One server, on a port of this machine and on a socket file in the folder of all."""

    folder: Path
    name: str
    port: int
    options: tuple[str, ...] = ()

    @property
    def data(self) -> Path:
        return self.folder / self.name

    def url(self, database: str = "postgres", *, over_tcp: bool = False) -> str:
        host = "127.0.0.1" if over_tcp else str(self.folder)
        return f"postgresql+psycopg://postgres@/{database}?host={host}&port={self.port}"

    # Life

    def create(self) -> None:
        """Make an empty database cluster."""
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    def follow(self, primary: "PostgresServer") -> None:
        """Become a standby: a copy of the primary's data that follows it, under its own name."""
        self._run(
            "pg_basebackup", "-X", "stream", "-c", "fast", "--no-sync",
            "-d", primary.conninfo(self.name),
        )  # fmt: skip
        self.turn_to(primary)

    def turn_to(self, primary: "PostgresServer") -> None:
        """Name the primary that is followed; a running server has to `reload`."""
        with (self.data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
            settings.write(f"primary_conninfo = '{primary.conninfo(self.name)}'\n")
        (self.data / "standby.signal").touch()
        if os.geteuid() == 0:
            shutil.chown(self.data / "standby.signal", "postgres", "postgres")

    def conninfo(self, name: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres application_name={name}"

    def start(self) -> None:
        listen = ("listen_addresses=127.0.0.1", f"port={self.port}")
        settings = " ".join(f"-c {shlex.quote(one)}" for one in (*listen, *self.options))
        log = str(self.folder / f"{self.name}.log")
        self._run("pg_ctl", "-o", f"-k {self.folder} {settings}", "-l", log, "-w", "start")

    def stop(self, how: str = "fast") -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-m", how, "-w", "stop")

    def reload(self) -> None:
        self._run("pg_ctl", "reload")

    def promote(self) -> None:
        self._run("pg_ctl", "-w", "promote")

    def processes(self) -> list[int]:
        pid = int((self.data / "postmaster.pid").read_text(encoding="ascii").split()[0])
        return [pid, *_children(pid)]

    def kill(self) -> None:
        """End every process of the server at once, as a power cut would."""
        every = self.processes()
        for one in every:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        until(lambda: not any(map(_is_alive, every)), "to die")
        # A server that is started on the same spot must not think that this one still runs.
        (self.data / "postmaster.pid").unlink()
        (self.folder / f".s.PGSQL.{self.port}.lock").unlink()

    def say(self, sql: str, database: str = "postgres") -> object:
        """Do something as the superuser, and return the first value of the answer."""
        engine = sa.create_engine(
            self.url(database), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
        )
        with engine.connect() as connection:
            found = connection.exec_driver_sql(sql)
            return found.scalar() if found.returns_rows else None

    def _run(self, program: str, *words: str) -> None:
        folder = binaries()
        assert folder
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_user, str(folder / program), "-D", str(self.data), *words]
        # What is started keeps a pipe open: what it says goes to a file.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(command, stdout=said, stderr=said, check=False, cwd="/")
            said.seek(0)
            assert done.returncode == 0, said.read().decode()


def _is_alive(pid: int) -> bool:
    """Say whether a process is still there; what nobody has waited for yet is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text(encoding="utf-8").rpartition(") ")[2].split()[1]
        except OSError:
            continue
        if int(parent) == pid:
            found.append(int(stat.parent.name))
    return found
