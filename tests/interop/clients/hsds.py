"""HSDS 3.1: the JSON Schemas of the standard, and a walk over every page of every list."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.interop.registry import row
from tests.interop.site import SHARED, NoSchema, Site

FOLDER = SHARED / "hsds-3.1"
LISTS = {
    "services": "service",
    "organizations": "organization",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
}
PAGE = (
    "total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty",
    "contents",
)  # fmt: skip
SIZE = 40
WHOLE = 20
"""So many are also read alone, at their own address."""


@cache
def _registry() -> "Registry[Any]":
    found: Registry[Any] = Registry()
    for path in FOLDER.glob("*.json"):
        contents = json.loads(path.read_text(encoding="utf-8"))
        resource = Resource.from_contents(contents, default_specification=DRAFT202012)
        found = found.with_resource(path.name, resource)
    return found


def _validator(name: str) -> Draft202012Validator:
    if not FOLDER.exists():
        raise NoSchema(FOLDER.name)
    return Draft202012Validator({"$ref": f"{name}.json"}, registry=_registry())


@row("HSDS 3.1, root", "/hsds/", "jsonschema")
def root(site: Site, errors: list[str]) -> int:
    """Read what an instance says of itself (HSDS 3.1, API reference)."""
    found = site.json("/hsds/")
    errors += [
        f"/hsds/ has no {n}" for n in ("version", "profile", "openapi_url") if n not in found
    ]
    if not str(found.get("version", "")).startswith("3.1"):
        errors.append(f"the version is {found.get('version')}")
    return 1


def _walk(site: Site, errors: list[str], name: str) -> int:
    """Walk every page; each item once, each as its schema says, the counts right."""
    validator = _validator(LISTS[name])
    seen: list[str] = []
    number, pages = 1, 1
    while number <= pages:
        page = site.json(f"/hsds/{name}?page={number}&per_page={SIZE}")
        errors += [f"{name}, page {number}, has no {n}" for n in PAGE if n not in page]
        pages = page["total_pages"]
        contents = page["contents"]
        told = (page["page_number"], page["size"], page["empty"])
        if told != (number, len(contents), not contents):
            errors.append(f"{name}, page {number}: {told} for {len(contents)} items")
        if (page["first_page"], page["last_page"]) != (number == 1, number >= pages):
            errors.append(f"{name}, page {number}: first_page or last_page is wrong")
        for item in contents:
            errors += [f"{name} {item.get('id')}: {e.message}" for e in validator.iter_errors(item)]
            seen.append(item["id"])
        number += 1
    if not len(seen) == len(set(seen)) == page["total_items"]:
        errors.append(f"{name}: {len(set(seen))} different of {len(seen)}, {page['total_items']}")
    for key in seen[:WHOLE]:
        one = site.json(f"/hsds/{name}/{key}")
        errors += [f"{name}/{key}: {e.message}" for e in validator.iter_errors(one)]
    return len(seen)


@row("HSDS 3.1, services", "/hsds/services", "jsonschema")
def services(site: Site, errors: list[str]) -> int:
    """Read every service, which are our trainings."""
    read = _walk(site, errors, "services")
    if read != (total := site.total("kind=training")):
        errors.append(f"{read} services, {total} trainings")
    return read


@row("HSDS 3.1, organizations", "/hsds/organizations", "jsonschema")
def organizations(site: Site, errors: list[str]) -> int:
    """Read every organisation."""
    read = _walk(site, errors, "organizations")
    if read != (total := site.total("kind=organisation")):
        errors.append(f"{read} organizations, {total} organisations")
    return read


@row("HSDS 3.1, taxonomies", "/hsds/taxonomies", "jsonschema")
def taxonomies(site: Site, errors: list[str]) -> int:
    """Read every taxonomy."""
    return _walk(site, errors, "taxonomies")


@row("HSDS 3.1, taxonomy terms", "/hsds/taxonomy_terms", "jsonschema")
def taxonomy_terms(site: Site, errors: list[str]) -> int:
    """Read every term."""
    return _walk(site, errors, "taxonomy_terms")
