"""Somebody opens the result of a search in a spreadsheet."""

import csv
import io

import pytest

from directory.entries.cells import as_meant, harmless
from directory.entries.kinds import KINDS, TRAINING
from directory.entries.models import Entry
from directory.entries.queries import Published
from directory.exports.csv import BYTE_ORDER_MARK, header, row, write_csv


def published(**profile: object) -> Published:
    entry = Entry(kind="training", slug="a-course", title="A course")
    return Published(entry, TRAINING, profile, {}, [], [])


def cells(**profile: object) -> dict[str, str]:
    columns = header([TRAINING])
    return dict(zip(columns, row(published(**profile), columns), strict=True))


def in_file(**profile: object) -> dict[str, str]:
    text = "".join(write_csv([TRAINING], [[published(**profile)]]))
    (found,) = csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""))
    return found


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_run_as_a_formula(text: str) -> None:
    assert in_file(title=text)["title"] == f"'{text}"
    assert in_file(aliases=[text, "x"])["aliases"][0] in ("'", '"')


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "''-x", "'tis", "'", "plain", "＝1", "\n=1"])
def test_the_apostrophe_before_a_formula_comes_off_again_and_no_other(text: str) -> None:
    assert as_meant(harmless(text)) == text
    assert harmless("'tis") == "'tis"


@pytest.mark.parametrize("text", ["C7", "free of charge", "a=b", "1-2", ""])
def test_an_ordinary_cell_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_lists_stand_side_by_side_and_what_is_not_stated_is_empty() -> None:
    found = cells(action_lines=["C4", "C5"], on_request=False, workload_hours="8.5")
    assert found["action_lines"] == "C4; C5"
    assert found["on_request"] == "false"
    assert found["workload_hours"] == "8.5"
    assert found["cost"] == ""
    assert found["url"] == "/trainings/a-course"


def test_an_organisation_stands_with_its_role_and_a_run_whole() -> None:
    found = cells(
        organisations=[{"organisation": "gcsp", "role": "partner"}],
        runs=[{"label": "2026 cohort", "start": "2026-03-01"}],
    )
    assert found["organisations"] == "gcsp:partner"
    assert found["runs"] == "label: 2026 cohort | start: 2026-03-01"


def test_kinds_together_share_the_columns_they_share() -> None:
    columns = header(KINDS.values())
    assert len(columns) == len(set(columns))
    for kind in KINDS.values():
        assert set(kind.public_fields) <= set(columns)


def test_the_file_opens_in_excel_and_keeps_commas_and_lines() -> None:
    pieces = write_csv([TRAINING], [[published(title="One, two", summary='A "b"\nc')], []])
    text = "".join(pieces)
    assert text.startswith(BYTE_ORDER_MARK)
    (found,) = csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""))
    assert (found["title"], found["summary"]) == ("One, two", 'A "b"\nc')
