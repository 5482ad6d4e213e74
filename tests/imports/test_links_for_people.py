"""What a curator, a reader and a command line get to see of links that do not work."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from click.testing import CliRunner
from litestar.testing import TestClient

from directory.app import create_app
from directory.cli import main
from directory.curation.service import get_entry, latest_revision, publish, read_draft, save_draft
from directory.db import now
from directory.entries.kinds import TRAINING
from directory.entries.links import LinkCheck, published_urls
from directory.imports import fetch
from directory.imports.fetch import Fetcher, Pace
from directory.imports.links import Found, Observation, judge
from directory.imports.pages import links as pages
from directory.settings import Settings
from tests.imports.sites import Site, fetcher_for, only, running, says, to_loopback
from tests.people import enter_as, form_in, quick_hashes, send, writing

__all__ = ["quick_hashes"]

SCHOOL = "/curation/trainings/cyber-school-initiative"
LINKS = f"{SCHOOL}/links"


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as found:
        yield found


@pytest.fixture
def visited(site: Site, desk_settings: Settings) -> Iterator[TestClient[Any]]:
    """A site of ours whose client reaches the other site, with one training that links to it."""
    with writing(desk_settings) as session:
        saved = latest_revision(session, get_entry(session, TRAINING, "cyber-school-initiative"))
        profile = saved.profile | {"website": site.url("/"), "apply_url": site.url("/apply")}
        draft = read_draft(TRAINING, "cyber-school-initiative", profile, saved.claims)
        publish(session, *save_draft(session, draft, by=None), by=None)
    app = create_app(desk_settings, fetcher=fetcher_for(site))
    with TestClient(app, base_url=desk_settings.base_url) as client:
        yield client


def press(client: TestClient[Any], on: str) -> Any:
    return send(client, form_in(client.get(on).text, LINKS))


def all_are_old(settings: Settings) -> None:
    """Let a week pass."""
    with writing(settings) as session:
        for url in published_urls(session):
            if check := session.get(LinkCheck, url):
                check.next_check_at = now() - timedelta(minutes=1)


def test_check_now_says_what_it_found_and_goes_back_to_the_form(
    visited: TestClient[Any], desk_settings: Settings, site: Site
) -> None:
    enter_as(visited, desk_settings, "contributor")
    site.pages |= {"/": says(200), "/apply": says(200)}
    answer = press(visited, SCHOOL)
    assert answer.url.path == SCHOOL
    assert "Links that work: 2 of 2." in answer.text
    site.pages["/apply"] = says(404)
    answer = press(visited, LINKS)
    assert answer.url.path == LINKS
    assert "Links that work: 1 of 2." in answer.text
    assert f"{site.url('/apply')}: The site says that it has no such page (404)." in answer.text


def test_the_page_of_links_says_what_is_known_of_each(
    visited: TestClient[Any], desk_settings: Settings, site: Site
) -> None:
    enter_as(visited, desk_settings, "curator")
    assert visited.get(LINKS).text.count("Not checked yet.") == 2
    site.pages |= {"/": says(200), "/apply": says(404)}
    text = " ".join(press(visited, LINKS).text.split())
    assert "Where to apply" in text and "Website" in text
    assert "It has not worked 1 time in a row; after 4 times it counts as broken." in text
    assert text.count("next check after") == 2


def test_an_entry_without_addresses_says_so(
    visited: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(visited, desk_settings, "curator")
    form = form_in(visited.get("/curation/trainings/new").text).fill(title="Night School")
    page = send(visited, form)
    link = re.search(r'href="(/curation/trainings/[a-z-]+/links)"', page.text)
    assert link and "no web address yet" in visited.get(link[1]).text
    answer = send(visited, form_in(page.text, link[1]))
    assert "no web address that could be checked" in answer.text


def test_a_new_entry_has_no_button_before_it_is_saved(
    visited: TestClient[Any], desk_settings: Settings
) -> None:
    enter_as(visited, desk_settings, "curator")
    assert "Check now" not in visited.get("/curation/trainings/new").text


def test_links_are_not_for_passers_by(visited: TestClient[Any], site: Site) -> None:
    answer = visited.get(LINKS, follow_redirects=False)
    assert answer.headers["location"].startswith("/account/sign-in")
    assert visited.post(LINKS).status_code in (401, 403)
    assert site.asked == []


@pytest.mark.parametrize("path", ["/curation/trainings/no-such/links", "/curation/x/gcsp/links"])
def test_links_of_nothing_are_not_found(
    visited: TestClient[Any], desk_settings: Settings, path: str
) -> None:
    enter_as(visited, desk_settings, "curator")
    assert visited.get(path).status_code == 404
    form = form_in(visited.get(LINKS).text, LINKS)
    assert send(visited, form, to=path).status_code == 404


def test_checks_of_many_people_do_not_hold_up_the_site(
    visited: TestClient[Any], desk_settings: Settings, site: Site
) -> None:
    enter_as(visited, desk_settings, "curator")
    taken = [pages._slots.acquire(blocking=False) for _ in range(3)]
    try:
        assert all(taken)
        assert "Try again in a minute." in press(visited, SCHOOL).text
        assert site.asked == []
    finally:
        for _ in taken:
            pages._slots.release()
    assert "Try again in a minute." not in press(visited, SCHOOL).text


WARNING = "This link did not work when we last checked, on"


def test_readers_are_warned_after_the_fourth_miss_and_no_longer_when_it_works_again(
    visited: TestClient[Any], desk_settings: Settings, site: Site
) -> None:
    public = "/trainings/cyber-school-initiative"
    enter_as(visited, desk_settings, "curator")
    site.pages |= {"/": says(200), "/apply": says(404)}
    for _ in range(4):
        assert WARNING not in visited.get(public).text
        press(visited, LINKS)
        all_are_old(desk_settings)
    text = visited.get(public).text
    assert f'<a href="{site.url("/apply")}">' in text, "the link itself stays"
    assert f'<a class="button" href="{site.url("/apply")}"' not in text
    assert re.search(WARNING + r" \d+ [A-Z][a-z]+ \d{4}\.", text)
    assert WARNING in visited.get("/compare?entry=training/cyber-school-initiative").text
    site.pages["/apply"] = says(200)
    press(visited, LINKS)
    assert WARNING not in visited.get(public).text


def command(settings: Settings) -> Any:
    environment = {
        "DIRECTORY_DATABASE_URL": settings.database_url,
        "DIRECTORY_DATA_DIR": str(settings.data_dir),
        "DIRECTORY_BASE_URL": settings.base_url,
    }
    return CliRunner().invoke(main, ["links", "check"], env=environment)


def test_the_command_counts_and_names_each_newly_broken_link_once(
    visited: TestClient[Any],
    desk_settings: Settings,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reachable = partial(Fetcher, resolve=to_loopback, allowed=only(site), pace=Pace(0))
    monkeypatch.setattr(fetch, "Fetcher", reachable)
    with writing(desk_settings) as session:
        for url in published_urls(session) - {site.url("/"), site.url("/apply")}:
            check = judge(None, Observation(url, Found.WORKS, "It works.", 200), now())
            session.add(check)
    site.pages |= {"/": says(200), "/apply": says(404)}
    said = []
    for _ in range(5):
        with writing(desk_settings) as session:
            if check_of_apply := session.get(LinkCheck, site.url("/apply")):
                check_of_apply.next_check_at = now() - timedelta(minutes=1)
        result = command(desk_settings)
        assert result.exit_code == 0, result.output
        said.append(result.stdout)
    assert said[0] == (
        "Links checked: 2. Working: 1, broken: 0 (newly: 0), not known: 1. Not due yet: 1.\n"
    )
    named = ["/trainings/cyber-school-initiative" in text for text in said]
    assert named == [False, False, False, True, False]
    assert f"Where to apply: {site.url('/apply')}" in said[3]
    assert "no such page (404)" in said[3]
    assert "broken: 1 (newly: 1)" in said[3] and "broken: 1 (newly: 0)" in said[4]


def test_the_command_fails_in_one_sentence_without_a_network(
    visited: TestClient[Any],
    desk_settings: Settings,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreachable(host: str, port: int) -> list[str]:
        raise OSError("no network")

    with writing(desk_settings) as session:
        known = Observation("https://known.example/", Found.WORKS, "It works.", 200)
        session.add(judge(None, known, now()))
    monkeypatch.setattr(fetch, "Fetcher", partial(Fetcher, resolve=unreachable, pace=Pace(0)))
    result = command(desk_settings)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1 and "off the network" in result.stderr
