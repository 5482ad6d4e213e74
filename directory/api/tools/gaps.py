"""Where nothing is offered, and where nobody knows."""

from datetime import date

from pydantic import BaseModel, Field

from directory.api.tools.base import (
    WRONG,
    Answer,
    Arguments,
    Catalogue,
    Schema,
    Tool,
    only,
    refuse_others,
    texts,
)
from directory.api.v1.search import CountedValue
from directory.db import now
from directory.entries.kinds import KINDS
from directory.entries.vocabularies import Vocabularies
from directory.errors import Invalid
from directory.insights.gaps import GapMap, Row, gap_map
from directory.insights.query import ROWS, GapQuery, columns_of
from directory.languages import marked

MOST = 20
"""So many gaps are named, those of the fullest topics first; the table tells all."""


class Topic(BaseModel):
    """One row: a topic, and how much is known of it."""

    value: str = Field(description="Its code, or not-stated.")
    label: str = Field(description="Its label.")
    count: int = Field(description="How many entries have it.")
    not_stated: int = Field(description="How many of these do not state the value of the columns.")
    confidence: str = Field(description="How far the counts can be taken for the whole.")
    checked_on: date | None = Field(
        description="When the claims were last checked: the middle one of their dates."
    )
    counts: dict[str, int] = Field(
        description="By value of the columns: how many; a value that is left out has none."
    )
    url: str = Field(description="The search that shows them, below the address of the site.")


class Gap(BaseModel):
    """An empty cell of a topic that is well known."""

    topic: str = Field(description="The label of the topic.")
    value: str = Field(description="The label of the value that no entry of the topic states.")
    url: str = Field(description="The search that finds nothing, below the address of the site.")


class FoundGaps(BaseModel):
    """The gap map, and what stands out in it."""

    kind: str = Field(description="Which entries were counted.")
    rows: str = Field(description="Which topics are the rows.")
    by: str = Field(description="Which filter gives the columns.")
    total: int = Field(description="How many entries there are.")
    not_stated: int = Field(description="How many of them do not state the value of the columns.")
    empty: list[str] = Field(description="Topics under which nothing is listed.")
    gaps: list[Gap] = Field(
        description="Empty cells of topics that are well known: the most likely real gaps."
    )
    nowhere: list[str] = Field(description="Values that no entry states at all.")
    columns: list[CountedValue] = Field(description="The values, with their counts.")
    topics: list[Topic] = Field(description="The table, row by row.")
    url: str = Field(description="The page with the map, below the address of the site.")


def _schema(_words: Vocabularies) -> Schema:
    defaults = GapQuery()
    columns = dict.fromkeys(name for kind in KINDS.values() for name in columns_of(kind))
    return only(
        kind={
            "type": "string",
            "enum": list(KINDS),
            "default": defaults.kind,
            "description": "Which entries to count.",
        },
        rows={
            "type": "string",
            "enum": list(ROWS),
            "default": defaults.rows,
            "description": "Which topics to set against a filter.",
        },
        by={
            "type": "string",
            "enum": list(columns),
            "default": defaults.by,
            "description": "The filter against which to count. Not every kind has each.",
        },
    )


def _gaps(catalogue: Catalogue, arguments: Arguments) -> Answer:
    known = _schema(catalogue.search.vocabularies)
    refuse_others(arguments, known)
    query = GapQuery.read(texts(arguments))
    if query.repaired:
        allowed = {n: known["properties"][n]["enum"] for n in query.repaired}
        allowed |= {"by": columns_of(KINDS[query.kind])} if "by" in allowed else {}
        said = {n: f"{n} is one of {', '.join(values)}." for n, values in allowed.items()}
        raise Invalid(WRONG, said)
    with catalogue.database.reading() as session:
        found = gap_map(session, catalogue.search.refresh(), query, now().date())
    return Answer(_found(found), _words(catalogue, found))


def _found(found: GapMap) -> FoundGaps:
    return FoundGaps(
        kind=found.query.kind,
        rows=found.query.rows,
        by=found.query.by,
        total=found.total,
        not_stated=found.here.unstated,
        empty=[row.label for row in found.empty],
        gaps=[
            Gap(topic=row.label, value=cell.column.label, url=cell.url)
            for row, cell in found.gaps[:MOST]
        ],
        nowhere=[column.label for column in found.nowhere],
        columns=[CountedValue(value=c.value, label=c.label, count=c.count) for c in found.columns],
        topics=[_topic(row) for row in found.rows],
        url=found.query.url(),
    )


def _topic(row: Row) -> Topic:
    return Topic(
        value=row.value,
        label=row.label,
        count=row.count,
        not_stated=row.unstated,
        confidence=row.confidence.value,
        checked_on=row.checked,
        counts={cell.column.value: cell.count for cell in row.cells if cell.count},
        url=row.url,
    )


def _words(catalogue: Catalogue, found: GapMap) -> str:
    title, kind = found.here.facet.title, found.kind
    lines = [
        f"{found.total:,} {kind.plural.lower()}; {found.here.unstated:,} do not state "
        f"“{title}”. {catalogue.address(found.query.url())}"
    ]
    if found.empty:
        lines.append(f"Nothing is listed under: {', '.join(row.label for row in found.empty)}.")
    if found.nowhere:
        labels = ", ".join(column.label for column in found.nowhere)
        lines.append(f"No {kind.label.lower()} states: {labels}.")
    lines += [
        f"- {row.label}, {cell.column.label}: none, although the topic is well known"
        for row, cell in found.gaps[:MOST]
    ]
    unknown = [row.label for row in found.topics if row.confidence.name == "UNKNOWN"]
    if unknown:
        lines.append(f"Mostly not stated, so that no gap can be told: {', '.join(unknown)}.")
    return "\n".join(lines)


GAPS = Tool(
    name="gaps",
    title=marked("Find gaps in what is offered"),
    description=marked(
        "Count topics (action lines or policy areas) against one filter, such as audience "
        "or language. An empty cell is a gap only where the topic is well known; where most "
        "entries do not state the value, nobody knows. Say so when you report a gap."
    ),
    takes=_schema,
    gives=FoundGaps,
    run=_gaps,
)
