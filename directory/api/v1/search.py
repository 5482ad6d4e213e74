"""The search of the site, for programs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from litestar import Request, Response, get
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from pydantic import BaseModel, Field

from directory.api.v1.answers import (
    LANGUAGE,
    WRONG_PARAMETER,
    Reading,
    answer,
    given_twice,
    problems,
)
from directory.db import Database, now
from directory.entries.fields import Slug
from directory.entries.kinds import KINDS
from directory.errors import Invalid
from directory.exports.state import state
from directory.languages import SOURCE, languages, reading
from directory.search.budget import Cut
from directory.search.query import (
    DEEPEST_PAGE,
    FACETS,
    MOST_PER_PAGE,
    PER_PAGE,
    SAID_NO,
    SAID_YES,
    SORTS,
    FacetParameter,
    SearchQuery,
    clean,
)
from directory.search.results import Hit, Results
from directory.search.service import SearchService
from directory.search.why import SUMMARY, TITLE
from directory.web.etags import not_modified, tag_for

VALUES = 100
"""So many values of each facet are counted: a program draws its own list from them."""

FREE_TEXT = {"q"}
NAMES = {f.name for f in FACETS.values() if f.fields and not f.vocabulary}
"""The filters whose values are entries rather than codes."""

SLUG: Any = get_args(Slug)[1]


class Piece(BaseModel):
    """A piece of a text."""

    text: str = Field(description="The piece, as it stands in the text.")
    marked: bool = Field(description="Whether it is of what was looked for.")


class Matched(BaseModel):
    """Where the words of the question stand in an entry."""

    name: str = Field(description="The field, or the filter under whose term it is filed.")
    language: str | None = Field(description="The language of the text (BCP 47), where it has one.")
    pieces: list[Piece] = Field(description="The text, or a part of it, cut at what is marked.")


class FoundEntry(BaseModel):
    """One result."""

    kind: Literal[tuple(KINDS)] = Field(description="Its kind.")  # type: ignore[valid-type]
    slug: str = Field(description="Its short name: read it whole at its own address.")
    title: str = Field(description="Its name or title.")
    summary: str | None = Field(description="What it is, in one sentence.")
    url: str = Field(description="Its page, below the address of the site.")
    score: float = Field(description="How well it matches the text; 0 without one.")
    matches: list[Matched] = Field(
        description="Why it was found: marks in title and summary, and at most two other reasons."
    )


class CountedValue(BaseModel):
    """A value to filter by."""

    value: str = Field(description="What to write into the address.")
    label: str = Field(description="What to show.")
    count: int = Field(description="How many results have it, its own facet left aside.")


class FewerFilters(BaseModel):
    """Filters to do without where nothing fits."""

    parameters: list[str] = Field(description="The filters; more than one have to go together.")
    total: int = Field(description="How many results there would be without them.")


class FoundPage(BaseModel):
    """One page of a result."""

    total: int = Field(description="How many results there are on all pages.")
    page: int = Field(description="Which page this is, from 1.")
    per_page: int = Field(description="How many results a page has.")
    pages: int = Field(description="How many pages there are, at least 1.")
    items: list[FoundEntry] = Field(description="The results of this page.")
    facets: dict[str, list[CountedValue]] = Field(
        description="By parameter: its most frequent values."
    )
    corrected: str | None = Field(description="The text we looked for instead, after a typo.")
    relaxed: bool = Field(description="Whether results with only some of the words are among them.")
    cut: list[Cut] = Field(
        description="What was left out because it would have taken too long; mostly nothing."
    )
    drops: list[FewerFilters] = Field(
        description="Where nothing fits: which filters to leave out, and what would be found then."
    )


def _filter(facet: FacetParameter) -> Parameter:
    """Document a filter. Codes of vocabularies are filled in by `api/openapi.py`: they are data."""
    item = Schema(type=OpenAPIType.STRING)
    words = f"{facet.title}. Repeat it for more values: any of them counts."
    if facet.name == "kind":
        item.enum = list(KINDS)
    elif facet.name == "open":
        item.enum = sorted((SAID_YES | SAID_NO) - {""})
        words = "1 for offers that take applications now."
    elif facet.vocabulary:
        words += f" Codes of /api/v1/vocabularies/{facet.vocabulary}, or not-stated."
    else:
        words += " The slug of an organisation."
        item.pattern, item.max_length = SLUG.pattern, SLUG.max_length
    return Parameter(
        name=facet.name,
        param_in="query",
        description=words,
        style="form",
        explode=True,
        schema=Schema(type=OpenAPIType.ARRAY, items=item),
    )


def _number(name: str, words: str, default: int, most: int) -> Parameter:
    schema = Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=most, default=default)
    return Parameter(name=name, param_in="query", description=words, schema=schema)


def search_parameters() -> list[Parameter]:
    """Describe every parameter of a search, from the same declarations that read them."""
    text = Schema(type=OpenAPIType.STRING)
    order = Schema(type=OpenAPIType.STRING, enum=list(SORTS), default="relevance")
    return [
        Parameter(
            name="q",
            param_in="query",
            description="Words to look for; any text is fine.",
            schema=text,
            example="free cybersecurity help",
        ),
        *(_filter(facet) for facet in FACETS.values()),
        Parameter(name="sort", param_in="query", description="The order.", schema=order),
        _number("page", "Which page, from 1.", 1, DEEPEST_PAGE),
        _number("per_page", "How many results on a page.", PER_PAGE, MOST_PER_PAGE),
        Parameter(
            name="lang",
            param_in="query",
            description=LANGUAGE,
            schema=Schema(type=OpenAPIType.STRING, enum=list(languages())),
        ),
    ]


@dataclass
class Searching(Reading):
    """A search, as an operation of the description."""

    def __post_init__(self) -> None:
        """Document every parameter."""
        super().__post_init__()
        self.parameters = [*search_parameters(), *(self.parameters or [])]


def _matches(hit: Hit) -> Iterator[Matched]:
    """Yield where the words stand, title and summary first."""
    card, why = hit.card, hit.why
    if why is None:
        return
    summary = card.summary.language if card.summary else None
    for name, parts, language in (
        (TITLE, why.title, card.language),
        (SUMMARY, why.summary, summary),
        *((reason.name, reason.parts, reason.language) for reason in why.reasons),
    ):
        if parts:
            pieces = [Piece(text=text, marked=marked) for text, marked in parts]
            yield Matched(name=name, language=language, pieces=pieces)


def found_page(results: Results) -> FoundPage:
    """Return a page of results as programs get it."""
    query = results.query
    return FoundPage(
        total=results.total,
        page=query.page,
        per_page=query.per_page,
        pages=results.pages,
        items=[
            FoundEntry(
                kind=hit.card.kind.name,
                slug=hit.card.slug,
                title=hit.card.title,
                summary=hit.card.summary.text if hit.card.summary else None,
                url=hit.card.url,
                score=hit.score,
                matches=list(_matches(hit)),
            )
            for hit in results.hits
        ],
        facets={
            parameter: [CountedValue(value=v.value, label=v.label, count=v.count) for v in values]
            for parameter, values in results.facets.items()
        },
        corrected=results.corrected,
        relaxed=results.relaxed,
        cut=list(results.cut),
        drops=[FewerFilters(parameters=list(d.parameters), total=d.total) for d in results.drops],
    )


def read_query(service: SearchService, params: Sequence[tuple[str, str]]) -> SearchQuery:
    """Read the parameters; raises Invalid that names what does not fit.

    A page ignores the empty fields of its form. Here an empty filter is a mistake of the program,
    which would take the whole catalogue for a filtered one. An organisation may come and go: its
    slug may find nothing, but is no mistake of who asks; a code that its vocabulary lacks is one.
    """
    wrong = given_twice(name for name, _ in params if name not in FACETS)
    wrong |= {
        name: f"{name} needs a value."
        for name, value in params
        if name not in FREE_TEXT and not clean(value)
    }
    wrong |= {
        name: f"{name} is the slug of an organisation."
        for name, value in params
        if name in NAMES
        and not (re.fullmatch(SLUG.pattern, value) and len(value) <= SLUG.max_length)
    }
    if wrong:
        raise Invalid("Some parameters need another look.", wrong)
    query = SearchQuery.read(params, strict=True)
    service.check(query.without(*NAMES))
    return query


@get(
    "/search",
    sync_to_thread=True,
    operation_class=Searching,
    operation_id="search",
    summary="Search everything",
    description="The same search as on the site: text, filters, counts.",
    tags=["Search"],
    responses={
        200: ResponseSpec(FoundPage, description="One page.", generate_examples=False),
        **problems(_400=WRONG_PARAMETER),
    },
)
def search(request: Request[Any, Any, Any]) -> Response[Any]:
    """Answer a question to the directory."""
    database: Database = request.app.state.database
    service: SearchService = request.app.state.search
    with reading(SOURCE):  # Labels are in the language asked for, problems in that of programs.
        query = read_query(service, list(request.query_params.multi_items()))
    with database.reading() as session:
        # What is open depends on the day as well.
        tag = tag_for(request, state(session), now().date().isoformat())
    if same := not_modified(request, tag):
        return same
    return answer(found_page(service.search(query, values=VALUES)), tag)
