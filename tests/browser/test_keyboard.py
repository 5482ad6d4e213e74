"""A curator's work without a mouse: form, review, publication and history by Tab and Enter."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, come_in

AT = "/curation/trainings/two-day-diplomatic-dialogue-on-the-global-digital-compact"
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const box = e.getBoundingClientRect(), style = getComputedStyle(e);
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 1), innerHeight - 1);
  const there = document.elementFromPoint(x, y);
  const within = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {
    name: e.tagName + " " + (e.id || e.name || e.textContent.trim().slice(0, 40)),
    drawn: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    open: within && there !== null && (e.contains(there) || there.contains(e)),
  };
}"""


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    state = come_in(browser, server, "keys@example.org", "curator")
    context = browser.new_context(storage_state=state, viewport={"width": 1280, "height": 700})
    yield context.new_page()
    context.close()


def tab_to(page: Page, wanted: str, most: int = 400) -> int:
    """Press Tab until the wanted element has the focus, which is in plain view all the way."""
    for n in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUS)
        if here is None:
            continue
        assert here["drawn"], f"one does not see that {here['name']} has the focus"
        assert here["open"], f"{here['name']} is covered or out of view"
        if page.evaluate("(s) => document.activeElement.matches(s)", wanted):
            return n
    pytest.fail(f"Tab does not reach {wanted}")


def enter(page: Page) -> None:
    """Press Enter, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_curator_writes_reviews_publishes_and_looks_back_by_keyboard(
    page: Page, server: Server
) -> None:
    page.goto(server.address + AT)
    tab_to(page, "#f-_source")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#f-apply_url")
    page.keyboard.type("nowhere")
    tab_to(page, "form#form .actions button[formaction$='/publish']")
    enter(page)
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    tab_to(page, ".error-summary a")
    page.keyboard.press("Enter")
    expect(page.locator("#f-apply_url")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("https://example.org/apply")
    tab_to(page, "form#form .actions button:not([formaction])")
    enter(page)
    expect(page.locator(".flash")).to_contain_text("The draft is saved")
    tab_to(page, f"a[href='{AT}/review']")
    enter(page)
    tab_to(page, "#steps button[formaction$='/publish']")
    enter(page)
    expect(page.locator(".flash")).to_contain_text("is published")
    tab_to(page, f"a[href='{AT}/history']")
    enter(page)
    expect(page.get_by_role("heading", level=1, name="History")).to_be_visible()
    tab_to(page, ".compare-bar button, main form button")
    enter(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("From revision 1 to 2")
    expect(page.locator("ins").filter(has_text="https://example.org/apply")).to_be_visible()
