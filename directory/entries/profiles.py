"""What an entry holds: every field of every kind, declared once.

A line carries name, type, markers, title and help; see `entries/fields.py` for the words.
The lists follow what users of such catalogues ask for: a government officer's and an NGO's
first questions are marked with `Answers`. A value that no source states is None, never a guess.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlmodel import SQLModel

from directory.entries.fields import (
    Ages,
    Amount,
    Answers,
    Code,
    Email,
    Facet,
    Hours,
    Line,
    Ours,
    Phrase,
    Private,
    Reach,
    Reference,
    RequiredToPublish,
    Searchable,
    Section,
    Slug,
    Text,
    Url,
    Vocabulary,
    Widget,
    WrittenIn,
    many,
    one,
    part,
)
from directory.languages import gettext

WHAT, WHO, HOW, COST, GET, PEOPLE, WHERE, RESULTS, STANDS, DESK = Section
Required = RequiredToPublish()
Deadline, Fee, Contact = Ages("deadline"), Ages("fee"), Ages("contact")


class Part(BaseModel):
    """A structured value inside a profile."""

    model_config = ConfigDict(extra="forbid")


class Involvement(Part):
    """An organisation and the role it plays."""

    organisation: Annotated[Slug, Reference("organisation", "organisation")] = part(
        "Organisation", "The short name in the web address of the organisation."
    )
    role: Annotated[Code, Vocabulary("roles")] = part("Role", "What the organisation does here.")


class Identifier(Part):
    """The name of an organisation in another register, such as ROR or Wikidata."""

    scheme: Annotated[Code, Vocabulary("identifier-schemes")] = part("Register", "Which register.")
    value: Line = part("Identifier", "The identifier, as the register writes it.")


class Track(Part):
    """A way to take part in a run, with its own deadline, fee and recognition."""

    title: Line | None = one("Track", "Such as certificate track or audit track.")
    application_deadline: date | None = one(
        "Apply by", "Last day to apply, in the zone of the run."
    )
    scholarship_deadline: date | None = one(
        "Apply for a scholarship by", "Last day to ask for support; often earlier."
    )
    cost_amount: Amount | None = one("Fee", "Amount only.", ge=0, max_digits=12, decimal_places=2)
    cost_currency: Annotated[Code | None, Vocabulary("currencies")] = one(
        "Currency", "Three letters, such as CHF (ISO 4217)."
    )
    recognition: Annotated[Code | None, Vocabulary("recognitions")] = one(
        "Recognition", "What a participant leaves with."
    )


class Run(Part):
    """One dated edition of a training."""

    label: Line | None = one("Name of the run", "Such as 2026 cohort.")
    start: date | None = one("Starts on", "First day.")
    end: date | None = one("Ends on", "Last day.")
    time_zone: Line | None = one(
        "Time zone", "Such as Europe/Zurich; leave empty when it is not known."
    )
    place: Line | None = one("Place or platform", "City and venue, or the name of the platform.")
    places: int | None = one("Places", "How many can take part.", ge=1, le=1_000_000)
    cancelled: bool = Field(False, title="Cancelled")
    tracks: list[Track] | None = many("Tracks", "Ways to take part, each with its own deadline.")

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "Run":
        if self.start and self.end and self.end < self.start:
            raise ValueError(gettext("The run ends before it starts."))
        return self


class Profile(SQLModel):
    """What all kinds share. An empty text or an empty list means: not stated."""

    model_config = ConfigDict(extra="forbid")  # type: ignore[assignment]

    summary: Annotated[Text | None, WHAT, Required, Searchable("summary"), Widget("text")] = one(
        "In one sentence", "What it is and for whom, in plain words of our own."
    )
    aliases: Annotated[list[Line] | None, WHAT, Searchable("alias")] = many(
        "Other names", "Other names and spellings people may search for, one a line."
    )
    description: Annotated[Text | None, WHAT, Searchable("text"), Widget("text")] = one(
        "Description", "What a reader should know beyond the first sentence, in our own words."
    )
    text_language: Annotated[Code | None, WHAT, Ours(), Vocabulary("languages"), WrittenIn()] = one(
        "Language of the text",
        "The language in which the sentences of this entry are written. Leave it empty for English.",
    )
    policy_areas: Annotated[
        list[Code] | None, STANDS, Required, Vocabulary("policy-areas"), Facet("policy_area")
    ] = many("Policy areas", "The topics of digital policy it belongs to.")
    action_lines: Annotated[
        list[Code] | None, STANDS, Required, Vocabulary("action-lines"), Facet("action_line")
    ] = many("WSIS action lines", "Which action lines it serves; say why with each.")
    sdgs: Annotated[list[Code] | None, STANDS, Vocabulary("sdgs"), Facet("sdg")] = many(
        "Sustainable Development Goals", "Only goals that a source names for it."
    )
    gdc_objectives: Annotated[
        list[Code] | None, STANDS, Vocabulary("gdc-objectives"), Facet("gdc")
    ] = many("Global Digital Compact", "Only objectives that a source names for it.")
    ict_security_pillars: Annotated[list[Code] | None, STANDS, Vocabulary("pillars")] = many(
        "UN framework on ICT security", "Which parts of the framework it works on."
    )
    cross_cutting: Annotated[list[Code] | None, STANDS, Vocabulary("cross-cutting")] = many(
        "Human rights and gender equality", "Tick only what a source says it works for."
    )
    results: Annotated[Text | None, RESULTS, Searchable("text"), Widget("text")] = one(
        "Results and figures", "What came of it: figures with their year, evaluations."
    )
    website: Annotated[Url | None, GET, Required, Contact] = one(
        "Website", "The official page, starting with https://."
    )
    contact_email: Annotated[Email | None, GET, Contact] = one(
        "Contact address", "An office mailbox, never the address of a person."
    )
    curator_note: Annotated[Text | None, DESK, Private(), Ours(), Widget("text")] = one(
        "Note for curators", "Shown to signed-in curators only."
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_stated(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {k: None if v == "" or v == [] else v for k, v in data.items()}


class OrganisationProfile(Profile):
    """An organisation that offers, carries or works on something."""

    name: Annotated[Line | None, WHAT, Required, Searchable("name")] = one(
        "Name", "The name as the organisation writes it."
    )
    acronym: Annotated[Line | None, WHAT, Searchable("name")] = one(
        "Acronym", "The short form people use, such as GCSP."
    )
    organisation_type: Annotated[
        Code | None,
        WHAT,
        Required,
        Vocabulary("organisation-types"),
        Facet("organisation_type"),
        Answers("What kind of organisation", 1),
    ] = one("Type of organisation", "Its stakeholder group.")
    legal_form: Annotated[
        Line | None, WHAT, Phrase(), Searchable("text"), Answers("Is it neutral", 2)
    ] = one(
        "Legal form and neutrality", "Such as foundation under Swiss law, independent, neutral."
    )
    founded_year: Annotated[int | None, WHAT] = one("Founded", "Year.", ge=1500, le=2100)
    listed_as: Annotated[Code | None, WHAT, Ours(), Vocabulary("listings")] = one(
        "Listed because", "Whether it has a profile here, or is only named by others."
    )
    audiences: Annotated[
        list[Code] | None,
        WHO,
        Vocabulary("audiences"),
        Facet("audience"),
        Answers("Whom it works for", 3),
    ] = many("Whom it works for", "The groups it serves.")
    who_may_ask: Annotated[
        Text | None, WHO, Required, Widget("text"), Answers("Who may ask for help", 4)
    ] = one("Who may ask", "Governments only, NGOs, anyone.")
    services: Annotated[
        list[Code] | None, HOW, Vocabulary("training-kinds"), Answers("What it offers", 5)
    ] = many("What it offers", "The kinds of training and help it gives.")
    languages: Annotated[
        list[Code] | None,
        HOW,
        Required,
        Vocabulary("languages"),
        Facet("language"),
        Answers("In which languages it works", 7),
    ] = many("Languages of work", "Only languages that a source names.")
    funding: Annotated[Text | None, COST, Searchable("text"), Widget("text")] = one(
        "Funding", "Who pays for it: donations, members, governments."
    )
    how_to_ask: Annotated[
        Text | None, GET, Required, Contact, Widget("text"), Answers("How to ask", 8)
    ] = one("How to ask", "The page, form or office mailbox to write to.")
    channels: Annotated[list[Line] | None, GET, Contact] = many(
        "Channels", "Its social media and newsletters, one a line."
    )
    relations: Annotated[list[Involvement] | None, PEOPLE, Reference("organisation", "related")] = (
        many("Related organisations", "Who runs, hosts, founded or funds it.")
    )
    headquarters_city: Annotated[Line | None, WHERE, Searchable("text")] = one(
        "Seat: city", "City of the head office."
    )
    headquarters_country: Annotated[
        Code | None,
        WHERE,
        Required,
        Vocabulary("countries"),
        Facet("country"),
        Answers("Where its seat is", 6),
    ] = one("Seat: country", "Country of the head office.")
    office_countries: Annotated[list[Code] | None, WHERE, Vocabulary("countries")] = many(
        "Other offices", "Countries with an office."
    )
    countries_served: Annotated[
        list[Code] | None, WHERE, Vocabulary("countries"), Facet("country"), Reach()
    ] = many("Countries served", "Countries that a source names.")
    regions_served: Annotated[
        list[Code] | None, WHERE, Required, Vocabulary("regions"), Facet("region"), Reach()
    ] = many("Regions served", "Regions that a source names; World when it says global.")
    identifiers: Annotated[list[Identifier] | None, STANDS] = many(
        "Identifiers elsewhere", "Its names in ROR, IATI or Wikidata."
    )


class ProgrammeProfile(Profile):
    """An umbrella: programme, project, platform, event series, working group, network."""

    title: Annotated[Line | None, WHAT, Required, Searchable("name")] = one(
        "Title", "The title as its organisation writes it."
    )
    acronym: Annotated[Line | None, WHAT, Searchable("name")] = one(
        "Acronym", "The short form people use."
    )
    descriptive_title: Annotated[bool | None, WHAT, Ours()] = one(
        "The title is ours", "Yes when the source gives no title and this one describes it."
    )
    programme_kind: Annotated[
        Code | None, WHAT, Required, Vocabulary("programme-kinds"), Facet("programme_kind")
    ] = one("Kind of programme", "The closest kind.")
    purpose: Annotated[
        Text | None,
        WHAT,
        Required,
        Searchable("text"),
        Widget("text"),
        Answers("What it is for", 1),
    ] = one("Purpose", "The change it seeks.")
    audiences: Annotated[
        list[Code] | None,
        WHO,
        Required,
        Vocabulary("audiences"),
        Facet("audience"),
        Answers("Who it is for", 2),
    ] = many("Who it is for", "The groups it addresses.")
    languages: Annotated[
        list[Code] | None,
        HOW,
        Vocabulary("languages"),
        Facet("language"),
        Answers("In which languages", 6),
    ] = many("Languages", "Only languages that a source names.")
    taking_part: Annotated[
        Text | None,
        GET,
        Contact,
        Searchable("text"),
        Widget("text"),
        Answers("How to take part", 5),
    ] = one("How to take part", "Calls, membership, events, a mailbox.")
    organisations: Annotated[
        list[Involvement] | None, PEOPLE, Required, Reference("organisation", "organisation")
    ] = many("Organisations", "Who leads, takes part, hosts or funds.")
    part_of: Annotated[Slug | None, PEOPLE, Reference("programme", "part_of")] = one(
        "Part of", "The larger programme it belongs to."
    )
    status: Annotated[
        Code | None, WHERE, Required, Vocabulary("programme-statuses"), Answers("Is it running", 3)
    ] = one("Status", "As far as a source says.")
    start_year: Annotated[int | None, WHERE, Required] = one("Since", "Year.", ge=1800, le=2100)
    end_year: Annotated[int | None, WHERE] = one("Until", "Year.", ge=1800, le=2100)
    countries: Annotated[
        list[Code] | None,
        WHERE,
        Vocabulary("countries"),
        Facet("country"),
        Reach(or_place=True),
        Answers("Where", 4),
    ] = many("Countries", "Countries that a source names.")
    regions: Annotated[
        list[Code] | None, WHERE, Vocabulary("regions"), Facet("region"), Reach()
    ] = many("Regions", "Regions that a source names; World when it says global.")
    principles: Annotated[list[Code] | None, STANDS, Vocabulary("principles")] = many(
        "Capacity-building principles", "Principles of A/75/816 that it claims, with evidence."
    )


class TrainingProfile(Profile):
    """Anything a person or institution can take up, dated or on request."""

    title: Annotated[Line | None, WHAT, Required, Searchable("name")] = one(
        "Title", "The title as its provider writes it."
    )
    acronym: Annotated[Line | None, WHAT, Searchable("name")] = one(
        "Acronym", "The short form people use, such as GCSA."
    )
    descriptive_title: Annotated[bool | None, WHAT, Ours()] = one(
        "The title is ours", "Yes when the source gives no title and this one describes it."
    )
    training_kind: Annotated[
        Code | None, WHAT, Required, Vocabulary("training-kinds"), Facet("training_kind")
    ] = one("Kind of offer", "The closest kind.")
    topics: Annotated[Text | None, WHAT, Searchable("text"), Widget("text")] = one(
        "What it covers", "Modules and topics."
    )
    outcomes: Annotated[Text | None, WHAT, Searchable("text"), Widget("text")] = one(
        "What one learns", "What a participant can do afterwards."
    )
    audiences: Annotated[
        list[Code] | None,
        WHO,
        Required,
        Vocabulary("audiences"),
        Facet("audience"),
        Answers("Who can take part", 1),
    ] = many("Who it is for", "The groups it addresses.")
    eligibility: Annotated[
        Text | None,
        WHO,
        Required,
        Searchable("text"),
        Widget("text"),
        Answers("Who is eligible", 2),
    ] = one("Who is eligible", "Nationality, sector, nomination, age: what a source says.")
    level: Annotated[Code | None, WHO, Required, Vocabulary("levels"), Facet("level")] = one(
        "Level", "Introductory, intermediate or advanced."
    )
    prerequisites: Annotated[Text | None, WHO, Widget("text")] = one(
        "What one needs to know before", "Knowledge or courses asked for."
    )
    mode: Annotated[
        Code | None, HOW, Required, Vocabulary("modes"), Facet("mode"), Answers("Where and how", 5)
    ] = one("Mode", "Online, in person or both.")
    languages: Annotated[
        list[Code] | None,
        HOW,
        Required,
        Vocabulary("languages"),
        Facet("language"),
        Answers("In which language", 6),
    ] = many("Languages of teaching", "Only languages that a source names.")
    other_languages: Annotated[list[Code] | None, HOW, Vocabulary("languages")] = many(
        "Interpretation or subtitles", "Further languages, by interpretation or subtitles."
    )
    duration: Annotated[Line | None, HOW, Phrase(), Answers("How long", 7)] = one(
        "Length", "Such as 8 weeks, 2 days or 20 minutes."
    )
    workload_hours: Annotated[Hours | None, HOW] = one(
        "Hours in all", "Hours of work for a participant.", ge=0, max_digits=7, decimal_places=1
    )
    workload_hours_per_week: Annotated[Hours | None, HOW] = one(
        "Hours a week", "Hours of work a week.", ge=0, le=168, max_digits=4, decimal_places=1
    )
    technical_needs: Annotated[Text | None, HOW, Required, Widget("text")] = one(
        "What one needs", "Device, bandwidth, offline use."
    )
    accessibility: Annotated[Text | None, HOW, Required, Widget("text")] = one(
        "Accessibility", "What is done for people with disabilities."
    )
    recognition: Annotated[
        Code | None,
        HOW,
        Required,
        Vocabulary("recognitions"),
        Facet("recognition"),
        Answers("What you leave with", 8),
    ] = one("Recognition", "Certificate, credit or degree.")
    licence: Annotated[Line | None, HOW, Phrase()] = one(
        "May the material be reused", "Licence or terms of the material."
    )
    train_the_trainer: Annotated[bool | None, HOW] = one(
        "Trains trainers", "Yes when participants are prepared to teach others."
    )
    cost: Annotated[
        Code | None,
        COST,
        Required,
        Fee,
        Vocabulary("costs"),
        Facet("cost"),
        Answers("What it costs", 3),
    ] = one("Cost", "Free, fee, or fee with scholarships.")
    cost_amount: Annotated[Amount | None, COST, Fee] = one(
        "Fee", "Amount only.", ge=0, max_digits=12, decimal_places=2
    )
    cost_currency: Annotated[Code | None, COST, Fee, Vocabulary("currencies")] = one(
        "Currency", "Three letters, such as CHF (ISO 4217)."
    )
    cost_includes: Annotated[Text | None, COST, Fee, Widget("text")] = one(
        "What the cost includes", "Teaching, travel, meals, certificate."
    )
    scholarships: Annotated[
        Text | None, COST, Required, Fee, Searchable("text"), Widget("text")
    ] = one("Scholarships and travel support", "Who gets what, and by when to ask.")
    admission: Annotated[
        Code | None, GET, Required, Contact, Vocabulary("admissions"), Facet("admission")
    ] = one("How one gets in", "Open, selection, nomination, invitation or on request.")
    apply_url: Annotated[Url | None, GET, Required, Contact] = one(
        "Where to apply", "The page with the form, starting with https://."
    )
    how_to_get: Annotated[Text | None, GET, Contact, Searchable("text"), Widget("text")] = one(
        "How to get it", "The steps, for offers without a form."
    )
    on_request: Annotated[bool | None, GET] = one(
        "Can be tailored", "Yes when the provider builds it to a request."
    )
    providers: Annotated[
        list[Slug] | None,
        PEOPLE,
        Required,
        Reference("organisation", "provider"),
        Facet("provider"),
    ] = many("Providers", "The organisations that give it.")
    organisations: Annotated[
        list[Involvement] | None, PEOPLE, Reference("organisation", "organisation")
    ] = many("Other organisations", "Partners, funders, hosts and issuers of the certificate.")
    programme: Annotated[Slug | None, PEOPLE, Reference("programme", "programme")] = one(
        "Programme", "The programme it is part of."
    )
    availability: Annotated[
        Code | None,
        WHERE,
        Required,
        Vocabulary("availabilities"),
        Facet("availability"),
        Answers("When it starts, when it closes", 4),
    ] = one("Availability", "Dated, any time, on request or past.")
    countries: Annotated[
        list[Code] | None,
        WHERE,
        Vocabulary("countries"),
        Facet("country"),
        Reach(or_place=True),
    ] = many("Countries", "Where it takes place or for whom, as a source says.")
    regions: Annotated[
        list[Code] | None, WHERE, Vocabulary("regions"), Facet("region"), Reach()
    ] = many("Regions", "Regions that a source names; World when it says global.")
    runs: Annotated[list[Run] | None, WHERE, Deadline, Widget("runs")] = many(
        "Dates", "Each dated run with its place, zone and tracks."
    )
    capabilities: Annotated[
        list[Code] | None, STANDS, Vocabulary("capabilities"), Facet("capability")
    ] = many("Capability it builds", "The foundational cyber capability it serves.")
    principles: Annotated[list[Code] | None, STANDS, Vocabulary("principles")] = many(
        "Capacity-building principles", "Principles of A/75/816 that it claims, with evidence."
    )
