"""Feeds on a server of our own, and a clock that a test turns."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from directory.curation.service import get_entry, latest_revision
from directory.db import Database
from directory.entries.kinds import ORGANISATION, TRAINING
from directory.entries.models import Entry, Revision
from directory.imports.harvest.models import Feed, FeedItem, FeedRun, FeedState
from directory.imports.harvest.runs import harvest
from tests.imports.sites import Site, fetcher_for, says

OWNER = "gcsp"
START = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def pass_days(self, days: int) -> None:
        self.at += timedelta(days=days)


def register(database: Database, address: str, **more: Any) -> Feed:
    """Put an approved feed into the database, as if people had looked at it."""
    given: dict[str, Any] = {
        "slug": "courses",
        "title": "Courses",
        "address": address,
        "format": "json",
        "kind": "training",
        "schedule": "daily",
        "state": FeedState.APPROVED.value,
        "next_run_at": START,
    }
    with database.writing() as session:
        owner = get_entry(session, ORGANISATION, OWNER)
        feed = Feed(owner_id=owner.id, **(given | more))
        session.add(feed)
    return feed


def course(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"c{number}",
        "url": f"https://school.example/courses/{number}",
        "title": f"Quiet course {number}",
        "summary": f"What course {number} is about.",
        **more,
    }


def publish_json(site: Site, items: Iterable[dict[str, Any]], path: str = "/feed.json") -> str:
    site.pages[path] = says(200, json.dumps(list(items)).encode(), Content_Type="application/json")
    return site.url(path)


def run(database: Database, site: Site, clock: Clock, slug: str = "courses") -> FeedRun:
    """Read a feed now; return what the run says."""
    found = list(harvest(database, fetcher_for(site), slug=slug, clock=clock))
    assert len(found) == 1
    return found[0][1]


def entry_named(database: Database, title: str) -> tuple[Entry, Revision]:
    with database.reading() as session:
        entry = session.exec(
            select(Entry).where(Entry.title == title, Entry.kind == TRAINING.name)
        ).one()
        return entry, latest_revision(session, entry)


def items_of(database: Database) -> dict[str, FeedItem]:
    with database.reading() as session:
        return {i.remote_id: i for i in session.exec(select(FeedItem))}


def revisions(database: Database) -> int:
    with database.reading() as session:
        return len(session.exec(select(Revision.id).order_by(col(Revision.id))).all())


def counts(run: FeedRun) -> dict[str, int]:
    names = ("read", "added", "updated", "unchanged", "rejected", "left", "archived")
    return {name: n for name in names if (n := getattr(run, name))}
