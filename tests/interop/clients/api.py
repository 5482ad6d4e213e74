"""The API and its description."""

import json
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.api.test_fuzz import CONTRADICTS
from tests.interop.registry import row
from tests.interop.site import Site

DESCRIPTION = "/api/v1/openapi.json"
KINDS = ("organisations", "programmes", "trainings")
EXAMPLES = 10
WHOLE = "urn:openapi"


@row("OpenAPI 3.1, its schemas", DESCRIPTION, "jsonschema")
def description(site: Site, errors: list[str]) -> int:
    """Check that every schema of the description is one (OpenAPI 3.1.1, 4.8.24)."""
    schemas = site.json(DESCRIPTION)["components"]["schemas"]
    meta = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    for name, schema in schemas.items():
        errors += [f"{name}: {error.message}" for error in meta.iter_errors(schema)]
    return len(schemas)


@row("OpenAPI 3.1, every operation", DESCRIPTION, "schemathesis")
def operations(site: Site, errors: list[str]) -> int:
    """Draw requests that fit the description, send them, and judge the answers by it."""
    tried = 0
    for found in schemathesis.openapi.from_url(site.address + DESCRIPTION).get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        if operation.definition.raw.get("security"):
            continue  # What needs a token is tried by the tests of the API.

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def check(case: Any) -> None:
            nonlocal tried
            tried += 1
            answer = case.call(base_url=site.address)
            # Whether a cursor is still of our log is more than a schema tells.
            spared = [positive_data_acceptance] if answer.status_code == 410 else []
            if answer.status_code == 400 and case.path.endswith("/match"):
                # So is whether a need contradicts itself.
                contradicts = set(answer.json()["errors"]) <= CONTRADICTS
                spared += [positive_data_acceptance] * contradicts
            case.validate_response(answer, excluded_checks=spared)

        try:
            check()
        except Exception as error:
            errors.append(f"{operation.label}: {error}")
    return tried


@row("API, every entry", "/api/v1/{kind}", "jsonschema")
def entries(site: Site, errors: list[str]) -> int:
    """Walk every page of every kind, and check each entry against its schema."""
    described = site.json(DESCRIPTION)
    registry: Registry[Any] = Registry().with_resource(
        WHOLE, Resource.from_contents(described, default_specification=DRAFT202012)
    )
    read = 0
    for kind in KINDS:
        answer = described["paths"][f"/api/v1/{kind}/{{slug}}"]["get"]["responses"]["200"]
        reference = WHOLE + answer["content"]["application/json"]["schema"]["$ref"]
        validator = Draft202012Validator(
            {"$ref": reference}, registry=registry, format_checker=FormatChecker()
        )
        page, seen = 1, set()
        while True:
            found = site.json(f"/api/v1/{kind}?per_page=100&page={page}")
            for entry in found["items"]:
                seen.add(entry["id"])
                errors += [f"{entry['url']}: {e.message}" for e in validator.iter_errors(entry)]
            if page >= found["pages"]:
                break
            page += 1
        if len(seen) != found["total"]:
            errors.append(f"{kind}: {len(seen)} different entries of {found['total']}")
        read += len(seen)
    return read


@row("JSON, every result", "/search.json", "python")
def search_json(site: Site, errors: list[str]) -> int:
    """Read the whole result at once."""
    found = json.loads(site.get("/search.json").content)
    if not len(found["items"]) == found["total"] == site.total():
        errors.append(f"{len(found['items'])} items, total {found['total']}")
    return len(found["items"])
