"""A passkey in Chromium: made, used and removed, with an authenticator that the browser plays."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Server, _wait_for

EMAIL, PASSWORD = "ada@example.org", "nine quiet herons"


@pytest.fixture(scope="module")
def named(
    server: Server, seeded_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with a name: passkeys are bound to one, an IP address will not do."""
    folder = tmp_path_factory.mktemp("named")
    shutil.copy(seeded_file, folder / "directory.db")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    environment = server.environment | {
        "DIRECTORY_DATABASE_URL": f"sqlite:///{folder / 'directory.db'}",
        "DIRECTORY_DATA_DIR": str(folder / "data"),
        "DIRECTORY_BASE_URL": address,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "directory", "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz")
        yield replace(server, address=address, folder=folder, environment=environment)
    finally:
        process.terminate()
        process.wait(timeout=20)


def with_authenticator(context: BrowserContext, *, verifies: bool = True) -> Page:
    """Open a page whose browser has a phone's authenticator; it says yes to every question."""
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def come_in(page: Page, server: Server, email: str) -> None:
    page.goto(server.directory("user", "add", email, "--role", "admin"))
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password and sign in").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def sign_out(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/account")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_one_makes_a_passkey_signs_out_and_comes_in_with_it_alone(
    browser: Browser, named: Server
) -> None:
    context = browser.new_context()
    page = with_authenticator(context)
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    come_in(page, named, EMAIL)
    page.goto(f"{named.address}/account/second-factor")
    page.get_by_label("Name of the new passkey").fill("My phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Your passkey is added.")).to_be_visible()
    expect(page.get_by_role("button", name="Remove My phone")).to_be_visible()
    expect(page.get_by_text("Not used yet.")).to_be_visible()
    assert not problems

    page.get_by_role("button", name="Make ten new codes").click()
    code = page.locator(".codes li").first.inner_text()
    sign_out(page, named)

    page.goto(f"{named.address}/account/sign-in?next=/curation/trainings/new")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{named.address}/curation/trainings/new")
    page.goto(f"{named.address}/account/second-factor")
    expect(page.get_by_text("Last used")).to_be_visible()

    sign_out(page, named)
    page.goto(f"{named.address}/account/sign-in")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{named.address}/curation")
    assert not problems
    context.close()

    # On another machine there is no passkey: a code that was written down lets in.
    other = browser.new_context(java_script_enabled=False)
    page = other.new_page()
    page.goto(f"{named.address}/account/sign-in")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(f"{named.address}/curation")
    page.goto(f"{named.address}/account/second-factor")
    page.get_by_role("button", name="Remove My phone").click()
    expect(page.get_by_text("It is removed.")).to_be_visible()
    other.close()


def test_a_passkey_that_is_no_more_lets_nobody_in(browser: Browser, named: Server) -> None:
    context = browser.new_context()
    page = with_authenticator(context)
    come_in(page, named, "eve@example.org")
    page.goto(f"{named.address}/account/second-factor")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("button", name="Remove Passkey").click()
    sign_out(page, named)
    page.goto(f"{named.address}/account/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("was not accepted")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    context.close()


def test_a_device_that_does_not_ask_who_one_is_will_not_do(browser: Browser, named: Server) -> None:
    context = browser.new_context()
    page = with_authenticator(context, verifies=False)
    come_in(page, named, "una@example.org")
    page.goto(f"{named.address}/account/second-factor")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("did not work")
    page.reload()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_hidden()
    context.close()


def test_the_pages_of_accounts_are_accessible_and_fit(browser: Browser, named: Server) -> None:
    context = browser.new_context(color_scheme="light")
    page = with_authenticator(context)
    come_in(page, named, "lea@example.org")
    paths = ["/account", "/account/sessions", "/account/password", "/account/second-factor",
             "/account/second-factor/app", "/account/reset", "/account/reset/sent",
             "/account/sign-in", "/admin/people"]  # fmt: skip
    page.goto(f"{named.address}/account/second-factor")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Your passkey is added.")).to_be_visible()
    page.goto(f"{named.address}/admin/people")
    href = page.get_by_role("link", name="lea@example.org").get_attribute("href")
    assert href
    for path in (*paths, href):
        page.emulate_media(color_scheme="light")
        page.goto(named.address + path)
        for width in (1440, 360):
            page.set_viewport_size({"width": width, "height": 800})
            found = Axe().run(page)
            assert found.violations_count == 0, (path, found.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.emulate_media(color_scheme="dark")
        found = Axe().run(page, options={"runOnly": ["color-contrast"]})
        assert found.violations_count == 0, (path, found.generate_report())
    context.close()
