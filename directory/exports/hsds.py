"""Entries as the Human Services Data Specification tells them (HSDS 3.1, Open Referral).

An organisation is an organization, a programme a program, a training a service. What goes where
stands once, in the tables below; codes of vocabularies become attributes by themselves. What is
not stated is left out. No personal data is given: `assurer_email`, contacts and the authors of
changes are not part of our profile, and neither are addresses, which would need a state and a
post code.
"""

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from directory.entries.fields import Declared
from directory.entries.kinds import KINDS, ORGANISATION, PROGRAMME, TRAINING, Kind
from directory.entries.queries import Published
from directory.entries.vocabularies import Term, Vocabularies, Vocabulary
from directory.languages import marked

VERSION = "3.1"
NAMESPACE = uuid.UUID("6c1a4a52-5d3e-5b6f-9f5c-0f4f6d1f7c11")
"""Ids of what is no entry are UUIDs of version 5 (RFC 9562) of `kind/name` in this namespace."""

# Where a text of ours goes, by kind of entry.
TEXTS: Mapping[str, Mapping[str, str]] = {
    ORGANISATION.name: {
        "acronym": "alternate_name",
        "website": "website",
        "contact_email": "email",
        "founded_year": "year_incorporated",
        "legal_form": "legal_status",
    },
    PROGRAMME.name: {"acronym": "alternate_name"},
    TRAINING.name: {
        "acronym": "alternate_name",
        "website": "url",
        "contact_email": "email",
        "eligibility": "eligibility_description",
        "licence": "licenses",
    },
}
# Texts of ours that stand one below the other in one of theirs.
JOINED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    ORGANISATION.name: {
        "description": ("summary", "description", "who_may_ask", "how_to_ask", "results"),
    },
    PROGRAMME.name: {
        "description": ("summary", "description", "purpose", "taking_part", "results"),
    },
    TRAINING.name: {
        "description": (
            "summary",
            "description",
            "topics",
            "outcomes",
            "duration",
            "technical_needs",
            "accessibility",
            "results",
        ),
        "application_process": ("how_to_get", "prerequisites"),
        "fees_description": ("cost_includes", "scholarships"),
    },
}
# Told in objects of their own, by the functions below.
OBJECTS = {
    "identifiers", "relations", "funding", "languages", "other_languages", "providers",
    "programme", "organisations", "runs", "cost_amount", "cost_currency", "apply_url",
    "recognition", "availability", "countries", "regions", "part_of",
}  # fmt: skip
LEFT_OUT = {
    "aliases": marked("HSDS has one alternative name; ours is the acronym."),
    "descriptive_title": marked("It is about our work on the entry."),
    "listed_as": marked("It is about our work on the entry."),
    "text_language": marked("It is about our work on the entry."),
    "channels": marked("Social media have no place of their own."),
    "headquarters_city": marked("An address would need a state and a post code."),
    "website": marked("Of a programme only: HSDS gives a program no web address."),
    "contact_email": marked("Of a programme only: HSDS gives a program no mailbox."),
    "start_year": marked("HSDS knows no years of a program."),
    "end_year": marked("HSDS knows no years of a program."),
    "workload_hours": marked("HSDS has no place for hours of work."),
    "workload_hours_per_week": marked("HSDS has no place for hours of work."),
    "train_the_trainer": marked("HSDS has no place for it."),
    "on_request": marked("HSDS has no place for it."),
}
"""Public fields that HSDS has no place for, and why."""

_APART = {"languages", "currencies", "listings"}
_PAST, _ONLINE = "past", "online"
_NOT_A_URI = re.compile(r"[^\x21-\x7e]")


def made_id(*parts: object) -> str:
    """Return the stable id of something that is no entry, from its kind and its name."""
    return str(uuid.uuid5(NAMESPACE, "/".join(str(part) for part in parts)))


def taxonomy_id(name: str) -> str:
    """Return the id of a vocabulary."""
    return made_id("taxonomy", name)


def term_id(vocabulary: str, code: str) -> str:
    """Return the id of a term."""
    return made_id("term", vocabulary, code)


@dataclass(frozen=True)
class Around:
    """What is needed to tell an entry: words, the address of the site, ids of other entries."""

    words: Vocabularies
    base_url: str
    ids: Mapping[tuple[str, str], str]

    def id_of(self, kind: str, slug: str | None) -> str | None:
        """Return the id of another public entry, None when it is not public."""
        return self.ids.get((kind, slug or ""))


def _stated(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [], "")}


