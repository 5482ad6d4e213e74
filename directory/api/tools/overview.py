"""What the catalogue holds, how fresh it is, what is missing, and how to cite it."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from directory.api.tools.base import (
    Answer,
    Arguments,
    Catalogue,
    Schema,
    Tool,
    only,
    refuse_others,
)
from directory.api.v1.search import VALUES, CountedValue
from directory.db import now
from directory.entries.kinds import KINDS, Kind
from directory.entries.queries import newest
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.insights.query import ROWS
from directory.languages import day, marked
from directory.search.query import FACETS, YES, SearchQuery
from directory.search.results import Results
from directory.sources.queries import list_sources

COUNTED = ("kind", *ROWS, "language")
"""The filters whose values tell best what there is; the search counts the others."""

HOW_TO_READ = (
    "A value that is null is stated by no source: it is not known, which is neither yes nor no.",
    "Every value comes with claims: stated, derived (our reading), contradicted, or confirmed.",
    "A listing is no recommendation. Few entries under a topic may be a gap in our reading.",
)


class Unstated(BaseModel):
    """How many entries of a kind do not state what a filter asks."""

    filter: str = Field(description="The parameter of the search.")
    title: str = Field(description="What it asks.")
    not_stated: int = Field(description="How many entries of the kind no source says it of.")


class KindOverview(BaseModel):
    """What there is of one kind."""

    kind: str = Field(description="Its name in parameters.")
    title: str = Field(description="Its name for people.")
    count: int = Field(description="How many are published.")
    not_stated: list[Unstated] = Field(description="What is missing, what is missing most first.")


class CitedDocument(BaseModel):
    """A source, and how much rests on it."""

    slug: str = Field(description="Its short name, as in the claims.")
    title: str = Field(description="Its title.")
    entries: int = Field(description="How many entries cite it.")


class Freshness(BaseModel):
    """How fresh the entries are."""

    as_of: date = Field(description="The day of this answer.")
    last_change: datetime | None = Field(description="When an entry was last published.")
    open_now: int = Field(description="How many offers take applications today.")
    not_confirmed: int = Field(
        description="How many entries nobody has confirmed in time: check them with the provider."
    )


class Overview(BaseModel):
    """What the catalogue holds."""

    site: str = Field(description="The name of the catalogue.")
    url: str = Field(description="Its address.")
    kinds: list[KindOverview] = Field(description="By kind: how many, and what is not stated.")
    counts: dict[str, list[CountedValue]] = Field(
        description="By filter: its values with the number of entries, the most frequent first."
    )
    freshness: Freshness = Field(description="How fresh it is.")
    sources: list[CitedDocument] = Field(description="The documents that it was read from.")
    how_to_cite: str = Field(description="How to name the catalogue, and an entry, in a text.")
    how_to_read: list[str] = Field(description="What the values mean.")


def _schema(_words: Vocabularies) -> Schema:
    return only()


def _overview(catalogue: Catalogue, arguments: Arguments) -> Answer:
    refuse_others(arguments, only())
    search, today = catalogue.search, now().date()
    whole = search.search(SearchQuery(per_page=1), values=None)
    with catalogue.database.reading() as session:
        last = newest(session, 1)
        sources = list_sources(session)
    found = Overview(
        site=catalogue.settings.site_name,
        url=catalogue.settings.base_url,
        kinds=[_kind(catalogue, kind) for kind in KINDS.values()],
        counts={name: _counted(whole, name) for name in COUNTED},
        freshness=Freshness(
            as_of=today,
            last_change=last[0].updated_at if last else None,
            open_now=next((v.count for v in whole.facets["open"] if v.value == YES), 0),
            not_confirmed=len(search.refresh().facets.stale_on(today)),
        ),
        sources=[
            CitedDocument(slug=s.source.slug, title=s.source.title, entries=s.entries)
            for s in sources
            if s.entries
        ],
        how_to_cite=(
            f"{catalogue.settings.site_name}, {catalogue.settings.base_url}, read on {day(today)}. "
            "Name an entry with the text that the tool entry gives, and its source with the claim."
        ),
        how_to_read=list(HOW_TO_READ),
    )
    return Answer(found, _words(found))


def _counted(whole: Results, name: str) -> list[CountedValue]:
    some = [v for v in whole.facets[name] if v.count][:VALUES]
    return [CountedValue(value=v.value, label=v.label, count=v.count) for v in some]


def _kind(catalogue: Catalogue, kind: Kind) -> KindOverview:
    query = SearchQuery(filters={"kind": (kind.name,)}, per_page=1)
    results = catalogue.search.search(query, values=None)
    unstated = [
        Unstated(filter=name, title=FACETS[name].title, not_stated=value.count)
        for name, values in results.facets.items()
        if kind.name in FACETS[name].fields
        for value in values
        if value.value == NOT_STATED and value.count
    ]
    return KindOverview(
        kind=kind.name,
        title=kind.plural,
        count=results.total,
        not_stated=sorted(unstated, key=lambda u: -u.not_stated),
    )


def _words(found: Overview) -> str:
    kinds = ", ".join(f"{k.count:,} {k.title.lower()}" for k in found.kinds)
    fresh = found.freshness
    changed = f"last changed on {day(fresh.last_change)}" if fresh.last_change else "still empty"
    lines = [
        f"{found.site} ({found.url}) holds {kinds}, read from {len(found.sources)} documents, "
        f"{changed}. Taking applications now: {fresh.open_now:,}. Not confirmed lately: "
        f"{fresh.not_confirmed:,}."
    ]
    for name, values in found.counts.items():
        said = ", ".join(f"{v.label} [{v.value}] {v.count:,}" for v in values)
        lines.append(f"By filter {name}: {said or 'nothing yet'}.")
    for kind in found.kinds:
        said = ", ".join(f"{u.title.lower()} {u.not_stated:,}" for u in kind.not_stated)
        if said:
            lines.append(f"Not stated, of {kind.count:,} {kind.title.lower()}: {said}.")
    return "\n".join([*lines, *found.how_to_read, f"Cite as: {found.how_to_cite}"])


OVERVIEW = Tool(
    name="overview",
    title=marked("What the catalogue holds"),
    description=marked(
        "Start here. Says what the catalogue holds by kind, action line, policy area and "
        "language, how fresh it is, what is not stated, how to read the values and how to cite "
        "them. The codes in it are those that the tools search and match take."
    ),
    takes=_schema,
    gives=Overview,
    run=_overview,
)
