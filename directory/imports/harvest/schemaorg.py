"""What schema.org says in its words, as our fields: the one table of this mapping, inwards."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from directory.entries.kinds import Kind
from directory.imports.harvest.texts import plain_text

TYPES = {
    "Course": "training",
    "EducationEvent": "training",
    "Event": "training",
    "CourseInstance": "training",
    "BusinessEvent": "training",
    "Hackathon": "training",
    "LearningResource": "training",
    "EducationalOccupationalProgram": "programme",
    "Project": "programme",
    "ResearchProject": "programme",
    "EventSeries": "programme",
    "Organization": "organisation",
    "NGO": "organisation",
    "GovernmentOrganization": "organisation",
    "EducationalOrganization": "organisation",
    "CollegeOrUniversity": "organisation",
    "ResearchOrganization": "organisation",
    "Corporation": "organisation",
    "Consortium": "organisation",
}
"""Types, and the kind of entry that their nodes are."""

_MODES = {
    "onlineeventattendancemode": "online",
    "offlineeventattendancemode": "in-person",
    "mixedeventattendancemode": "blended",
    "onsite": "in-person",
}
_FREE, _PAID = "free", "fee"
_HOURS = re.compile(r"PT(\d{1,5})H")
_PRICE = re.compile(r"\d{1,12}(\.\d{1,4})?")
_YEAR = re.compile(r"(\d{4})")


class Whole(Protocol):
    """Looks up what a reference names."""

    def whole(self, value: Any) -> Any:
        """Return the node that a reference names, or the value itself."""
        ...


def _each(nodes: Whole, value: Any) -> Iterator[Any]:
    for one in value if isinstance(value, list) else [value]:
        if one is not None:
            yield nodes.whole(one)


def _text(nodes: Whole, value: Any) -> str | None:
    """Return the first text: of a node its name, of a text in a language its value."""
    return next(iter(_texts(nodes, value)), None)


def _texts(nodes: Whole, value: Any) -> list[str]:
    found = []
    for one in _each(nodes, value):
        if isinstance(one, dict):
            named = (one.get(k) for k in ("@value", "name", "alternateName", "audienceType", "url"))
            one = next((n for n in named if isinstance(n, str)), None)
        if isinstance(one, str | int | float) and not isinstance(one, bool):
            found.append(plain_text(str(one)))
    return [text for text in found if text]


def _mode(nodes: Whole, value: Any) -> str | None:
    text = _text(nodes, value)
    short = text.rpartition("/")[2] if text else ""
    return _MODES.get(short.casefold(), short) or None


def _languages(nodes: Whole, value: Any) -> list[str]:
    """Return codes or names: en-GB is English."""
    found = []
    for one in _each(nodes, value):
        said = one.get("alternateName") or one.get("name") if isinstance(one, dict) else one
        if isinstance(said, str):
            found.append(re.sub(r"^([A-Za-z]{2,3})[-_]\w+$", r"\1", said.strip()))
    return found


def _hours(nodes: Whole, value: Any) -> str | None:
    found = _HOURS.fullmatch(_text(nodes, value) or "")
    return found[1] if found else None


def _year(nodes: Whole, value: Any) -> str | None:
    found = _YEAR.match(_text(nodes, value) or "")
    return found[1] if found else None


def _country(nodes: Whole, value: Any) -> str | None:
    for one in _each(nodes, value):
        if isinstance(one, dict):
            return _text(nodes, one.get("addressCountry"))
    return None


def _city(nodes: Whole, value: Any) -> str | None:
    for one in _each(nodes, value):
        if isinstance(one, dict):
            return _text(nodes, one.get("addressLocality"))
    return None


def _involved(role: str) -> Callable[[Whole, Any], list[dict[str, str]]]:
    def read(nodes: Whole, value: Any) -> list[dict[str, str]]:
        return [{"organisation": name, "role": role} for name in _texts(nodes, value)]

    return read


Reads = Callable[[Whole, Any], Any]
FIELDS: tuple[tuple[str, str, Reads], ...] = (
    ("description", "description", _text),
    ("abstract", "summary", _text),
    ("disambiguatingDescription", "summary", _text),
    ("alternateName", "aliases", _texts),
    ("provider", "providers", _texts),
    ("organizer", "providers", _texts),
    ("organizer", "organisations", _involved("lead")),
    ("provider", "organisations", _involved("lead")),
    ("inLanguage", "languages", _languages),
    ("availableLanguage", "languages", _languages),
    ("knowsLanguage", "languages", _languages),
    ("courseMode", "mode", _mode),
    ("eventAttendanceMode", "mode", _mode),
    ("educationalLevel", "level", _text),
    ("audience", "audiences", _texts),
    ("coursePrerequisites", "prerequisites", _text),
    ("teaches", "outcomes", _text),
    ("educationalCredentialAwarded", "recognition", _text),
    ("timeRequired", "workload_hours", _hours),
    ("courseWorkload", "workload_hours", _hours),
    ("license", "licence", _text),
    ("foundingDate", "founded_year", _year),
    ("address", "headquarters_country", _country),
    ("address", "headquarters_city", _city),
    ("email", "contact_email", _text),
)
"""Property, field, and how the value is read. The first property that says something counts."""

_NAMES = ("name", "headline")
_WEBSITE, _RUNS = "website", "runs"
_COST, _AMOUNT, _CURRENCY, _MODE = "cost", "cost_amount", "cost_currency", "mode"
_QUIET_WHEN_A_PROVIDER = "organisations"


def values_of(
    nodes: Whole, node: dict[str, Any], kind: Kind, url: str | None, notes: dict[str, str]
) -> dict[str, Any]:
    """Return what a node says in the words of our fields, still in its own terms."""
    values: dict[str, Any] = {}
    title = next((t for n in _NAMES if (t := _text(nodes, node.get(n)))), None)
    if title:
        values[kind.title_field] = title
    if url:
        values[_WEBSITE] = url
    instances = [i for i in _each(nodes, node.get("hasCourseInstance")) if isinstance(i, dict)]
    for field, found in _fields(nodes, [node, *instances], kind):
        values.setdefault(field, found)
    if "providers" in values:
        values.pop(_QUIET_WHEN_A_PROVIDER, None)
    if _RUNS in kind.fields:
        dated = instances or [node]
        if runs := [run for one in dated if (run := _run(nodes, one))]:
            values[_RUNS] = runs
        _offer(nodes, node, values)
    return values


def _fields(nodes: Whole, sayers: list[dict[str, Any]], kind: Kind) -> Iterator[tuple[str, Any]]:
    for sayer in sayers:
        for prop, field, read in FIELDS:
            if field in kind.fields and prop in sayer and (found := read(nodes, sayer[prop])):
                yield field, found


def _run(nodes: Whole, node: dict[str, Any]) -> dict[str, Any] | None:
    """Return the dates of a course instance or an event; an offset is no zone, so it is unknown."""
    start, end = (_text(nodes, node.get(name)) for name in ("startDate", "endDate"))
    if not start:
        return None
    run: dict[str, Any] = {"start": start[:10]}
    if end:
        run["end"] = end[:10]
    place = ", ".join(_place(nodes, node.get("location")))
    if place:
        run["place"] = place[:300]
    places = node.get("maximumAttendeeCapacity")
    if isinstance(places, int) and not isinstance(places, bool):
        run["places"] = places
    if (_text(nodes, node.get("eventStatus")) or "").endswith("EventCancelled"):
        run["cancelled"] = True
    return run


def _place(nodes: Whole, value: Any) -> list[str]:
    found = []
    for one in _each(nodes, value):
        if isinstance(one, dict):
            found += _texts(nodes, one.get("name"))
            address = nodes.whole(one.get("address"))
            city = address.get("addressLocality") if isinstance(address, dict) else address
            found += _texts(nodes, city)
        elif isinstance(one, str):
            found.append(" ".join(plain_text(one).split()))
    return list(dict.fromkeys(found))


def _offer(nodes: Whole, node: dict[str, Any], values: dict[str, Any]) -> None:
    """Read what it costs, where one offer says so."""
    if node.get("isAccessibleForFree") is True:
        values[_COST] = _FREE
    offers = [o for o in _each(nodes, node.get("offers")) if isinstance(o, dict)]
    if len(offers) != 1:
        return
    price = _text(nodes, offers[0].get("price"))
    if price is None or not _PRICE.fullmatch(price):
        return
    if not float(price):
        values[_COST] = _FREE
    else:
        values[_COST] = _PAID
        values[_AMOUNT] = price
        values[_CURRENCY] = _text(nodes, offers[0].get("priceCurrency"))