def _plain(kind: Kind, published: Published) -> dict[str, Any]:
    """Tell the name, and the texts that have a place of their own or share one."""
    profile = published.profile
    found: dict[str, Any] = {"id": str(published.entry.id), "name": published.entry.title}
    found |= {theirs: profile.get(ours) for ours, theirs in TEXTS[kind.name].items()}
    for theirs, ours in JOINED[kind.name].items():
        texts = [(kind.fields[n].title, profile[n]) for n in ours if profile.get(n) is not None]
        found[theirs] = "\n\n".join(
            text if n == 0 and theirs == "description" else f"{title}: {text}"
            for n, (title, text) in enumerate(texts)
        )
    for name in ("email", "url", "website"):
        # Their formats know no letters beyond ASCII.
        if found.get(name) and _NOT_A_URI.search(found[name]):
            found[name] = None
    return found


def organization(published: Published, around: Around, *, full: bool) -> dict[str, Any]:
    """Tell an organisation; with everything that belongs to it if it is to be full."""
    found = _plain(ORGANISATION, published)
    profile = published.profile
    parent = next((i for i in profile["relations"] or [] if i["role"] == "parent"), None)
    found |= {
        "uri": around.base_url + published.url,
        "parent_organization_id": around.id_of("organisation", parent and parent["organisation"]),
    }
    if full:
        found |= {
            "funding": _funding(published),
            "organization_identifiers": list(_identifiers(published, around)),
            "attributes": list(attributes(ORGANISATION, published, around, "organization")),
        }
    return {"description": "", **_stated(found)}


def _funding(published: Published) -> list[dict[str, Any]]:
    source, owner = published.profile.get("funding"), str(published.entry.id)
    ids = {"id": made_id("funding", owner), "organization_id": owner}
    return [{**ids, "source": source}] if source else []


def _identifiers(published: Published, around: Around) -> Iterator[dict[str, Any]]:
    for one in published.profile["identifiers"] or []:
        yield {
            "id": made_id("identifier", published.entry.id, one["scheme"], one["value"]),
            "organization_id": str(published.entry.id),
            "identifier_scheme": one["scheme"],
            "identifier_type": around.words.label("identifier-schemes", one["scheme"]),
            "identifier": one["value"],
        }


def program(published: Published, around: Around, *, full: bool) -> dict[str, Any]:
    """Tell a programme, under the organisation that leads it."""
    found = _plain(PROGRAMME, published)
    roles = sorted(
        published.profile["organisations"] or [], key=lambda i: i["role"] not in ("lead", "co-lead")
    )
    found["organization_id"] = next(
        (key for i in roles if (key := around.id_of("organisation", i["organisation"]))), None
    )
    if full:
        found["attributes"] = list(attributes(PROGRAMME, published, around, "program"))
    return {"description": "", **_stated(found)}


def service(published: Published, around: Around, *, full: bool) -> dict[str, Any]:
    """Tell a training; full with its runs, fees, languages, places and terms."""
    found = _plain(TRAINING, published)
    profile, entry = published.profile, published.entry
    providers = (around.id_of("organisation", slug) for slug in profile["providers"] or [])
    found |= {
        "status": "inactive" if profile["availability"] == _PAST else "active",
        "organization_id": next((key for key in providers if key), None),
        "program_id": around.id_of("programme", profile["programme"]),
        "accreditations": _label(around, "recognitions", profile["recognition"]),
        "interpretation_services": ", ".join(
            around.words.label("languages", code) for code in profile["other_languages"] or []
        ),
        "assured_date": f"{entry.confirmed_at:%Y-%m-%d}" if entry.confirmed_at else None,
        "last_modified": entry.updated_at.isoformat(),
    }
    if full:
        found |= {
            "additional_urls": _urls(published),
            "schedules": list(_schedules(published)),
            "service_areas": list(_areas(published, around)),
            "service_at_locations": _online(published),
            "languages": list(_languages(published, around)),
            "cost_options": list(_costs(published)),
            "attributes": list(attributes(TRAINING, published, around, "service")),
        }
    return _stated(found)


def _label(around: Around, vocabulary: str, code: str | None) -> str | None:
    return around.words.label(vocabulary, code) if code else None


def _urls(published: Published) -> list[dict[str, Any]]:
    url, owner = published.profile["apply_url"], str(published.entry.id)
    if not url or _NOT_A_URI.search(url):
        return []
    return [{"id": made_id("url", owner), "service_id": owner, "label": "Apply", "url": url}]


def _schedules(published: Published) -> Iterator[dict[str, Any]]:
    """Tell each dated run: its first day as the start of the events, its last day as their end.

    No rule of recurrence is given, because no source states one (RFC 5545, 3.3.10).
    """
    owner = str(published.entry.id)
    for number, run in enumerate(published.profile["runs"] or []):
        if run.get("cancelled") or not run.get("start"):
            continue
        yield _stated(
            {
                "id": made_id("schedule", owner, number, run["start"]),
                "service_id": owner,
                "dtstart": run["start"],
                "until": run.get("end"),
                "description": run.get("label"),
                "notes": run.get("place"),
            }
        )


