"""The runs of trainings as a calendar (RFC 5545), to subscribe to or to save.

Entries have days, never times of day: events are whole days that float, and the zone of a run, in
which its deadline ends, stands in the description. No calendar shows a to-do of somebody else's
calendar well, so that a deadline is an event of one day. A cancelled run, and one that was taken
from the entry before it began, says CANCELLED, so that it leaves the calendars it is already in.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from directory.db import Database, now
from directory.entries.kinds import TRAINING
from directory.entries.queries import Published, published_by_id
from directory.entries.vocabularies import Vocabularies
from directory.exports.results import BATCH
from directory.exports.runs import Followed, runs_of
from directory.languages import gettext, marked, worded

if TYPE_CHECKING:
    from icalendar import Calendar, Event

MEDIA_TYPE = "text/calendar"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_DEADLINES = {
    "application_deadline": ("apply", marked("Apply by this day: %(title)s")),
    "scholarship_deadline": (
        "scholarship",
        marked("Apply for a scholarship by this day: %(title)s"),
    ),
}


def new_calendar(name: str, url: str) -> "Calendar":
    """Return a calendar without events; `url` is where it can be read again."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//capacity-directory//runs of trainings//EN")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("url", url)
    calendar.add("refresh-interval", timedelta(days=1), parameters={"value": "DURATION"})
    return calendar


def write_calendar(calendar: "Calendar", events: Iterable["Event"]) -> Iterator[str]:
    """Yield the file piece by piece.

    RFC 5545 (3.6) wants at least one component: a calendar without events holds the zone UTC.
    """
    from icalendar import Timezone

    head, _, tail = calendar.to_ical().decode().rpartition("END:VCALENDAR")
    yield head
    empty = True
    for event in events:
        empty = False
        yield event.to_ical().decode()
    if empty:
        yield Timezone.from_tzid("UTC").to_ical().decode()
    yield f"END:VCALENDAR{tail}"


def events_of(
    database: Database, ids: Sequence[UUID], words: Vocabularies, site: str
) -> Iterator["Event"]:
    """Yield the events of these trainings, a few entries at a time; other kinds have none.

    An entry and its versions are read in one session: between two, a run could seem to be gone.
    """
    today = now().date()
    for start in range(0, len(ids), BATCH):
        with database.reading() as session:
            runs = runs_of(session, ids[start : start + BATCH])
            entries = published_by_id(session, list(runs))
        for published in entries:
            yield from Writing(published, words, site, today).events(runs[published.entry.id])


def deadlines_of(
    database: Database, ids: Sequence[UUID], words: Vocabularies, site: str, until: date
) -> Iterator["Event"]:
    """Yield the deadlines of these trainings from today up to a day, as events."""
    today = now().date()
    with database.reading() as session:
        runs = runs_of(session, ids)
        entries = published_by_id(session, list(runs))
    for published in entries:
        writing = Writing(published, words, site, today)
        for day, event in writing.deadlines(runs[published.entry.id]):
            if today <= day <= until:
                yield event


@dataclass(frozen=True)
class Writing:
    """What the events of a training are made from; `site` is the address of the site."""

    published: Published
    words: Vocabularies
    site: str
    today: date

    def events(self, runs: Iterable[Followed]) -> Iterator["Event"]:
        """Yield the event of each run and those of its deadlines, in the order of the entry."""
        for run in runs:
            yield from self._events(run)

    def _events(self, run: Followed) -> Iterator["Event"]:
        gone = run.gone
        days = _days(run.value)
        if gone and not _ahead(run, days, self.today):
            return
        cancelled = gone or bool(run.value.get("cancelled"))
        named = self._named(run)
        zone = None if gone else run.value.get("time_zone")
        if days:
            event = self._event(run.key, named, days, cancelled, zone)
            if run.value.get("place") and not gone:
                event.add("location", ical_text(run.value["place"]))
            yield event
        for _, event in self._deadlines(run):
            yield event

    def deadlines(self, runs: Iterable[Followed]) -> Iterator[tuple[date, "Event"]]:
        """Yield each deadline of the runs as they are now, by its day."""
        for run in runs:
            if not run.gone:
                yield from self._deadlines(run)

    def _deadlines(self, run: Followed) -> Iterator[tuple[date, "Event"]]:
        gone = run.gone
        cancelled = gone or bool(run.value.get("cancelled"))
        named, zone = self._named(run), None if gone else run.value.get("time_zone")
        for track in run.tracks:
            for part, (word, says) in _DEADLINES.items():
                if day := track.value.get(part):
                    last = date.fromisoformat(day)
                    what = None if gone else track.value.get("title")
                    title = f"{named} ({what})" if what else named
                    summary = worded(says) % {"title": title}
                    key = uuid5(track.key, word)
                    yield last, self._event(key, summary, (last, last), cancelled, zone)

    def _named(self, run: Followed) -> str:
        label = None if run.gone else run.value.get("label")
        return self.published.entry.title + (f": {label}" if label else "")

    def _event(
        self, key: UUID, summary: str, days: tuple[date, date], cancelled: bool, zone: str | None
    ) -> "Event":
        from icalendar import Event

        entry, profile = self.published.entry, self.published.profile
        page = self.site + self.published.url
        event = Event()
        event.add("uid", str(key))
        event.add("sequence", entry.version)
        event.add("dtstamp", entry.updated_at.replace(microsecond=0))
        event.add("last-modified", entry.updated_at.replace(microsecond=0))
        event.add("dtstart", days[0])
        if days[1] < date.max:
            event.add("dtend", days[1] + timedelta(days=1))
        event.add("summary", ical_text(summary))
        event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
        # A course of eight weeks must not show its reader as busy for eight weeks.
        event.add("transp", "TRANSPARENT")
        event.add("url", page)
        if kind := profile.get(TRAINING.kind_field):
            vocabulary = TRAINING.fields[TRAINING.kind_field].vocabulary or ""
            event.add("categories", [ical_text(self.words.label(vocabulary, kind))])
        in_zone = gettext("Time zone: %(zone)s", zone=zone) if zone else None
        said = (profile.get("summary"), in_zone, page)
        event.add("description", ical_text("\n\n".join(text for text in said if text)))
        return event


def ical_text(text: str) -> str:
    """Return a text without the control characters that RFC 5545 (3.1) does not allow."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _days(run: Mapping[str, Any]) -> tuple[date, date] | None:
    """Return the first and the last day of a run; one without a first day has no event."""
    if not run.get("start"):
        return None
    first = date.fromisoformat(run["start"])
    return first, date.fromisoformat(run["end"]) if run.get("end") else first


def _ahead(run: Followed, days: tuple[date, date] | None, today: date) -> bool:
    """Say whether any of its days is still to come."""
    deadlines = (t.value.get(part) for t in run.tracks for part in _DEADLINES)
    return bool(days and days[1] >= today) or any(
        date.fromisoformat(day) >= today for day in deadlines if day
    )
