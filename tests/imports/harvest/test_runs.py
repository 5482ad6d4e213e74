"""Runs on both databases: what comes in, what stays, what stops, what goes."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import select

from directory.accounts.models import User
from directory.curation.audited import verify
from directory.curation.service import get_entry, latest_revision, publish, read_draft, save_draft
from directory.curation.workflow import make_move
from directory.db import Database
from directory.entries.kinds import TRAINING
from directory.entries.models import Entry, Note, State, Waiting
from directory.errors import Conflict, NotFound
from directory.imports.harvest import applying, runs
from directory.imports.harvest.models import Feed, FeedRun, Outcome
from directory.imports.harvest.reading import FORMATS
from directory.imports.harvest.runs import claim, harvest
from directory.sources.models import Source
from tests.imports.harvest.feeds import (
    START,
    Clock,
    counts,
    course,
    entry_named,
    items_of,
    publish_json,
    register,
    revisions,
    run,
)
from tests.imports.sites import Site, fetcher_for, running, says


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as found:
        yield found


@pytest.fixture
def catalogue(any_seeded: Engine) -> Database:
    return Database(any_seeded)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def person(database: Database, role: str = "curator") -> User:
    with database.writing() as session:
        user = User(email=f"{role}@example.org", role=role)
        session.add(user)
    return user


def publish_all(database: Database, by: User | None = None) -> None:
    """Publish every draft in review, as a curator who has filled in the rest would."""
    with database.writing() as session:
        waiting = session.exec(select(Entry).where(Entry.waiting == Waiting.IN_REVIEW)).all()
        for entry in waiting:
            revision = latest_revision(session, entry)
            claims = dict(revision.claims)
            for name in TRAINING.fields:
                if name not in revision.profile:
                    claims[name] = [{"source": "feed-courses", "status": "not_stated"}]
            draft = read_draft(TRAINING, entry.slug, revision.profile, claims)
            publish(session, *save_draft(session, draft, by=by), by=by)


def edit(database: Database, title: str, by: User, **values: Any) -> None:
    """Change fields as a person, and publish that."""
    entry, revision = entry_named(database, title)
    with database.writing() as session:
        draft = read_draft(TRAINING, entry.slug, revision.profile | values, revision.claims)
        live = get_entry(session, TRAINING, entry.slug)
        _, saved = save_draft(session, draft, by=by)
        publish(session, live, saved, by=by)


def test_items_come_in_as_drafts_in_review_and_cite_the_feed(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(1, languages=["English"]), course(2)]))
    done = run(catalogue, site, clock)
    assert done.outcome == Outcome.DONE.value
    assert counts(done) == {"read": 2, "added": 2}
    entry, revision = entry_named(catalogue, "Quiet course 1")
    assert (entry.state, entry.waiting) == (State.DRAFT, Waiting.IN_REVIEW)
    assert revision.profile["languages"] == ["en"]
    assert revision.author_id is None
    claim_of = revision.claims["languages"][0]
    assert claim_of["source"] == "feed-courses"
    assert claim_of["locator"] == "https://school.example/courses/1"
    with catalogue.reading() as session:
        assert session.get_one(Source, "feed-courses").checked_on == START.date()
        assert verify(session).broken is None


def test_reading_again_changes_nothing(catalogue: Database, site: Site, clock: Clock) -> None:
    register(catalogue, publish_json(site, [course(n) for n in range(5)]))
    run(catalogue, site, clock)
    before = revisions(catalogue)
    clock.pass_days(1)
    again = run(catalogue, site, clock)
    assert counts(again) == {"read": 5, "unchanged": 5}
    assert revisions(catalogue) == before


def test_a_change_becomes_one_more_revision_with_only_what_changed(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(1), course(2)]))
    run(catalogue, site, clock)
    publish_all(catalogue)
    publish_json(site, [course(1, duration="8 weeks"), course(2)])
    clock.pass_days(1)
    assert counts(run(catalogue, site, clock)) == {"read": 2, "updated": 1, "unchanged": 1}
    entry, revision = entry_named(catalogue, "Quiet course 1")
    assert (entry.state, entry.waiting) == (State.PUBLISHED, Waiting.IN_REVIEW)
    assert revision.profile["duration"] == "8 weeks"
    assert entry.version < revision.number


def test_what_the_feed_no_longer_says_goes_unless_it_could_not_be_read(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(1, duration="8 weeks", mode="online")]))
    run(catalogue, site, clock)
    publish_json(site, [course(1, mode="by pigeon")])
    done = run(catalogue, site, clock)
    _, revision = entry_named(catalogue, "Quiet course 1")
    assert "duration" not in revision.profile and "duration" not in revision.claims
    assert revision.profile["mode"] == "online"
    assert any("by pigeon" in note for note in done.lines[0]["notes"])


def test_a_field_that_a_person_has_set_is_left_and_reported(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(1, duration="8 weeks")]))
    run(catalogue, site, clock)
    publish_all(catalogue)
    edit(catalogue, "Quiet course 1", person(catalogue), duration="Two months")
    publish_json(site, [course(1, duration="9 weeks", mode="online")])
    done = run(catalogue, site, clock)
    assert counts(done) == {"read": 1, "updated": 1, "left": 1}
    _, revision = entry_named(catalogue, "Quiet course 1")
    assert (revision.profile["duration"], revision.profile["mode"]) == ("Two months", "online")
    left = next(f for f in done.lines[0]["fields"] if f.get("left"))
    assert left == {
        "title": "Length",
        "before": "Two months",
        "after": "9 weeks",
        "left": "A person has set it.",
    }


def test_while_a_person_works_on_an_entry_the_feed_waits(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(1)]))
    run(catalogue, site, clock)
    publish_all(catalogue)
    curator = person(catalogue)
    entry, revision = entry_named(catalogue, "Quiet course 1")
    with catalogue.writing() as session:
        draft = read_draft(
            TRAINING, entry.slug, revision.profile | {"topics": "Rain"}, revision.claims
        )
        save_draft(session, draft, by=curator)
    publish_json(site, [course(1, duration="9 weeks")])
    done = run(catalogue, site, clock)
    assert counts(done) == {"read": 1, "unchanged": 1, "left": 1}
    assert "Somebody is changing" in done.lines[0]["reason"]
    with catalogue.writing() as session:
        live = get_entry(session, TRAINING, entry.slug)
        publish(session, live, latest_revision(session, live), by=curator)
    assert counts(run(catalogue, site, clock)) == {"read": 1, "updated": 1}


def test_an_item_that_waits_for_a_person_is_not_missing_when_its_id_changes(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(n) for n in range(6)]))
    run(catalogue, site, clock)
    publish_all(catalogue)
    curator = person(catalogue)
    entry, revision = entry_named(catalogue, "Quiet course 1")
    with catalogue.writing() as session:
        profile = revision.profile | {"topics": "Rain"}
        save_draft(session, read_draft(TRAINING, entry.slug, profile, revision.claims), by=curator)
    moved = course(1, id="another", duration="9 weeks")
    publish_json(site, [moved, *(course(n) for n in range(6) if n != 1)])
    for _ in range(3):
        done = run(catalogue, site, clock)
        assert [line["action"] for line in done.lines] == ["unchanged"]
    assert entry_named(catalogue, "Quiet course 1")[0].state is State.PUBLISHED


def test_missing_twice_means_archived_and_coming_back_means_review(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(n) for n in range(5)]))
    run(catalogue, site, clock)
    publish_all(catalogue)
    publish_json(site, [course(n) for n in range(1, 5)])
    once = run(catalogue, site, clock)
    assert [(line["action"], line["name"]) for line in once.lines] == [
        ("missing", "Quiet course 0")
    ]
    assert entry_named(catalogue, "Quiet course 0")[0].state is State.PUBLISHED
    clock.pass_days(1)
    twice = run(catalogue, site, clock)
    assert counts(twice) == {"read": 4, "unchanged": 4, "archived": 1}
    entry, _ = entry_named(catalogue, "Quiet course 0")
    assert entry.state is State.ARCHIVED
    assert entry.state_reason == "It is no longer in the feed Courses, where it came from."
    with catalogue.reading() as session:
        note = session.exec(select(Note).where(Note.move == "archive")).one()
        assert note.author_id is None
        assert verify(session).broken is None
    assert counts(run(catalogue, site, clock)) == {"read": 4, "unchanged": 4}
    before = revisions(catalogue)
    publish_json(site, [course(n) for n in range(5)])
    back = run(catalogue, site, clock)
    assert counts(back) == {"read": 5, "unchanged": 4, "updated": 1}
    entry, _ = entry_named(catalogue, "Quiet course 0")
    assert (entry.state, entry.waiting) == (State.ARCHIVED, Waiting.IN_REVIEW)
    assert revisions(catalogue) == before
    assert counts(run(catalogue, site, clock)) == {"read": 5, "unchanged": 5}
    curator = person(catalogue)
    with catalogue.writing() as session:
        live = get_entry(session, TRAINING, entry.slug)
        make_move(session, live, "publish", by=curator)
    assert entry_named(catalogue, "Quiet course 0")[0].state is State.PUBLISHED


def test_a_draft_that_nobody_touched_leaves_the_queue_when_its_item_is_gone(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(1), course(2)]))
    run(catalogue, site, clock)
    publish_json(site, [course(2)])
    for _ in range(2):
        run(catalogue, site, clock)
    assert entry_named(catalogue, "Quiet course 1")[0].waiting is Waiting.REFUSED


def test_an_entry_that_was_here_before_the_feed_is_never_archived(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    page = "https://school.example/here-before"
    with catalogue.writing() as session:
        entry = get_entry(session, TRAINING, "cyber-school-initiative")
        revision = latest_revision(session, entry)
        claims = revision.claims | {"website": [{"source": "gcsp-profile"}]}
        draft = read_draft(TRAINING, entry.slug, revision.profile | {"website": page}, claims)
        publish(session, *save_draft(session, draft, by=None), by=None)
    mine = course(1, title=entry.title, url=f"{page}/?utm_source=feed")
    register(catalogue, publish_json(site, [mine, course(2)]))
    done = run(catalogue, site, clock)
    assert done.added == 1, "it is found by its address, and not made a second time"
    assert items_of(catalogue)["c1"].entry_id == entry.id
    publish_json(site, [course(2)])
    for _ in range(3):
        run(catalogue, site, clock)
    with catalogue.reading() as session:
        assert get_entry(session, TRAINING, entry.slug).state is State.PUBLISHED


def test_what_a_curator_has_taken_down_stays_down(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(1)]))
    run(catalogue, site, clock)
    publish_all(catalogue)
    entry, _ = entry_named(catalogue, "Quiet course 1")
    curator = person(catalogue)
    with catalogue.writing() as session:
        live = get_entry(session, TRAINING, entry.slug)
        make_move(session, live, "withdraw", by=curator, reason="Not ours.")
    publish_json(site, [course(1, duration="1 day")])
    done = run(catalogue, site, clock)
    assert "by a person" in done.lines[0]["reason"]
    assert entry_named(catalogue, "Quiet course 1")[0].waiting is None
    assert counts(run(catalogue, site, clock)) == {"read": 1, "unchanged": 1}


# Ids


def test_one_item_with_a_new_id_is_found_by_its_address(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(n) for n in range(6)]))
    run(catalogue, site, clock)
    publish_json(site, [course(0, id="other"), *(course(n) for n in range(1, 6))])
    assert counts(run(catalogue, site, clock)) == {"read": 6, "unchanged": 6}
    assert "other" in items_of(catalogue) and "c0" not in items_of(catalogue)


def test_a_mass_change_of_ids_stops_until_a_person_lets_it_go_on(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    feed = register(catalogue, publish_json(site, [course(n) for n in range(6)]))
    run(catalogue, site, clock)
    before = (revisions(catalogue), items_of(catalogue).keys())
    publish_json(site, [course(n, id=f"new{n}") for n in range(6)])
    stopped = run(catalogue, site, clock)
    assert stopped.outcome == Outcome.STOPPED.value
    assert "other ids than before" in str(stopped.reason)
    assert (revisions(catalogue), items_of(catalogue).keys()) == before
    with catalogue.writing() as session:
        row = session.get_one(Feed, feed.id)
        row.go_on = True
        session.add(row)
    assert counts(run(catalogue, site, clock)) == {"read": 6, "unchanged": 6}
    assert set(items_of(catalogue)) == {f"new{n}" for n in range(6)}
    assert run(catalogue, site, clock).outcome == Outcome.DONE.value


@pytest.mark.parametrize("left", [0, 3])
def test_when_many_are_gone_at_once_a_person_is_asked(
    catalogue: Database, site: Site, clock: Clock, left: int
) -> None:
    register(catalogue, publish_json(site, [course(n) for n in range(6)]))
    run(catalogue, site, clock)
    publish_json(site, [course(n) for n in range(left)])
    stopped = run(catalogue, site, clock)
    assert stopped.outcome == Outcome.STOPPED.value
    assert all(item.misses == 0 for item in items_of(catalogue).values())


def test_two_items_with_one_id_are_one_item_and_one_rejection(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(1), course(1, title="Another")]))
    done = run(catalogue, site, clock)
    assert counts(done) == {"read": 2, "added": 1, "rejected": 1}
    assert done.lines[0]["reason"] == "Another item of the feed has the same id."


# Asking politely, and going wrong


def test_a_feed_is_asked_whether_it_has_changed(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, site.url("/feed.json"))
    answer = json.dumps([course(n) for n in range(4)]).encode()

    def by_tag(request: Any) -> None:
        if request.headers.get("If-None-Match") == '"one"':
            says(304)(request)
        else:
            says(200, answer, ETag='"one"', Last_Modified="Tue, 01 Dec 2026 06:00:00 GMT")(request)

    site.pages["/feed.json"] = by_tag
    run(catalogue, site, clock)
    again = run(catalogue, site, clock)
    assert again.outcome == Outcome.NOT_MODIFIED.value
    assert site.asked[-1][3]["if-modified-since"] == "Tue, 01 Dec 2026 06:00:00 GMT"


def test_what_was_missing_is_missing_again_when_nothing_has_changed_since(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    def tagged(items: list[dict[str, Any]], tag: str) -> None:
        body = json.dumps(items).encode()
        site.pages["/feed.json"] = lambda request: (
            says(304)(request)
            if request.headers.get("If-None-Match") == tag
            else says(200, body, ETag=tag)(request)
        )

    tagged([course(n) for n in range(4)], '"one"')
    register(catalogue, site.url("/feed.json"))
    run(catalogue, site, clock)
    publish_all(catalogue)
    tagged([course(n) for n in range(1, 4)], '"two"')
    assert run(catalogue, site, clock).outcome == Outcome.DONE.value
    last = run(catalogue, site, clock)
    assert (last.outcome, last.archived) == (Outcome.NOT_MODIFIED.value, 1)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (says(500), "status 500"),
        (says(200, b'[{"id": 1'), "cannot be read as JSON"),
        (says(200, b"[" * 100_000), "nested too deeply"),
        (says(200, b'{"a": 1}'), "no list of items"),
        (says(200, b"\x1f\x8b", Content_Encoding="gzip"), "packed"),
        (says(200, b"x" * 9_000_000), "more than 8,388,608 bytes"),
        (says(302, Location="http://127.0.0.1:1/"), "is not on the open internet"),
        (says(200, b'[{"title": "No id"}]'), "Every item was rejected"),
    ],
)
def test_a_feed_that_cannot_be_read_says_why_and_writes_nothing(
    catalogue: Database, site: Site, clock: Clock, page: Any, said: str
) -> None:
    register(catalogue, publish_json(site, [course(n) for n in range(4)]))
    run(catalogue, site, clock)
    before = (revisions(catalogue), items_of(catalogue).keys())
    site.pages["/feed.json"] = page
    failed = run(catalogue, site, clock)
    assert failed.outcome == Outcome.FAILED.value
    assert said in str(failed.reason)
    assert (revisions(catalogue), items_of(catalogue).keys()) == before
    assert all(item.misses == 0 for item in items_of(catalogue).values())


def test_what_no_database_can_keep_is_left_out_with_a_note(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    nasty = "a\x00b\x1b[31m"
    items = [
        course(1, title=nasty),
        course(2, url=f"https://school.example/{nasty}", mode=nasty, duration=nasty),
        course(3, id=nasty, url=None),
        course(4, runs=[{"start": "2027-01-01", "place": nasty}], cost_amount=10**400),
        course(5, url="https://school.example/" + "x" * 100_000, summary="x" * 100_000),
    ]
    register(catalogue, publish_json(site, items))
    assert counts(run(catalogue, site, clock)) == {"read": 5, "added": 3, "rejected": 2}
    assert counts(run(catalogue, site, clock)) == {"read": 5, "unchanged": 3, "rejected": 2}
    site.pages["/feed.json"] = says(200, b'[{"id": 1, "title": "\\ud800"}]')
    assert "half a character" in str(run(catalogue, site, clock).reason)


def test_a_reader_that_breaks_ends_its_own_run_only(
    catalogue: Database, site: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any) -> Any:
        raise KeyError("a mistake of ours")

    address = publish_json(site, [course(1)])
    register(catalogue, address, slug="first", format="csv")
    register(catalogue, address, next_run_at=START + timedelta(seconds=1))
    monkeypatch.setitem(FORMATS, "csv", replace(FORMATS["csv"], read=breaks))
    clock.pass_days(1)
    done = list(harvest(catalogue, fetcher_for(site), clock=clock))
    assert [(feed.slug, ended.outcome) for feed, ended in done] == [
        ("first", Outcome.FAILED.value),
        ("courses", Outcome.DONE.value),
    ]


# When, and how many at once


def test_only_feeds_that_are_due_and_approved_are_read(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    address = publish_json(site, [course(1)])
    register(catalogue, address)
    register(catalogue, address, slug="later", next_run_at=START + timedelta(days=1))
    register(catalogue, address, slug="paused", state="paused")

    def round_of_runs() -> list[str]:
        return [feed.slug for feed, _ in harvest(catalogue, fetcher_for(site), clock=clock)]

    assert round_of_runs() == ["courses"]
    assert round_of_runs() == []
    clock.pass_days(1)
    assert set(round_of_runs()) == {"courses", "later"}
    with pytest.raises(Conflict, match="paused"):
        list(harvest(catalogue, fetcher_for(site), slug="paused", clock=clock))
    with pytest.raises(NotFound):
        list(harvest(catalogue, fetcher_for(site), slug="nobody", clock=clock))


def test_a_dry_run_says_what_would_come_in_and_writes_nothing(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(1)]))
    [(_, dry)] = harvest(catalogue, fetcher_for(site), is_dry=True, clock=clock)
    assert counts(dry) == {"read": 1, "added": 1}
    assert items_of(catalogue) == {}
    with catalogue.reading() as session:
        assert session.exec(select(FeedRun)).all() == []


def test_two_at_once_do_not_read_the_same_feed(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(n) for n in range(30)]))
    inside, go = threading.Event(), threading.Event()
    answer = site.pages["/feed.json"]

    def slow(request: Any) -> None:
        inside.set()
        go.wait(10)
        answer(request)

    site.pages["/feed.json"] = slow
    first: list[Any] = []
    thread = threading.Thread(
        target=lambda: first.extend(harvest(catalogue, fetcher_for(site), clock=clock))
    )
    thread.start()
    assert inside.wait(10)
    assert list(harvest(catalogue, fetcher_for(site), slug="courses", clock=clock)) == []
    go.set()
    thread.join()
    assert counts(first[0][1]) == {"read": 30, "added": 30}


class Killed(BaseException):
    """The process ends here."""


def test_a_run_that_is_killed_half_way_loses_nothing(
    catalogue: Database, site: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(catalogue, publish_json(site, [course(n) for n in range(25)]))
    monkeypatch.setattr(runs, "BATCH", 10)
    real, done = applying.apply, []

    def dies(*args: Any) -> Any:
        done.append(1)
        if len(done) == 15:
            raise Killed
        return real(*args)

    monkeypatch.setattr(runs, "apply", dies)
    with pytest.raises(Killed):
        run(catalogue, site, clock)
    assert len(items_of(catalogue)) == 10, "whole batches only"
    monkeypatch.setattr(runs, "apply", real)
    assert list(harvest(catalogue, fetcher_for(site), slug="courses", clock=clock)) == []
    clock.at += runs.SILENCE
    again = run(catalogue, site, clock)
    assert counts(again) == {"read": 25, "added": 15, "unchanged": 10}
    with catalogue.reading() as session:
        outcomes = {r.outcome: r.reason for r in session.exec(select(FeedRun))}
        assert "broken off" in str(outcomes[Outcome.FAILED.value])


def test_a_run_whose_feed_was_taken_over_writes_nothing_more(
    catalogue: Database, site: Site, clock: Clock
) -> None:
    register(catalogue, publish_json(site, [course(1)]))
    claimed = claim(catalogue, "courses", clock())
    assert claimed
    clock.at += runs.SILENCE
    assert counts(run(catalogue, site, clock)) == {"read": 1, "added": 1}
    late = runs._run(catalogue, fetcher_for(site), *claimed, clock)
    assert late.outcome == Outcome.FAILED.value and "taken over" in str(late.reason)
