"""The table says what came of each row, and fails when anything failed."""

from pathlib import Path

import pytest

from tests.interop import registry
from tests.interop.registry import Outcome, Row, details, run, table_line
from tests.interop.site import Absent, NoSchema, Site

NOWHERE = Site("http://127.0.0.1:9", Path("/nowhere"), {})


def outcome(read: registry.Read) -> Outcome:
    return run(Row("A format", "/somewhere", "jsonschema", read), NOWHERE)


def one_problem(_site: Site, errors: list[str]) -> int:
    errors.append("a comma is missing")
    return 7


def breaks(_site: Site, _errors: list[str]) -> int:
    raise ValueError("no such thing")


def absent(_site: Site, _errors: list[str]) -> int:
    raise Absent("/somewhere")


def test_what_a_client_does_not_accept_fails_and_is_told() -> None:
    found = outcome(one_problem)
    assert found.failed and found.records == 7
    assert list(details([found])) == ["A format (jsonschema): a comma is missing"]
    assert table_line(found).split()[-3:-1] == ["7", "1"]


def test_what_breaks_is_an_error_of_its_row_alone() -> None:
    assert outcome(breaks).errors == ["ValueError: no such thing"]


def test_nothing_read_is_no_success() -> None:
    assert outcome(lambda _site, _errors: 0).failed


def test_an_absent_format_is_told_and_later_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    found = outcome(absent)
    assert found.absent and "absent" in table_line(found)
    monkeypatch.setattr(registry, "ABSENT_IS_AN_ERROR", True)
    assert found.failed


def test_without_the_schema_of_others_nothing_is_said_either_way() -> None:
    def unchecked(_site: Site, _errors: list[str]) -> int:
        raise NoSchema("theirs.json")

    found = outcome(unchecked)
    assert not found.failed and "no schema" in table_line(found)


def test_the_same_error_is_told_once() -> None:
    found = Outcome(Row("A format", "/", "python", absent), errors=["x"] * 3)
    assert next(details([found])).endswith("x (3 times)")
