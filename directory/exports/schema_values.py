"""How a value of an entry is written in schema.org: one function a way."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from directory.entries.fields import Declared
from directory.entries.kinds import KINDS
from directory.entries.queries import Published
from directory.entries.vocabularies import Vocabularies
from directory.exports.licences import licence_in
from directory.exports.terms import term_uri

ENTRY = "#entry"
"""What a page is about, as against the page."""

_LENGTH = re.compile(r"(\d{1,4}) (minute|hour|day|week|month|year)s?")
_UNITS = {
    "minute": "PT{}M",
    "hour": "PT{}H",
    "day": "P{}D",
    "week": "P{}W",
    "month": "P{}M",
    "year": "P{}Y",
}
_REGISTERS: dict[str, tuple[re.Pattern[str], str]] = {
    "ror": (re.compile(r"(?:https://ror\.org/)?(0[a-z0-9]{8})"), "https://ror.org/{}"),
    "wikidata": (
        re.compile(r"(?:https?://www\.wikidata\.org/(?:wiki|entity)/)?(Q[1-9]\d*)"),
        "https://www.wikidata.org/entity/{}",
    ),
    "isni": (re.compile(r"(\d{15}[\dX])"), "https://isni.org/isni/{}"),
    "viaf": (re.compile(r"(\d{1,22})"), "https://viaf.org/viaf/{}"),
    "lei": (re.compile(r"([A-Z0-9]{18}\d{2})"), "https://search.gleif.org/#/record/{}"),
    "crossref-funder": (re.compile(r"10\.13039/(\d+)"), "https://doi.org/10.13039/{}"),
}
"""How a register writes its identifiers, and the address behind one."""


@dataclass(frozen=True)
class Subject:
    """What is written about, and what its values mean. `site` is the address of the site."""

    published: Published
    words: Vocabularies
    site: str
    titles: Mapping[tuple[str, str], str]
    """Of what it points to, by field and slug."""

    def label(self, vocabulary: str, code: str) -> str:
        """Return the whole label of a code."""
        term = self.words.term(vocabulary, code)
        return term.label if term else code

    def url(self, path: str) -> str:
        """Return the whole address of a page."""
        return self.site + path


Write = Callable[[Any, Subject, Declared], Any]
Node = dict[str, Any]


def listed(value: Any) -> list[Any]:
    """Return a value as a list."""
    return value if isinstance(value, list) else [value]


def plain(value: Any, _subject: Subject, _declared: Declared) -> Any:
    """Write the value as it is."""
    return value


def year(value: Any, _subject: Subject, _declared: Declared) -> str:
    """Write a year as a date that says no more (ISO 8601)."""
    return f"{value:04d}"


def labels(value: Any, subject: Subject, declared: Declared) -> list[str]:
    """Write codes in words."""
    return [subject.label(declared.vocabulary or "", code) for code in listed(value)]


def terms(value: Any, subject: Subject, declared: Declared) -> list[Node]:
    """Write codes as terms with their addresses."""
    name = declared.vocabulary or ""
    return [
        {
            "@type": "DefinedTerm",
            "name": subject.label(name, code),
            "url": term_uri(subject.site, name, code),
        }
        for code in listed(value)
    ]


def alignments(value: Any, subject: Subject, declared: Declared) -> list[Node]:
    """Write codes as what an entry is aligned with (LRMI, AlignmentObject)."""
    name = declared.vocabulary or ""
    vocabulary = subject.words.vocabularies.get(name)
    return [
        {
            "@type": "AlignmentObject",
            "alignmentType": "educationalSubject",
            "educationalFramework": vocabulary.title if vocabulary else name,
            "targetName": subject.label(name, code),
            "targetUrl": term_uri(subject.site, name, code),
        }
        for code in listed(value)
    ]


def reference(value: Any, subject: Subject, declared: Declared) -> list[Node]:
    """Write other entries by address and name; what is not public has no title and is left out."""
    assert declared.reference
    kind = declared.reference.kind
    return [n for slug in listed(value) if (n := refer(subject, declared.name, kind, slug))]


def refer(subject: Subject, field: str, kind: str, slug: str) -> Node | None:
    """Return another entry as a node, or None when it is not public."""
    title = subject.titles.get((field, slug))
    if title is None:
        return None
    node: Node = {"@type": "Organization"} if kind == "organisation" else {}
    return {**node, "@id": subject.url(KINDS[kind].url(slug) + ENTRY), "name": title}


def audience(value: Any, subject: Subject, declared: Declared) -> Node:
    """Write the groups it is for."""
    return {"@type": "Audience", "audienceType": labels(value, subject, declared)}


def audience_words(value: Any, _subject: Subject, _declared: Declared) -> Node:
    """Write who is eligible, in the words of the entry."""
    return {"@type": "Audience", "description": value}


def contact_words(value: Any, _subject: Subject, _declared: Declared) -> Node:
    """Write how one reaches an organisation."""
    return {"@type": "ContactPoint", "description": value}


def web_addresses(value: Any, _subject: Subject, _declared: Declared) -> list[str]:
    """Write those lines that are an address and nothing else."""
    return [line for line in value if re.fullmatch(r"https?://[^\s<>\"']+", line)]


def makes_offer(value: Any, subject: Subject, declared: Declared) -> list[Node]:
    """Write the kinds of help that an organisation gives."""
    return [
        {"@type": "Offer", "itemOffered": {"@type": "Service", "name": label}}
        for label in labels(value, subject, declared)
    ]


def city(value: Any, _subject: Subject, _declared: Declared) -> Node:
    """Write the place of the seat."""
    return {"@type": "PostalAddress", "addressLocality": value}


def seat(value: Any, _subject: Subject, _declared: Declared) -> Node:
    """Write the country of the seat by its code (ISO 3166-1)."""
    return {"@type": "PostalAddress", "addressCountry": value}


def countries(value: Any, subject: Subject, declared: Declared) -> list[Node]:
    """Write countries with their codes (ISO 3166-1)."""
    return [
        {"@type": "Country", "name": subject.label(declared.vocabulary or "", c), "identifier": c}
        for c in value
    ]


def regions(value: Any, subject: Subject, declared: Declared) -> list[Node]:
    """Write regions by name."""
    return [{"@type": "Place", "name": label} for label in labels(value, subject, declared)]


def _address(one: Mapping[str, str]) -> str | None:
    """Return the address of an identifier, where its register has one and it fits."""
    pattern, template = _REGISTERS.get(one["scheme"], (None, ""))
    value = one["value"].replace(" ", "") if one["scheme"] == "isni" else one["value"]
    if pattern and (found := pattern.fullmatch(value)):
        return template.format(found[1])
    return value if re.fullmatch(r"https?://[^\s<>\"']+", value) else None


def known_addresses(value: Any, _subject: Subject, _declared: Declared) -> list[str]:
    """Write identifiers as the addresses that stand for the same organisation."""
    return [address for one in value if (address := _address(one))]


def other_identifiers(value: Any, subject: Subject, _declared: Declared) -> list[Node]:
    """Write identifiers that have no address."""
    return [
        {
            "@type": "PropertyValue",
            "propertyID": subject.label("identifier-schemes", one["scheme"]),
            "value": one["value"],
        }
        for one in value
        if not _address(one)
    ]


def mode(value: Any, _subject: Subject, declared: Declared) -> str | None:
    """Write the mode of a course in the words that search engines know."""
    if value == "in-person":
        return "onsite"
    return (
        "online" if str(value).startswith("online") else "blended" if value == "blended" else None
    )


def attendance(value: Any, subject: Subject, declared: Declared) -> str | None:
    """Write the mode of an event."""
    words = {"onsite": "Offline", "online": "Online", "blended": "Mixed"}
    found = words.get(mode(value, subject, declared) or "")
    return f"https://schema.org/{found}EventAttendanceMode" if found else None


def duration(value: Any, _subject: Subject, _declared: Declared) -> str | None:
    """Write a length that is a number and a unit, such as 8 weeks (ISO 8601); others stay out."""
    found = _LENGTH.fullmatch(value)
    return _UNITS[found[2]].format(found[1]) if found else None


def hours(value: Any, _subject: Subject, _declared: Declared) -> str:
    """Write the hours in all (ISO 8601)."""
    return f"PT{float(value):g}H"


def weekly_hours(value: Any, _subject: Subject, _declared: Declared) -> str:
    """Write the hours a week, for which ISO 8601 has no form."""
    return f"{float(value):g} hours a week"


def credential(value: Any, subject: Subject, declared: Declared) -> list[str] | None:
    """Write what one leaves with, unless that is nothing."""
    return None if value == "none" else labels(value, subject, declared)


def licence(value: Any, _subject: Subject, _declared: Declared) -> Any:
    """Write a licence as its address, where one is named; else in its own words."""
    found = licence_in(value)
    return found.url if found else {"@type": "CreativeWork", "name": value}


def is_free(value: Any, _subject: Subject, _declared: Declared) -> bool | None:
    """Say whether it costs nothing, where that is clear."""
    return {"free": True, "fee": False, "fee-with-scholarships": False}.get(value)


def offer(part: str) -> Write:
    """Return the way to write one part of an offer."""

    def write(value: Any, subject: Subject, declared: Declared) -> Node:
        if part != "category":
            return {"@type": "Offer", part: value}
        # A free training may have an amount beside it, such as for the certificate.
        amount = subject.published.profile.get("cost_amount")
        free = {"price": "0"} if value == "free" and amount is None else {}
        return {"@type": "Offer", part: labels(value, subject, declared)[0], **free}

    return write


def runs(value: Any, subject: Subject, _declared: Declared) -> list[Node]:
    """Write each run; whether it is one of a course or an event says the caller."""
    return [_run(run, subject) for run in value]


def _run(run: Mapping[str, Any], subject: Subject) -> Node:
    online = str(subject.published.profile.get("mode") or "").startswith("online")
    node: Node = {
        "name": run.get("label"),
        "startDate": run.get("start"),
        "endDate": run.get("end"),
        "maximumAttendeeCapacity": run.get("places"),
        "offers": [_track(track) for track in run.get("tracks") or []],
    }
    if run.get("place"):
        node["location"] = {"@type": "VirtualLocation" if online else "Place", "name": run["place"]}
    if run.get("cancelled"):
        node["eventStatus"] = "https://schema.org/EventCancelled"
    return stated(node)


def _track(track: Mapping[str, Any]) -> Node:
    return {
        "@type": "Offer",
        **stated(
            {
                "name": track.get("title"),
                "price": track.get("cost_amount"),
                "priceCurrency": track.get("cost_currency"),
                "validThrough": track.get("application_deadline"),
            }
        ),
    }


def stated(node: Node) -> Node:
    """Return a node without what is not stated."""
    return {k: v for k, v in node.items() if v is not None and v != []}
