"""The architecture, proven: a field is declared once, and stands everywhere it should."""

import csv
import io
import re
import shutil
from collections.abc import Iterator
from html import escape as plain_escape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient

from directory.app import create_app
from directory.curation.service import publish, read_draft, save_draft
from directory.db import Database, make_engine
from directory.entries.fields import Declared, Line, Text
from directory.entries.kinds import KINDS, Kind
from directory.entries.vocabularies import Vocabularies
from directory.exports.file import export_file
from directory.imports.entries import Action
from directory.settings import Settings
from tests.conftest import settings_for
from tests.filled import filled, word
from tests.imports.files import bring_in
from tests.people import enter_as

SLUG = "every-field-filled"


def escape(text: str) -> str:
    """Write a text as the pages do."""
    return plain_escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


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
    assert field.name in sa.inspect(kind.table).columns


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_every_vocabulary_of_a_field_exists(site: TestClient[Any], kind: Kind) -> None:
    for name in {d.vocabulary for d in kind.fields.values() if d.vocabulary}:
        assert site.get(f"/api/v1/vocabularies/{name}").json()["items"], name


@pytest.fixture(scope="session")
def api_schema(site: TestClient[Any]) -> dict[str, Any]:
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
    site: TestClient[Any], kind: Kind
) -> None:
    text = site.get(f"/search.csv?kind={kind.name}").content.decode("utf-8-sig")
    header = next(csv.reader(io.StringIO(text)))
    assert set(kind.public_fields) <= set(header)
    assert not set(kind.fields) - set(kind.public_fields) & set(header)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_an_entry_of_the_api_has_every_public_field_and_no_other(
    site: TestClient[Any], kind: Kind
) -> None:
    for item in site.get(f"/api/v1/{kind.path}?per_page=20").json()["items"]:
        assert set(item["profile"]) == set(kind.public_fields)


class Filled:
    """A site where one entry of each kind has a value in every field."""

    def __init__(
        self, client: TestClient[Any], curator: TestClient[Any], settings: Settings
    ) -> None:
        self.client, self.curator, self.settings = client, curator, settings
        database = Database(make_engine(settings.database_url))
        with database.writing() as session:
            words = Vocabularies.read(session)
            self.codes = {name: list(terms) for name, terms in words.terms.items()}
            for kind in KINDS.values():
                profile, claims = filled(kind, self.codes)
                draft = read_draft(kind, SLUG, profile, claims)
                publish(session, *save_draft(session, draft, by=None), by=None)

    def finds(self, kind: Kind, **asked: str) -> bool:
        """Say whether a search finds the filled entry of this kind."""
        params = {"kind": kind.name, "per_page": "100", **asked}
        items = self.client.get("/api/v1/search", params=params).json()["items"]
        return any(item["slug"] == SLUG for item in items)


@pytest.fixture(scope="session")
def full(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    folder = tmp_path_factory.mktemp("full")
    copy = shutil.copy(seeded_file, folder / "directory.db")
    settings = settings_for(folder, f"sqlite:///{copy}")
    visitor = TestClient(create_app(settings), base_url=settings.base_url)
    curator = TestClient(create_app(settings), base_url=settings.base_url)
    with visitor, curator:
        enter_as(curator, settings, "curator")
        yield Filled(visitor, curator, settings)


@pytest.mark.parametrize(("kind", "field"), PUBLIC)
def test_a_public_field_stands_on_the_page(full: Filled, kind: Kind, field: Declared) -> None:
    if field.ours or kind.fields[kind.title_field] is field:
        return  # shown as a mark or as the heading; the next test and the journeys see to it
    html = full.client.get(kind.url(SLUG)).text
    question = field.answers.question if field.answers else field.title
    shown = question if field.name not in ("summary", "acronym") else word(kind, field)
    assert escape(shown) in html


@pytest.mark.parametrize(("kind", "field"), EVERY_FIELD)
def test_a_field_stands_in_the_form(full: Filled, kind: Kind, field: Declared) -> None:
    html = full.curator.get(f"/curation/{kind.path}/{SLUG}").text
    assert escape(field.title) in html and escape(field.help) in html
    assert re.search(rf'name="{field.name}(?:["._\[-])', html)


@pytest.mark.parametrize(("kind", "field"), PUBLIC)
def test_a_searchable_field_is_found_by_its_words(
    full: Filled, kind: Kind, field: Declared
) -> None:
    found = full.finds(kind, q=word(kind, field))
    if field.type in (Line, Text):
        assert found == bool(field.searchable)


@pytest.mark.parametrize(("kind", "field"), [p for p in PUBLIC if p.values[1].facet])  # type: ignore[union-attr]
def test_a_facet_filters_and_counts(full: Filled, kind: Kind, field: Declared) -> None:
    assert field.facet
    profile, _ = filled(kind, full.codes)
    raw = profile[field.name]
    code = raw[0] if field.many else raw
    assert full.finds(kind, **{field.facet: code})
    params = {"kind": kind.name, field.facet: code}
    answer = full.client.get("/api/v1/search", params=params).json()
    counts = {v["value"]: v["count"] for v in answer["facets"][field.facet]}
    assert counts[code] == answer["total"] >= 1


@pytest.mark.parametrize(("kind", "field"), PUBLIC)
def test_a_value_comes_out_of_the_api_as_it_went_in(
    full: Filled, kind: Kind, field: Declared
) -> None:
    out = full.client.get(f"/api/v1/{kind.path}/{SLUG}").json()["profile"][field.name]
    went_in = filled(kind, full.codes)[0][field.name]
    as_text = (lambda v: f"{float(v):g}") if isinstance(went_in, str) and "." in went_in else str
    if went_in == "12.5":
        out, went_in = as_text(out), as_text(went_in)
    assert out == went_in


def test_what_is_exported_is_imported_as_no_change(full: Filled, tmp_path: Path) -> None:
    database = Database(make_engine(full.settings.database_url))
    for name in ("all.csv", "all.xlsx", "all.json", "all.yaml"):
        file = tmp_path / name
        count = export_file(database, file)
        planned = bring_in(database, file)
        assert len(planned) == count > 250
        assert {p.action for p in planned} == {Action.NO_CHANGE}


@pytest.mark.parametrize(("kind", "field"), PRIVATE)
def test_a_private_field_stands_in_no_public_output(
    full: Filled, kind: Kind, field: Declared
) -> None:
    secret = word(kind, field)
    for path in (
        kind.url(SLUG),
        f"{kind.url(SLUG)}.json",
        f"/api/v1/{kind.path}/{SLUG}",
        f"/api/v1/{kind.path}?per_page=100",
        f"/search?q={secret}",
        f"/search.csv?kind={kind.name}",
        f"/search.json?kind={kind.name}",
        "/api/v1/openapi.json",
        f"/{kind.path}",
        "/sitemap.xml",
    ):
        answer = full.client.get(path)
        assert answer.status_code == 200, path
        assert secret not in answer.text.replace(f"q={secret}", "").replace(f"“{secret}”", "") or (
            path.startswith("/search?") and "0 entries" in answer.text
        ), path
    assert not full.finds(kind, q=secret)
