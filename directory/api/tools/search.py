"""The search of the site."""

from copy import deepcopy
from typing import Any

from directory.api.openapi import fill_codes
from directory.api.tools.base import Answer, Arguments, Catalogue, Schema, Tool, cut, only, texts
from directory.api.v1.search import FoundPage, found_page, read_query, search_parameters
from directory.entries.vocabularies import Vocabularies
from directory.languages import marked, reading
from directory.search.service import VALUES_SHOWN


def _schema(words: Vocabularies) -> Schema:
    properties = {}
    for parameter in search_parameters():
        described: Any = parameter.schema
        schema = deepcopy(described.to_schema())
        fill_codes(parameter.name, schema, words)
        properties[parameter.name] = {**schema, "description": parameter.description}
    return only(**properties)


def _search(catalogue: Catalogue, arguments: Arguments) -> Answer:
    query = read_query(catalogue.search, texts(arguments))
    with reading(query.lang):
        found = found_page(catalogue.search.search(query, values=VALUES_SHOWN))
    return Answer(found, _words(catalogue, found))


def _words(catalogue: Catalogue, found: FoundPage) -> str:
    lines = [f"{found.total:,} found; page {found.page} of {found.pages}."]
    if found.corrected:
        lines.append(f"Nothing is listed under that spelling; these are for: {found.corrected}.")
    if found.relaxed:
        lines.append("Few entries have all of the words; entries with most of them follow.")
    lines += [part.said_in_english for part in found.cut]
    lines += [f"{d.total:,} without {' and '.join(d.parameters)}." for d in found.drops]
    lines += [
        f"- {one.title} ({one.kind}, {one.slug}): {cut(one.summary) or 'no summary is stated'} "
        f"{catalogue.address(one.url)}"
        for one in found.items
    ]
    return "\n".join(lines)


SEARCH = Tool(
    name="search",
    title=marked("Search the catalogue"),
    description=marked(
        "Find organisations, programmes and trainings by text and filters. Gives one page "
        "of results, and by filter the most frequent values with their counts, so that the next "
        "question can be narrower. Filters of one name are alternatives; filters of different "
        "names must all fit. not-stated finds entries of which no source states the value."
    ),
    takes=_schema,
    gives=FoundPage,
    run=_search,
)
