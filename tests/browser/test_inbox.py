"""A reader, a provider and a curator in Chromium: what is wrong, and who looks after what."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.conftest import PASSWORD, Server
from tests.browser.test_curator import a_page, nothing_for_axe

SCHOOL = "/trainings/cyber-school-initiative"
ANA = "ana@diplomacy.edu"


def mail_to(server: Server, to: str) -> str:
    """Deliver what waits and return the newest mail to an address."""
    from directory.db import Database, make_engine
    from directory.mail import deliver
    from directory.settings import Settings

    settings = Settings(
        database_url=server.environment["DIRECTORY_DATABASE_URL"],
        data_dir=Path(server.environment["DIRECTORY_DATA_DIR"]),
        base_url=server.address,
    )
    engine = make_engine(settings.database_url)
    deliver(Database(engine), settings)
    engine.dispose()
    found = [p.read_text() for p in (settings.data_dir / "outbox").glob("*.eml")]
    return next(text for text in found if f"To: {to}" in text).replace("=\n", "")


@pytest.fixture(scope="module")
def head_curator(browser: Browser, server: Server) -> StorageState:
    link = server.directory("user", "add", "inbox@example.org", "--role", "curator")
    context = browser.new_context()
    page = context.new_page()
    set_password(page, link)
    state = context.storage_state()
    context.close()
    return state


def set_password(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password and sign in").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_reader_corrects_a_value_and_a_curator_answers_by_keyboard(
    browser: Browser, server: Server, head_curator: StorageState, scripts: bool
) -> None:
    context = browser.new_context(
        java_script_enabled=scripts, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    page.goto(server.address + SCHOOL)
    page.locator(".lead summary").press("Enter")
    page.locator(".lead").get_by_role("link", name="Something wrong here?").press("Enter")
    expect(page.get_by_role("heading", name="In one sentence, as it stands")).to_be_visible()
    page.get_by_role("button", name="Send").press("Enter")
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    if scripts:
        nothing_for_axe(page)
    page.get_by_role("radio", name="It is out of date").press("Space")
    page.get_by_label("What should it say?").press_sequentially(
        "It is a ten-week course <b>now</b>."
    )
    expect(page.get_by_label("Leave this empty")).to_be_hidden()
    page.get_by_role("button", name="Send").press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    reference = page.locator(".lead b").inner_text()
    context.close()

    with a_page(browser, head_curator, width=360, scripts=scripts) as page:
        page.goto(f"{server.address}/curation/reports/{reference}")
        expect(page.get_by_text("It is a ten-week course <b>now</b>.")).to_be_visible()
        page.get_by_role("button", name="Take it on").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("You have taken on")
        page.get_by_role("button", name="Close as not done").press("Enter")
        expect(page.locator(".error-summary")).to_be_focused()
        if scripts:
            nothing_for_axe(page)
        page.get_by_label("Your answer").fill("Eight weeks, says the source.")
        page.get_by_role("button", name="Close as not done").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("is closed")


def test_a_provider_asks_proves_is_granted_and_gives_up(
    browser: Browser, server: Server, head_curator: StorageState
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{server.address}/organisations/diplofoundation")
    page.get_by_role("link", name="Is this your organisation?").click()
    page.get_by_label("Your e-mail address at work").fill(ANA)
    page.get_by_label("What you do there").fill("Head of training")
    page.get_by_role("button", name="Ask to edit").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    link = re.search(r"http://\S+/claim/\S+", mail_to(server, ANA))
    assert link
    page.goto(link.group())
    nothing_for_axe(page)
    page.get_by_role("button", name="Yes, I ask for this").click()
    expect(page.get_by_text("is with a curator now")).to_be_visible()

    with a_page(browser, head_curator) as desk:
        desk.goto(f"{server.address}/curation/requests")
        nothing_for_axe(desk)
        desk.get_by_role("link", name="DiploFoundation").first.click()
        expect(desk.get_by_text("matches the website")).to_be_visible()
        nothing_for_axe(desk)
        desk.get_by_role("button", name="Grant for 24 months").click()
        expect(desk.get_by_role("heading", name="Granted")).to_be_visible()
        nothing_for_axe(desk)
        account = desk.locator("code.once").inner_text()
        desk.goto(f"{server.address}/curation/requests")
        desk.get_by_role("link", name="DiploFoundation").click()
        nothing_for_axe(desk)

    set_password(page, account)
    page.goto(f"{server.address}/account/organisations")
    nothing_for_axe(page)
    page.get_by_role("link", name="DiploFoundation").click()
    nothing_for_axe(page)
    page.get_by_role("button", name="Yes, I still do").click()
    expect(page.get_by_role("status")).to_contain_text("another 24 months")
    page.get_by_role("button", name="Give it up").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("checkbox", name="I want to stop").check()
    page.get_by_role("button", name="Give it up").click()
    expect(page.get_by_role("status")).to_contain_text("You no longer edit DiploFoundation")
    context.close()
