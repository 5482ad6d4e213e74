"""Fifty editors at one entry: every save that was acknowledged is there afterwards."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import Engine

from directory.db import Database
from directory.imports.seed import load_seed
from directory.migrate import migrate
from directory.settings import Settings, data
from tests.conftest import settings_for
from tests.faults.races import EDITORS, LONG, Race

CHANGES, WORKERS = (10, 2) if os.environ.get(LONG) else (1, 1)


@pytest.fixture
def settings(any_engine: Engine, tmp_path: Path) -> Settings:
    """Settings of an installation with the seed in it, on both databases."""
    migrate(any_engine)
    with Database(any_engine).writing() as session:
        load_seed(session, data("seed"))
    return settings_for(tmp_path, any_engine.url.render_as_string(hide_password=False))


@pytest.fixture
def address(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """The address of a server in another process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "DIRECTORY_DATABASE_URL": settings.database_url,
        "DIRECTORY_DATA_DIR": str(settings.data_dir),
        "DIRECTORY_API_REQUESTS_A_MINUTE": "1000000",
        "DIRECTORY_API_WRITES_A_MINUTE": "1000000",
        "DIRECTORY_SECRET_KEY": str(settings.secret_key),
        "DIRECTORY_BASE_URL": settings.base_url,
    }
    words = ["serve", "--port", str(port), "--workers", str(WORKERS)]
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "directory", *words],
            cwd=Path(__file__).parents[2],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/readyz", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            assert process.poll() is None, "the server has ended"
            time.sleep(0.1)
    pytest.fail(f"{url} did not answer")


def test_fifty_editors_lose_no_save(
    address: str, any_engine: Engine, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = Race(address, Database(any_engine), settings, CHANGES).run()
    with capsys.disabled():
        print(f"\n{any_engine.dialect.name}: {outcome.line}")
    assert len(outcome.saved) == outcome.revisions == EDITORS * CHANGES
    assert outcome.lost == []
    assert outcome.broken is None
