"""How the fields of an entry are said in the words of schema.org: the one table.

A property stands only where schema.org has it for a type of that family (schema.org, the page of
the type). What has no word there is named with the reason, never forced into another property.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from directory.exports import schema_values as values
from directory.exports.schema_values import Write

TYPES: dict[str, tuple[str, dict[str, str]]] = {
    "organisation": (
        "Organization",
        {
            "government": "GovernmentOrganization",
            "civil-society": "NGO",
            # An association of companies is no corporation, and an institute may be no university;
            # a body of states is no organisation of a government.
            "private-sector": "Organization",
            "international-organisation": "Organization",
            "technical-community": "Organization",
            "academia": "Organization",
            "youth-and-others": "Organization",
        },
    ),
    "programme": (
        "Project",
        {
            "programme": "Project",
            "project": "Project",
            "initiative": "Project",
            "platform-tool": "CreativeWork",
            "event-series": "EventSeries",
            "working-group": "Organization",
            "publication-series": "CreativeWorkSeries",
            "network": "Organization",
            "competition": "Event",
        },
    ),
    "training": (
        "Course",
        {
            "course": "Course",
            "mooc": "Course",
            "degree": "Course",
            "workshop": "Course",
            "training-programme": "Course",
            "on-demand-training": "Course",
            "webinar-briefing": "EducationEvent",
            "simulation-exercise": "EducationEvent",
            "student-competition": "EducationEvent",
            "dialogue-forum": "EducationEvent",
            "e-learning-platform": "LearningResource",
            "self-assessment": "LearningResource",
            "toolkit-guide": "LearningResource",
            "fellowship": "Service",
            "mentoring": "Service",
            "advisory-service": "Service",
            "volunteer-matching": "Service",
            "research-grant-call": "Service",
        },
    ),
}
"""By kind: the type of an entry that does not say more, and the type for each code of its kind."""

FAMILIES: dict[str, str] = {
    "Organization": "organisation",
    "GovernmentOrganization": "organisation",
    "EducationalOrganization": "organisation",
    "NGO": "organisation",
    "Project": "project",
    "CreativeWork": "work",
    "CreativeWorkSeries": "series",
    "LearningResource": "learning",
    "Course": "course",
    "Event": "event",
    "EventSeries": "event",
    "EducationEvent": "education",
    "Service": "service",
}
ABOVE = {
    "project": "organisation",
    "series": "work",
    "learning": "work",
    "course": "learning",
    "education": "event",
}
"""What a family has besides its own properties: those of the family above it."""

INSTANCE = "instance."
"""Before a property that every dated run of a course has."""


@dataclass(frozen=True)
class To:
    """A field becomes this property of each family, its values written in this way."""

    write: Write
    properties: Mapping[str, str]

    def property(self, family: str | None) -> str | None:
        """Return the property for a family, its own or that of a family above; else None."""
        while family and family not in self.properties:
            family = ABOVE.get(family)
        return self.properties[family] if family else None


@dataclass(frozen=True)
class Roles:
    """A field names organisations, each by its role; a role is a property of its own."""

    properties: Mapping[str, Mapping[str, str]]

    def property(self, family: str | None, role: str) -> str | None:
        """Return the property for a role in a family, or None where schema.org has no word."""
        by_role = To(values.plain, self.properties.get(role, {}))
        return by_role.property(family)


@dataclass(frozen=True)
class Left:
    """A field is not said, for this reason."""

    reason: str


def _to(write: Write, **properties: str) -> To:
    return To(write, properties)


def _all(write: Write, name: str) -> To:
    return To(write, dict.fromkeys(("organisation", "work", "event", "service"), name))


def _work_event(write: Write, work: str, event: str | None = None) -> To:
    return To(write, {"work": work, "event": event or work})


def _offer(part: str) -> To:
    return _to(values.offer(part), work="offers", event="offers", service="offers")


_MEMBER = {"project": "member"}
_WORKS_WITH = {"work": "contributor", "event": "contributor", **_MEMBER}
_LEADS = {"work": "provider", "event": "organizer", "service": "provider", **_MEMBER}
_ROLES = Roles(
    {
        "lead": _LEADS,
        "co-lead": _LEADS,
        "operator": _LEADS,
        "partner": _WORKS_WITH,
        "participant": _WORKS_WITH,
        "secretariat": _WORKS_WITH,
        "host": {"work": "contributor", "event": "contributor"},
        "supporter": {"work": "contributor", "event": "contributor"},
        "issuer": {"work": "contributor", "event": "contributor"},
        "funder": {"organisation": "funder", "work": "funder", "event": "funder"},
        "founder": {"organisation": "founder", "work": "creator"},
        "publisher": {"work": "publisher"},
        "member": {"organisation": "member", "work": "contributor", "event": "contributor"},
        "member-of": {"organisation": "memberOf"},
        "parent": {"organisation": "parentOrganization"},
    }
)
_DESCRIPTION = _all(values.plain, "description")
_FREE_TEXT = "it says whom or what in free text, for which schema.org has no property"
_ABOUT = To(
    values.alignments,
    {
        "organisation": "knowsAbout",
        "work": "about",
        "learning": "educationalAlignment",
        "event": "about",
    },
)

FIELDS: dict[str, To | Roles | Left | tuple[To, ...]] = {
    "name": _all(values.plain, "name"),
    "title": _all(values.plain, "name"),
    "acronym": _all(values.plain, "alternateName"),
    "aliases": _all(values.plain, "alternateName"),
    "summary": _DESCRIPTION,
    "description": _DESCRIPTION,
    "purpose": _DESCRIPTION,
    "topics": _DESCRIPTION,
    "policy_areas": To(
        values.terms, {"organisation": "knowsAbout", "work": "about", "event": "about"}
    ),
    "action_lines": _ABOUT,
    "sdgs": _ABOUT,
    "gdc_objectives": _ABOUT,
    "ict_security_pillars": _ABOUT,
    "cross_cutting": _ABOUT,
    "capabilities": _ABOUT,
    "principles": Left("what an offer claims to follow is not what it is about"),
    "results": Left("figures with their year in free text; schema.org has no property for them"),
    "website": _all(values.plain, "url"),
    "contact_email": _to(values.plain, organisation="email"),
    "organisation_type": Left("it is the type of the node"),
    "programme_kind": Left("it is the type of the node"),
    "training_kind": (_to(values.labels, learning="learningResourceType", service="serviceType"),),
    "legal_form": Left(_FREE_TEXT),
    "founded_year": _to(values.year, organisation="foundingDate"),
    "listed_as": Left("it is about our list, not about the organisation"),
    "descriptive_title": Left("it is about our work on the entry"),
    "text_language": Left(
        "inLanguage would be the language of the offer, not of our text about it"
    ),
    "audiences": _to(values.audience, work="audience", event="audience", service="audience"),
    "eligibility": _to(
        values.audience_words, work="audience", event="audience", service="audience"
    ),
    "who_may_ask": Left(_FREE_TEXT),
    "how_to_ask": _to(values.contact_words, organisation="contactPoint"),
    "channels": _all(values.web_addresses, "sameAs"),
    "services": _to(values.makes_offer, organisation="makesOffer"),
    "languages": To(
        values.plain,
        {"organisation": "knowsLanguage", "work": "inLanguage", "event": "inLanguage"},
    ),
    "other_languages": _to(values.plain, course="availableLanguage"),
    "funding": Left("who pays, in free text; schema.org wants a grant with its sum"),
    "relations": _ROLES,
    "organisations": _ROLES,
    "headquarters_city": _to(values.city, organisation="address"),
    "headquarters_country": _to(values.seat, organisation="address"),
    "office_countries": _to(values.countries, organisation="location"),
    "countries_served": _to(values.countries, organisation="areaServed"),
    "regions_served": _to(values.regions, organisation="areaServed"),
    # For a training, a country may be where it takes place or for whom it is.
    "countries": _to(
        values.countries, project="areaServed", work="spatialCoverage", service="areaServed"
    ),
    "regions": _to(
        values.regions, organisation="areaServed", work="spatialCoverage", service="areaServed"
    ),
    "identifiers": (
        _to(values.known_addresses, organisation="sameAs"),
        _to(values.other_identifiers, organisation="identifier"),
    ),
    "taking_part": _to(values.plain, work="conditionsOfAccess"),
    "part_of": _to(
        values.reference, organisation="parentOrganization", work="isPartOf", event="superEvent"
    ),
    "programme": _to(values.reference, work="isPartOf", event="superEvent"),
    "status": _to(values.labels, work="creativeWorkStatus"),
    "start_year": _to(
        values.year,
        organisation="foundingDate",
        work="dateCreated",
        series="startDate",
        event="startDate",
    ),
    "end_year": _to(values.year, organisation="dissolutionDate", series="endDate", event="endDate"),
    "level": _to(values.labels, learning="educationalLevel", education="educationalLevel"),
    "prerequisites": _to(values.plain, course="coursePrerequisites"),
    "outcomes": _to(values.plain, learning="teaches", education="teaches"),
    "mode": (
        _to(values.mode, course=f"{INSTANCE}courseMode"),
        _to(values.attendance, event="eventAttendanceMode"),
    ),
    "duration": _to(values.duration, learning="timeRequired", event="duration"),
    "workload_hours": _to(values.hours, course=f"{INSTANCE}courseWorkload"),
    "workload_hours_per_week": _to(values.weekly_hours, course=f"{INSTANCE}courseWorkload"),
    "technical_needs": Left("device and bandwidth are requirements of software in schema.org"),
    "accessibility": _to(values.plain, work="accessibilitySummary"),
    "recognition": _to(values.credential, course="educationalCredentialAwarded"),
    "licence": _to(values.licence, work="license"),
    "train_the_trainer": Left("schema.org has no property for it"),
    "cost": (
        _work_event(values.is_free, "isAccessibleForFree"),
        _offer("category"),
    ),
    "cost_amount": _offer("price"),
    "cost_currency": _offer("priceCurrency"),
    "cost_includes": _offer("description"),
    "scholarships": _offer("description"),
    "apply_url": _offer("url"),
    "admission": _to(values.labels, work="conditionsOfAccess"),
    "how_to_get": _offer("description"),
    "on_request": Left("schema.org has no property for it"),
    "providers": To(
        values.reference, {"work": "provider", "event": "organizer", "service": "provider"}
    ),
    "availability": Left("the dates of the runs say it; without dates there is no word for it"),
    "runs": _to(values.runs, course="hasCourseInstance", event="subEvent"),
}
"""By name of a field, whatever its kind."""


def type_of(kind: str, profile: Mapping[str, object], kind_field: str) -> str:
    """Return the type of an entry; a school is one when it says that it gives degrees."""
    general, by_code = TYPES[kind]
    services = profile.get("services")
    if profile.get(kind_field) == "academia" and isinstance(services, list):
        return "EducationalOrganization" if "degree" in services else general
    return by_code.get(str(profile.get(kind_field)), general)
