"""Feeds and calendars."""

from typing import Any

import feedparser
import icalendar

from tests.interop.registry import row
from tests.interop.site import Site


def _feed(site: Site, errors: list[str], path: str) -> int:
    read = feedparser.parse(site.get(path).content)
    if read.bozo:
        errors.append(f"{path}: {read.bozo_exception}")
    if not read.version.startswith("atom"):
        errors.append(f"{path} is {read.version or 'no feed'}")
    for needed in ("id", "title", "updated"):
        if not read.feed.get(needed):
            errors.append(f"{path} has no {needed}")
        errors += [f"{path}: an entry has no {needed}" for e in read.entries if not e.get(needed)]
    ids = [entry.get("id") for entry in read.entries]
    if len(set(ids)) != len(ids):
        errors.append(f"{path}: an id stands twice")
    return len(ids)


@row("Atom, searches", "/search.atom", "feedparser")
def searches(site: Site, errors: list[str]) -> int:
    """Read the feeds of some searches."""
    queries = ("", "?kind=training", "?q=cybersecurity&action_line=C5", "?q=%26%3C%22")
    return sum(_feed(site, errors, f"/search.atom{query}") for query in queries)


@row("Atom, terms", "/action-lines/{code}.atom", "feedparser")
def terms(site: Site, errors: list[str]) -> int:
    """Read the feeds of some terms."""
    codes = ("C4", "C5", "C11")
    areas = ("cybersecurity", "artificial-intelligence")
    paths = [f"/action-lines/{c}.atom" for c in codes] + [f"/policy-areas/{a}.atom" for a in areas]
    return sum(_feed(site, errors, path) for path in paths)


def _calendar(site: Site, errors: list[str], path: str) -> dict[str, Any]:
    """Return the events by UID (RFC 5545, 3.6.1 and 3.8.4.7)."""
    calendar = icalendar.Calendar.from_ical(site.get(path).content)
    found: dict[str, Any] = {}
    for needed in ("PRODID", "VERSION"):
        if needed not in calendar:
            errors.append(f"{path} has no {needed}")
    for event in calendar.walk("VEVENT"):
        uid = str(event.get("UID"))
        if uid in found:
            errors.append(f"{path}: the UID {uid} stands twice")
        errors += [f"{path}: {uid} has no {n}" for n in ("DTSTAMP", "DTSTART") if n not in event]
        errors += [f"{path}: {uid}: {name} {said}" for name, said in event.errors]
        found[uid] = event
    return found


@row("iCalendar", "/search.ics", "icalendar")
def calendar(site: Site, errors: list[str]) -> int:
    """Read the calendar twice: whoever subscribed must find the same events again."""
    one = _calendar(site, errors, "/search.ics")
    other = _calendar(site, errors, "/search.ics")
    if set(one) != set(other):
        errors.append("the UIDs differ from one download to the next")
    return len(one)


@row("iCalendar, one training", "/trainings/{slug}.ics", "icalendar")
def trainings(site: Site, errors: list[str]) -> int:
    """Read the calendar of each training; one without dates has a calendar without events."""
    read = 0
    for slug in site.slugs("trainings"):
        _calendar(site, errors, f"/trainings/{slug}.ics")
        read += 1
    return read
