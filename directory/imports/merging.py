"""Three texts of an entry: as it was exported, as it is here now, and as the file has it.

What changed only in the file is taken, what changed only here stays, what changed on both sides
is a conflict that a person settles. A field is its value with its claims, as everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from directory.curation.writing import still_checked
from directory.entries.fields import Declared
from directory.entries.kinds import Kind
from directory.errors import Invalid
from directory.imports.existing import Existing, Text
from directory.imports.rows import Row
from directory.languages import gettext, marked
from directory.sources.claims import Status, read_claim

_NEEDS_SOURCE = marked(
    "Say where this comes from: name a source for the file, or in a column called source."
)


class Side(StrEnum):
    """Whose text to take where both sides have changed a field."""

    FILE = "file"
    HERE = "here"


@dataclass(frozen=True)
class Difference:
    """A field that differs; a conflict is `taken` once somebody has chosen."""

    field: str
    before: Any
    after: Any
    conflict: bool = False
    taken: Side | None = None


@dataclass
class Merged:
    """The text that would be saved, and how it differs from what is here."""

    values: dict[str, Any]
    claims: dict[str, Any]
    changed: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Say whether a conflict waits for a choice."""
        return any(d.conflict and d.taken is None for d in self.differences)


def merge(
    row: Row,
    kind: Kind,
    existing: Existing | None,
    chosen: Mapping[str, Side],
    prefer: Side | None,
) -> Merged:
    """Put the three texts together; raises Invalid for claims that cannot be read."""
    claims = _read_claims(row, kind, existing)
    if existing is None:
        return _new(row, kind, claims)
    newest, base = existing.newest, existing.base
    merged = Merged(dict(newest.profile), dict(newest.claims))
    unsourced = {}
    for name in _perhaps_different(row, kind, claims, newest):
        held = newest.claims.get(name)
        value, cited, speaks = _in_file(row, kind.fields[name], claims, newest, base)
        if not speaks:
            continue
        if value == newest.profile.get(name) and (cited is None or cited is held):
            continue
        here = newest.profile.get(name), _public(held)
        # Who says nothing of claims is of one mind with whoever has the same value.
        mine = (value, here[1] if cited is None and value == here[0] else _public(cited))
        if mine == here:
            continue
        if base:
            was = base.profile.get(name), _public(base.claims.get(name))
            if value == was[0] and (cited is None or _public(cited) == was[1]):
                continue
        conflict = bool(base) and was != here
        side = (chosen.get(name) or prefer) if conflict else None
        merged.differences.append(Difference(name, here[0], value, conflict, side))
        if conflict and side is not Side.FILE:
            continue
        if cited is None and value is not None and not kind.fields[name].ours:
            if row.source is None:
                unsourced[name] = _NEEDS_SOURCE
                continue
            cited = [_claim_of(row.source)]
        merged.changed.append(name)
        _put(merged, name, value, cited)
    if unsourced:
        raise Invalid(gettext("Some values come from nowhere."), unsourced)
    return merged


def _put(merged: Merged, name: str, value: Any, cited: Any) -> None:
    merged.values.pop(name, None)
    merged.claims.pop(name, None)
    if value is not None:
        merged.values[name] = value
    if cited:
        merged.claims[name] = cited


def _new(row: Row, kind: Kind, claims: Mapping[str, Any]) -> Merged:
    values = {n: v for n, v in row.values.items() if v is not None}
    merged = Merged(values, dict(claims), changed=list(values))
    merged.differences = [Difference(name, None, value) for name, value in values.items()]
    unsourced = {}
    for name in values:
        if name in claims or kind.fields[name].ours:
            continue
        if row.source is None:
            unsourced[name] = _NEEDS_SOURCE
        else:
            merged.claims[name] = [_claim_of(row.source)]
    if unsourced:
        raise Invalid(gettext("Some values come from nowhere."), unsourced)
    return merged


def _claim_of(source: str) -> dict[str, Any]:
    return _canonical({"source": source})


