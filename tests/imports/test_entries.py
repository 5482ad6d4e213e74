"""A file of entries that is not what it should be, and what an import leaves in place."""

from pathlib import Path
from typing import Any

import pytest

from directory.curation.service import get_entry, latest_revision
from directory.db import Database
from directory.entries.kinds import ORGANISATION
from directory.errors import SourceFailed
from directory.imports.entries import Action
from directory.imports.seed import load_seed
from directory.settings import data
from tests.imports.files import bring_in, items


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "{"),
        ("a.json", '{"items": ' + "1" * 5000 + "}"),
        ("a.json", "[" * 100_000),
        ("a.yaml", "- ["),
        ("a.yaml", "a: 1"),
        ("a.yaml", "42"),
        ("a.yaml", "[]"),
        ("a.json", "[]"),
        ("a.json", "[{}] x"),
        ("a.json", '{"items": [{}'),
        ("a.doc", "[]"),
        ("a.txt", "[]"),
    ],
)
def test_a_file_that_holds_no_entries_is_named(
    database: Database, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SourceFailed, match=name):
        bring_in(database, tmp_path / name)


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"slug": "x", "profile": {}}, "kind"),
        ({"kind": "training", "profile": {}}, "slug"),
        ({"kind": "training", "slug": "x"}, "profile"),
        (
            {"kind": "training", "slug": "x", "profile": {}, "claims": {"cost": "p 1"}},
            "claims.cost",
        ),
        ({"kind": "training", "slug": "x", "profile": {}, "claims": {"cost": [1]}}, "claims.cost"),
    ],
)
def test_an_entry_that_is_none_is_an_error_at_its_field(
    database: Database, item: dict[str, Any], field: str
) -> None:
    [planned] = bring_in(database, items(item))
    assert planned.action is Action.ERROR
    assert field in planned.notes


def test_the_seed_leaves_an_imported_draft_alone(database: Database) -> None:
    with database.reading() as session:
        saved = latest_revision(session, get_entry(session, ORGANISATION, "gcsp"))
        profile = {k: v for k, v in saved.profile.items() if k != "curator_note"}
        item = {
            "kind": "organisation",
            "slug": "gcsp",
            "profile": profile | {"summary": "As the file has it."},
            "claims": saved.claims,
        }
    assert bring_in(database, items(item), applied=True)[0].draft
    with database.writing() as session:
        assert load_seed(session, data("seed")).left_alone == ["gcsp"]
        kept = latest_revision(session, get_entry(session, ORGANISATION, "gcsp"))
        assert kept.profile["summary"] == "As the file has it."
