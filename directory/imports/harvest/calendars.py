"""iCalendar (RFC 5545): each event is a training, and each time it takes place is a run of it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from directory.entries.kinds import Kind
from directory.errors import SourceFailed
from directory.imports.harvest.items import (
    MOST_ITEMS,
    Ask,
    Found,
    Item,
    Rejected,
    checked_id,
    readable,
)
from directory.imports.harvest.texts import plain_text, text_of
from directory.languages import gettext, marked

FIELDS = {"SUMMARY": "title", "DESCRIPTION": "description", "URL": "website"}
"""Properties of an event, and the fields that they fill in."""

RUNS = "runs"
MOST_RUNS = 60
_ENDLESS = "It repeats without an end; only the first date was taken."
_MANY = f"It takes place more than {MOST_RUNS} times; the first {MOST_RUNS} dates were taken."


def read_calendar(ask: Ask, address: str, kind: Kind) -> Iterator[Found]:
    """Read the events of a calendar; what repeats is one training with several runs."""
    from icalendar import Calendar

    answer = ask(address)
    text = text_of(answer)
    if text.count("BEGIN:VEVENT") > MOST_ITEMS:
        raise SourceFailed(
            gettext("The calendar holds more than %(number)s events.", number=MOST_ITEMS)
        )
    with readable("iCalendar"):
        calendars: Any = Calendar.from_ical(text, multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    series: dict[str, list[Any]] = {}
    for number, event in enumerate(events, start=1):
        uid = checked_id(str(event.get("UID", "")))
        if uid:
            series.setdefault(uid, []).append(event)
        else:
            yield Rejected(
                _text(event, "SUMMARY")[:80] or f"event {number}", marked("It has no UID.")
            )
    for uid, found in series.items():
        yield _training(uid, found, kind)


def _text(event: Any, name: str) -> str:
    value = event.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    return plain_text(str(value)) if value is not None else ""


def _training(uid: str, events: list[Any], kind: Kind) -> Found:
    """Read the events with one UID: the first rule, and what replaces single dates of it."""
    masters = [e for e in events if "RECURRENCE-ID" not in e]
    if len(masters) > 1:
        return Rejected(uid, f"{len(masters)} events have this UID; one UID names one event.")
    master = masters[0] if masters else events[0]
    values: dict[str, Any] = {
        field: text for name, field in FIELDS.items() if (text := _text(master, name))
    }
    notes: dict[str, str] = {}
    try:
        runs = list(_runs(master, [e for e in events if e is not master], notes))
    except (ValueError, TypeError, AttributeError, OverflowError, KeyError) as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        notes[RUNS] = f"Its dates cannot be read: {reason}."
        runs = []
    if runs:
        values[RUNS] = runs
    url = values.get(FIELDS["URL"])
    return Item(uid, values, url, {n: t for n, t in notes.items() if n in kind.fields})


def _runs(master: Any, others: list[Any], notes: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield a run for each date; one that was moved or cancelled stands as it is now."""
    replaced = {_moment(e, "RECURRENCE-ID"): e for e in others if "RECURRENCE-ID" in e}
    first = _moment(master, "DTSTART")
    if first is None:
        notes[RUNS] = "It has no date at which it starts."
        return
    for start in _dates(master, first, notes):
        event = replaced.pop(start, None)
        yield _run(master, start) if event is None else _run(event, _moment(event, "DTSTART"))
    for event in replaced.values():
        yield _run(event, _moment(event, "DTSTART"))


def _moment(event: Any, name: str) -> date | None:
    value = event.get(name)
    found = getattr(value, "dt", None)
    return found if isinstance(found, date) else None


def _dates(event: Any, first: date, notes: dict[str, str]) -> list[date]:
    """Return the starts of an event, at most `MOST_RUNS`; without an end only the first."""
    found = [first]
    rule = event.get("RRULE")
    if isinstance(rule, list):
        notes[RUNS] = "It has several rules; only the first date was taken."
    elif rule and not (rule.get("COUNT") or rule.get("UNTIL")):
        notes[RUNS] = _ENDLESS
    elif rule:
        found = _by_rule(rule, first)
    more = event.get("RDATE")
    for group in more if isinstance(more, list) else [more] if more else []:
        found += [one.dt for one in group.dts if isinstance(one.dt, date)][:MOST_RUNS]
    without = event.get("EXDATE")
    for group in without if isinstance(without, list) else [without] if without else []:
        gone = {one.dt for one in group.dts}
        found = [one for one in found if one not in gone]
    if len(found) > MOST_RUNS:
        notes[RUNS] = _MANY
    return list(dict.fromkeys(found))[:MOST_RUNS]


def _by_rule(rule: Any, first: date) -> list[date]:
    """Return the dates of a rule that ends, one more than are kept at most.

    A rule that never matches would be searched through for ever: the years are limited.
    """
    from dateutil.rrule import rrulestr

    plain = isinstance(first, datetime)
    start = first if isinstance(first, datetime) else datetime(first.year, first.month, first.day)
    zone, start = start.tzinfo, start.replace(tzinfo=None)
    text = ";".join(
        part.rstrip("Z") if part.startswith("UNTIL") else part
        for part in rule.to_ical().decode().split(";")
    )
    frequent = any(f"FREQ={word}" in text for word in ("SECONDLY", "MINUTELY", "HOURLY"))
    if frequent:
        raise ValueError("it repeats within a day")
    rule_dates = rrulestr(text, dtstart=start)
    last = start + timedelta(days=366 * 20)
    found: list[date] = []
    for one in rule_dates.xafter(start, count=MOST_RUNS + 1, inc=True):
        if one > last:
            break
        found.append(one.replace(tzinfo=zone) if plain else one.date())
    return found


def _run(event: Any, start: date | None) -> dict[str, Any]:
    """Return a run. An end is the moment after the last one (RFC 5545, 3.6.1)."""
    run: dict[str, Any] = {}
    if start is not None:
        run["start"] = _day(start).isoformat()
        if zone := _zone(event):
            run["time_zone"] = zone
        if (end := _end(event, start)) is not None:
            run["end"] = _day(end).isoformat()
    if place := _text(event, "LOCATION"):
        run["place"] = " ".join(place.split())[:300]
    if _text(event, "STATUS").upper() == "CANCELLED":
        run["cancelled"] = True
    return run


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _end(event: Any, start: date) -> date | None:
    """Return the last moment of a run that starts then, or None when the event does not say."""
    begins, ends = _moment(event, "DTSTART"), _moment(event, "DTEND")
    length = getattr(event.get("DURATION"), "dt", None)
    if begins is not None and ends is not None:
        if isinstance(begins, datetime) != isinstance(ends, datetime):
            return None
        length = ends - begins
    if not isinstance(length, timedelta):
        return None
    whole = timedelta(seconds=1) if isinstance(start, datetime) else timedelta(days=1)
    return start + max(length - whole, timedelta(0))


def _zone(event: Any) -> str | None:
    """Return the name of the zone, when the event states one that is known; never a guess."""
    value = event.get("DTSTART")
    moment = getattr(value, "dt", None)
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return None
    name = str(value.params.get("TZID", "")) or "UTC"
    name = getattr(moment.tzinfo, "key", None) or name
    return name if name in _zones() else None


@cache
def _zones() -> set[str]:
    """Return the names of all zones; read from the disk once."""
    return available_timezones()
