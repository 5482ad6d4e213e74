"""A real browser against a real server on this machine."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from tests.conftest import need

PASSWORD = "nine quiet herons"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@dataclass
class Server:
    address: str
    folder: Path
    environment: dict[str, str]

    def directory(self, *words: str) -> str:
        """Run the `directory` command on the same installation."""
        done = subprocess.run(
            [sys.executable, "-m", "directory", *words],
            env=self.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()


@contextmanager
def serving(database: Path, folder: Path) -> Iterator[Server]:
    """Serve a copy of a database from a folder of its own."""
    need(shutil.which("chromium"), "Chromium")
    shutil.copy(database, folder / "directory.db")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "DIRECTORY_DATABASE_URL": f"sqlite:///{folder / 'directory.db'}",
        "DIRECTORY_DATA_DIR": str(folder / "data"),
        "DIRECTORY_BASE_URL": address,
        "DIRECTORY_API_REQUESTS_A_MINUTE": "1000000",
        "DIRECTORY_API_WRITES_A_MINUTE": "1000000",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "directory", "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"{address}/readyz")
        yield Server(address, folder, environment)
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def server(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(seeded_file, tmp_path_factory.mktemp("server")) as found:
        yield found


def _wait_for(url: str) -> None:
    for _ in range(150):
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"{url} did not answer")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    need(path, "Chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


def reach_for(page: Page) -> None:
    """Come near the page as a hand does before it clicks, which brings htmx."""
    page.mouse.move(5, 5)
    page.mouse.move(60, 60)
    await_htmx(page)


def await_htmx(page: Page) -> None:
    """Until the script is there, asked in a way that the policy of the page allows."""
    for _ in range(100):
        if page.evaluate("typeof htmx === 'object'"):
            return
        page.wait_for_timeout(20)
    pytest.fail("htmx did not come")


def come_in(browser: Browser, server: Server, email: str, role: str) -> StorageState:
    """Add a person, come in through the one-time link, and return their cookies."""
    link = server.directory("user", "add", email, "--role", role)
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password and sign in").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    state = context.storage_state()
    context.close()
    return state
