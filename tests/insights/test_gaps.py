"""What the gap map counts is what one finds, and it says how far to trust an empty cell."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from pyroaring import BitMap
from sqlmodel import select

from directory.db import Database
from directory.entries.kinds import KINDS, Kind
from directory.entries.models import Entry
from directory.entries.queries import is_published, profiles
from directory.entries.vocabularies import NOT_STATED, Vocabularies
from directory.exports.insights import write_table
from directory.insights.gaps import (
    MOST_ASKED,
    MOST_COLUMNS,
    OLD,
    TABLE,
    Confidence,
    GapMap,
    confidence,
    gap_map,
    spread,
    table_of,
)
from directory.insights.query import ROWS, GapQuery, columns_of
from directory.search.query import FACETS, SearchQuery
from directory.search.service import SearchService
from directory.sources.models import ClaimRow
from tests.insights.conftest import look
from tests.search.conftest import TODAY, Library

QUERIES = [
    GapQuery(),
    GapQuery(by="language"),
    GapQuery(rows="policy_area", by="mode"),
    GapQuery(by="region", kind="organisation"),
    GapQuery(rows="policy_area", by="country", kind="programme"),
]


@pytest.fixture
def service(database: Database, tmp_path: Path) -> Iterator[SearchService]:
    """Search over the seed."""
    found = SearchService(database, tmp_path, today=lambda: TODAY)
    yield found
    found.close()


def seen(database: Database, service: SearchService, query: GapQuery) -> GapMap:
    with database.reading() as session:
        return gap_map(session, service.refresh(), query, TODAY)


def total(service: SearchService, url: str) -> int:
    """Return how many entries the page behind a link shows."""
    params = parse_qsl(urlsplit(url).query)
    return service.search(SearchQuery.read(params, strict=True), values=1).total


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: q.url())
def test_every_figure_is_what_its_link_finds(
    database: Database, service: SearchService, query: GapQuery
) -> None:
    found = seen(database, service, query)
    assert found.total and found.columns
    linked = {row.url: row.count for row in found.rows}
    linked |= {row.unstated_url: row.unstated for row in found.rows}
    linked |= {cell.url: cell.count for row in found.rows for cell in row.cells}
    linked |= {column.url: column.count for column in found.columns}
    linked |= {known.unstated_url: known.unstated for known in found.known}
    assert {url: total(service, url) for url in linked} == linked


def carried(words: Vocabularies, kind: Kind, profile: dict[str, Any], parameter: str) -> set[str]:
    """Return the values of a facet by the slow way: each field, and all that lies above."""
    wanted = FACETS[parameter].vocabulary
    codes: set[str] = set()
    for name, declared in kind.public_fields.items():
        value = profile[name]
        if value is None or not declared.facet or not declared.vocabulary:
            continue
        for code in value if isinstance(value, list) else [value]:
            there = [(declared.vocabulary, code), *words.above(declared.vocabulary, code)]
            codes |= {c for vocabulary, c in there if vocabulary == wanted}
    return codes or {NOT_STATED}


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: q.url())
def test_counting_one_by_one_gives_the_same(
    database: Database, service: SearchService, query: GapQuery
) -> None:
    kind = KINDS[query.kind]
    with database.reading() as session:
        words = Vocabularies.read(session)
        ids = session.exec(select(Entry.id).where(is_published(), Entry.kind == kind.name)).all()
        entries = [
            tuple(carried(words, kind, profile, p) for p in (query.rows, query.by))
            for profile in profiles(session, kind, ids).values()
        ]
    for row in seen(database, service, query).rows:
        within = [by for rows, by in entries if row.value in rows]
        assert row.count == len(within)
        assert row.unstated == sum(NOT_STATED in by for by in within)
        for cell in row.cells:
            assert cell.count == sum(cell.column.value in by for by in within), (row, cell)


@pytest.mark.parametrize("kind", KINDS)
def test_every_facet_with_a_vocabulary_can_be_the_columns(
    database: Database, service: SearchService, kind: str
) -> None:
    assert {"language", "region", "audience"} <= set(columns_of(KINDS[kind]))
    for by in columns_of(KINDS[kind]):
        found = seen(database, service, GapQuery(by=by, kind=kind))
        assert 0 < len(found.columns) <= MOST_COLUMNS
        assert found.here.total == found.total


def test_trainings_are_asked_for_cost_and_mode() -> None:
    assert {"cost", "mode"} <= set(columns_of(KINDS["training"]))
    assert not set(ROWS) & set(columns_of(KINDS["training"]))


def test_regions_are_the_world_and_what_lies_directly_below(
    database: Database, service: SearchService
) -> None:
    found = seen(database, service, GapQuery(by="region"))
    codes = [column.value for column in found.columns]
    assert codes[0] == "001"
    assert {"002", "009", "019", "142", "150", "722"} <= set(codes)
    assert set(codes) <= set(service.vocabularies.terms["regions"])


def test_the_six_languages_are_there_even_where_no_entry_names_one(
    database: Database, service: SearchService
) -> None:
    found = seen(database, service, GapQuery(by="language"))
    assert {"ar", "en", "es", "fr", "ru", "zh"} <= {c.value for c in found.columns}


@pytest.mark.parametrize(
    ("params", "query", "repaired"),
    [
        ([], GapQuery(), ()),
        ([("by", "mode"), ("other", "x")], GapQuery(by="mode"), ()),
        ([("by", "weather"), ("rows", "sdg")], GapQuery(), ("rows", "by")),
        ([("kind", "\x00"), ("by", "mode")], GapQuery(by="mode"), ("kind",)),
        # A programme has no cost.
        ([("kind", "programme"), ("by", "cost")], GapQuery(kind="programme"), ("by",)),
    ],
)
def test_what_does_not_fit_is_repaired_and_said(
    params: list[tuple[str, str]], query: GapQuery, repaired: tuple[str, ...]
) -> None:
    read = GapQuery.read(params)
    assert read == query
    assert read.repaired == repaired
    assert GapQuery.read(parse_qsl(urlsplit(read.url()).query)) == read


@pytest.mark.parametrize(
    ("count", "unstated", "age", "words"),
    [
        (0, 0, 0, "nothing listed"),
        (10, 2, 0, "well known"),
        (10, 3, 0, "partly known"),
        (10, 5, 0, "partly known"),
        (10, 6, 0, "mostly not stated"),
        (10, 0, OLD.days, "well known"),
        (10, 0, OLD.days + 1, "partly known"),
        (1, 0, 0, "partly known"),
        (1, 1, 0, "mostly not stated"),
    ],
)
def test_how_sure_a_count_is(count: int, unstated: int, age: int, words: str) -> None:
    assert confidence(count, unstated, TODAY - timedelta(days=age), TODAY).value == words


def test_what_nobody_checked_is_not_well_known() -> None:
    assert confidence(10, 0, None, TODAY) is Confidence.PARTLY


def stock(shelf: Library) -> None:
    """Put five courses under C5 that state their audience, four under C4 of which one does."""
    for n in range(5):
        shelf.training(f"a{n}", f"A{n}", action_lines=["C5"], audiences=["diplomats"])
    for n in range(3):
        shelf.training(f"b{n}", f"B{n}", action_lines=["C4"])
    shelf.training("c", "C", action_lines=["C4", "C7-EGOV"], audiences=["ngos-civil-society"])


def test_an_empty_cell_is_a_gap_only_where_enough_is_stated(shelf: Library) -> None:
    stock(shelf)
    found = look(shelf.db, shelf.folder / "data", GapQuery())
    rows = {row.value: row for row in found.rows}
    assert [(row.value, cell.column.value) for row, cell in found.gaps] == [
        ("C5", "ngos-civil-society")
    ]
    assert rows["C4"].confidence is Confidence.UNKNOWN
    assert rows["C4"].share == 0.75
    assert not any(cell.is_gap for cell in rows["C4"].cells)


def test_topics_are_named_without_what_holds_them(shelf: Library) -> None:
    stock(shelf)
    found = look(shelf.db, shelf.folder / "data", GapQuery())
    assert [row.value for row in found.empty] == ["C7-EBUS"]
    assert [row.value for row in found.thin] == ["C7-EGOV", "C4", "C5"]
    assert {row.value: row.depth for row in found.rows}["C7-EGOV"] == 1
    assert NOT_STATED not in [row.value for row in found.rows], "every training has a topic"


def test_an_entry_without_a_topic_is_counted_too(shelf: Library) -> None:
    shelf.training("lost", "Lost", audiences=["diplomats"])
    last = look(shelf.db, shelf.folder / "data", GapQuery()).rows[-1]
    assert (last.value, last.count) == (NOT_STATED, 1)


def test_the_age_is_the_middle_one_of_the_claims_about_the_columns(shelf: Library) -> None:
    days = [date(2026, 1, 1), date(2026, 5, 1), date(2026, 11, 1)]
    for n, day in enumerate(days):
        key = shelf.training(f"t{n}", f"T{n}", action_lines=["C5"], mode="online")
        with shelf.db.writing() as session:
            for claim in session.exec(select(ClaimRow).where(ClaimRow.entry_id == key)):
                # Others were looked at long ago; only the mode counts here.
                claim.checked_on = day if claim.field == "mode" else date(2020, 1, 1)
    found = look(shelf.db, shelf.folder / "data", GapQuery(by="mode"))
    assert {row.value: row.checked for row in found.rows}["C5"] == days[1]
    assert found.checked == days[1]


def test_of_many_entries_some_are_asked_evenly() -> None:
    assert spread(BitMap([3, 5])) == [3, 5]
    asked = spread(BitMap(range(1_000)))
    assert len(asked) == MOST_ASKED
    assert asked == sorted(set(asked))
    assert asked[0] < 20 and asked[-1] >= 980 - 1


def test_an_empty_directory_has_an_empty_map(shelf: Library) -> None:
    found = look(shelf.db, shelf.folder / "data", GapQuery())
    assert found.total == 0
    assert found.most == 0
    assert {row.confidence for row in found.rows} == {Confidence.NOTHING}
    assert found.checked is None


def test_a_spreadsheet_gets_the_same_figures(database: Database, service: SearchService) -> None:
    found = seen(database, service, GapQuery(by="mode"))
    text = "".join(write_table(TABLE, table_of(found, "https://x.example")))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert len(rows) == len(found.rows) * (len(found.columns) + 1)
    counted = {(r["row"], r["value"]): int(r["count"]) for r in rows}
    for row in found.rows:
        assert counted[row.value, NOT_STATED] == row.unstated
        for cell in row.cells:
            assert counted[row.value, cell.column.value] == cell.count
    assert all(r["url"].startswith("https://x.example/search?kind=training") for r in rows)
