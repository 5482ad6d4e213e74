"""Facets that are mapped from their file say what facets in memory say."""

import os
from pathlib import Path
from typing import Any

import pytest

from directory.search import on_disk
from directory.search.facets import FacetIndex
from directory.search.query import FACETS, SORTS
from tests.search.conftest import Library, Reader, stock


@pytest.fixture
def mapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Map all that is packed, however little it is."""
    monkeypatch.setattr(on_disk, "LEAST", 0)


def folder_of(library: Library) -> Path:
    root = library.folder / "data" / "index"
    return root / (root / "current").read_text()


def all_that_is_said(reader: Reader) -> list[Any]:
    orders = [reader.finds(sort=sort) for sort in SORTS]
    return [
        orders,
        {name: reader.counts(name) for name in FACETS},
        reader.finds("gcsp", cost="fee"),
    ]


@pytest.mark.usefixtures("mapped")
def test_mapped_facets_answer_as_others_do_and_follow_what_is_published(library: Library) -> None:
    stock(library)
    mapped, others = Reader(library), Reader(library, library.folder / "other")
    assert isinstance(mapped.service.refresh().facets.ids._bytes, memoryview)
    on_disk.LEAST = 1_000_000
    assert not isinstance(others.service.refresh().facets.ids._bytes, memoryview)
    assert all_that_is_said(mapped) == all_that_is_said(others)
    key = library.training("aardvarks", "Aardvarks, and who keeps them", cost="fee")
    library.organisation("gcsp", "A centre with another name", acronym="GCSP")
    assert all_that_is_said(mapped) == all_that_is_said(others)
    assert mapped.finds(sort="title")[0] == "gcsp"
    library.withdraw(key)
    assert all_that_is_said(mapped) == all_that_is_said(others)
    for reader in (mapped, others):
        reader.service.close()


@pytest.mark.usefixtures("mapped")
@pytest.mark.parametrize("part", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_ends_too_early_is_not_used(library: Library, part: float) -> None:
    stock(library)
    reader = Reader(library)
    reader.finds()
    folder = folder_of(library)
    assert isinstance(on_disk.read_facets(folder), FacetIndex)
    whole = (folder / "facets").read_bytes()
    (folder / "torn").write_bytes(whole[: int(len(whole) * part)])
    os.replace(folder / "torn", folder / "facets")
    assert on_disk.read_facets(folder) is None
    assert reader.finds(sort="title"), "what is mapped already stays"
    later = Reader(library)
    assert all_that_is_said(later) == all_that_is_said(reader)
    for one in (reader, later):
        one.service.close()
