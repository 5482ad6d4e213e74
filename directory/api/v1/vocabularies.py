"""Controlled vocabularies, with what links their terms."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import PathParameter
from pydantic import BaseModel, Field

from directory.api.v1.answers import (
    WRONG_PARAMETER,
    InLanguage,
    Reading,
    answer,
    check_language,
    problems,
    refuse_unknown_parameters,
)
from directory.db import Database
from directory.entries.vocabularies import Crosswalk, Term, Vocabularies
from directory.exports.state import state
from directory.languages import language, worded
from directory.web.etags import not_modified, tag_for


class TermLink(BaseModel):
    """A crosswalk to a term of another vocabulary."""

    vocabulary: str = Field(description="The vocabulary of the other term.")
    code: str = Field(description="The code of the other term.")
    label: str = Field(description="The label of the other term, in the language asked for.")
    relation: str = Field(description="What links the two, such as related or member-of.")
    inverse: bool = Field(description="Whether the relation reads from the other term to this.")
    origin: str = Field(description="official, published, derived or curator.")
    source: str = Field(description="Who says so.")
    version: str = Field(description="Of the source.")


class TermItem(BaseModel):
    """One term."""

    code: str = Field(description="What entries and addresses hold.")
    label: str = Field(description="The label in the language asked for, which is English.")
    labels: dict[str, str] = Field(description="The label by language (BCP 47).")
    alt_labels: list[str] = Field(description="What people also call it.")
    broader: str | None = Field(description="The code of the term above it.")
    links: list[TermLink] = Field(description="Terms of other vocabularies.")


class TermList(BaseModel):
    """A vocabulary."""

    name: str = Field(description="Its name in addresses.")
    title: str = Field(description="Its name for people.")
    version: str = Field(description="Of the list itself.")
    mark: str = Field(description="Whether it was compared with its origin.")
    source: str = Field(description="Where it is from.")
    broader_in: str | None = Field(
        description="The vocabulary of the broader terms, if not this one."
    )
    labels_note: str | None = Field(
        description="Who worded the labels in other languages than English."
    )
    items: list[TermItem] = Field(description="Every term, in the order of the list.")


TERMS = ResponseSpec(TermList, description="The terms.", generate_examples=False)


def _link(term: Term, walk: Crosswalk, other: Term) -> TermLink:
    return TermLink(
        vocabulary=other.vocabulary,
        code=other.code,
        label=other.label_in(language().code),
        relation=walk.relation,
        inverse=(walk.from_vocabulary, walk.from_code) != (term.vocabulary, term.code),
        origin=walk.origin,
        source=walk.source,
        version=walk.version,
    )


def _term(words: Vocabularies, term: Term) -> TermItem:
    return TermItem(
        code=term.code,
        label=term.label_in(language().code),
        labels=term.labels,
        alt_labels=term.alt_labels,
        broader=term.broader,
        links=[_link(term, *pair) for pair in words.links(term.vocabulary, term.code)],
    )


def term_list(words: Vocabularies, name: str) -> TermList:
    """Return a vocabulary as programs get it, in the language that is read; raises NotFound."""
    terms = words.of(name)
    found = words.vocabularies[name]
    about = found.model_dump(include=set(TermList.model_fields)) | {"title": worded(found.title)}
    return TermList(**about, items=[_term(words, t) for t in terms.values()])


def _vocabulary(request: Request[Any, Any, Any], name: str, lang: str | None) -> Response[Any]:
    check_language(lang)
    database: Database = request.app.state.database
    with database.reading() as session:
        tag = tag_for(request, state(session))
        if same := not_modified(request, tag):
            return same
        words = Vocabularies.read(session)
    return answer(term_list(words, name), tag)


def _handler(name: str) -> HTTPRouteHandler:
    """Return the short address of a vocabulary that has pages of its own."""
    title = name.replace("-", " ")

    @get(
        f"/{name}",
        sync_to_thread=True,
        before_request=refuse_unknown_parameters,
        operation_class=Reading,
        operation_id=f"list_{name.replace('-', '_')}",
        summary=f"List {title}",
        description=f"The {title}, with their links to other vocabularies.",
        tags=["Vocabularies"],
        responses={200: TERMS, **problems(_400=WRONG_PARAMETER)},
    )
    def list_terms(request: Request[Any, Any, Any], lang: InLanguage = None) -> Response[Any]:
        return _vocabulary(request, name, lang)

    return list_terms


@get(
    "/vocabularies/{name:str}",
    sync_to_thread=True,
    before_request=refuse_unknown_parameters,
    operation_class=Reading,
    operation_id="read_vocabulary",
    summary="Read a vocabulary",
    description="The terms of a vocabulary, with their links to others.",
    tags=["Vocabularies"],
    responses={
        200: TERMS,
        **problems(_400=WRONG_PARAMETER, _404="There is no such vocabulary."),
    },
)
def read_vocabulary(
    request: Request[Any, Any, Any],
    name: Annotated[
        str,
        PathParameter(description="The name of the list.", examples=[Example(value="levels")]),
    ],
    lang: InLanguage = None,
) -> Response[Any]:
    """Return any vocabulary."""
    return _vocabulary(request, name, lang)


handlers = [_handler("policy-areas"), _handler("action-lines"), read_vocabulary]
