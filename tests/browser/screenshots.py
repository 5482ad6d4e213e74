"""Pictures of the main pages as people see them: make screenshots.

Each page in English, Arabic and Chinese, on a phone (360 px) and a wide screen (1440 px), light
and dark, against a freshly seeded installation. They lie in `screenshots/`, which git ignores.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from directory.db import Database, make_engine
from directory.imports.seed import load_seed
from directory.migrate import migrate
from directory.settings import data
from tests.browser.conftest import ARGUMENTS, Server, serving

OUT = Path(__file__).parents[2] / "screenshots"
PAGES = {
    "home": "/",
    "search": "/search?q=cybersecurity&cost=free",
    "entry": "/trainings/cyberpeace-builders",
    "action-line": "/action-lines/C5",
    "match": "/match?audience=officials&policy_area=cybersecurity",
}
LANGUAGES = ("en", "ar", "zh")
WIDTHS = (360, 1440)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def seeded(folder: Path) -> Path:
    """Return a freshly migrated and seeded database."""
    file = folder / "seeded.db"
    engine = make_engine(f"sqlite:///{file}")
    migrate(engine)
    with Database(engine).writing() as session:
        load_seed(session, data("seed"))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


def take(page: Page, address: str, file: Path) -> str:
    """Take one picture of a whole page, cut at three screens; return what is odd about it."""
    answer = page.goto(address)
    page.wait_for_load_state("networkidle")
    width = page.evaluate("document.documentElement.scrollWidth")
    shown = page.viewport_size or {"width": 0, "height": 0}
    height = min(page.evaluate("document.documentElement.scrollHeight"), shown["height"] * 3)
    page.screenshot(
        path=file, full_page=True, clip={"x": 0, "y": 0, "width": shown["width"], "height": height}
    )
    if answer is None or answer.status != 200:
        return f"answered {answer.status if answer else 'nothing'}"
    return "" if width <= shown["width"] else f"is {width} px wide"


@contextmanager
def running(database: Path, folder: Path) -> Iterator[tuple[Browser, Server]]:
    """Serve a copy of a database, and start a browser."""
    (folder / "site").mkdir()
    with sync_playwright() as playwright, serving(database, folder / "site") as server:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser, server
        browser.close()


def main() -> int:
    """Take every picture; exit 1 when a page does not answer or scrolls sideways."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    wrong = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with running(seeded(folder), folder) as (browser, server):
            for width, scheme in product(WIDTHS, SCHEMES):
                context = browser.new_context(
                    viewport={"width": width, "height": 900 if width > 500 else 740},
                    color_scheme=scheme,
                )
                page = context.new_page()
                for (name, path), language in product(PAGES.items(), LANGUAGES):
                    joint = "&" if "?" in path else "?"
                    address = f"{server.address}{path}{joint}lang={language}"
                    file = OUT / f"{name}-{language}-{width}-{scheme}.png"
                    odd = take(page, address, file)
                    wrong += bool(odd)
                    print(f"{file.name:40} {odd or 'fits'}", flush=True)
                context.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
