"""From a registered address to a full catalogue, as people go through it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from litestar.testing import TestClient
from sqlmodel import select

from directory.accounts.models import Grant, User
from directory.app import create_app
from directory.cli import main
from directory.curation.service import (
    get_entry,
    latest_revision,
    publish,
    read_draft,
    save_draft,
)
from directory.db import now
from directory.entries.kinds import ORGANISATION, TRAINING
from directory.entries.models import Entry, State, Waiting
from directory.imports import fetch
from directory.imports.harvest.models import Feed, FeedState
from directory.settings import Settings
from tests.imports.harvest.feeds import OWNER, course, publish_json
from tests.imports.sites import Site, fetcher_for, running
from tests.people import enter_as, form_in, quick_hashes, send, writing

__all__ = ["quick_hashes"]

Client = TestClient[Any]
FEED = "/curation/feeds/courses-of-the-academy"
TEXT = re.compile(r"<[^>]+>|\s+")


@pytest.fixture
def other() -> Iterator[Site]:
    with running() as site:
        yield site


@pytest.fixture
def visited(other: Site, desk_settings: Settings) -> Iterator[Client]:
    """A site of ours whose client reaches the other site."""
    app = create_app(desk_settings, fetcher=fetcher_for(other))
    with TestClient(app, base_url=desk_settings.base_url) as client:
        yield client


@pytest.fixture
def command(other: Site, desk_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `directory harvest` as a timer would; it reaches the other site as well."""
    monkeypatch.setattr(fetch, "Fetcher", lambda site: fetcher_for(other))

    def harvest(*words: str, due: bool = True) -> Any:
        if due:
            with writing(desk_settings) as session:
                for feed in session.exec(select(Feed)):
                    if feed.state == FeedState.APPROVED.value:
                        feed.next_run_at = now()
                        session.add(feed)
        environment = {
            "DIRECTORY_DATABASE_URL": desk_settings.database_url,
            "DIRECTORY_DATA_DIR": str(desk_settings.data_dir),
        }
        return CliRunner().invoke(main, ["harvest", *words], env=environment)

    return harvest


def as_provider(client: Client, settings: Settings) -> None:
    """Come in as somebody who may speak for the owner of the feed."""
    enter_as(client, settings, "provider")
    with writing(settings) as session:
        user = session.exec(select(User).where(User.role == "provider")).one()
        owner = get_entry(session, ORGANISATION, OWNER)
        session.add(Grant(user_id=user.id, organisation_id=owner.id))


def fill_in(client: Client, to: str, **more: str) -> Any:
    form = form_in(client.get("/curation/feeds/new").text)
    given = {
        "title": "Courses of the Academy",
        "owner": OWNER,
        "address": to,
        "format": "json",
        "kind": "training",
        "schedule": "daily",
        "own_offers": "yes",
    }
    return send(client, form.fill(**(given | more)))


def press(client: Client, move: str) -> Any:
    page = client.get(FEED)
    return send(client, form_in(page.text, f"{FEED}/{move}"))


def shown(html: str) -> str:
    return TEXT.sub(" ", html)


