"""One story in Chromium: proposed, corrected, published, merged, undone, confirmed, and checked.

A contributor, two curators and a provider, each in a browser of their own, with JavaScript and
without it. They follow links, fill in forms and read the mail that they get.
"""

import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PASSWORD, Server, serving
from tests.postbox import in_folder

TITLE = "Tide tables for ministries"
AGAIN = "Tide tables for the ministries"
OFFICE = "tides@example.org"
SENTENCE = "How a ministry reads tide tables as open data."


@dataclass
class Town:
    """An installation, and whoever comes to it with a browser of their own."""

    server: Server
    browser: Browser
    scripts: bool

    def visitor(self) -> Page:
        context = self.browser.new_context(
            base_url=self.server.address, java_script_enabled=self.scripts
        )
        context.set_default_timeout(10_000)
        return context.new_page()

    def person(self, email: str, role: str) -> Page:
        """Invite somebody; they choose a password and go to their desk."""
        page = self.visitor()
        choose_password(page, self.server.directory("user", "add", email, "--role", role))
        page.get_by_role("link", name="Go to your desk").click()
        return page

    def newest_mail(self, to: str) -> EmailMessage:
        """Return the newest mail that an address has got."""
        self.server.directory("reminders")
        mails = in_folder(Path(self.server.environment["DIRECTORY_DATA_DIR"]))
        to_them = [mail for mail in mails if mail["To"] == to]
        assert to_them, f"no mail to {to}"
        return max(to_them, key=lambda mail: mail["Message-ID"])


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def town(
    request: pytest.FixtureRequest, browser: Browser, seeded_file: Path, tmp_path: Path
) -> Iterator[Town]:
    with serving(seeded_file, tmp_path) as server:
        yield Town(server, browser, bool(request.param))
        for context in browser.contexts:
            context.close()


