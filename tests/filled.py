"""Entries in which every field has a value, made from the declarations alone."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from directory.entries.fields import Declared, Email, Url, fields_of, is_model
from directory.entries.kinds import Kind
from directory.entries.profiles import Identifier, Involvement, Run, Track

REFERENCES = {"organisation": "gcsp", "programme": "cyberpeace-builders"}
SOURCE = "gcsp-profile"


def word(kind: Kind, field: Declared) -> str:
    """Return a word that stands in this field of this kind and nowhere else."""
    letters = "".join(c for c in field.name if c.isalpha())
    return f"zq{kind.name[:3]}{letters}"


def value(kind: Kind, field: Declared, codes: list[str]) -> Any:
    """Return a valid value; lists have two items where they can."""
    one = _one(kind, field, codes)
    if not field.many:
        return one
    if field.vocabulary:
        return codes[:2]
    return [one]


def _one(kind: Kind, field: Declared, codes: list[str]) -> Any:
    if is_model(field.type):
        return PARTS[field.type]
    if field.reference:
        return REFERENCES[field.reference.kind]
    if field.vocabulary:
        return codes[0]
    if field.type is Url:
        return f"https://example.org/{word(kind, field)}"
    if field.type is Email:
        return "office@example.org"
    base = get_args(field.type)[0] if get_origin(field.type) is Annotated else field.type
    return {bool: True, int: 1999, Decimal: "12.5", str: f"Some {word(kind, field)} text"}[base]


PARTS: dict[type[BaseModel], dict[str, Any]] = {
    Involvement: {"organisation": "gcsp", "role": "lead"},
    Identifier: {"scheme": "ror", "value": "012345"},
    Run: {
        "label": "Spring",
        "start": "2027-03-01",
        "end": "2027-03-05",
        "time_zone": "Europe/Zurich",
        "place": "Geneva",
        "places": 20,
        "cancelled": False,
        "tracks": [
            {
                "title": "Certificate track",
                "application_deadline": str(date(2027, 2, 1)),
                "scholarship_deadline": "2027-01-01",
                "cost_amount": "100.00",
                "cost_currency": "CHF",
                "recognition": "certificate",
            }
        ],
    },
}


def filled(kind: Kind, codes: dict[str, list[str]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (profile, claims) with every field of a kind."""
    fields = fields_of(kind.profile).values()
    profile = {f.name: value(kind, f, codes.get(f.vocabulary or "", [])) for f in fields}
    claims = {f.name: [{"source": SOURCE, "locator": "line 1"}] for f in fields if not f.ours}
    return profile, claims


assert set(Track.model_fields) == set(PARTS[Run]["tracks"][0]), "a field of a track is missing"
assert set(Run.model_fields) == set(PARTS[Run]), "a field of a run is missing"
