"""Checking links: what counts as broken, how often a site is asked, and what a stop leaves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from sqlmodel import Session

from directory.accounts.models import User
from directory.curation.service import get_entry, latest_revision, publish, read_draft, save_draft
from directory.db import Database
from directory.entries.kinds import ORGANISATION
from directory.entries.links import LinkCheck, LinkState, published_urls
from directory.errors import SourceFailed
from directory.imports import links
from directory.imports.fetch import Pace
from directory.imports.links import (
    Found,
    Observation,
    check_entry,
    check_links,
    judge,
    observe,
)
from directory.migrate import migrate
from tests.imports.sites import Reply, Site, by_method, fetcher_for, running, says, sends_on

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
CURATOR = User(email="curator@example.org", role="curator")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as found:
        yield found


@pytest.mark.parametrize(
    ("status", "found"),
    [
        *[(s, Found.WORKS) for s in (200, 204)],
        *[(s, Found.MISSED) for s in (404, 410, 500, 502, 503, 504)],
        *[(s, Found.NEITHER) for s in (400, 401, 403, 405, 406, 418, 429, 451, 999)],
    ],
)
def test_what_an_answer_means(site: Site, status: int, found: Found) -> None:
    site.pages["/"] = says(status)
    seen = observe(fetcher_for(site), site.url())
    assert (seen.found, seen.status) == (found, status)
    assert seen.reason.endswith(".")


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501])
def test_a_site_that_refuses_head_is_asked_for_one_byte(site: Site, status: int) -> None:
    site.pages["/"] = by_method(head=says(status), get=says(206, b"<"))
    assert observe(fetcher_for(site), site.url()).found is Found.WORKS
    assert site.methods() == ["HEAD", "GET"]
    assert site.asked[1][3]["range"] == "bytes=0-0"


def test_a_site_that_hangs_up_on_head_is_asked_for_one_byte(site: Site) -> None:
    site.pages["/"] = by_method(head=lambda request: None, get=says(200, b"Welcome"))
    assert observe(fetcher_for(site), site.url()).found is Found.WORKS


def test_an_empty_page_that_has_no_first_byte_works(site: Site) -> None:
    site.pages["/"] = by_method(head=says(405), get=says(416))
    assert observe(fetcher_for(site), site.url()).found is Found.WORKS


def test_a_site_that_asks_for_patience_is_not_asked_twice(site: Site) -> None:
    site.pages["/"] = says(429, Retry_After="7200")
    seen = observe(fetcher_for(site), site.url())
    assert site.methods() == ["HEAD"]
    assert seen.retry_after == 2 * HOUR


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("", DAY),
        ("soon", DAY),
        ("-5", DAY),
        ("0", timedelta()),
        ("999999999", timedelta(days=30)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", timedelta()),
        ("Thu, 31 Dec 9999 23:59:59 GMT", timedelta(days=30)),
    ],
)
def test_how_long_a_site_wants_to_be_left_alone(site: Site, text: str, wait: timedelta) -> None:
    site.pages["/"] = says(429, Retry_After=text)
    assert observe(fetcher_for(site), site.url()).retry_after == wait


def test_a_link_that_leads_on_works_and_says_where(site: Site) -> None:
    site.pages["/old"], site.pages["/new"] = sends_on("/new", 301), says(200)
    seen = observe(fetcher_for(site), site.url("/old"))
    assert seen.found is Found.WORKS
    assert site.url("/new") in seen.reason


def test_a_link_into_a_private_network_is_not_known_and_never_asked(site: Site) -> None:
    site.pages["/"] = sends_on("http://192.168.0.1/")
    assert observe(fetcher_for(site), site.url()).found is Found.NEITHER
    assert observe(fetcher_for(), "http://169.254.169.254/").found is Found.NEITHER


def seen(found: Found, **more: Any) -> Observation:
    return Observation("https://site.example/", found, "As we saw it.", **more)


def looked_at(*looks: tuple[Found, timedelta]) -> list[LinkCheck]:
    """Judge one look after another, each some time after the one before."""
    checks: list[LinkCheck] = []
    at = NOON
    for found, later in looks:
        at += later
        checks.append(judge(checks[-1] if checks else None, seen(found), at))
    return checks


def waits(checks: list[LinkCheck]) -> list[timedelta]:
    return [check.next_check_at - check.checked_at for check in checks]


def in_time(found: Found, times: int) -> list[LinkCheck]:
    """Look again and again, each time when it is due."""
    checks: list[LinkCheck] = []
    for _ in range(times):
        before = checks[-1] if checks else None
        checks.append(judge(before, seen(found), before.next_check_at if before else NOON))
    return checks


def test_only_the_fourth_miss_in_a_row_makes_a_link_broken() -> None:
    states = [check.state for check in in_time(Found.MISSED, 5)]
    assert states == ["unknown", "unknown", "unknown", "broken", "broken"]


@pytest.mark.parametrize("other", [Found.WORKS, Found.NEITHER])
def test_any_other_answer_interrupts_the_row(other: Found) -> None:
    looks = [(Found.MISSED, DAY)] * 3 + [(other, DAY)] + [(Found.MISSED, DAY)] * 3
    assert "broken" not in [check.state for check in looked_at(*looks)]


def test_a_link_that_works_again_is_ok_at_once() -> None:
    *_, broken, mended = looked_at(*[(Found.MISSED, 2 * DAY)] * 4, (Found.WORKS, DAY))
    assert broken.state == LinkState.BROKEN and broken.ok_at is None
    assert (mended.state, mended.misses) == (LinkState.OK, 0)
    assert mended.since == mended.ok_at == mended.checked_at
    assert mended.next_check_at - mended.checked_at == 7 * DAY


def test_after_misses_the_intervals_grow_from_an_hour_to_a_month() -> None:
    expected = [HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 30 * DAY]
    assert waits(in_time(Found.MISSED, 8)) == expected


def test_a_link_that_works_is_asked_less_and_less() -> None:
    assert [w.days for w in waits(in_time(Found.WORKS, 6))] == [7, 7, 14, 28, 30, 30]


def test_a_site_that_turns_us_away_is_asked_less_and_less() -> None:
    assert [w.days for w in waits(in_time(Found.NEITHER, 8))] == [1, 1, 2, 4, 8, 16, 30, 30]


def test_pressing_the_button_four_times_does_not_break_a_link() -> None:
    checks = looked_at(*[(Found.MISSED, timedelta(minutes=1))] * 6)
    assert {(check.state, check.misses) for check in checks} == {("unknown", 1)}
    assert {check.next_check_at for check in checks} == {checks[0].next_check_at}


def test_a_fault_that_names_a_time_is_asked_no_earlier() -> None:
    check = judge(None, seen(Found.MISSED, retry_after=5 * HOUR), NOON)
    assert check.next_check_at == NOON + 5 * HOUR


looks = st.lists(
    st.tuples(st.sampled_from(Found), st.timedeltas(timedelta(), timedelta(days=90))), min_size=1
)


@given(looks)
def test_whatever_happens_broken_means_four_misses_and_the_next_check_is_ahead(
    history: list[tuple[Found, timedelta]],
) -> None:
    checks = looked_at(*history)
    for (found, _), check in zip(history, checks, strict=True):
        assert (check.state == LinkState.BROKEN) == (check.misses >= 4)
        assert (check.state == LinkState.OK) == (found is Found.WORKS)
        assert check.checked_at < check.next_check_at <= check.checked_at + timedelta(days=30)
        assert check.since <= check.checked_at
    for before, after in pairwise(checks):
        assert after.misses <= before.misses + 1
        assert (after.since == before.since) or after.since == after.checked_at


def add_organisation(session: Session, slug: str, website: str) -> None:
    """Publish an organisation of which little is known but its website."""
    base = latest_revision(session, get_entry(session, ORGANISATION, "gcsp"))
    claims = {n: c for n, c in base.claims.items() if n != "curator_note"}
    profile = {**base.profile, "name": slug.title(), "website": website}
    publish(
        session,
        *save_draft(session, read_draft(ORGANISATION, slug, profile, claims), by=None),
        by=None,
    )


@contextmanager
def without_seeded_links(database: Database) -> Iterator[Session]:
    """Open the database with every address of the seed marked as not due."""
    with database.writing() as session:
        for url in published_urls(session):
            check = judge(None, Observation(url, Found.WORKS, "It works.", 200), NOON)
            check.next_check_at = NOON + timedelta(days=3650)
            session.add(check)
        yield session


Holding = Callable[..., None]


@pytest.fixture
def holding(database: Database) -> Holding:
    """Return what publishes one organisation for each address; nothing else is due."""

    def publish_all(*urls: str) -> None:
        with without_seeded_links(database) as session:
            for n, url in enumerate(urls):
                add_organisation(session, f"held-{n}", url)

    return publish_all


def known(database: Database, url: str) -> LinkCheck | None:
    with database.reading() as session:
        return session.get(LinkCheck, url)


def test_a_run_keeps_what_it_found_and_the_next_asks_only_what_is_due(
    database: Database, site: Site, holding: Holding
) -> None:
    site.pages |= {"/a": says(200), "/b": says(404), "/c": says(403)}
    holding(site.url("/a"), site.url("/b"), site.url("/c"))
    client = fetcher_for(site)
    report = check_links(database, client, lambda: NOON)
    assert report.found == {"ok": 1, "unknown": 2}
    asked = len(site.asked)
    assert check_links(database, client, lambda: NOON).found == {}
    assert len(site.asked) == asked
    assert check_links(database, client, lambda: NOON + HOUR).found == {"unknown": 1}


def test_a_link_is_named_once_when_it_breaks_with_its_entry(
    database: Database, site: Site, holding: Holding
) -> None:
    holding(site.url("/gone"))
    named = []
    for days in range(0, 50, 10):
        report = check_links(database, fetcher_for(site), lambda d=days: NOON + d * DAY)  # type: ignore[misc]
        named.append([(n.title, n.field.title, n.check.url) for n in report.newly_broken])
    assert named == [[], [], [], [("Held-0", "Website", site.url("/gone"))], []]


def test_an_address_that_two_entries_share_is_asked_once(
    database: Database, site: Site, holding: Holding
) -> None:
    site.pages["/"] = says(200)
    holding(site.url(), site.url())
    assert check_links(database, fetcher_for(site), lambda: NOON).found == {"ok": 1}
    assert len(site.asked) == 1


def test_a_host_that_asks_for_patience_is_left_alone_as_a_whole(
    database: Database, site: Site, holding: Holding
) -> None:
    site.pages |= {"/a": says(429, Retry_After=str(3 * 3600)), "/b": says(200), "/c": says(200)}
    others = [site.url("/b"), site.url("/c")]
    holding(site.url("/a"), *others, site.url("/b", host="other.example"))
    client = fetcher_for(site)
    assert check_links(database, client, lambda: NOON).found == {"ok": 1, "unknown": 1}
    assert check_links(database, client, lambda: NOON + 2 * HOUR).found == {}
    assert check_links(database, client, lambda: NOON + 4 * HOUR).found.total() == 1
    site.pages["/a"] = says(200)
    assert check_links(database, client, lambda: NOON + 9 * HOUR).found == {"ok": 3}


def test_one_host_is_asked_once_a_second_and_others_meanwhile(
    database: Database, site: Site, holding: Holding
) -> None:
    site.pages |= {f"/{n}": says(200) for n in range(3)}
    slept: list[float] = []
    holding(*(site.url(f"/{n}", host=f"{host}.example") for host in "ab" for n in range(3)))
    pace = Pace(1.0, clock=lambda: 0.0, sleep=slept.append)
    report = check_links(database, fetcher_for(site, pace=pace), lambda: NOON)
    assert report.found == {"ok": 6}
    assert sorted(slept) == [1.0, 1.0, 2.0, 2.0]


def test_a_run_that_is_stopped_keeps_what_it_learnt(
    database: Database, site: Site, holding: Holding
) -> None:
    def stops(at: int) -> Callable[[], datetime]:
        left = iter(range(at + 1))

        def clock() -> datetime:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return NOON

        return clock

    urls = [site.url(f"/{n}") for n in range(6)]
    site.pages |= {f"/{n}": says(200) for n in range(6)}
    holding(*urls)
    with pytest.raises(KeyboardInterrupt):
        check_links(database, fetcher_for(site), stops(3))
    assert sum(known(database, url) is not None for url in urls) == 3
    assert check_links(database, fetcher_for(site), lambda: NOON).found == {"ok": 3}


def test_no_site_is_asked_while_the_database_is_open_for_writing(
    database: Database, site: Site, holding: Holding, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding(site.url("/a"), site.url("/b", host="other.example"))
    open_now = 0
    real = Database.writing

    @contextmanager
    def watched(self: Database) -> Iterator[Session]:
        nonlocal open_now
        open_now += 1
        with real(self) as session:
            yield session
        open_now -= 1

    def reply(request: Any) -> None:
        during.append(open_now)
        says(200)(request)

    during: list[int] = []
    answers: Reply = reply
    site.pages |= {"/a": answers, "/b": answers}
    monkeypatch.setattr(Database, "writing", watched)
    monkeypatch.setattr(links, "HOSTS_AT_ONCE", 1)
    assert check_links(database, fetcher_for(site), lambda: NOON).found == {"ok": 2}
    assert during == [0, 0]


def no_network(host: str, port: int) -> list[str]:
    raise OSError("the network is unreachable")


def test_without_a_network_nothing_is_called_broken(database: Database, holding: Holding) -> None:
    urls = [f"https://site-{n}.example/" for n in range(2)]
    holding(*urls)
    with pytest.raises(SourceFailed, match="off the network"):
        check_links(database, fetcher_for(resolve=no_network), lambda: NOON)
    assert [known(database, url) for url in urls] == [None, None]


def test_a_new_installation_without_a_network_calls_nothing_broken(database: Database) -> None:
    with database.writing() as session:
        for n in range(3):
            add_organisation(session, f"held-{n}", f"https://site-{n}.example/")
    with pytest.raises(SourceFailed, match="off the network"):
        check_links(database, fetcher_for(resolve=no_network), lambda: NOON)


def test_a_silent_site_is_a_miss_when_a_site_known_to_work_answers(
    database: Database, site: Site, holding: Holding
) -> None:
    site.pages["/"] = says(200)
    holding("https://nobody.test/")
    with database.writing() as session:
        session.add(judge(None, Observation(site.url(), Found.WORKS, "It works."), NOON + HOUR))
    report = check_links(database, fetcher_for(site), lambda: NOON)
    assert report.found == {"unknown": 1}
    check = known(database, "https://nobody.test/")
    assert check and check.misses == 1


def test_a_silent_site_is_a_miss_when_another_of_the_run_answers(
    database: Database, site: Site, holding: Holding
) -> None:
    site.pages["/"] = says(200)
    holding(*(f"https://nobody-{n}.test/" for n in range(4)), site.url())
    assert check_links(database, fetcher_for(site), lambda: NOON).found == {"ok": 1, "unknown": 4}


def test_an_address_nobody_could_store_or_read_does_not_stop_a_run(
    database: Database, site: Site, holding: Holding
) -> None:
    site.pages["/"] = says(200)
    longest = "https://site.example/" + "\u6f22" * 1900
    holding(longest, "https://[::1/", "http://x:99999/", site.url())
    report = check_links(database, fetcher_for(site), lambda: NOON)
    assert report.found == {"ok": 1, "unknown": 2}
    assert known(database, longest) is None


def test_check_now_asks_what_is_not_due_and_what_is_only_a_draft(
    database: Database, site: Site
) -> None:
    site.pages |= {"/public": says(200), "/draft": says(404)}
    with database.writing() as session:
        add_organisation(session, "held", site.url("/public"))
        saved = latest_revision(session, get_entry(session, ORGANISATION, "held"))
        profile = saved.profile | {"website": site.url("/draft")}
        save_draft(session, read_draft(ORGANISATION, "held", profile, saved.claims), by=None)
    client = fetcher_for(site)
    for _ in range(2):
        checks = check_entry(database, client, ORGANISATION, "held", by=CURATOR, clock=lambda: NOON)
        found = {check.url: (check.state, check.misses) for check in checks}
        assert found == {site.url("/public"): ("ok", 0), site.url("/draft"): ("unknown", 1)}


@pytest.mark.postgres
def test_two_runs_that_learn_of_a_link_at_once_do_not_collide(
    postgres_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(postgres_engine)
    database, url = Database(postgres_engine), "https://a.example/"
    others = judge(None, Observation(url, Found.WORKS, "It works.", 200), NOON)

    def after_another_run(*now_known: Any) -> LinkCheck:
        with database.writing() as session:
            session.add(others)
        return judge(*now_known)

    monkeypatch.setattr(links, "judge", after_another_run)
    client = fetcher_for(resolve=no_network)
    assert list(links._learn(database, client, [url], lambda: NOON + HOUR)) == []
    check = known(database, url)
    assert check and check.state == LinkState.OK