def choose_password(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password and sign in").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def link_in(mail: EmailMessage, part: str) -> str:
    """Return the first address in a mail that has this in it."""
    found = re.search(rf"http://\S*{part}\S*", mail.get_content())
    assert found, mail.get_content()
    return found.group()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def said(page: Page) -> Locator:
    """Return what the page says happened."""
    return page.locator(".flash")


def choose_provider(page: Page, organisation: str) -> None:
    page.get_by_role("group", name="Providers").get_by_role("combobox").first.fill(organisation)


def name_source(page: Page, title: str) -> None:
    """Name the source of whatever one changes, at the top of the form."""
    page.get_by_role("group", name="Source for all").get_by_label("Source").select_option(
        label=title
    )


def propose_a_training(page: Page, title: str) -> None:
    """Fill in the form of a new training as a curator or a contributor does from a leaflet."""
    page.get_by_role("link", name="Desk", exact=True).click()
    page.get_by_role("link", name="New training").click()
    name_source(page, "GCSP profile")
    page.get_by_label("I read it to the end").check()
    page.get_by_label("Title needed to publish").fill(title)
    page.get_by_label("In one sentence").fill(SENTENCE)
    choose_provider(page, "gcsp")


def test_an_entry_is_kept_true_by_many_hands(town: Town, tmp_path: Path) -> None:
    bea = town.person("bea@example.org", "contributor")
    cem = town.person("cem@example.org", "curator")
    dana = town.person("dana@example.org", "curator")
    proposed_and_sent_back(town, bea, cem)
    answered_and_published(town, bea, cem)
    two_write_at_once(cem, dana)
    merged_and_undone(town, cem)
    confirmed(town, dana)
    checked(town, tmp_path)


def proposed_and_sent_back(town: Town, bea: Page, cem: Page) -> None:
    propose_a_training(bea, TITLE)
    expect(bea.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    press(bea, "Save and send to review")
    expect(said(bea)).to_contain_text("sent to review")

    cem.get_by_role("link", name="Desk", exact=True).click()
    cem.get_by_role("link", name="Waiting for review").click()
    cem.get_by_role("link", name=TITLE).click()
    press(cem, "Assign to me")
    expect(said(cem)).to_contain_text("the task of cem@example.org")
    cem.get_by_label("Reason").fill("Whom does one write to, and until when?")
    press(cem, "Request changes")
    expect(said(cem)).to_contain_text("went back to its author")


def answered_and_published(town: Town, bea: Page, cem: Page) -> None:
    mail = town.newest_mail("bea@example.org")
    assert "Whom does one write to" in mail.get_content()
    bea.goto(link_in(mail, "/review"))
    bea.get_by_label("Ask or answer").fill("To the office of the tides. It closes in a week.")
    press(bea, "Send")
    bea.get_by_role("link", name="Edit", exact=True).click()
    expect(bea.get_by_text("A reviewer asks for changes")).to_be_visible()
    name_source(bea, "GCSP profile")
    bea.get_by_label("Contact address").fill(OFFICE)
    bea.get_by_role("button", name="Add a run").click()
    bea.get_by_label("Name of the run").fill("Spring")
    bea.get_by_label("Apply by").fill(str(date.today() + timedelta(days=7)))
    press(bea, "Save and send to review")
    expect(said(bea)).to_contain_text("sent to review")

    cem.get_by_role("link", name="Desk", exact=True).click()
    cem.goto(link_in(town.newest_mail("cem@example.org"), "/review"))
    expect(cem.get_by_text("It closes in a week.")).to_be_visible()
    press(cem, "Publish")
    expect(said(cem)).to_contain_text("is published")
    reader = town.visitor()
    reader.goto("/search?q=tide+tables")
    reader.get_by_role("link", name=TITLE).click()
    expect(reader.get_by_text(OFFICE).first).to_be_visible()
    assert "public now" in town.newest_mail("bea@example.org").get_content()


def two_write_at_once(cem: Page, dana: Page) -> None:
    for page in (cem, dana):
        page.goto("/trainings/tide-tables-for-ministries")
        page.get_by_role("link", name="Edit", exact=True).click()
    cem.get_by_label("In one sentence").fill("Tides, read by Cem.")
    name_source(cem, "GCSP profile")
    cem.get_by_label("Length").fill("Two days")
    press(cem, "Publish")
    expect(said(cem)).to_contain_text("is published")
    dana.get_by_label("In one sentence").fill("Tides, read by Dana.")
    name_source(dana, "GCSP profile")
    dana.get_by_label("Length").fill("Three days")
    dana.get_by_label("Accessibility").fill("Step-free.")
    press(dana, "Publish")
    expect(dana.get_by_role("heading", name="Somebody else was faster")).to_be_visible()
    dana.get_by_role("group", name="In one sentence").get_by_label("Keep mine").check()
    dana.get_by_role("group", name="Length").get_by_label("Keep theirs").check()
    press(dana, "Publish")
    expect(said(dana)).to_contain_text("is published")
    for text in ("Tides, read by Dana.", "Two days", "Step-free."):
        expect(dana.get_by_text(text).first).to_be_visible()
    dana.get_by_role("link", name="History", exact=True).click()
    press(dana, "Compare the two")
    expect(dana.locator("del")).to_contain_text(["Cem"])
    expect(dana.locator("ins")).to_contain_text(["Dana"])


def merged_and_undone(town: Town, cem: Page) -> None:
    propose_a_training(cem, AGAIN)
    press(cem, "Publish")
    expect(cem.get_by_role("heading", name="Is it here already?")).to_be_visible()
    cem.get_by_label("It is a different one").check()
    press(cem, "Publish")
    expect(said(cem)).to_contain_text("is published")
    cem.get_by_role("link", name="Desk", exact=True).click()
    cem.get_by_role("link", name="Likely duplicates").click()
    cem.get_by_role("link", name=f"Merge… {TITLE} and {AGAIN}").or_(
        cem.get_by_role("link", name=f"Merge… {AGAIN} and {TITLE}")
    ).click()
    if "keep=tide-tables-for-the-ministries" in cem.url:
        cem.get_by_role("link", name=f"Let {TITLE} stay instead").click()
    cem.get_by_role("group", name="In one sentence").get_by_label("Of the other one").check()
    press(cem, "See what would happen")
    expect(cem.get_by_text("/trainings/tide-tables-for-the-ministries")).to_be_visible()
    press(cem, "Merge them now")
    expect(cem.get_by_role("button", name="Undo this merge")).to_be_visible()
    reader = town.visitor()
    reader.goto("/trainings/tide-tables-for-the-ministries")
    expect(reader).to_have_url(re.compile("/trainings/tide-tables-for-ministries$"))
    expect(reader.locator(".lead")).to_contain_text(SENTENCE)
    press(cem, "Undo this merge")
    expect(said(cem)).to_contain_text("are two again")
    reader.goto("/trainings/tide-tables-for-the-ministries")
    expect(reader.get_by_role("heading", level=1)).to_have_text(AGAIN)
    reader.goto("/trainings/tide-tables-for-ministries")
    expect(reader.locator(".lead")).to_contain_text("Tides, read by Dana.")


def confirmed(town: Town, dana: Page) -> None:
    mail = town.newest_mail(OFFICE)
    assert TITLE in mail.get_content()
    office = town.visitor()
    office.goto(link_in(mail, "/confirm/"))
    expect(office.get_by_role("heading", name="Is this still right?")).to_be_visible()
    press(office, "Yes, all of this is still right")
    expect(office.get_by_role("heading", name="Thank you")).to_be_visible()
    office.get_by_role("link", name=TITLE).click()
    expect(office.get_by_text("confirmed by the provider")).to_be_visible()

    dana.goto("/trainings/tide-tables-for-ministries")
    dana.get_by_role("link", name="Edit", exact=True).click()
    press(dana, "Still right")
    expect(said(dana)).to_contain_text("is confirmed")
    office.reload()
    expect(office.get_by_text("confirmed by a curator")).to_be_visible()


def checked(town: Town, tmp_path: Path) -> None:
    """The log is whole; in a copy, one row that somebody changed is named."""
    assert "The log is whole." in town.server.directory("audit", "verify")
    copy = tmp_path / "copy.db"
    town.server.directory("backup", str(copy))
    with closing(sqlite3.connect(copy)) as database:
        (sequence,) = database.execute(
            "SELECT max(sequence) FROM audit WHERE action = 'confirm'"
        ).fetchone()
        database.execute("UPDATE audit SET subject = 'Another' WHERE sequence = ?", (sequence,))
        database.commit()
    town.server.environment |= {"DIRECTORY_DATABASE_URL": f"sqlite:///{copy}"}
    with pytest.raises(subprocess.CalledProcessError) as caught:
        town.server.directory("audit", "verify")
    assert f"Row {sequence} is wrong: its content is not what was written." in caught.value.stderr


def test_a_provider_comes_in_and_proposes_what_a_curator_publishes(town: Town) -> None:
    mara = "mara@diplomacy.edu"
    provider, cem = town.visitor(), town.person("cem@example.org", "curator")
    provider.goto("/organisations/diplofoundation")
    provider.get_by_role("link", name="Is this your organisation?").click()
    provider.get_by_label("Your e-mail address at work").fill(mara)
    provider.get_by_label("What you do there").fill("Head of training")
    press(provider, "Ask to edit")
    expect(provider.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    provider.goto(link_in(town.newest_mail(mara), "/claim/"))
    press(provider, "Yes, I ask for this")
    expect(provider.get_by_text("is with a curator now")).to_be_visible()

    cem.get_by_role("link", name="Requests of providers").click()
    cem.get_by_role("link", name="DiploFoundation").first.click()
    expect(cem.get_by_text("matches the website")).to_be_visible()
    press(cem, "Grant for 24 months")
    expect(cem.get_by_role("heading", name="Granted")).to_be_visible()

    choose_password(provider, link_in(town.newest_mail(mara), "/account/password/"))
    provider.get_by_role("link", name="DiploFoundation").click()
    provider.get_by_role("link", name="AI Campus").click()
    provider.get_by_role("link", name="Edit", exact=True).click()
    expect(provider.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    name_source(provider, "Diplo and GIP profile")
    provider.get_by_label("Length").fill("Ten weeks, from autumn")
    press(provider, "Save and send to review")
    expect(provider.get_by_text("The live version stays up")).to_be_visible()
    expect(provider.get_by_role("button", name="Publish", exact=True)).to_have_count(0)

    answer = provider.goto("/curation/trainings/cyber-school-initiative")
    assert answer and answer.status == 403
    expect(provider.get_by_text("only for your own organisations")).to_be_visible()
    reader = town.visitor()
    reader.goto("/trainings/ai-campus")
    expect(reader.get_by_text("from autumn")).to_have_count(0)

    cem.get_by_role("link", name="Desk", exact=True).click()
    cem.get_by_role("link", name="Waiting for review").click()
    cem.get_by_role("link", name="AI Campus").click()
    press(cem, "Publish")
    expect(said(cem)).to_contain_text("is published")
    reader.reload()
    expect(reader.get_by_text("from autumn").first).to_be_visible()