def test_from_a_registered_feed_to_archived_entries(
    visited: Client, other: Site, desk_settings: Settings, command: Any
) -> None:
    address = publish_json(other, [course(n) for n in range(4)])

    # A provider registers, tries out, and cannot approve.
    as_provider(visited, desk_settings)
    registered = fill_in(visited, address)
    assert registered.status_code == 200 and "waits for approval" in registered.text
    assert 'value="Approve"' not in registered.text and "/approve" not in registered.text
    tried = press(visited, "test")
    assert "What would come in" in tried.text and "nothing was saved" in tried.text
    assert "Quiet course 3" in tried.text
    assert "Geneva Centre for Security Policy</dd>" in tried.text, "not its slug"
    assert visited.post(f"{FEED}/approve").status_code in (403, 405)
    assert "No feed is due" in command().output
    with writing(desk_settings) as session:
        assert session.exec(select(Entry).where(Entry.title == "Quiet course 0")).first() is None

    # A curator approves, and the timer brings drafts into the queue.
    visited.cookies.clear()
    enter_as(visited, desk_settings, "curator")
    assert "/curation/feeds" in visited.get("/curation").text
    assert "is approved" in press(visited, "approve").text
    done = command()
    assert done.exit_code == 0, done.output
    assert "courses-of-the-academy: done. Read 4, added 4" in done.output
    assert "Quiet course 2" in visited.get("/curation/lists/review?q=quiet").text
    with writing(desk_settings) as session:
        draft = latest_revision(session, get_entry(session, TRAINING, "quiet-course-2"))
        assert draft.profile["providers"] == [OWNER]
        assert draft.claims["providers"][0]["status"] == "derived"
    review = visited.get("/curation/trainings/quiet-course-2/review")
    assert "Courses of the Academy" in review.text and "by itself" in review.text

    # Again: nothing. Then one changes.
    assert "added 0, updated 0, unchanged 4" in command().output
    publish_json(other, [course(0, duration="2 weeks"), *(course(n) for n in range(1, 4))])
    assert "updated 1, unchanged 3" in command().output

    # A person edits a field and publishes; the feed leaves it.
    with writing(desk_settings) as session:
        for number in range(4):
            entry = get_entry(session, TRAINING, f"quiet-course-{number}")
            _complete(session, entry, duration="Two weeks")
    publish_json(other, [course(0, duration="3 weeks"), *(course(n) for n in range(1, 4))])
    left = command().output
    assert "in 1 something was left as it is" in left
    assert "Length was left: A person has set it." in left
    assert "Left as it is." in visited.get(_last_run(visited)).text

    # It is gone twice, and archived with a reason.
    publish_json(other, [course(n) for n in range(3)])
    assert "archived 0" in command().output
    assert "archived 1" in command().output
    with writing(desk_settings) as session:
        gone = get_entry(session, TRAINING, "quiet-course-3")
        assert gone.state is State.ARCHIVED
        assert "Courses of the Academy" in str(gone.state_reason)
    assert visited.get("/trainings/quiet-course-3").status_code == 200
    assert "quiet-course-3" not in visited.get("/search?q=quiet+course").text


def _complete(session: Any, entry: Entry, **values: str) -> None:
    """Publish a draft as a curator who edits a field, and finds the rest not stated."""
    curator = session.exec(select(User).where(User.role == "curator")).one()
    newest = latest_revision(session, entry)
    profile = newest.profile | values
    source = [{"source": "feed-courses-of-the-academy", "status": "not_stated"}]
    claims = {n: newest.claims.get(n) or source for n in TRAINING.fields}
    for name in values:
        claims[name] = [{"source": "gcsp-profile"}]
    draft = read_draft(TRAINING, entry.slug, profile, claims)
    publish(session, *save_draft(session, draft, by=curator), by=curator)
    assert entry.waiting is not Waiting.IN_REVIEW


def _last_run(client: Client) -> str:
    found = re.search(rf'href="({FEED}/runs/[^"]+)"', client.get(FEED).text)
    assert found
    return found[1]


def test_a_feed_is_not_approved_before_it_was_tried_out(
    visited: Client, other: Site, desk_settings: Settings
) -> None:
    enter_as(visited, desk_settings, "curator")
    fill_in(visited, publish_json(other, [course(1)]))
    refused = press(visited, "approve")
    assert refused.status_code == 422 and "Try the feed out first" in refused.text
    other.pages.clear()
    failed = press(visited, "test").text
    assert "status 404" in failed and "The feed could not be read" in failed
    assert "What would come in" not in failed
    assert press(visited, "approve").status_code == 422, "a test that failed shows nothing"


def test_approval_lapses_when_the_address_changes_and_not_with_the_name(
    visited: Client, other: Site, desk_settings: Settings, command: Any
) -> None:
    enter_as(visited, desk_settings, "curator")
    fill_in(visited, publish_json(other, [course(1)]))
    press(visited, "test")
    press(visited, "approve")
    form = form_in(visited.get(f"{FEED}/change").text)
    named = send(visited, form.fill(title="Another name"))
    assert "approved" in named.text and "waits for approval" not in named.text
    moved = send(visited, form.fill(address=other.url("/elsewhere.json")))
    assert "approval has lapsed" in moved.text and "waits for approval" in moved.text
    assert "No feed is due" in command(due=False).output
    assert press(visited, "approve").status_code == 422


