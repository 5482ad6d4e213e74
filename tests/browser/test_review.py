"""A review in Chromium: by keyboard, without JavaScript, on a phone, light and dark."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.conftest import Server

AT = "/curation/organisations/diplofoundation"


@pytest.fixture(scope="module")
def people(browser: Browser, server: Server) -> dict[str, StorageState]:
    """The cookies of a contributor and of a curator, and a change that was sent to review."""
    found: dict[str, StorageState] = {}
    for role in ("contributor", "curator"):
        link = server.directory("user", "add", f"{role}.of.reviews@example.org", "--role", role)
        context = browser.new_context()
        page = context.new_page()
        page.goto(link)
        page.get_by_label("New password").fill("nine quiet herons")
        page.get_by_role("button", name="Set the password and sign in").click()
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
        found[role] = context.storage_state()
        context.close()
    with a_page(browser, found["contributor"]) as page:
        page.goto(server.address + AT)
        page.get_by_label("In one sentence").fill("A foundation of cormorants.")
        page.get_by_role("button", name="Save and send to review").click()
        expect(page.get_by_role("status")).to_contain_text("sent to review")
    return found


@contextmanager
def a_page(
    browser: Browser,
    state: StorageState,
    *,
    width: int = 1280,
    dark: bool = False,
    scripts: bool = True,
) -> Iterator[Page]:
    context = browser.new_context(
        storage_state=state,
        viewport={"width": width, "height": 800},
        java_script_enabled=scripts,
        color_scheme="dark" if dark else "light",
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("path", ["/review", "/review?all=1"])
def test_a_review_is_accessible_and_fits(
    browser: Browser,
    server: Server,
    people: dict[str, StorageState],
    path: str,
    width: int,
    dark: bool,
) -> None:
    with a_page(browser, people["curator"], width=width, dark=dark) as page:
        page.goto(server.address + AT + path)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_the_two_versions_stand_one_below_the_other(
    browser: Browser, server: Server, people: dict[str, StorageState]
) -> None:
    with a_page(browser, people["curator"], width=360) as page:
        page.goto(f"{server.address}{AT}/review")
        live = page.get_by_text("Live version", exact=True).last
        waiting = page.get_by_text("Waiting change", exact=True).last
        above, below = live.bounding_box(), waiting.bounding_box()
        assert above and below and above["y"] + above["height"] <= below["y"]
        assert abs(above["x"] - below["x"]) < 16


def test_a_reviewer_asks_for_changes_by_keyboard_and_without_javascript(
    browser: Browser, server: Server, people: dict[str, StorageState]
) -> None:
    with a_page(browser, people["curator"], scripts=False) as page:
        page.goto(f"{server.address}{AT}/review")
        page.get_by_role("button", name="Request changes").press("Enter")
        problem = page.get_by_role("alert").get_by_role("link")
        expect(problem).to_contain_text("Say why")
        problem.press("Enter")
        expect(page).to_have_url(f"{server.address}{AT}/moves/request_changes#f-decide-text")
        reason = page.get_by_label("Reason", exact=True)
        reason.press_sequentially("Which cormorants?")
        page.get_by_role("button", name="Request changes").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("went back to its author")
    with a_page(browser, people["contributor"], width=360, scripts=False) as page:
        page.goto(server.address + AT)
        expect(page.get_by_text("Which cormorants?")).to_be_visible()
        page.get_by_role("link", name="Answer").press("Enter")
        page.get_by_label("Ask or answer").fill("Those of the lake.")
        page.get_by_role("button", name="Send", exact=True).press("Enter")
        expect(page.locator(".conversation")).to_contain_text("Those of the lake.")
        page.get_by_role("button", name="Send to review").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("was sent to review")
