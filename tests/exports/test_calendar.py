"""Somebody puts the dates of trainings into a calendar, and keeps them there."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from directory.curation.service import publish, read_draft, save_draft
from directory.db import Database, now
from directory.entries.kinds import TRAINING
from directory.entries.vocabularies import Vocabularies
from directory.exports.calendar import Writing, events_of, ical_text, new_calendar, write_calendar
from directory.exports.runs import follow, runs_of
from directory.settings import Settings
from tests.exports.conftest import FULL, change, take_down
from tests.exports.generated import an_entry, published
from tests.filled import filled

Client = TestClient[Any]
SITE = "http://testserver.local"
ADDRESS = f"/trainings/{FULL}.ics"
SOON = now().date() + timedelta(days=100)


def read(site: Client, address: str) -> list[Any]:
    """Read a calendar as an application does, and check what RFC 5545 asks for."""
    answer = site.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return events(answer.content)


def events(content: bytes) -> list[Any]:
    assert all(len(line) <= 75 for line in content.split(b"\r\n")), "not folded (3.1)"
    assert b"\n" not in content.replace(b"\r\n", b"")
    calendar = Calendar.from_ical(content)
    assert not calendar.errors
    assert calendar["prodid"] and calendar["version"] == "2.0"
    assert calendar.subcomponents, "at least one component (3.6)"
    found: list[Any] = calendar.walk("VEVENT")
    assert not [e.errors for e in found if e.errors]
    uids = [str(e["uid"]) for e in found]
    assert len(uids) == len(set(uids))
    assert all("dtstamp" in e and "dtstart" in e for e in found)
    return found


def run(start: date, days: int = 5, **more: Any) -> dict[str, Any]:
    return {"start": str(start), "end": str(start + timedelta(days=days - 1)), **more}


def test_a_run_is_whole_days_until_the_day_after_it_ends(full: Client) -> None:
    by_summary = {str(e["summary"]): e for e in read(full, ADDRESS)}
    title = full.get(f"/trainings/{FULL}.json").json()["title"]
    event = by_summary[f"{title}: Spring"]
    assert event["dtstart"].dt == date(2027, 3, 1) and event["dtend"].dt == date(2027, 3, 6)
    assert event["dtstart"].params["VALUE"] == "DATE"
    assert event["location"] == "Geneva" and event["status"] == "CONFIRMED"
    assert "Time zone: Europe/Zurich" in event["description"]
    assert event["url"] == f"{SITE}/trainings/{FULL}"
    deadline = by_summary[f"Apply by this day: {title}: Spring (Certificate track)"]
    assert deadline["dtstart"].dt == date(2027, 2, 1)
    assert f"Apply for a scholarship by this day: {title}: Spring (Certificate track)" in by_summary
    assert len(by_summary) == 3


def test_a_run_that_moves_moves_in_the_calendar(full: Client, desk_settings: Settings) -> None:
    change(desk_settings, "training", FULL, runs=[run(SOON), run(SOON + timedelta(days=300))])
    before = read(full, ADDRESS)
    moved = SOON + timedelta(days=7)
    change(desk_settings, "training", FULL, runs=[run(SOON + timedelta(days=300)), run(moved)])
    after = {str(e["uid"]): e for e in read(full, ADDRESS)}
    first, second = (after[str(e["uid"])] for e in before[:2])
    assert first["dtstart"].dt == moved
    assert second["dtstart"].dt == before[1]["dtstart"].dt
    assert first["sequence"] > before[0]["sequence"]
    assert first["last-modified"].dt >= before[0]["last-modified"].dt


def test_a_cancelled_run_and_one_taken_out_say_so(full: Client, desk_settings: Settings) -> None:
    runs = [run(SOON, place="Bern"), run(SOON + timedelta(days=250), label="Old name")]
    change(desk_settings, "training", FULL, runs=runs)
    first, second = read(full, ADDRESS)[:2]
    change(desk_settings, "training", FULL, runs=[{**runs[0], "cancelled": True}])
    found = {str(e["uid"]): e for e in read(full, ADDRESS)}
    assert found[str(first["uid"])]["status"] == "CANCELLED"
    gone = found[str(second["uid"])]
    assert gone["status"] == "CANCELLED" and gone["dtstart"].dt == second["dtstart"].dt
    assert "Old name" not in gone["summary"]


def test_a_run_long_over_that_was_taken_out_is_no_longer_said(
    full: Client, desk_settings: Settings
) -> None:
    change(desk_settings, "training", FULL, runs=[run(date(2020, 1, 1))])
    change(desk_settings, "training", FULL, runs=[run(SOON)])
    assert {e["dtstart"].dt.year for e in read(full, ADDRESS)} <= {SOON.year, 2027}


def test_a_training_without_dates_is_a_calendar_without_events(site: Client) -> None:
    assert read(site, "/trainings/ai-campus.ics") == []
    assert read(site, "/search.ics?provider=nobody") == []


def test_a_search_is_a_calendar_of_what_it_finds(full: Client) -> None:
    everything = read(full, "/search.ics")
    assert {str(e["uid"]) for e in read(full, ADDRESS)} <= {str(e["uid"]) for e in everything}
    assert read(full, "/search.ics?kind=organisation") == []
    answer = full.get("/search.ics")
    assert answer.headers["content-disposition"] == 'attachment; filename="search.ics"'


def test_a_calendar_lives_as_long_as_its_entry(full: Client, desk_settings: Settings) -> None:
    assert full.get("/trainings/no-such-thing.ics").status_code == 404
    take_down(desk_settings, FULL, "archive")
    assert len(read(full, ADDRESS)) == 3
    assert FULL not in full.get("/search.ics").text
    take_down(desk_settings, "cyber-school-initiative", "withdraw")
    assert full.get("/trainings/cyber-school-initiative.ics").status_code == 410


def test_both_databases_tell_the_same_runs(any_seeded: Engine) -> None:
    database = Database(any_seeded)
    with database.writing() as session:
        words = Vocabularies.read(session)
        profile, claims = filled(TRAINING, {n: list(t) for n, t in words.terms.items()})
        for runs in ([run(SOON)], [run(SOON + timedelta(days=3)), run(date(2030, 1, 1))]):
            draft = read_draft(TRAINING, FULL, {**profile, "runs": runs}, claims)
            entry, revision = save_draft(session, draft, by=None)
            publish(session, entry, revision, by=None)
        key = entry.id
    with database.reading() as session:
        found = runs_of(session, [key])[key]
    assert [f.value["start"] for f in found] == [str(SOON + timedelta(days=3)), "2030-01-01"]
    assert found[0].key == follow(key, [(1, [run(SOON)])])[0].key
    assert len(list(events_of(database, [key], words, SITE))) == 2


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_the_runs_say_the_calendar_says_it(
    words: Vocabularies, data: st.DataObject
) -> None:
    """Round trip: each dated run comes back with its days, place and state."""
    entry = data.draw(published(TRAINING, words))
    runs = entry.profile["runs"] or []
    writing = Writing(entry, words, SITE, date(2026, 11, 26))
    followed = follow(entry.entry.id, [(3, runs)])
    calendar = new_calendar(entry.entry.title, f"{SITE}/x.ics")
    found = events("".join(write_calendar(calendar, writing.events(followed))).encode())
    deadlines = {"application_deadline", "scholarship_deadline"}
    expected = sum(bool(r.get("start")) for r in runs) + sum(
        bool(track.get(d)) for r in runs for track in r.get("tracks") or [] for d in deadlines
    )
    assert len(found) == expected
    by_uid = {str(e["uid"]): e for e in found}
    for one in followed:
        if not one.value.get("start"):
            continue
        event = by_uid[str(one.key)]
        first = date.fromisoformat(one.value["start"])
        last = date.fromisoformat(one.value.get("end") or one.value["start"])
        assert (event["dtstart"].dt, event["dtend"].dt) == (first, last + timedelta(days=1))
        assert (event["status"] == "CANCELLED") is one.value["cancelled"]
        if one.value.get("place"):
            assert str(event["location"]) == ical_text(one.value["place"])


def test_the_last_day_there_is_needs_no_day_after(words: Vocabularies) -> None:
    entry = an_entry(TRAINING, {"title": "Last", "runs": [{"start": "9999-12-31"}]})
    followed = follow(entry.entry.id, [(3, entry.profile["runs"])])
    (event,) = Writing(entry, words, SITE, date(2026, 1, 1)).events(followed)
    assert "dtend" not in event


@pytest.mark.parametrize("address", [ADDRESS, "/search.ics"])
def test_a_calendar_that_is_still_right_is_not_sent_again(full: Client, address: str) -> None:
    tag = full.get(address).headers["etag"]
    assert full.get(address, headers={"If-None-Match": tag}).status_code == 304
    head = full.head(address)
    assert head.headers["etag"] == tag and head.content == b""
