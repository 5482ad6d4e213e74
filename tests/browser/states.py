"""Every page in every state that people meet it in, and what is looked at in each.

One table: the public pages, forms that were refused, lists without anything in them, content
that is longer than anybody expects, and the pages that say that something went wrong.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response
from playwright.sync_api import TimeoutError as LateError

from directory.curation.service import publish, read_draft, save_draft
from directory.db import Database, make_engine, now
from directory.entries.kinds import KINDS
from directory.languages import gettext, reading
from directory.sources.claims import Claim, complete
from tests.browser.conftest import Server, come_in, serving

LONG = "long"
LONG_TITLE = "Cybercapacitybuilding" * 9 + "forministries"
SCHOOL = "trainings/cyber-school-initiative"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""WCAG 2.2 A and AA as axe-core can see them; target size is off in it unless one asks."""
AXE = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": RULES},
    "rules": {"target-size": {"enabled": True}},
}
NARROW = 320
"""A window of 1280 px at 400 % (WCAG 2.2, 1.4.10)."""


@dataclass(frozen=True)
class State:
    """A page, who sees it, and what they wrote into its form before it came back refused."""

    path: str
    who: str = "visitor"
    sent: str = ""
    """The form that was sent, as a selector; what it says is in `written`."""
    written: dict[str, str] = field(default_factory=dict, hash=False)
    button: str = "button:not(.vh):not([formaction]):not([name])"
    status: int = 200
    refused: bool = False
    """Something was wrong with what was written."""

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.who, self.path, self.sent) if part)


def _pages(who: str, *paths: str) -> list[State]:
    return [State(path, who) for path in paths]


def _wrong(path: str, form: str, who: str = "visitor", **written: str) -> State:
    """Return the state of a page whose form was sent as `written` and refused."""
    return State(path, who, sent=form, written=written, status=422, refused=True)


def _posts_to(address: str) -> str:
    return f"main form[method=post][action='{address}']"


