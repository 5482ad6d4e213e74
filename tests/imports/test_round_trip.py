"""What is exported is read back as no change, in every format, whatever an entry says."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.curation.service import Draft
from directory.entries.cells import claims_from_cell, claims_to_cell, from_cell, to_cell
from directory.entries.kinds import KINDS, Kind
from directory.entries.models import Entry, State
from directory.entries.queries import Published
from directory.exports.file import FORMATS
from directory.imports.existing import Existing, Text
from directory.imports.merging import merge
from directory.imports.readers import open_file
from directory.imports.rows import Row
from directory.sources.models import ClaimRow
from tests.imports.files import rows_of
from tests.imports.generated import drafts

ANY = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
numbers = itertools.count()


def published(draft: Draft) -> Published:
    """Return an entry as it is read from the database, without one."""
    entry = Entry(
        kind=draft.kind.name, slug=draft.slug, title=draft.title, version=3, state=State.PUBLISHED
    )
    entry.published_at = entry.updated_at
    claims = {
        name: [
            ClaimRow(
                entry_id=entry.id,
                field=name,
                source_slug=claim.source,
                **claim.model_dump(exclude={"source"}),
            )
            for claim in found
        ]
        for name, found in draft.claims.items()
    }
    profile = dict.fromkeys(draft.kind.public_fields) | draft.values
    return Published(entry, draft.kind, profile, claims, [], [])


def written(file: Path, kind: Kind, entry: Published) -> Row:
    """Write one entry to a file, and return what the file says of it."""

    def entries(one: Kind) -> Iterator[list[Published]]:
        yield [entry] if one is kind else []

    FORMATS[file.suffix[1:]](file, list(KINDS.values()), entries)
    opened = open_file(file)
    [row] = rows_of(opened)
    return row


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_an_export_says_what_the_entry_says(kind: Kind, ending: str, tmp_path: Path) -> None:
    @settings(ANY, max_examples=12)
    @given(drafts(kind))
    def check(draft: Draft) -> None:
        row = written(tmp_path / f"{next(numbers)}.{ending}", kind, published(draft))
        assert row.wrong == {}
        assert (row.kind, row.slug, row.version) == (kind, "an-entry", 3)
        entry = Entry(kind=kind.name, slug=row.slug, title="x", version=3)
        here = Text(draft.values, public(draft.claims_json))
        for base in (here, None):
            merged = merge(row, kind, Existing(entry, 3, here, base), {}, None)
            assert merged.differences == []

    check()


def public(claims: dict[str, Any]) -> dict[str, Any]:
    """Leave out who checked a claim, which no file gives out."""
    return {
        name: [{k: v for k, v in c.items() if k != "checked_by"} for c in found]
        for name, found in claims.items()
    }


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_each_cell_says_what_the_field_says(kind: Kind) -> None:
    @settings(ANY, max_examples=60)
    @given(drafts(kind))
    def check(draft: Draft) -> None:
        for name, value in draft.values.items():
            declared = kind.fields[name]
            assert from_cell(declared, to_cell(declared, value)) == value
        claims = public(draft.claims_json)
        assert claims_from_cell(claims_to_cell(claims)) == claims

    check()


@given(st.text(max_size=60))
@ANY
def test_any_text_in_a_cell_is_a_value_or_a_sentence(text: str) -> None:
    for kind in KINDS.values():
        for declared in kind.fields.values():
            try:
                from_cell(declared, text)
            except ValueError as error:
                assert str(error).endswith((".", ")")) or ":" in str(error)
    try:
        claims_from_cell(text)
    except ValueError as error:
        assert str(error)