def test_a_run_that_stopped_waits_on_the_desk_and_a_curator_lets_it_go_on(
    visited: Client, other: Site, desk_settings: Settings, command: Any
) -> None:
    enter_as(visited, desk_settings, "curator")
    fill_in(visited, publish_json(other, [course(n) for n in range(6)]))
    press(visited, "test")
    press(visited, "approve")
    command()
    publish_json(other, [course(n, id=f"n{n}") for n in range(6)])
    stopped = command()
    assert stopped.exit_code == 1 and "stopped for a person" in stopped.output
    assert "wants a decision" in visited.get("/curation/feeds").text
    assert re.search(r"<b[^>]*>1</b> Feeds", visited.get("/curation").text)
    assert "goes on" in press(visited, "go-on").text
    assert "unchanged 6" in command().output
    assert "wants a decision" not in visited.get("/curation/feeds").text
    assert "is paused" in press(visited, "pause").text
    assert "No feed is due" in command().output


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 400),
        ("address", "ftp://school.example/"),
        ("address", "https://ada:secret@school.example/"),
        ("owner", "nobody"),
        ("format", "pdf"),
        ("kind", "cake"),
        ("schedule", "hourly"),
    ],
)
def test_a_form_that_does_not_fit_comes_back_with_what_was_written(
    visited: Client, desk_settings: Settings, field: str, value: str
) -> None:
    enter_as(visited, desk_settings, "curator")
    answer = fill_in(visited, "https://school.example/kept", **{field: value})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    if field != "address":
        assert "https://school.example/kept" in answer.text


def test_a_calendar_can_hold_trainings_only(visited: Client, desk_settings: Settings) -> None:
    enter_as(visited, desk_settings, "curator")
    answer = fill_in(visited, "https://school.example/", format="ical", kind="organisation")
    assert answer.status_code == 422 and "iCalendar can hold these only: Trainings" in answer.text


def test_nobody_registers_for_others_and_contributors_not_at_all(
    visited: Client, other: Site, desk_settings: Settings
) -> None:
    assert visited.get("/curation/feeds", follow_redirects=False).status_code == 303
    enter_as(visited, desk_settings, "curator")
    fill_in(visited, publish_json(other, [course(1)]), owner="diplofoundation")
    visited.cookies.clear()
    as_provider(visited, desk_settings)
    assert fill_in(visited, "https://x.example/", owner="diplofoundation").status_code == 422
    assert visited.get(FEED).status_code == 403
    assert "Courses of the Academy" not in visited.get("/curation/feeds").text
    visited.cookies.clear()
    enter_as(visited, desk_settings, "contributor")
    for address in ("/curation/feeds", "/curation/feeds/new", FEED):
        assert visited.get(address).status_code == 403


def test_a_provider_without_an_organisation_is_told_how_to_get_one(
    visited: Client, desk_settings: Settings
) -> None:
    enter_as(visited, desk_settings, "provider")
    page = visited.get("/curation/feeds/new").text
    assert "choose “Is this your organisation?”" in page
    assert 'name="address"' not in page


def test_a_provider_changes_nothing_of_others_with_a_feed_and_sees_no_draft_of_theirs(
    visited: Client, other: Site, desk_settings: Settings
) -> None:
    page = "https://school.example/of-others"
    with writing(desk_settings) as session:
        entry = get_entry(session, TRAINING, "ai-campus")
        newest = latest_revision(session, entry)
        claims = newest.claims | {"website": [{"source": "gcsp-profile"}]}
        live = read_draft(TRAINING, entry.slug, newest.profile | {"website": page}, claims)
        publish(session, *save_draft(session, live, by=None), by=None)
        secret = read_draft(TRAINING, entry.slug, live.values | {"duration": "quokka"}, claims)
        save_draft(session, secret, by=None)
    items = [course(1, url=page, duration="a day")]
    as_provider(visited, desk_settings)
    fill_in(visited, publish_json(other, items))
    tried = press(visited, "test").text
    assert ">new<" in tried and "ai-campus" not in tried and "quokka" not in tried
    visited.cookies.clear()
    enter_as(visited, desk_settings, "curator")
    fill_in(visited, other.url("/feed.json"), title="Seen by curators", owner="diplofoundation")
    seen = "/curation/feeds/seen-by-curators"
    tried = send(visited, form_in(visited.get(seen).text, f"{seen}/test")).text
    assert "/curation/trainings/ai-campus" in tried and "quokka" in tried


def test_addresses_that_lead_nowhere_are_not_found(
    visited: Client, other: Site, desk_settings: Settings
) -> None:
    enter_as(visited, desk_settings, "curator")
    fill_in(visited, publish_json(other, [course(1)]))
    for path in ("/curation/feeds/none", f"{FEED}/runs/none", f"{FEED}/runs/{'0' * 32}"):
        assert visited.get(path).status_code == 404
    form = form_in(visited.get(FEED).text, f"{FEED}/test")
    assert send(visited, form, to=f"{FEED}/eat").status_code == 404
