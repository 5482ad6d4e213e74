"""What entries side by side hold, and what their file says, for entries made to the point."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.entries.compare import Comparison, Row, read_comparison
from directory.entries.shortlist import Shortlist
from directory.exports.compare import write_comparison
from tests.search.conftest import Library


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path)
    made.training(
        "first",
        "=cmd|'/c calc'!A1",
        training_kind="course",
        languages=["en", "fr"],
        duration="-2 days",
        runs=[
            {
                "label": "Spring",
                "start": "2027-01-10",
                "cancelled": True,
                "tracks": [{"title": "Audit", "cost_amount": "0"}],
            }
        ],
    )
    made.training("second", "Second", training_kind="course", languages=["fr", "en"], mode="online")
    yield made
    made.engine.dispose()


def compared(shelf: Library) -> Comparison:
    asked = Shortlist.read([("entry", "first"), ("entry", "training/second")])
    with shelf.db.reading() as session:
        return read_comparison(session, shelf.vocabularies(), asked)


def rows(comparison: Comparison) -> dict[str, Row]:
    return {row.title: row for group in comparison.groups for row in group.rows}


def table(shelf: Library) -> dict[str, list[str]]:
    text = "".join(write_comparison(compared(shelf), "https://site.example"))
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    return {row[1]: row for row in read}


def test_the_order_of_a_list_is_no_difference(shelf: Library) -> None:
    assert rows(compared(shelf))["In which language"].verdict == "same"


def test_what_one_states_and_the_other_does_not_is_a_difference(shelf: Library) -> None:
    assert rows(compared(shelf))["Where and how"].verdict == "differs"


def test_a_field_stands_in_one_row_only(shelf: Library) -> None:
    comparison = compared(shelf)
    titles = [row.title for group in comparison.groups for row in group.rows]
    assert len(titles) == len(set(titles))
    assert not set(titles) & set(comparison.silent)


def test_what_is_about_our_own_work_or_private_is_not_compared(shelf: Library) -> None:
    comparison = compared(shelf)
    titles = [*rows(comparison), *comparison.silent]
    assert "The title is ours" not in titles and "Note for curators" not in titles


def test_no_cell_of_the_file_runs_in_a_spreadsheet(shelf: Library) -> None:
    found = table(shelf)
    assert found["Question"][2] == "'=cmd|'/c calc'!A1"
    assert found["How long"][2] == "'-2 days"


def test_a_dated_run_is_said_in_words(shelf: Library) -> None:
    dates = table(shelf)["Dates"]
    assert dates[2] == (
        "Name of the run: Spring, Starts on: 2027-01-10, Cancelled, Tracks: Audit, 0.00"
    )
    assert dates[4:] == ["Not stated", "not stated: Paper"]
