"""Pictures of the site as people see it, against a freshly seeded installation of its own.

`make screenshots`: the main pages in English, Arabic and Chinese, on a phone (360 px) and a wide
screen (1440 px), light and dark. They lie in `screenshots/`, which git ignores.

`make guide-pictures`: the pictures that guides show, so that they never age. They lie among the
static files of the site, small enough for a weak line, and are committed.
"""

import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from directory.web.templating import STATIC
from tests.browser.conftest import ARGUMENTS, Server, come_in, serving
from tests.conftest import seeded

OUT = Path(__file__).parents[2] / "screenshots"
PAGES = {
    "home": "/",
    "search": "/search?q=cybersecurity&cost=free",
    "entry": "/trainings/cyberpeace-builders",
    "action-line": "/action-lines/C5",
    "match": "/match?audience=government-officials&policy_area=cybersecurity",
}
LANGUAGES = ("en", "ar", "zh")
WIDTHS = (360, 1440)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


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


def take_main_pages(browser: Browser, server: Server) -> int:
    """Take every main page; return how many do not answer or scroll sideways."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    wrong = 0
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
    return wrong


# Pictures of guides


@dataclass(frozen=True)
class Shown:
    """What a guide shows: a page, who sees it, how far down it begins, and how high it is."""

    path: str
    role: str = ""
    begins_at: str = ""
    height: int = 640


TAKEN_WIDE, SHOWN_WIDE = 1024, 720
"""CSS pixels that a page has, and that its picture has."""

LARGEST = 40_000
COLOURS = 48
EDITED = "/curation/trainings/cyber-school-initiative"
GUIDE_PICTURES = {
    "guide-search.png": Shown("/search?q=cybersecurity&cost=free"),
    "guide-entry.png": Shown("/trainings/cyber-school-initiative"),
    "guide-match.png": Shown(
        "/match?audience=government-officials&policy_area=cybersecurity&budget=0&must=budget",
        begins_at="#offers",
    ),
    "guide-claim.png": Shown("/organisations/gcsp/claim", height=760),
    "guide-form.png": Shown("/curation/trainings/ai-campus", role="curator", height=800),
    "guide-desk.png": Shown("/curation", role="curator"),
    "guide-review.png": Shown(f"{EDITED}/review", role="curator", height=760),
    "guide-people.png": Shown("/admin/people", role="admin", height=560),
    "guide-developers.png": Shown("/developers"),
}


def propose(page: Page, server: Server) -> None:
    """Send a change to review, so that there is one to look at."""
    page.goto(f"{server.address}{EDITED}")
    box = page.locator("textarea[name=summary], input[name=summary]").first
    box.fill(f"{box.input_value().rstrip('.')}, in one week.")
    page.get_by_label("What you changed, and why").fill("How long it takes, from the web page.")
    page.get_by_role("button", name="Save and send to review").click()
    page.wait_for_load_state("networkidle")


def small(picture: bytes) -> bytes:
    """Return a PNG with few colours, which is all that a page of text needs."""
    made = io.BytesIO()
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
    return made.getvalue()


def take_guide_pictures(browser: Browser, server: Server) -> int:
    """Take every picture of a guide; return how many went wrong."""

    def opened(state: StorageState | None) -> Page:
        context = browser.new_context(
            storage_state=state,
            viewport={"width": TAKEN_WIDE, "height": 640},
            device_scale_factor=SHOWN_WIDE / TAKEN_WIDE,
            color_scheme="light",
            locale="en-GB",
        )
        return context.new_page()

    people = {role: come_in(browser, server, f"{role}@example.org", role) for role in ROLES}
    propose(opened(people["contributor"]), server)
    pages = {"": opened(None)} | {role: opened(state) for role, state in people.items()}
    for old in STATIC.glob("guide-*.png"):
        old.unlink()
    wrong = 0
    for name, shown in GUIDE_PICTURES.items():
        page = pages[shown.role]
        answer = page.goto(f"{server.address}{shown.path}")
        page.wait_for_load_state("networkidle")
        top = 0.0
        if shown.begins_at:
            box = page.locator(shown.begins_at).bounding_box()
            top = box["y"] - 20 if box else 0.0
        clip = {"x": 0.0, "y": top, "width": float(TAKEN_WIDE), "height": float(shown.height)}
        picture = small(page.screenshot(full_page=True, clip=clip))  # type: ignore[arg-type]
        (STATIC / name).write_bytes(picture)
        good = answer is not None and answer.ok and len(picture) <= LARGEST
        wrong += not good
        print(f"{name:24} {len(picture):6} bytes {'' if good else 'WRONG'}", flush=True)
    return wrong


ROLES = ("contributor", "curator", "admin")
WHAT: dict[str, Callable[[Browser, Server], int]] = {
    "pages": take_main_pages,
    "guides": take_guide_pictures,
}


@contextmanager
def running(folder: Path) -> Iterator[tuple[Browser, Server]]:
    """Serve an installation of its own with the seed, and start a browser."""
    database = seeded(folder / "seeded.db")
    (folder / "site").mkdir()
    with sync_playwright() as playwright, serving(database, folder / "site") as server:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser, server
        browser.close()


def main(what: str = "pages") -> int:
    """Take the pictures; exit 1 when a page does not answer, or is too wide or too heavy."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with running(folder) as (browser, server):
            wrong = WHAT[what](browser, server)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
