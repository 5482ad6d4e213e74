"""A curator brings a table in with a real browser, with and without scripts."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.conftest import Server, come_in
from tests.imports.files import table

HEADER = ["kind", "title", "summary", "mode"]


@pytest.fixture(scope="module")
def curator(browser: Browser, server: Server) -> StorageState:
    return come_in(browser, server, "tables@example.org", "curator")


def wait(page: Page, scripts: bool) -> None:
    """Without scripts a person presses the link until the work is done."""
    ahead = page.get_by_role("link", name="See how far it is now")
    for _ in range(0 if scripts else 200):
        if not ahead.is_visible():
            return
        ahead.click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_upload_look_save(
    browser: Browser, server: Server, curator: StorageState, tmp_path: Path, scripts: bool
) -> None:
    title = f"Course {'with' if scripts else 'without'} scripts"
    good, bad = ["training", title, "What it is.", "Online"], ["training", "Bad", "", "Onlin e"]
    file = table(tmp_path / "courses.csv", HEADER, good, bad, separator=";", encoding="utf-16")
    context = browser.new_context(storage_state=curator, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{server.address}/curation")
    page.get_by_role("link", name="Bring in a file").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Where its values come from").select_option("gcsp-profile")
    page.get_by_role("button", name="Show what would change").click()
    heading = page.get_by_role("heading", level=1)
    wait(page, scripts)
    expect(heading).to_have_text("What the file would change", timeout=20_000)
    expect(page.get_by_text("Do you mean online?")).to_be_visible()
    page.get_by_role("link", name="1 New").click()
    expect(page.get_by_text(title)).to_be_visible()
    page.get_by_role("button", name="Save as drafts").click()
    wait(page, scripts)
    expect(heading).to_have_text("1 draft saved", timeout=20_000)
    page.get_by_role("article").get_by_role("link").first.click()
    expect(page.locator("[name=title]")).to_have_value(title)
    context.close()
