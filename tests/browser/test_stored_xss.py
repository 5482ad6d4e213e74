"""Hostile text in every field of every kind, on every page that shows it: only ever text."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, StorageState
from sqlmodel import Session, select

from directory.accounts.models import User
from directory.accounts.service import add_user
from directory.curation.controls import Control
from directory.curation.editing import controls_for, open_entry, open_new, save, save_and_move
from directory.curation.forms import CLAIM_PARTS, Form, claim_row, filled_from
from directory.db import Database, make_engine
from directory.entries.kinds import KINDS, Kind
from directory.entries.vocabularies import Vocabularies
from tests.browser.conftest import Server, come_in, serving
from tests.browser.payloads import ADDRESS, MAILBOX, PAYLOADS
from tests.filled import SOURCE, filled

LINES = cycle(PAYLOADS)
TEXT = "\n".join(PAYLOADS)
LEFT_BEHIND = """() => [...document.querySelectorAll('*')].filter(e =>
    e.hasAttribute('data-hurt') ||
    [...e.attributes].some(a => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value) &&
        ['href', 'src', 'action', 'formaction', 'data'].includes(a.name)) ||
    e.matches('script:not([src]):not(head > script[type="application/ld+json"])') ||
    e.matches('style, iframe, object, embed, base, meta[http-equiv]')
).map(e => e.outerHTML.slice(0, 200))"""
LISTEN = """document.addEventListener('securitypolicyviolation',
    e => console.error('policy violated: ' + e.violatedDirective + ' ' + e.blockedURI))"""


def poisoned(control: Control, value: Any) -> Any:
    """Put payloads where a control takes text; a valid value stays where it does not."""
    if control.parts:
        return [{p.name: poisoned(p, row[p.name]) for p in control.parts} for row in value]
    if control.options_name:
        return value
    if control.widget == "lines":
        return PAYLOADS
    if control.widget == "text":
        return TEXT
    if control.widget == "line":
        return {"url": ADDRESS, "email": MAILBOX}.get(control.input_type) or next(LINES)
    return value


def claims() -> list[dict[str, Any]]:
    """Return claims in which every text is a payload."""
    free = {part: next(LINES) for part in CLAIM_PARTS if part not in ("source", "status", "values")}
    reading = {**free, "source": SOURCE, "status": "derived", "note": TEXT}
    clash = {**free, "source": SOURCE, "status": "contradicted", "values": PAYLOADS[:9]}
    return [claim_row(reading), claim_row(clash)]


def hostile_form(session: Session, kind: Kind, user: User) -> Form:
    """Fill in everything there is to fill in."""
    words = {name: list(terms)[:2] for name, terms in Vocabularies.read(session).terms.items()}
    controls = controls_for(kind, user)
    form = filled_from(controls, filled(kind, words)[0], {})
    return replace(
        form,
        values={name: poisoned(control, form.values[name]) for name, control in controls.items()},
        claims={name: claims() for name in controls if not kind.fields[name].private},
        comment=TEXT,
        slug=f"hostile-{kind.name}",
    )


def publish_hostile_entries(session: Session) -> None:
    """Publish an entry of each kind with payloads everywhere, and one for each payload as title."""
    add_user(session, "eve@example.org", "curator")
    user = session.exec(select(User)).one()
    for kind in KINDS.values():
        save_and_move(
            session, kind, None, hostile_form(session, kind, user), "publish", by=user, base_url=""
        )
        later = open_entry(session, kind, f"hostile-{kind.name}", user).form
        save(session, kind, later.slug, replace(later, comment=PAYLOADS[0]), by=user)
    for number, (text, kind) in enumerate(zip(PAYLOADS, cycle(KINDS.values()))):
        form = open_new(kind, user).form
        titled = form.values | {kind.title_field: text}
        plain = replace(form, values=titled, slug=f"title-{number}", source=SOURCE)
        open_form = replace(plain, silent_on_the_rest=True)
        save_and_move(session, kind, None, open_form, "publish", by=user, base_url="")


@pytest.fixture(scope="module")
def hostile(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site in which somebody has written all of it."""
    folder = tmp_path_factory.mktemp("hostile")
    copy = shutil.copy(seeded_file, folder / "prepared.db")
    engine = make_engine(f"sqlite:///{copy}")
    with Database(engine).writing() as session:
        publish_hostile_entries(session)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    with serving(Path(copy), folder) as server:
        yield server


@pytest.fixture(scope="module")
def state(browser: Browser, hostile: Server) -> StorageState:
    return come_in(browser, hostile, "ana@example.org", "curator")


