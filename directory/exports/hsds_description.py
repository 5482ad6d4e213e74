"""The HSDS API as OpenAPI 3.1 describes it: addresses, parameters, and whose shapes it answers."""

from typing import Any

from directory.exports.hsds import VERSION
from directory.exports.hsds_lists import FIELDS_OF_A_PAGE, MOST_PER_PAGE

_SCHEMAS = "https://raw.githubusercontent.com/openreferral/specification/3.1-dev/schema"
_PAGED = ("search", "page", "per_page", "format")
LISTS: dict[str, tuple[str, ...]] = {
    "services": (
        *_PAGED, "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "minimal",
        "full",
    ),
    "organizations": (*_PAGED, "taxonomy_term_id", "taxonomy_id", "full"),
    "programs": (*_PAGED, "taxonomy_term_id", "taxonomy_id", "modified_after", "full"),
    "taxonomies": _PAGED,
    "taxonomy_terms": (*_PAGED, "taxonomy_id", "top_only", "parent_id"),
}  # fmt: skip
"""The lists, and the parameters that each one takes."""

_ONE = {
    "services": "service",
    "organizations": "organization",
    "programs": "program",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
}
_KEY = {"type": "string", "format": "uuid"}
_SWITCH = {"type": "boolean", "default": False}
_PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "search": ({"type": "string", "maxLength": 500}, "Words to look for."),
    "page": ({"type": "integer", "minimum": 1, "default": 1}, "Which page, from 1."),
    "per_page": (
        {"type": "integer", "minimum": 1},
        f"How many on a page, at most {MOST_PER_PAGE}; more where minimal is true.",
    ),
    "format": (
        {"type": "string", "enum": ["json", "ndjson"], "default": "json"},
        "ndjson: all results, one a line, without pages.",
    ),
    "taxonomy_term_id": (_KEY, "Only what carries this term, or one that lies in it."),
    "taxonomy_id": (_KEY, "Only what carries a term of this taxonomy."),
    "organization_id": (_KEY, "Only what this organisation provides."),
    "modified_after": (
        {"type": "string", "format": "date-time"},
        "Only what was modified at that moment or later.",
    ),
    "minimal": (_SWITCH, "Only id and modified_date of each."),
    "full": (_SWITCH, "Everything that belongs to each."),
    "top_only": (_SWITCH, "Only terms that lie in no other one."),
    "parent_id": (_KEY, "Only terms that lie directly in this one."),
}


def description(title: str, base_url: str) -> dict[str, Any]:
    """Return the OpenAPI document for a site."""
    paths: dict[str, Any] = {"/": {"get": _operation("About this API", {"type": "object"})}}
    for path, parameters in LISTS.items():
        shape = {"$ref": f"{_SCHEMAS}/{_ONE[path]}.json"}
        paths[f"/{path}"] = {
            "get": _operation(
                f"List {path.replace('_', ' ')}",
                {
                    "allOf": [{"$ref": "#/components/schemas/Page"}],
                    "properties": {"contents": {"type": "array", "items": shape}},
                },
                [{"$ref": f"#/components/parameters/{name}"} for name in parameters],
                {"400": {"description": "A parameter does not fit; `errors` names it."}},
            )
        }
        paths[f"/{path}/{{id}}"] = {
            "get": _operation(
                f"Read one of the {path.replace('_', ' ')}",
                shape,
                [{"name": "id", "in": "path", "required": True, "schema": _KEY}],
                {"404": {"description": "There is nothing with this id."}},
            )
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{title}: HSDS", "version": VERSION},
        "servers": [{"url": f"{base_url}/hsds"}],
        "paths": paths,
        "components": {
            "parameters": {
                name: {"name": name, "in": "query", "schema": schema, "description": text}
                for name, (schema, text) in _PARAMETERS.items()
            },
            "schemas": {"Page": _page()},
        },
    }


def _page() -> dict[str, Any]:
    kinds = ("integer",) * 4 + ("boolean",) * 3 + ("array",)
    fields = zip(FIELDS_OF_A_PAGE, kinds, strict=True)
    return {
        "type": "object",
        "required": list(FIELDS_OF_A_PAGE),
        "properties": {name: {"type": kind} for name, kind in fields},
    }


def _operation(
    summary: str,
    schema: dict[str, Any],
    parameters: list[dict[str, Any]] | None = None,
    more: dict[str, Any] | None = None,
) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {
        "summary": summary,
        "parameters": parameters or [],
        "responses": {"200": {"description": "The answer.", "content": content}, **(more or {})},
    }
