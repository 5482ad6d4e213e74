"""Without a network: what was seen opens again, and nothing about a person is kept."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Server, come_in

TRAINING = "/trainings/cyber-school-initiative"
SHORTLIST = "/shortlist?entry=training/cyber-school-initiative&entry=organisation/gcsp"
BRIEFING = f"{SHORTLIST.replace('/shortlist', '/match/briefing')}"
KEPT = re.compile(r"You are offline\. This page was kept on \d+ \w+\.")
COLOURS: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CANNOT = "This page cannot be shown now"


@pytest.fixture
def reader(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context
    context.close()


def open_pages(context: BrowserContext, server: Server, *paths: str) -> Page:
    """Look at pages, until the worker has kept them."""
    page = context.new_page()
    page.goto(server.address + paths[0])
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    for path in paths[1:]:
        page.goto(server.address + path)
    return page


def kept(page: Page) -> list[str]:
    """The addresses of the pages that are kept, the oldest first."""
    found: list[str] = page.evaluate(
        "caches.open('pages').then(p => p.keys()).then(k => k.map(r => r.url))"
    )
    return [address.split("/", 3)[3] for address in found]


def wait_until_kept(page: Page, count: int) -> None:
    for _ in range(100):
        if len(kept(page)) >= count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"kept are {kept(page)}")


def test_what_was_seen_opens_again_and_says_how_old_it_is(
    reader: BrowserContext, server: Server
) -> None:
    page = open_pages(reader, server, TRAINING, SHORTLIST, BRIEFING)
    wait_until_kept(page, 3)
    reader.set_offline(True)
    for path, heading in ((TRAINING, "Cyber School Initiative"), (SHORTLIST, "Shortlist: 2")):
        page.goto(server.address + path)
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        expect(page.locator("[aria-live=polite]").filter(has_text=KEPT)).to_be_visible()
        # The style sheet is there too.
        assert page.evaluate("getComputedStyle(document.body).display") == "flex"
    page.goto(server.address + BRIEFING)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    expect(page.get_by_text(KEPT)).to_be_visible()


def test_the_very_first_page_is_kept_without_asking_for_it_again(
    reader: BrowserContext, server: Server
) -> None:
    page = open_pages(reader, server, "/action-lines/C4")
    wait_until_kept(page, 1)
    reader.set_offline(True)
    page.reload()
    expect(page.get_by_text(KEPT)).to_be_visible()


def test_an_entry_opens_from_another_shortlist_too(reader: BrowserContext, server: Server) -> None:
    page = open_pages(reader, server, "/", f"{TRAINING}?entry=organisation/gcsp")
    wait_until_kept(page, 2)
    reader.set_offline(True)
    page.goto(f"{server.address}{TRAINING}?entry=training/ai-campus#sections")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cyber School Initiative")


def test_what_was_not_seen_says_what_happened_and_lists_what_was(
    reader: BrowserContext, server: Server
) -> None:
    page = open_pages(reader, server, TRAINING, SHORTLIST)
    wait_until_kept(page, 2)
    reader.set_offline(True)
    page.goto(f"{server.address}/organisations/gcsp")
    expect(page).to_have_title(re.compile(CANNOT))
    expect(page.get_by_role("heading", level=1)).to_have_text(CANNOT)
    for color_scheme in COLOURS:
        page.emulate_media(color_scheme=color_scheme)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name="Cyber School Initiative").click()
    expect(page.get_by_text(KEPT)).to_be_visible()
    page.goto(f"{server.address}/organisations/gcsp")
    page.get_by_role("button", name="Remove them from this device").click()
    expect(page.get_by_text("No page is kept on this device yet")).to_be_visible()
    assert kept(page) == []
    reader.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("GCSP")


def test_losing_the_network_is_said_on_the_page(reader: BrowserContext, server: Server) -> None:
    page = open_pages(reader, server, TRAINING)
    expect(page.locator("#kept")).to_be_empty()
    reader.set_offline(True)
    expect(page.locator("#kept")).to_have_text(
        "You are offline. Pages that you have seen still open."
    )
    reader.set_offline(False)
    expect(page.locator("#kept")).to_be_empty()


def test_no_more_than_sixty_pages_are_kept_and_the_oldest_go(
    reader: BrowserContext, server: Server
) -> None:
    page = open_pages(reader, server, "/about", "/")
    wait_until_kept(page, 2)
    page.evaluate("""caches.open('pages').then(async (pages) => {
      for (let i = 0; i < 59; i++) await pages.put('/search?q=' + i, new Response('x'));
    })""")
    page.goto(server.address + TRAINING)
    for _ in range(100):
        if TRAINING[1:] in kept(page):
            break
        page.wait_for_timeout(50)
    found = kept(page)
    assert len(found) == 60
    assert found[-1] == TRAINING[1:]
    assert "about" not in found


def test_what_was_taken_down_is_not_kept(reader: BrowserContext, server: Server) -> None:
    page = open_pages(reader, server, "/", TRAINING)
    wait_until_kept(page, 2)
    page.evaluate("caches.open('pages').then(p => p.put('/trainings/gone', new Response('x')))")
    page.goto(f"{server.address}/trainings/gone")
    page.wait_for_timeout(200)
    assert kept(page) == ["", TRAINING[1:]]


def test_pages_of_a_person_are_never_kept_and_signing_out_empties(
    browser: Browser, server: Server, reader: BrowserContext
) -> None:
    page = open_pages(reader, server, "/", TRAINING, "/account/sign-in")
    wait_until_kept(page, 2)
    state = come_in(browser, server, "offline@example.org", "curator")
    reader.add_cookies(state["cookies"])  # type: ignore[arg-type]
    for path in ("/curation", "/account", "/organisations/gcsp", SHORTLIST):
        page.goto(server.address + path)
    assert kept(page) == ["", TRAINING[1:]]
    reader.set_offline(True)
    for path in ("/curation", "/account", "/account/sign-in", "/organisations/gcsp"):
        page.goto(server.address + path)
        expect(page.get_by_role("heading", level=1)).to_have_text(CANNOT)
        # The page was fetched without cookies: it is nobody's.
        expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    reader.set_offline(False)
    page.goto(f"{server.address}/account")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert TRAINING[1:] not in kept(page)


def test_a_page_that_was_kept_stands_in_for_a_site_that_is_down(
    reader: BrowserContext, server: Server
) -> None:
    page = open_pages(reader, server, "/", TRAINING)
    wait_until_kept(page, 2)
    reader.route("**/trainings/**", lambda route: route.fulfill(status=503, body="down"))
    page.goto(server.address + TRAINING)
    expect(page.get_by_role("heading", level=1)).to_have_text("Cyber School Initiative")
    expect(page.get_by_text("The site does not answer. This page was kept on")).to_be_visible()