def _perhaps_different(row: Row, kind: Kind, claims: Mapping[str, Any], newest: Text) -> list[str]:
    """Return the fields that need a closer look; nearly all of a long table are as they are here.

    Where the file has claims and no value, the value they were written beside may be another.
    """
    profile, held, values = newest.profile, newest.claims, row.values
    names = {name for name, value in values.items() if value != profile.get(name)}
    names |= {name for name in claims if name not in values or claims[name] is not held.get(name)}
    return [name for name in kind.fields if name in names] if names else []


def _in_file(
    row: Row, declared: Declared, claims: Mapping[str, Any], newest: Text, base: Text | None
) -> tuple[Any, Any, bool]:
    """Return the value and the claims that the file gives a field, and whether it gives any.

    Claims are None where the file says nothing of them.
    """
    name = declared.name
    cited = claims.get(name)
    if name not in row.values:
        # Only its claims are there: the value is the one that they were written beside.
        return (base or newest).profile.get(name), cited, cited is not None
    value = row.values[name]
    if value in (None, "", []):
        # An empty cell clears a value only where it is known that there was one, and what was
        # cited for it goes as well.
        exported = base if row.version is not None else None
        was = exported.profile.get(name) if exported else None
        if exported and was is not None and _public(cited) == _public(exported.claims.get(name)):
            return None, [], True
        return None, cited, exported is not None or cited is not None
    if value != newest.profile.get(name):
        value = _as_stored(row.kind, name, value)
    return value, cited, True


@cache
def _adapter(kind: Kind, name: str) -> TypeAdapter[Any]:
    info = kind.profile.model_fields[name]
    annotated: Any = Annotated[info.annotation, *info.metadata]
    return TypeAdapter(annotated)


def _as_stored(kind: Kind | None, name: str, value: Any) -> Any:
    """Write a value as a revision has it; what is not valid stays, and is refused later."""
    assert kind
    adapter = _adapter(kind, name)
    try:
        return adapter.dump_python(adapter.validate_python(value), mode="json")
    except ValidationError:
        return value


# Claims


def _canonical(claim: Mapping[str, Any]) -> dict[str, Any]:
    return read_claim(claim).as_json


def _public(claims: Any) -> list[dict[str, Any]]:
    """Return claims without who checked them, which no file of ours gives out."""
    if not any("checked_by" in c for c in claims or []):
        return claims or []
    return [{k: v for k, v in c.items() if k != "checked_by"} for c in claims or []]


def _in_full(claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return claims with the status that goes without saying, so that they can be compared."""
    if all("status" in c and None not in c.values() for c in claims):
        return claims
    stated = {"status": Status.STATED.value}
    return [stated | {k: v for k, v in c.items() if v is not None} for c in claims]


def _says_the_same(claims: list[dict[str, Any]], held: list[dict[str, Any]]) -> bool:
    return claims == held or claims == _public(held)


def _read_claims(row: Row, kind: Kind, existing: Existing | None) -> dict[str, Any]:
    """Return the claims of a file as they are stored; one that is not new keeps its check.

    Raises Invalid with every claim that does not fit.
    """
    found, wrong = {}, {}
    newest = existing.newest.claims if existing else {}
    base = existing.base.claims if existing and existing.base else {}
    if row.claims and row.claims == newest:
        return dict(newest)
    for name, given in (row.claims or {}).items():
        if name not in kind.fields:
            wrong[f"claims.{name}"] = gettext("There is no such field.")
            continue
        if not given:
            continue
        plain = _in_full(given)
        held = newest.get(name), base.get(name)
        if known := next((h for h in held if h and _says_the_same(plain, h)), None):
            found[name] = known
            continue
        if row.source:
            plain = [{"source": row.source, **claim} for claim in plain]
        try:
            if before := [*(held[0] or []), *(held[1] or [])]:
                plain = still_checked(plain, before)
            found[name] = [_canonical(claim) for claim in plain]
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            wrong[f"claims.{name}"] = f"{where}: {first['msg']}." if where else f"{first['msg']}."
    if wrong:
        raise Invalid(gettext("Some claims cannot be read."), wrong)
    return found
