"""What a page weighs and how long an answer takes on a weak line, measured in Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Server

MOST_BYTES = 30_000
MOST_REQUESTS = 8
MOST_AGAIN = 12_000
MOST_SECONDS = 2.0
SECOND_GENERATION = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 250_000 / 8,
    "uploadThroughput": 250_000 / 8,
}
PAGES = [
    "/", "/search", "/search?q=cyber", "/trainings/cyber-school-initiative", "/organisations/gcsp",
    "/programmes/cyberpeace-builders", "/action-lines/C4", "/trainings", "/match", "/gaps/map",
    "/shortlist?entry=ai-campus&entry=gcsp", "/compare?entry=ai-campus&entry=gcsp",
    "/match/briefing?entry=ai-campus&entry=gcsp", "/account/sign-in", "/nowhere", "/developers",
]  # fmt: skip


@dataclass
class Line:
    """What went over the line, as the browser counted it: headers and bodies, compressed."""

    addresses: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)

    @property
    def requests(self) -> list[str]:
        """The addresses that were asked for; what stood in a page or in the cache was not."""
        return [a for i, a in self.addresses.items() if self.sizes.get(i)]

    @property
    def size(self) -> int:
        return round(sum(self.sizes.values()))

    def is_quiet(self) -> bool:
        """Say whether all has come, the icon too, which is asked for last."""
        has_icon = any("icon.svg" in address for address in self.addresses.values())
        return has_icon and self.addresses.keys() <= self.sizes.keys()


def slow_down(page: Page) -> None:
    """Put a page on a line of the second generation from now on."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SECOND_GENERATION)


@contextmanager
def watched(page: Page) -> Iterator[Line]:
    line = Line()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def asked(event: dict[str, Any]) -> None:
        line.addresses[event["requestId"]] = event["request"]["url"]

    def came(event: dict[str, Any]) -> None:
        line.sizes[event["requestId"]] = event["encodedDataLength"]

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", came)
    yield line
    for _ in range(150):
        if line.is_quiet():
            break
        page.wait_for_timeout(20)
    session.detach()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """A first visit on a phone. The worker is weighed apart: its requests are not the page's."""
    context = browser.new_context(
        service_workers="block", viewport={"width": 360, "height": 740}, is_mobile=True
    )
    yield context
    context.close()


def test_every_page_is_light_at_first_and_lighter_again(browser: Browser, server: Server) -> None:
    heavy: list[str] = []
    extra = worker_size(server)
    for path in PAGES:
        context = browser.new_context(service_workers="block")
        page = context.new_page()
        with watched(page) as first:
            page.goto(server.address + path)
        page.goto("about:blank")
        with watched(page) as again:
            page.goto(server.address + path)
        size = f"{first.size + extra} bytes in {len(first.requests)} requests"
        told = f"{path}: {size}, again {again.size} bytes"
        print(told)
        foreign = [a for a in first.requests if not a.startswith(server.address)]
        fits = (
            first.size + extra <= MOST_BYTES
            and len(first.requests) <= MOST_REQUESTS
            and again.size <= MOST_AGAIN
            and len(again.requests) == 1
        )
        if foreign or not fits:
            heavy.append(f"{told} {foreign}")
        context.close()
    assert not heavy, "\n".join(heavy)


def worker_size(server: Server) -> int:
    """The bytes that come once, after the first page: the worker and what it needs besides."""
    total = 0
    for address in ("/sw.js", "/offline", "/static/offline-page.js"):
        with httpx.stream("GET", server.address + address) as answer:
            total += sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
            total += sum(len(piece) for piece in answer.iter_raw())
    return total


def test_no_page_brings_a_font_or_a_picture(server: Server) -> None:
    for path in PAGES:
        html = httpx.get(server.address + path).text
        assert "<img" not in html and "@font-face" not in html
    assert "@font-face" not in httpx.get(f"{server.address}/static/style.css").text


def painted(page: Page) -> float:
    """Return the seconds from the start of a visit to its first text on the screen."""
    found: float = page.evaluate("""new Promise((resolve) => new PerformanceObserver((list) => {
      const first = list.getEntriesByName("first-contentful-paint")[0];
      if (first) resolve(first.startTime);
    }).observe({ type: "paint", buffered: true }))""")
    return found / 1000


def test_a_search_is_answered_within_two_seconds_on_a_2g_line(
    visitor: BrowserContext, server: Server
) -> None:
    page = visitor.new_page()
    page.goto(server.address)
    slow_down(page)
    page.get_by_label("What are you looking for?").fill("cyber school")
    start = monotonic()
    page.get_by_role("button", name="Search").click(no_wait_after=True)
    # What is asked of a page is lost while the next one is still arriving.
    page.wait_for_url("**/search?*", wait_until="commit")
    expect(page.get_by_role("link", name="Cyber School Initiative").first).to_be_visible()
    taken = max(monotonic() - start, painted(page))
    print(f"answered in {taken:.2f} s")
    assert taken <= MOST_SECONDS


def test_a_search_that_somebody_was_sent_is_there_within_two_seconds_too(
    visitor: BrowserContext, server: Server
) -> None:
    page = visitor.new_page()
    slow_down(page)
    start = monotonic()
    page.goto(f"{server.address}/search?q=cyber+school", wait_until="commit")
    expect(page.get_by_role("link", name="Cyber School Initiative").first).to_be_visible()
    taken = max(monotonic() - start, painted(page))
    print(f"there in {taken:.2f} s")
    assert taken <= MOST_SECONDS


def test_a_page_is_readable_while_no_script_has_come(
    visitor: BrowserContext, server: Server
) -> None:
    page = visitor.new_page()
    page.route("**/*.js*", lambda route: None)
    for path in ("/", "/search?q=cyber", "/trainings/cyber-school-initiative"):
        page.goto(server.address + path, wait_until="commit")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("contentinfo")).to_be_visible()
    page.close()


def test_htmx_comes_with_the_first_touch_and_hears_of_it(browser: Browser, server: Server) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.address}/search?q=cyber")
    assert not any("htmx" in address for address in asked)
    before = page.locator("#results h1").inner_text()
    page.evaluate("window.untouched = true")
    page.get_by_role("checkbox", name="Confidence & security").check()
    expect(page.locator("#results h1")).not_to_have_text(before)
    assert "action_line=C5" in page.url
    assert page.evaluate("window.untouched")
    page.close()


def test_filters_work_for_who_saves_data(browser: Browser, server: Server) -> None:
    context = browser.new_context(
        extra_http_headers={"Save-Data": "on"}, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.address}/search?q=cyber")
    page.get_by_role("checkbox", name="Confidence & security").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page.get_by_role("link", name="Confidence & security (remove)")).to_be_visible()
    assert "action_line=C5" in page.url
    assert not any("htmx" in address for address in asked)
    context.close()