PUBLIC = _pages(
    "visitor",
    "/", "/search", "/search?q=cyber", "/search?q=cyber&kind=training&action_line=C5",
    "/trainings", "/programmes", "/organisations", "/trainings/cyberpeace-builders",
    f"/{SCHOOL}", "/programmes/cyberpeace-builders", "/organisations/gcsp",
    "/programmes/cyberpeace-builders/stocktaking", "/policy-areas",
    "/policy-areas/cybersecurity", "/action-lines", "/action-lines/C5", "/vocabularies",
    "/vocabularies/audiences", "/vocabularies/audiences/diplomats", "/sources",
    "/sources/wsis-plus-20-outcome", "/about", "/about/components", "/about/assistants",
    "/accessibility", "/account/sign-in", "/account/reset", "/account/reset/sent", "/developers",
    "/developers/reference", "/help", "/help/visitor", "/offline", "/closing", "/alerts",
    "/alerts/sent", "/match", "/match?audience=diplomats&policy_area=cybersecurity&budget=0",
    "/match/briefing?entry=training/cyberpeace-builders&entry=organisation/gcsp",
    "/match/letter?entry=training/cyberpeace-builders&entry=organisation/gcsp",
    "/shortlist?entry=ai-campus&entry=gcsp", "/compare?entry=ai-campus&entry=gcsp",
    f"/report?entry={SCHOOL}&field=summary", "/report/thanks?reference=ABCD-2345",
    "/organisations/gcsp/claim", "/organisations/gcsp/claim/sent", "/gaps", "/gaps/map",
    "/gaps/network", "/gaps/timeline", "/dump", "/hsds/profile", "/embed", "/embed/list",
    "/embed/search",
)  # fmt: skip
EMPTY = [
    *_pages(
        "visitor",
        "/search?q=zzzzqqq&kind=training", "/search?q=cyber&page=99", "/shortlist", "/compare",
        "/match?audience=refugees&text=zzzzqqq&must=text&must=audience", "/embed/list?q=zzzzqqq",
    ),
    *_pages(
        "newcomer",
        "/curation", "/account", "/account/organisations", "/curation/lists/drafts",
    ),
    *_pages(
        "curator",
        "/curation/rules", "/curation/reports", "/curation/requests", "/curation/intake",
        "/curation/import", "/curation/feeds", "/curation/merges", "/curation/lists/review",
        "/account/tokens", "/account/webhooks", "/account/needs", "/curation/demand",
    ),
    *_pages("admin", "/admin/alerts"),
]  # fmt: skip
DESK = [
    *_pages(
        "curator",
        "/curation", "/curation/lists/contradictions", "/curation/duplicates",
        "/curation/many?kind=training", "/curation/merge", "/curation/feeds/new",
        "/curation/trainings/new", f"/curation/{SCHOOL}", f"/curation/{SCHOOL}/links",
        f"/curation/{SCHOOL}/history", f"/curation/{SCHOOL}/history/1",
        f"/curation/{SCHOOL}/values", f"/curation/{SCHOOL}/translations",
        f"/curation/{SCHOOL}/translations/ar", f"/curation/{SCHOOL}/review", "/account",
        "/account/sessions", "/account/password", "/account/second-factor",
        "/account/second-factor/app", "/account/needs/new?policy_area=cybersecurity&language=sw",
    ),
    *_pages("admin", "/admin/people", "/admin/audit"),
]  # fmt: skip
REFUSED = [
    _wrong("/account/sign-in", _posts_to("/account/sign-in"), email="nobody@example.org"),
    _wrong("/alerts", _posts_to("/alerts"), email="no address"),
    _wrong("/search?q=cyber", "#tell", email="no address"),
    _wrong(f"/report?entry={SCHOOL}&field=summary", _posts_to("/report"), email="no address"),
    _wrong("/organisations/gcsp/claim", _posts_to("/organisations/gcsp/claim")),
    State("/match?head_count=x&language=Klingon", status=422, refused=True),
    State("/match?by=2020-01-01&head_count=0", status=422, refused=True),
    State("/account/needs/new?head_count=x", who="curator", status=422, refused=True),
    _wrong("/account/needs/new?policy_area=cybersecurity", _posts_to("/account/needs"), "curator"),
    State("/embed?accent=zzz&text=%23fff&ground=%23fff", status=422, refused=True),
    _wrong("/curation/trainings/new", "#form", "curator"),
    _wrong("/curation/organisations/new", "#form", "newcomer", website="nowhere"),
    _wrong(f"/curation/{SCHOOL}", "#form", "curator", apply_url="nowhere"),
    _wrong(
        f"/curation/{SCHOOL}/translations/ar",
        _posts_to(f"/curation/{SCHOOL}/translations/ar"),
        "curator",
        summary="x" * 9000,
    ),
    _wrong("/curation/intake", _posts_to("/curation/intake"), "curator"),
    _wrong("/curation/import", _posts_to("/curation/import"), "curator"),
    _wrong("/curation/feeds/new", _posts_to("/curation/feeds/new"), "curator", address="no"),
    _wrong("/account/tokens", _posts_to("/account/tokens"), "curator"),
    _wrong("/account/password", _posts_to("/account/password"), "curator", current="wrong"),
    _wrong("/account/second-factor/app", _posts_to("/account/second-factor/app"), "curator"),
    _wrong("/account/webhooks", _posts_to("/account/webhooks"), "admin", url="no"),
    _wrong("/admin/people", _posts_to("/admin/people/invite"), "admin", email="no address"),
]
LENGTHY = [
    *_pages(
        "visitor",
        f"/trainings/{LONG}", "/search?q=cybercapacity&sort=newest", "/search?sort=newest",
        f"/report?entry=trainings/{LONG}", f"/shortlist?entry={LONG}",
        f"/compare?entry={LONG}&entry=ai-campus", "/search?q=" + "w" * 400,
    ),
    *_pages("curator", f"/curation/trainings/{LONG}", f"/curation/trainings/{LONG}/history"),
]  # fmt: skip
BROKEN = [
    State("/nowhere", status=404),
    State("/curation/nowhere", who="curator", status=404),
    State("/account/sign-out", who="curator", status=405),
    State("/admin/people", who="newcomer", status=403),
]
STATES = [*PUBLIC, *EMPTY, *DESK, *REFUSED, *LENGTHY, *BROKEN]
ROLES = {"newcomer": "contributor", "curator": "curator", "admin": "admin"}


@dataclass
class Seen:
    """What a state looked like to a browser."""

    html: str = ""
    """As the server sent it, in English."""
    status: int = 0
    titles: dict[str, str] = field(default_factory=dict)
    focus_on_errors: list[bool] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)


