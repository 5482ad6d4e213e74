"""The architecture, proven: a field is declared once, and stands everywhere it should."""

import csv
import io
from typing import Any

import pytest
from litestar.testing import TestClient

from directory.entries.fields import Declared
from directory.entries.kinds import KINDS, Kind

EVERY_FIELD = [
    pytest.param(kind, declared, id=f"{kind.name}.{declared.name}")
    for kind in KINDS.values()
    for declared in kind.fields.values()
]
PUBLIC = [p for p in EVERY_FIELD if not p.values[1].private]  # type: ignore[union-attr]
PRIVATE = [p for p in EVERY_FIELD if p.values[1].private]  # type: ignore[union-attr]


@pytest.mark.parametrize(("kind", "field"), EVERY_FIELD)
def test_a_field_has_a_title_and_help(kind: Kind, field: Declared) -> None:
    assert field.title and len(field.title) <= 45
    assert field.help.endswith(".") and len(field.help) <= 140


@pytest.mark.parametrize(("kind", "field"), EVERY_FIELD)
def test_a_field_is_a_column_of_the_published_row(kind: Kind, field: Declared) -> None:
    assert field.name in kind.table.__table__.columns  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_every_vocabulary_of_a_field_exists(site: TestClient, kind: Kind) -> None:
    for name in {d.vocabulary for d in kind.fields.values() if d.vocabulary}:
        assert site.get(f"/api/v1/vocabularies/{name}").json()["items"], name


@pytest.fixture(scope="session")
def api_schema(site: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = site.get("/api/v1/openapi.json").json()
    return found


@pytest.mark.parametrize(("kind", "field"), PUBLIC)
def test_a_public_field_is_described_in_the_api(
    api_schema: dict[str, Any], kind: Kind, field: Declared
) -> None:
    schemas = api_schema["components"]["schemas"]
    mine = next(
        s["properties"]
        for name, s in schemas.items()
        if kind.title_field in s.get("properties", {}) and kind.kind_field in s["properties"]
    )
    assert mine[field.name]["title"] == field.title
    assert mine[field.name]["description"] == field.help


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_public_fields_stand_in_the_csv_header_and_private_ones_do_not(
    site: TestClient, kind: Kind
) -> None:
    text = site.get(f"/search.csv?kind={kind.name}").content.decode("utf-8-sig")
    header = next(csv.reader(io.StringIO(text)))
    assert set(kind.public_fields) <= set(header)
    assert not set(kind.fields) - set(kind.public_fields) & set(header)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_an_entry_of_the_api_has_every_public_field_and_no_other(
    site: TestClient, kind: Kind
) -> None:
    for item in site.get(f"/api/v1/{kind.path}?per_page=20").json()["items"]:
        assert set(item["profile"]) == set(kind.public_fields)


FULL: dict[str, Any] = {
    "line": "Zanzibarwort",
    "text": "Quokkawort stands here.",
    "number": 1999,
    "switch": True,
    "lines": ["Numbatwort"],
}
