"""What closes soon: days counted where the provider is, as a page, a feed and a calendar."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import feedparser
import pytest
from icalendar import Calendar
from litestar.testing import TestClient

from directory.curation.service import publish, read_draft, save_draft
from directory.db import now
from directory.entries.deadlines import Deadline, closing
from directory.entries.kinds import TRAINING
from directory.settings import Settings
from tests.alerts.conftest import curator_of, profile_of, run
from tests.people import writing

Client = TestClient[Any]
DAY = date(2026, 12, 5)


def at(zone: str | None, day: date = DAY) -> Deadline:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    return Deadline(uuid.uuid4(), "A course", "/trainings/a", None, None, day, zone, False, moment)


@pytest.mark.parametrize(
    ("zone", "moment", "left"),
    [
        ("Europe/Zurich", "2026-12-05T22:59:59", 0),
        ("Europe/Zurich", "2026-12-05T23:00:00", -1),
        ("Europe/Zurich", "2026-11-30T23:00:00", 4),
        ("Pacific/Kiritimati", "2026-12-04T10:00:00", 0),
        ("Pacific/Kiritimati", "2026-12-05T10:00:00", -1),
        ("America/Los_Angeles", "2026-12-06T07:59:59", 0),
        ("Etc/GMT+12", "2026-12-06T11:59:59", 0),
        (None, "2026-12-05T23:59:59", 0),
        ("Geneva time", "2026-12-06T00:00:00", -1),
        ("../etc/passwd", "2026-12-05T00:00:00", 0),
        ("Europe", "2026-12-05T00:00:00", 0),
    ],
)
def test_days_are_counted_where_the_provider_is(zone: str | None, moment: str, left: int) -> None:
    assert at(zone).left(datetime.fromisoformat(moment).replace(tzinfo=UTC)) == left


def test_a_deadline_ends_with_its_day_and_where_no_zone_is_known_nothing_is_guessed() -> None:
    assert at("Europe/Zurich").ends == datetime(2026, 12, 5, 23, tzinfo=UTC)
    assert at("Asia/Kathmandu").ends == datetime(2026, 12, 5, 18, 15, tzinfo=UTC)
    # The clocks go forward in the night after this day.
    assert at("Europe/Zurich", date(2027, 3, 27)).ends == datetime(2027, 3, 27, 23, tzinfo=UTC)
    assert at(None).ends is None and at("Geneva time").ends is None
    assert at("Europe/Zurich", date.max).ends is None


def put(settings: Settings, slug: str, **values: Any) -> None:
    with writing(settings) as session:
        profile, claims = profile_of(slug.replace("-", " ").title(), **values)
        draft = read_draft(TRAINING, slug, profile, claims)
        curator = curator_of(session)
        publish(session, *save_draft(session, draft, by=curator), by=curator)


@pytest.fixture
def closing_site(desk: Client, desk_settings: Settings) -> Client:
    today = now().date()
    later = run(today + timedelta(days=400))
    put(desk_settings, "soon", runs=[run(today + timedelta(days=5)), later])
    put(desk_settings, "sooner", runs=[run(today + timedelta(days=2), zone=None, title="Online")])
    put(
        desk_settings,
        "grant",
        runs=[run(today + timedelta(days=90), scholarship_deadline=str(today + timedelta(days=9)))],
    )
    put(desk_settings, "off", runs=[run(today + timedelta(days=3)) | {"cancelled": True}])
    put(desk_settings, "over", runs=[run(today - timedelta(days=3))])
    put(desk_settings, "odd-zone", runs=[run(today + timedelta(days=4), zone="<b>Mars</b>")])
    return desk


def test_the_page_names_the_zone_and_needs_no_script(closing_site: Client) -> None:
    page = closing_site.get("/closing").text
    order = [page.index(f'href="/trainings/{s}"') for s in ("sooner", "odd-zone", "soon", "grant")]
    assert order == sorted(order)
    assert "/trainings/off" not in page and "/trainings/over" not in page
    assert "in Europe/Zurich" in page and "time zone not stated" in page
    assert "&lt;b&gt;Mars&lt;/b&gt;" in page
    assert "Scholarship closes in " in page
    assert "Geneva Centre for Security Policy" in page
    assert page.count("data-ends=") == 2, "an unknown zone has no moment"
    home = closing_site.get("/").text
    assert 'href="/closing"' in home and "Closes in " in home


def test_the_feed_is_valid_and_has_an_item_for_each_deadline(closing_site: Client) -> None:
    answer = closing_site.get("/closing.atom")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo and answer.headers["access-control-allow-origin"] == "*"
    titles = [e.title for e in feed.entries]
    assert [t.partition(": ")[2] for t in titles] == ["Sooner", "Odd Zone", "Soon", "Grant"]
    assert titles[3].startswith("Apply for a scholarship by ")
    assert feed.entries[0].link == "http://testserver.local/trainings/sooner"
    assert len({e.id for e in feed.entries}) == 4
    assert all(e.updated_parsed <= now().utctimetuple() for e in feed.entries)
    tag = answer.headers["etag"]
    assert closing_site.get("/closing.atom", headers={"If-None-Match": tag}).status_code == 304


def test_the_calendar_has_the_deadlines_alone(closing_site: Client) -> None:
    answer = closing_site.get("/closing.ics")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    titles = sorted(str(e["summary"]).partition(": ")[2].partition(":")[0] for e in events)
    assert titles == ["Grant", "Odd Zone", "Soon", "Sooner"]
    same = Calendar.from_ical(closing_site.get("/trainings/soon.ics").content).walk("VEVENT")
    assert {str(e["uid"]) for e in events} & {str(e["uid"]) for e in same}


def test_with_nothing_to_tell_they_say_so(desk: Client) -> None:
    assert "No listed training has a deadline" in desk.get("/closing").text
    assert feedparser.parse(desk.get("/closing.atom").content).entries == []
    assert Calendar.from_ical(desk.get("/closing.ics").content).walk("VEVENT") == []


def test_the_limits_of_time_are_counted_where_the_provider_is(
    desk: Client, desk_settings: Settings
) -> None:
    put(desk_settings, "far-west", runs=[run(DAY, zone="Etc/GMT+12")])
    for moment, found in (
        (datetime(2026, 12, 6, 11, 59, tzinfo=UTC), 1),
        (datetime(2026, 12, 6, 12, tzinfo=UTC), 0),
        (datetime(2026, 11, 5, 12, tzinfo=UTC), 1),
        (datetime(2026, 11, 5, 11, tzinfo=UTC), 0),
    ):
        with writing(desk_settings) as session:
            assert len(closing(session, moment)) == found, moment
