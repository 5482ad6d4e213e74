"""On the page of another organisation, in a browser: with scripts and without, on any screen."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server
from tests.embeds.test_pages import snippets

WIDTHS = (320, 768, 1440)


class Host:
    """A website of somebody else, on another port."""

    def __init__(self) -> None:
        self.body, self.policy = "", ""
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if host.policy:
                    self.send_header("Content-Security-Policy", host.policy)
                self.end_headers()
                self.wfile.write(host.body.encode())

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def host() -> Iterator[Host]:
    found = Host()
    yield found
    found.server.shutdown()
    found.server.server_close()


def made(server: Server, query: str) -> dict[str, str]:
    with httpx.Client(base_url=server.address) as client:
        return snippets(client, query)  # type: ignore[arg-type]


def opened(browser: Browser, host: Host, **how: Any) -> Page:
    page = browser.new_context(**how).new_page()
    page.goto(host.address)
    return page


def frame_height(page: Page, number: int = 0) -> float:
    box = page.locator("iframe").nth(number).bounding_box()
    assert box
    return box["height"]


def page_inside(page: Page, number: int) -> Any:
    return page.locator("iframe").nth(number).content_frame


def content_height(page: Page, number: int = 0) -> int:
    """How high the page inside is, once its styles are there: before, it is another height."""
    frame = page.locator("iframe").nth(number).element_handle().content_frame()
    assert frame
    frame.wait_for_load_state("load")
    return int(frame.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_script_makes_each_link_a_frame_as_high_as_its_content(
    browser: Browser, server: Server, host: Host, width: int, scheme: Any
) -> None:
    one = made(server, "kind=training&per_page=2")["script"]
    other = made(server, "shape=search&theme=dark")["script"]
    # Both snippets as they are: the script stands twice on the page.
    host.body = f"<!doctype html><title>Host</title>{one}<hr>{other}"
    page = opened(browser, host, viewport={"width": width, "height": 2000}, color_scheme=scheme)
    expect(page.locator("iframe")).to_have_count(2)
    expect(page_inside(page, 0).locator("li")).to_have_count(2)
    expect(page_inside(page, 1).get_by_role("searchbox")).to_be_visible()
    for number in (0, 1):
        inside = page_inside(page, number).locator("html")
        expect(inside).to_be_visible()
        height = content_height(page, number)
        expect(page.locator("iframe").nth(number)).to_have_css("height", f"{height}px")
        assert inside.evaluate("e => e.scrollWidth <= e.clientWidth"), "no sideways scrolling"
    paper = (
        page_inside(page, 0).locator("html").evaluate("e => getComputedStyle(e).backgroundColor")
    )
    assert paper == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(18, 23, 27)")
    page.context.close()


def test_without_scripts_the_frame_shows_and_the_link_stays(
    browser: Browser, server: Server, host: Host
) -> None:
    found = made(server, "kind=training&per_page=2")
    host.body = f"<!doctype html><title>Host</title>{found['frame']}<hr>{found['script']}"
    page = opened(browser, host, java_script_enabled=False)
    expect(page_inside(page, 0).get_by_text("See all")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(1)
    page.get_by_role("link", name="From the").click()
    expect(page).to_have_url(f"{server.address}/search?kind=training")
    page.context.close()


def test_a_website_that_blocks_the_script_keeps_its_link(
    browser: Browser, server: Server, host: Host
) -> None:
    host.body = f"<!doctype html><title>Host</title>{made(server, 'per_page=2')['script']}"
    host.policy = "default-src 'self'"
    page = opened(browser, host)
    expect(page.get_by_role("link", name="From the")).to_be_visible()
    page.context.close()
    # What the page with the snippets says to allow is enough.
    host.policy = f"default-src 'self'; frame-src {server.address}; script-src {server.address}"
    page = opened(browser, host)
    expect(page_inside(page, 0).locator("li")).to_have_count(2)
    page.context.close()


def test_the_search_box_takes_the_visitor_to_our_results(
    browser: Browser, server: Server, host: Host
) -> None:
    host.body = (
        "<!doctype html><title>Host</title>" + made(server, "shape=search&kind=training")["frame"]
    )
    page = opened(browser, host)
    page_inside(page, 0).get_by_role("searchbox").fill("cybersecurity")
    page_inside(page, 0).get_by_role("button", name="Search").press("Enter")
    expect(page).to_have_url(f"{server.address}/search?q=cybersecurity&kind=training")
    page.context.close()


def test_only_our_frame_says_how_high_it_is(browser: Browser, server: Server, host: Host) -> None:
    host.body = f"<!doctype html><title>Host</title>{made(server, 'per_page=2')['script']}"
    page = opened(browser, host)
    expect(page_inside(page, 0).locator("li")).to_have_count(2)
    height = content_height(page)
    expect(page.locator("iframe")).to_have_css("height", f"{height}px")
    page.evaluate("window.postMessage({directoryHeight: 9999}, '*')")
    page.evaluate("new Promise(done => setTimeout(done, 50))")
    assert frame_height(page) == height
    page.context.close()


@pytest.mark.parametrize("width", [360, 1440])
def test_a_webmaster_makes_a_snippet_without_scripts(
    browser: Browser, server: Server, width: int
) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.goto(f"{server.address}/embed")
    page.get_by_label("How many").fill("3")
    page.get_by_text("Which entries").click()
    page.get_by_label("Trainings").check()
    page.get_by_label("Colour of links").fill("0b6")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator("textarea").first).to_have_value(
        f'<iframe src="{server.address}/embed/list?kind=training&amp;per_page=3&amp;accent=00bb66" '
        f'title="From the Digital Capacity Directory" width="100%" height="446" loading="lazy" '
        'style="border:0"></iframe>'
    )
    expect(page.get_by_text("would be hard to read")).to_be_visible()
    expect(page_inside(page, 0).locator("li")).to_have_count(3)
    context.close()