@dataclass
class Watched:
    """A page, and whatever it did that it should not."""

    page: Page
    address: str
    wrong: list[str] = field(default_factory=list)

    def sees_dialog(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def sees_request(self, request: Request) -> None:
        if not request.url.startswith(self.address):
            self.wrong.append(f"asked for {request.url}")

    def sees_message(self, message: ConsoleMessage) -> None:
        # Chromium says of every page with the status 404, 409 or 422 that it could not load it,
        # and htmx that a request of a form ended because the form was sent.
        expected = ("status of 4", "htmx:sendAbort", "htmx:afterRequest")
        if message.type == "error" and not any(text in message.text for text in expected):
            self.wrong.append(f"{self.page.url}: {message.text}")

    def opens(self, path: str) -> str:
        """Open a page; return its words with single spaces."""
        self.page.goto(self.address + path)
        return self.looks(path)

    def looks(self, path: str) -> str:
        """Look for what became more than text."""
        self.wrong += [f"{path}: {found}" for found in self.page.evaluate(LEFT_BEHIND)]
        words = " ".join(self.page.locator("body").inner_text().split())
        if "1337" in words:
            self.wrong.append(f"{path}: a template was filled in")
        assert not self.wrong, self.wrong[:5]
        return words


@pytest.fixture
def watched(browser: Browser, hostile: Server, state: StorageState) -> Iterator[Watched]:
    context = browser.new_context(storage_state=state, viewport={"width": 1280, "height": 900})
    context.add_init_script(LISTEN)
    page = context.new_page()
    found = Watched(page, hostile.address)
    page.on("dialog", found.sees_dialog)
    page.on("request", found.sees_request)
    page.on("console", found.sees_message)
    page.on("pageerror", lambda error: found.wrong.append(str(error)))
    yield found
    context.close()
    assert not found.wrong, found.wrong[:5]


def as_read(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_an_entry_shows_what_was_written(watched: Watched, kind: Kind) -> None:
    slug = f"hostile-{kind.name}"
    words = watched.opens(kind.url(slug))
    assert not [text for text in PAYLOADS if as_read(text) not in words]
    for path in (
        f"/{kind.path}",
        f"/search?kind={kind.name}&per_page=100",
        f"/shortlist?entry={slug}",
    ):
        watched.opens(path)
    for path in ("", "/history", "/history/1", "/history/2"):
        watched.opens(f"/curation/{kind.path}/{slug}{path}")
    words = watched.opens(f"/curation/{kind.path}/{slug}/history/1")
    assert not [text for text in PAYLOADS if as_read(text) not in words]


def test_a_translation_is_shown_as_it_was_written(watched: Watched) -> None:
    at = "/trainings/hostile-training"
    for text in (PAYLOADS[0], PAYLOADS[5]):
        watched.opens(f"/curation{at}/translations/fr")
        watched.page.locator("#f-summary").fill(text)
        watched.page.locator("form.translating button").click()
        assert as_read(text) in watched.opens(f"{at}?text=fr")
    watched.opens("/search?kind=training&per_page=100&lang=fr")


def test_whoever_was_faster_is_shown_as_text(watched: Watched) -> None:
    watched.opens("/curation/trainings/hostile-training")
    watched.page.locator("input[name=_base]").evaluate("field => field.value = '1'")
    watched.page.get_by_label("In one sentence").fill(PAYLOADS[5])
    watched.page.get_by_role("button", name="Save draft").click()
    assert "Somebody else was faster" in watched.looks("conflict")


def test_a_form_with_mistakes_comes_back_as_text(watched: Watched) -> None:
    watched.opens("/curation/trainings/new")
    for name in ("title", "website", "workload_hours", "_slug", "_locator"):
        watched.page.locator(f"[name={name}]").fill(PAYLOADS[31])
    watched.page.get_by_role("button", name="Save draft").click()
    assert watched.page.locator(".error-summary").is_visible()
    watched.looks("mistakes")


TOGETHER = "&".join(f"entry=hostile-{name}" for name in KINDS)
PAGES = [
    "/", f"/shortlist?{TOGETHER}", f"/compare?{TOGETHER}",
    "/compare?entry=hostile-training&entry=title-2", "/curation", "/gaps", "/gaps/map",
    "/gaps/timeline", "/gaps/network", "/match?text=alert", "/search?q=alert",
    "/search?q=hurt+onerror&per_page=100", f"/sources/{SOURCE}", "/account", "/action-lines/C1",
    "/policy-areas",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_only_text(watched: Watched, path: str) -> None:
    watched.opens(path)


@pytest.mark.parametrize(
    "path", ["/gaps.svg", "/gaps/map.svg", "/gaps/network.svg", "/sitemap.xml"]
)
def test_a_drawing_or_a_map_of_the_site_is_well_formed(hostile: Server, path: str) -> None:
    root = ElementTree.fromstring(httpx.get(hostile.address + path).text)
    names = {name for element in root.iter() for name in (element.tag, *element.attrib)}
    assert not [n for n in names if re.search(r"script|\}?on[a-z]+$|data-hurt|foreignObject", n)]


REFLECTED = ["/search?q=", "/match?text=", "/compare?entry=", "/search?country=", "/nowhere/"]


@pytest.mark.parametrize("before", REFLECTED)
def test_what_is_in_the_address_is_only_text(watched: Watched, before: str) -> None:
    for text in (PAYLOADS[0], PAYLOADS[31], PAYLOADS[39]):
        watched.opens(before + quote(text, safe=""))
