"""One entry in the hands of many: a contributor, two curators and the provider, in Chromium."""

import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, Server, come_in, serving

SCHOOL = "cyber-school-initiative"
PUBLIC, DESK = f"/trainings/{SCHOOL}", f"/curation/trainings/{SCHOOL}"
MAILBOX = "school@provider.example"
Person = Callable[[str, str], Page]


@pytest.fixture(scope="module", params=[True, False], ids=["scripts", "no scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def house(
    seeded_file: Path, tmp_path_factory: pytest.TempPathFactory, scripts: bool
) -> Iterator[Server]:
    """A site of its own, on which nobody else works."""
    with serving(seeded_file, tmp_path_factory.mktemp("house")) as found:
        yield found


@pytest.fixture(scope="module")
def person(browser: Browser, house: Server, scripts: bool) -> Iterator[Person]:
    """Open the site as somebody, who then has a browser of their own."""
    contexts = []

    def enter(name: str, role: str) -> Page:
        state = come_in(browser, house, f"{name}@example.org", role) if role else None
        context = browser.new_context(storage_state=state, java_script_enabled=scripts)
        contexts.append(context)
        return context.new_page()

    yield enter
    for context in contexts:
        context.close()


def mail_to(house: Server, to: str, about: str) -> str:
    """Return what a mail says that goes to an address; it is delivered just after the answer."""
    for _ in range(50):
        for path in (house.folder / "data" / "outbox").glob("*.eml"):
            message = message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(message, EmailMessage)
            if message["To"] == to and about in message["Subject"]:
                return str(message.get_content())
        time.sleep(0.1)
    pytest.fail(f"nobody wrote to {to} about {about}")


def a_link(text: str, path: str) -> str:
    found = re.search(rf"http://\S+{path}\S+", text)
    assert found, text
    return found[0]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def told(page: Page, words: str) -> None:
    expect(page.locator(".flash").filter(has_text=words)).to_be_visible()


def test_from_a_proposal_to_a_confirmed_entry(house: Server, person: Person) -> None:
    ana, ben, eva = (
        person("ana", "contributor"), person("ben", "curator"), person("eva", "curator"),
    )  # fmt: skip
    propose(house, ana)
    ask_for_changes(house, ben)
    answer_and_send_again(house, ana)
    publish_what_waits(house, ben)
    two_write_at_once(house, ben, eva)
    merge_and_undo(house, eva)
    confirm_by_mail_and_at_the_desk(house, person("provider", ""), eva)
    assert "whole" in house.directory("audit", "verify")


def propose(house: Server, ana: Page) -> None:
    ana.goto(house.address + PUBLIC)
    ana.get_by_role("link", name="Edit", exact=True).click()
    expect(ana.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    ana.locator("#f-_source").select_option("cyberpeace-institute-profile")
    ana.get_by_label("Length", exact=True).fill("Nine weeks")
    ana.get_by_label("What you changed, and why").fill("The school is longer now.")
    press(ana, "Save and send to review")
    told(ana, "Saved, and sent to review")
    ana.goto(house.address + PUBLIC)
    expect(ana.get_by_text("Nine weeks")).to_have_count(0)


def ask_for_changes(house: Server, ben: Page) -> None:
    ben.goto(f"{house.address}/curation")
    ben.get_by_role("link", name="1 Waiting for review").click()
    ben.get_by_role("link", name="Cyber School Initiative").click()
    expect(ben.get_by_text("The live version stays up")).to_be_visible()
    expect(ben.get_by_text("Nine weeks")).to_be_visible()
    press(ben, "Request changes")
    expect(ben.get_by_role("alert")).to_contain_text("Say why")
    ben.get_by_label("Reason", exact=True).fill("Please add a mailbox one can write to.")
    press(ben, "Request changes")
    told(ben, "went back to its author")


def answer_and_send_again(house: Server, ana: Page) -> None:
    said = mail_to(house, "ana@example.org", "Cyber School")
    assert "Please add a mailbox" in said
    ana.goto(a_link(said, "/curation/"))
    ana.get_by_label("Ask or answer").fill("It has one; I add it.")
    press(ana, "Send")
    ana.goto(house.address + DESK)
    expect(ana.get_by_text("Please add a mailbox one can write to.")).to_be_visible()
    ana.locator("#f-_source").select_option("cyberpeace-institute-profile")
    ana.get_by_label("Contact address").fill(MAILBOX)
    press(ana, "Save and send to review")
    told(ana, "sent to review")


def publish_what_waits(house: Server, ben: Page) -> None:
    ben.goto(f"{house.address}{DESK}/review")
    expect(ben.get_by_text("It has one; I add it.")).to_be_visible()
    expect(ben.get_by_text("Nothing: it can be published.")).to_be_visible()
    press(ben, "Publish")
    told(ben, "is published")
    ben.goto(house.address + PUBLIC)
    expect(ben.get_by_text("Nine weeks").first).to_be_visible()
    assert MAILBOX not in mail_to(house, "ana@example.org", "Published")


def two_write_at_once(house: Server, ben: Page, eva: Page) -> None:
    for page in (ben, eva):
        page.goto(house.address + DESK)
    ben.get_by_label("Length", exact=True).fill("Ten weeks")
    ben.get_by_label("May the material be reused").fill("CC BY 4.0")
    ben.locator("#f-_source").select_option("cyberpeace-institute-profile")
    press(ben, "Publish")
    told(ben, "is published")
    eva.get_by_label("Length", exact=True).fill("Eleven weeks")
    eva.locator("#f-_source").select_option("cyberpeace-institute-profile")
    eva.get_by_label("What one needs to know before").fill("Curiosity.")
    press(eva, "Publish")
    expect(eva.get_by_role("heading", name="Somebody else was faster")).to_be_visible()
    length = eva.get_by_role("group", name="Length")
    expect(length).to_contain_text("Ten weeks")
    expect(length).to_contain_text("Eleven weeks")
    length.get_by_role("radio", name="Keep mine").check()
    press(eva, "Publish")
    told(eva, "is published")
    eva.goto(house.address + PUBLIC)
    for both in ("Eleven weeks", "CC BY 4.0", "Curiosity."):
        expect(eva.get_by_text(both).first).to_be_visible()


def merge_and_undo(house: Server, eva: Page) -> None:
    eva.goto(f"{house.address}/curation/organisations/new")
    eva.get_by_label("Name needed to publish").fill("Cyber Peace Institut")
    press(eva, "Save draft")
    expect(eva.get_by_role("heading", name="Is it here already?")).to_be_visible()
    eva.get_by_role("checkbox", name="It is a different one").check()
    press(eva, "Save draft")
    told(eva, "The draft is saved")
    eva.goto(f"{house.address}/curation")
    eva.get_by_role("link", name="Likely duplicates").click()
    eva.get_by_role("listitem").filter(has_text="Cyber Peace Institut").get_by_role(
        "link", name=re.compile("^Merge")
    ).first.click()
    expect(eva.get_by_role("heading", name="Merge two entries")).to_be_visible()
    press(eva, "See what would happen")
    press(eva, "Merge them now")
    told(eva, "Merged.")
    press(eva, "Undo this merge")
    told(eva, "are two again")
    eva.goto(f"{house.address}/organisations/cyberpeace-institute")
    expect(eva.get_by_role("heading", level=1, name="CyberPeace Institute")).to_be_visible()


def confirm_by_mail_and_at_the_desk(house: Server, provider: Page, eva: Page) -> None:
    with closing(sqlite3.connect(house.folder / "directory.db")) as database, database:
        database.execute(
            "UPDATE claim SET checked_on = '2021-01-01' "
            "WHERE entry_id = (SELECT id FROM entry WHERE slug = ?)",
            (SCHOOL,),
        )
    assert "1 letter" in house.directory("reminders")
    eva.goto(house.address + PUBLIC)
    expect(eva.get_by_text("Not confirmed since")).to_be_visible()
    provider.goto(a_link(mail_to(house, MAILBOX, ""), "/confirm/"))
    expect(provider.get_by_role("heading", name="Is this still right?")).to_be_visible()
    press(provider, "Yes, all of this is still right")
    expect(provider.get_by_role("heading", name="Thank you")).to_be_visible()
    provider.goto(house.address + PUBLIC)
    expect(provider.get_by_text("confirmed by the provider")).to_be_visible()
    eva.goto(house.address + DESK)
    press(eva, "Still right")
    told(eva, "is confirmed")


def test_a_provider_comes_in_proposes_and_reaches_nothing_of_others(
    house: Server, person: Person
) -> None:
    dora, eva = person("dora", ""), person("eva-grants", "curator")
    dora.goto(f"{house.address}/organisations/diplofoundation")
    dora.get_by_role("link", name="Is this your organisation?").click()
    dora.get_by_label("Your e-mail address at work").fill("dora@diplomacy.edu")
    dora.get_by_label("What you do there").fill("Head of training")
    press(dora, "Ask to edit")
    dora.goto(a_link(mail_to(house, "dora@diplomacy.edu", ""), "/claim/"))
    press(dora, "Yes, I ask for this")
    eva.goto(f"{house.address}/curation")
    eva.get_by_role("link", name="1 Requests of providers").click()
    eva.get_by_role("link", name="DiploFoundation").first.click()
    press(eva, "Grant for 24 months")
    dora.goto(
        a_link(mail_to(house, "dora@diplomacy.edu", "You can now edit"), "/account/password/")
    )
    dora.get_by_label("New password").fill(PASSWORD)
    press(dora, "Set the password and sign in")
    dora.goto(f"{house.address}/organisations/diplofoundation")
    dora.get_by_role("link", name="Edit", exact=True).click()
    expect(dora.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    dora.locator("#f-_source").select_option(index=1)
    dora.get_by_label("Channels").fill("A newsletter")
    press(dora, "Save and send to review")
    told(dora, "sent to review")
    dora.goto(f"{house.address}/curation/organisations/gcsp")
    expect(dora.get_by_text("only for your own organisations")).to_be_visible()


def test_a_log_that_was_changed_names_the_row(house: Server, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(house.folder / "directory.db")) as source:
        source.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("DROP TRIGGER audit_no_update")
        (row,) = database.execute("SELECT max(sequence) - 3 FROM audit").fetchone()
        database.execute("UPDATE audit SET role = 'admin' WHERE sequence = ?", (row,))
    done = subprocess.run(
        [sys.executable, "-m", "directory", "audit", "verify"],
        env=house.environment | {"DIRECTORY_DATABASE_URL": f"sqlite:///{copy}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert str(row) in done.stdout + done.stderr
