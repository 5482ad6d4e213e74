"""The description of the API drawn as a plain page: no script, nothing from elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from babel.lists import format_list

from directory.languages import gettext, locale, marked, worded

FEW = 8
"""So many values are named; the rest stand at the address of the vocabulary."""

_FORMATS = {
    "date": marked("a date"),
    "date-time": marked("a moment"),
    "uuid": marked("a UUID"),
    "uri": marked("a web address"),
}
_TYPES = {
    "integer": marked("whole number"),
    "boolean": marked("true or false"),
    "string": marked("text"),
    "number": marked("number"),
    "object": marked("object"),
    "anything": marked("anything"),
}


@dataclass(frozen=True)
class Words:
    """What a value is, in words, and the schema that it refers to."""

    text: str
    schema: str = ""


@dataclass(frozen=True)
class Row:
    """A parameter or a field."""

    name: str
    place: str
    needed: bool
    words: Words
    description: str


@dataclass(frozen=True)
class Answer:
    """What an address may answer with."""

    status: str
    description: str
    words: Words


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked for."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    token: bool
    rows: list[Row]
    body: Words | None
    answers: list[Answer]


@dataclass(frozen=True)
class Group:
    """Operations that belong together."""

    name: str
    description: str
    operations: list[Operation]


@dataclass(frozen=True)
class Shape:
    """A schema with its fields."""

    name: str
    description: str
    rows: list[Row]


def words_of(schema: Mapping[str, Any]) -> Words:
    """Say what a value is."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return Words(name, name)
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        found = [words_of(one) for one in choices]
        named = next((one.schema for one in found if one.schema), "")
        return Words(_any_of(one.text for one in found), named)
    if "const" in schema:
        return Words(str(schema["const"]))
    if values := schema.get("enum"):
        shown = ", ".join("null" if v is None else str(v) for v in values[:FEW])
        if len(values) > FEW:
            shown = gettext("%(values)s and %(count)s more", values=shown, count=len(values) - FEW)
        return Words(shown)
    if schema.get("type") == "array":
        inner = words_of(schema.get("items", {}))
        return Words(gettext("list of %(what)s", what=inner.text), inner.schema)
    if isinstance(more := schema.get("additionalProperties"), Mapping):
        inner = words_of(more)
        return Words(gettext("object: name to %(what)s", what=inner.text), inner.schema)
    return Words(_plain(schema))


def _any_of(texts: Iterable[str]) -> str:
    """Join what a value may be with the word for or."""
    return str(format_list(list(texts), style="or", locale=locale()))


def _plain(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "anything")
    kinds = kind if isinstance(kind, list) else [kind]
    text = _any_of(worded(_TYPES.get(str(one), str(one))) for one in kinds)
    if said := _FORMATS.get(str(schema.get("format"))):
        text = worded(said)
    limits = []
    if "minimum" in schema:
        limits.append(gettext("at least %(number)s", number=int(schema["minimum"])))
    if "maximum" in schema:
        limits.append(gettext("at most %(number)s", number=int(schema["maximum"])))
    return ", ".join([text, *limits])


def groups(document: Mapping[str, Any]) -> list[Group]:
    """Return every operation, in the order of the tags."""
    found: dict[str, Group] = {
        tag["name"]: Group(tag["name"], tag.get("description", ""), [])
        for tag in document.get("tags", [])
    }
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for tag in operation.get("tags", []):
                found[tag].operations.append(_operation(path, method, operation))
    return list(found.values())


def _operation(path: str, method: str, found: Mapping[str, Any]) -> Operation:
    body = found.get("requestBody")
    return Operation(
        name=found["operationId"],
        method=method.upper(),
        path=path,
        summary=found.get("summary", ""),
        description=found.get("description", ""),
        token=bool(found.get("security")),
        rows=[
            Row(
                p["name"],
                p["in"],
                bool(p.get("required")),
                words_of(p.get("schema", {})),
                p.get("description", ""),
            )
            for p in found.get("parameters", [])
        ],
        body=_content(body) if body else None,
        answers=[
            Answer(status, answer.get("description", ""), _content(answer))
            for status, answer in sorted(found["responses"].items())
        ],
    )


def _content(holder: Mapping[str, Any]) -> Words:
    for content in holder.get("content", {}).values():
        return words_of(content.get("schema", {}))
    return Words("")


def shapes(document: Mapping[str, Any]) -> Iterator[Shape]:
    """Yield every schema by name, with its fields or its values."""
    for name, schema in sorted(document["components"]["schemas"].items()):
        needed = set(schema.get("required", []))
        rows = [
            Row(field, "", field in needed, words_of(found), _described(found))
            for field, found in schema.get("properties", {}).items()
        ]
        values = "" if rows else words_of(schema).text
        yield Shape(name, schema.get("description") or values, rows)


def _described(found: Mapping[str, Any]) -> str:
    return str(found.get("description") or found.get("title") or "")
