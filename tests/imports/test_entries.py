"""A file of entries that is not what it should be, and what an import leaves in place."""

from pathlib import Path
from typing import Any

import pytest

from directory.curation.service import get_entry, latest_revision
from directory.db import Database
from directory.entries.kinds import ORGANISATION
from directory.errors import SourceFailed
from directory.imports.entries import Action, apply, plan, read_items
from directory.imports.seed import load_seed
from directory.settings import data


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "{"),
        ("a.json", '{"items": ' + "1" * 5000 + "}"),
        ("a.json", "[" * 100_000),
        ("a.json", "[1]"),
        ("a.yaml", "- day: 2026-13-45"),
        ("a.yaml", "- ["),
        ("a.txt", "[]"),
    ],
)
def test_a_file_that_holds_no_entries_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SourceFailed, match=name):
        read_items(tmp_path / name)


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
    with database.reading() as session:
        [planned] = plan(session, [item])
    assert planned.action is Action.ERROR
    assert field in planned.notes


def test_the_seed_leaves_an_imported_draft_alone(database: Database) -> None:
    with database.writing() as session:
        saved = latest_revision(session, get_entry(session, ORGANISATION, "gcsp"))
        profile = {k: v for k, v in saved.profile.items() if k != "curator_note"}
        item = {
            "kind": "organisation",
            "slug": "gcsp",
            "profile": profile | {"summary": "As the file has it."},
            "claims": saved.claims,
        }
        assert apply(session, list(plan(session, [item])), "some.json") == 1
        assert load_seed(session, data("seed")).left_alone == ["gcsp"]
        kept = latest_revision(session, get_entry(session, ORGANISATION, "gcsp"))
        assert kept.profile["summary"] == "As the file has it."