def write_a_long_entry(database: Database) -> None:
    """Publish a training with a title of 200 letters without a space, and 300 claims."""
    kind = KINDS["training"]
    values = {"title": LONG_TITLE[:200], "summary": "A summary " * 29, "description": "Word " * 900}
    lines = range(300 // len(values))
    stated = {
        name: [Claim(source="gcsp-profile", locator=f"line {n}") for n in lines] for name in values
    }
    fields = kind.fields.values()
    draft = read_draft(kind, LONG, values, {})
    whole = complete(stated, draft.values, fields, ["gcsp-profile"], now().date())
    with database.writing() as session:
        saved = save_draft(session, replace(draft, claims=whole), by=None)
        publish(session, *saved, by=None)


@contextmanager
def prepared(seeded: Path, folder: Path) -> Iterator[Server]:
    """Serve a seeded site that has one entry more, the long one."""
    copy = Path(shutil.copy(seeded, folder / "prepared.db"))
    engine = make_engine(f"sqlite:///{copy}")
    write_a_long_entry(Database(engine))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    with serving(copy, folder) as server:
        yield server


@dataclass
class Walk:
    """Sees states in a browser, each once, however many tests ask for it."""

    browser: Browser
    server: Server
    seen: dict[str, Seen] = field(default_factory=dict)
    _pages: dict[tuple[str, str], Page] = field(default_factory=dict)

    @cached_property
    def axe(self) -> Axe:
        return Axe()

    @cached_property
    def _cookies(self) -> dict[str, Any]:
        return {
            who: come_in(self.browser, self.server, f"{who}@example.org", role)
            for who, role in ROLES.items()
        }

    def context(self, who: str, language: str = "en", **options: Any) -> BrowserContext:
        """Open a window of somebody who reads a language."""
        state = None if who == "visitor" else self._cookies[who]
        return self.browser.new_context(storage_state=state, locale=language, **options)

    def _page(self, who: str, language: str) -> Page:
        if (who, language) not in self._pages:
            scheme = "dark" if language == "ar" else "light"
            context = self.context(who, language, color_scheme=scheme)
            self._pages[who, language] = context.new_page()
        return self._pages[who, language]

    def see(self, state: State) -> Seen:
        """Look at a state on a wide screen and a phone, and in Arabic on a phone in the dark."""
        if state.name not in self.seen:
            seen = self.seen[state.name] = Seen()
            page = self._page(state.who, "en")
            page.set_viewport_size({"width": 1440, "height": 900})
            answer = bring(page, self.server, state)
            seen.html, seen.status = answer.text(), answer.status
            self._look(page, seen, "en 1440 px", state)
            self._judge(page, seen, "en 1440 px")
            page.set_viewport_size({"width": NARROW, "height": 640})
            self._fits(page, seen, f"en {NARROW} px", NARROW)
            page = self._page(state.who, "ar")
            page.set_viewport_size({"width": 360, "height": 740})
            bring(page, self.server, state)
            self._look(page, seen, "ar 360 px dark", state)
            self._judge(page, seen, "ar 360 px dark")
            self._fits(page, seen, "ar 360 px", 360)
            page.set_viewport_size({"width": NARROW, "height": 640})
            self._fits(page, seen, f"ar {NARROW} px", NARROW)
        return self.seen[state.name]

    def _look(self, page: Page, seen: Seen, look: str, state: State) -> None:
        seen.titles[look[:2]] = page.title()
        if state.refused:
            seen.focus_on_errors.append(has_focus(page, ".error-summary"))

    def _judge(self, page: Page, seen: Seen, look: str) -> None:
        for found in self.axe.run(page, options=AXE).response["violations"]:
            where = [node["target"][0] for node in found["nodes"]][:4]
            seen.findings.append(f"{look}: {found['id']} at {where}: {found['help']}")

    def _fits(self, page: Page, seen: Seen, look: str, width: int) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            seen.too_wide.append(f"{look}: {wide} px")


def has_focus(page: Page, selector: str) -> bool:
    """Say whether an element has the focus, or gets it: a browser gives it with the first picture
    that it draws, which may be after the answer has come.
    """
    with suppress(LateError):
        page.locator(f"{selector}:focus").wait_for(timeout=5_000)
        return True
    return False


def bring(page: Page, server: Server, state: State) -> Response:
    """Bring a page into a state; return the answer of the server that it shows."""
    answer = page.goto(server.address + state.path)
    if state.sent:
        form = page.locator(state.sent)
        # What the browser itself would refuse is sent all the same.
        form.evaluate("form => { form.noValidate = true; }")
        for name, value in state.written.items():
            form.locator(f"[name='{name}']").first.fill(value)
        with page.expect_navigation() as gone:
            form.locator(state.button).first.click()
        answer = gone.value
    assert answer is not None
    return answer


def error_title(language: str) -> str:
    """Return what the title of a refused form begins with in a language."""
    with reading(language):
        return gettext("Error: %(title)s", title="")