def _areas(published: Published, around: Around) -> Iterator[dict[str, Any]]:
    owner = str(published.entry.id)
    for name in ("countries", "regions"):
        for code in published.profile[name] or []:
            yield {
                "id": made_id("area", owner, name, code),
                "service_id": owner,
                "name": around.words.label(name, code),
                "extent_type": "text",
                "extent": code,
            }


def _online(published: Published) -> list[dict[str, Any]]:
    """Tell that a training is taken online; a place in words is no location of HSDS."""
    if not (published.profile["mode"] or "").startswith(_ONLINE):
        return []
    owner = str(published.entry.id)
    key = made_id("location", owner)
    return [
        {
            "id": made_id("at-location", owner),
            "service_id": owner,
            "location_id": key,
            "location": {"id": key, "location_type": "virtual", "name": "Online"},
        }
    ]


def _languages(published: Published, around: Around) -> Iterator[dict[str, Any]]:
    owner = str(published.entry.id)
    for code in published.profile["languages"] or []:
        yield {
            "id": made_id("language", owner, code),
            "service_id": owner,
            "code": code,
            "name": around.words.label("languages", code),
        }


def _costs(published: Published) -> Iterator[dict[str, Any]]:
    """Tell the fee of a training, and of each track of its runs; an amount needs its currency."""
    profile, owner = published.profile, str(published.entry.id)
    priced = [("", profile)]
    for run in profile["runs"] or []:
        priced += [(t.get("title") or run.get("label") or "", t) for t in run.get("tracks") or []]
    for number, (option, one) in enumerate(priced):
        if one.get("cost_amount") is not None and one.get("cost_currency"):
            yield _stated(
                {
                    "id": made_id("cost", owner, number),
                    "service_id": owner,
                    "option": option,
                    "amount": float(one["cost_amount"]),
                    "currency": one["cost_currency"],
                }
            )


def in_taxonomies(kind: Kind) -> dict[str, Declared]:
    """Return the fields of a kind whose codes are told as terms of a taxonomy."""
    return {
        name: declared
        for name, declared in kind.public_fields.items()
        if declared.vocabulary and declared.vocabulary not in _APART and name not in OBJECTS
    }


def attributes(
    kind: Kind, published: Published, around: Around, entity: str
) -> Iterator[dict[str, Any]]:
    """Yield an attribute for each code of an entry, with the term it stands for."""
    owner = str(published.entry.id)
    for name, declared in in_taxonomies(kind).items():
        value = published.profile.get(name)
        for code in (value if declared.many else [value]) if value else []:
            if declared.vocabulary and (one := around.words.term(declared.vocabulary, code)):
                yield {
                    "id": made_id("attribute", owner, name, code),
                    "link_id": owner,
                    "link_entity": entity,
                    "link_type": name,
                    "taxonomy_term_id": term_id(one.vocabulary, one.code),
                    "taxonomy_term": taxonomy_term(one, around),
                    "label": declared.title,
                }


def taxonomy(vocabulary: Vocabulary, around: Around) -> dict[str, Any]:
    """Tell a vocabulary."""
    return {
        "id": taxonomy_id(vocabulary.name),
        "name": vocabulary.title,
        "description": vocabulary.description,
        "uri": f"{around.base_url}/vocabularies/{vocabulary.name}",
        "version": vocabulary.version,
    }


def taxonomy_term(term: Term, around: Around) -> dict[str, Any]:
    """Tell a term; where no definition is known, its description is its label."""
    above = around.words.vocabularies[term.vocabulary].broader_in or term.vocabulary
    return _stated(
        {
            "id": term_id(term.vocabulary, term.code),
            "code": term.code,
            "name": term.label,
            "description": term.definition or term.label,
            "parent_id": term_id(above, term.broader) if term.broader else None,
            "taxonomy": around.words.vocabularies[term.vocabulary].title,
            "taxonomy_id": taxonomy_id(term.vocabulary),
            "language": "en",
        }
    )


def taxonomies_told(words: Vocabularies) -> list[Vocabulary]:
    """Return the vocabularies whose terms stand on entries, and those of terms above them."""
    names: dict[str, None] = {}
    for kind in KINDS.values():
        for declared in in_taxonomies(kind).values():
            names[declared.vocabulary or ""] = None
    above = (words.vocabularies[n].broader_in for n in names if n in words.vocabularies)
    return [
        words.vocabularies[name]
        for name in (*names, *(a for a in above if a and a not in names))
        if name in words.vocabularies
    ]


def terms_told(words: Vocabularies) -> Iterable[Term]:
    """Yield every term of those vocabularies."""
    for vocabulary in taxonomies_told(words):
        yield from words.of(vocabulary.name).values()
