"""Application nodes: `directory serve`, each with a data folder of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from directory.settings import Settings
from tests.cluster.servers import until

SECRET = "a-key-for-this-trial-only-0123456789"


@dataclass
class Node:
    """One node of the application, on a port of this machine."""

    name: str
    port: int
    folder: Path
    database_url: str
    replica_urls: str
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def settings(self) -> Settings:
        return Settings(
            database_url=self.database_url,
            replica_urls=self.replica_urls,
            data_dir=self.folder / self.name,
            base_url=f"http://127.0.0.1:{self.port}",
            secret_key=SECRET,
            api_requests_a_minute=10_000_000,
            api_writes_a_minute=10_000_000,
        )

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "directory", *words]

    def environment(self) -> dict[str, str]:
        set_here = self.settings.model_dump(exclude_unset=True)
        return os.environ | {f"DIRECTORY_{n.upper()}": str(v) for n, v in set_here.items()}

    def run(self, *words: str) -> None:
        """Run a command to its end; raises CalledProcessError."""
        subprocess.run(self.command(*words), env=self.environment(), check=True)

    def start(self) -> None:
        """Serve, until `stop`; what it says goes to a file beside its data."""
        log = (self.folder / f"{self.name}.log").open("wb")
        self._process = subprocess.Popen(
            self.command("serve", "--port", str(self.port)),
            env=self.environment(),
            stdout=log,
            stderr=log,
        )
        log.close()
        until(self._answers, f"{self.name} to start", 120)

    def _answers(self) -> bool:
        assert self._process and self._process.poll() is None, f"{self.name} has ended"
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(30)
            self._process = None


def seconds_of(pids: list[int]) -> float:
    """Return how many seconds processes have kept a core busy."""
    ticks = 0
    for pid in pids:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
        except OSError:
            continue
        ticks += int(stat[11]) + int(stat[12])
    return ticks / os.sysconf("SC_CLK_TCK")
