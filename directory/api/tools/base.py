"""What a tool is: it reads the catalogue for an assistant, and knows nothing of a protocol."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from directory.db import Database
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.errors import Invalid
from directory.search.service import SearchService
from directory.settings import Settings

MOST_CODES = 60
"""A longer list of codes is named in a schema rather than spelled out: it is a resource."""

LONGEST_WORDS = 300
WRONG = "Some parameters need another look."

Arguments = Mapping[str, Any]
Schema = dict[str, Any]


@dataclass(frozen=True)
class Catalogue:
    """What the tools read."""

    database: Database
    search: SearchService
    settings: Settings

    def address(self, path: str) -> str:
        """Return the whole address of a page."""
        return self.settings.base_url + path


@dataclass(frozen=True)
class Answer:
    """What a tool found: whole for programs, and in a few words for who cannot read that."""

    found: BaseModel
    words: str


@dataclass(frozen=True)
class Tool:
    """One thing to ask: its words, what it takes and gives, and who does it.

    `run` raises errors of `directory.errors`, in sentences that name the parameter.
    """

    name: str
    title: str
    description: str
    takes: Callable[[Vocabularies], Schema]
    gives: type[BaseModel]
    run: Callable[[Catalogue, Arguments], Answer]


def only(**properties: Schema) -> Schema:
    """Return the schema of arguments that are these and no others."""
    return {"type": "object", "properties": properties, "additionalProperties": False}


def texts(arguments: Arguments) -> list[tuple[str, str]]:
    """Return arguments as the parameters of an address; raises Invalid for what cannot be one.

    What is null was left out. A list gives its parameter once for each value.
    """
    found, wrong = [], {}
    for name, given in arguments.items():
        for value in given if isinstance(given, list) else [given]:
            if isinstance(value, bool):
                found.append((name, "1" if value else "0"))
            elif isinstance(value, str | int | float):
                found.append((name, str(value)))
            elif value is not None:
                wrong[name] = f"{name} takes texts and numbers, alone or in a list."
    if wrong:
        raise Invalid(WRONG, wrong)
    return found


def refuse_others(arguments: Arguments, known: Schema) -> None:
    """Raise Invalid for each argument that the schema does not have: a typo must not go unseen."""
    if wrong := [name for name in arguments if name not in known["properties"]]:
        raise Invalid(WRONG, {name: f"There is no parameter {name}." for name in wrong})


def with_short_lists(schema: Any, words: Vocabularies) -> Any:
    """Return a schema in which a long list of codes is only named.

    An assistant reads every schema before it asks anything.
    """
    if isinstance(schema, list):
        return [with_short_lists(part, words) for part in schema]
    if not isinstance(schema, dict):
        return schema
    short = {name: with_short_lists(part, words) for name, part in schema.items()}
    codes = [code for code in schema.get("enum", []) if code != NOT_STATED]
    if len(codes) > MOST_CODES:
        held = next((n for n, terms in words.terms.items() if list(terms) == codes), None)
        short.pop("enum")
        short["description"] = f"A code of the vocabulary {held}, such as {codes[0]}."
    return short


def cut(text: str | None) -> str:
    """Return the beginning of a text, to the end of a word."""
    said = text or ""
    return said if len(said) <= LONGEST_WORDS else said[:LONGEST_WORDS].rsplit(" ", 1)[0] + " …"
