"""Where a profile names other entries, and how such a name is changed everywhere at once.

What is a reference follows from the declarations: a field that is one, and the parts of a
structured value that are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import BaseModel

from directory.entries.fields import Declared, Reference, is_model
from directory.entries.kinds import Kind

Address = tuple[str, str]
"""The kind and the slug of an entry."""


@dataclass(frozen=True)
class Content:
    """What an entry says: values and claims by field, as JSON; what is not stated is left out."""

    profile: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)


@cache
def _inside(model: type[BaseModel]) -> dict[str, Reference]:
    """Return the parts of a structured value that name an entry."""
    return {
        name: mark
        for name, info in model.model_fields.items()
        for mark in info.metadata
        if isinstance(mark, Reference)
    }


def _parts(declared: Declared) -> dict[str, Reference]:
    return _inside(declared.type) if is_model(declared.type) else {}


def references_in(kind: Kind, profile: Mapping[str, Any]) -> Iterator[tuple[str, Address, str]]:
    """Yield (field, address, role) for each entry that a profile names."""
    for name, declared in kind.fields.items():
        value, parts = profile.get(name), _parts(declared)
        if not value or not (parts or declared.reference):
            continue
        for item in value if declared.many else [value]:
            if not parts and declared.reference:
                yield name, (declared.reference.kind, item), declared.reference.rel
            for part, mark in parts.items():
                if item.get(part):
                    yield name, (mark.kind, item[part]), item.get("role") or mark.rel


def with_references(kind: Kind, said: Content, moved: Mapping[Address, str | None]) -> Content:
    """Return the same content with other slugs in its references; None drops a reference.

    What becomes the same in the same role stands once. A claim about one value follows it.
    """
    profile, claims = dict(said.profile), dict(said.claims)
    for name in {name for name, address, _ in references_in(kind, profile) if address in moved}:
        declared = kind.fields[name]
        value = profile[name]
        found: list[Any] = []
        for item in value if declared.many else [value]:
            new = _moved(declared, item, moved)
            if new is not None and new not in found:
                found.append(new)
        if found:
            profile[name] = found if declared.many else found[0]
            claims[name] = _claims(declared, said.claims.get(name, []), moved)
        else:
            del profile[name]
            claims.pop(name, None)
    return Content(profile, {name: found for name, found in claims.items() if found})


def _moved(declared: Declared, item: Any, moved: Mapping[Address, str | None]) -> Any:
    """Return one value with its references moved; None where one of them is dropped."""
    parts = _parts(declared)
    if not parts:
        assert declared.reference
        return moved.get((declared.reference.kind, item), item)
    new = dict(item)
    for part, mark in parts.items():
        new[part] = moved.get((mark.kind, item.get(part)), item.get(part))
        if new[part] is None and item.get(part) is not None:
            return None
    return new


def _claims(
    declared: Declared, claims: list[dict[str, Any]], moved: Mapping[Address, str | None]
) -> list[dict[str, Any]]:
    """Let claims about one value follow it; the last claim of a field stays, about all of it."""
    kinds = {mark.kind for mark in _parts(declared).values()}
    if declared.reference:
        kinds.add(declared.reference.kind)
    found: list[dict[str, Any]] = []
    dropped = []
    for claim in claims:
        address = next(((k, claim["item"]) for k in kinds if (k, claim.get("item")) in moved), None)
        new = dict(claim)
        if address:
            slug = moved[address]
            if slug is None:
                dropped.append({k: v for k, v in claim.items() if k != "item"})
                continue
            new["item"] = slug
        if new not in found:
            found.append(new)
    return found or dropped[:1]
