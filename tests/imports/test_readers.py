"""Files that are not what they should be: a clear sentence, and never a crash or a full memory.

`DIRECTORY_TEST_EXAMPLES` says how many files are made up for each reader.
"""

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.db import Database
from directory.errors import SourceFailed
from directory.imports.entries import Action
from directory.imports.readers import csv as csv_reader
from directory.imports.readers import open_file
from directory.imports.readers import xlsx as xlsx_reader
from tests.imports.files import bring_in, rows_of, table

EXAMPLES = int(os.environ.get("DIRECTORY_TEST_EXAMPLES", "25"))
ANY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="DIRECTORY_TEST_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def refused(file: Path, name: str = "") -> str:
    """Read a file as far as it goes, and return the sentence with which it is refused."""
    with pytest.raises(SourceFailed) as caught:
        opened = open_file(file, name=name)
        for _ in rows_of(opened):
            pass
    text = str(caught.value)
    assert (name or file.name) in text and text.endswith((".", ")", ".)"))
    return text


def plain_workbook() -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["kind", "title", "source"])
    book.worksheets[0].append(["training", "A course", "gcsp-profile"])
    made = io.BytesIO()
    book.save(made)
    book.close()
    return made.getvalue()


PLAIN = plain_workbook()


def with_parts(file: Path, **parts: bytes) -> Path:
    """Write a workbook in which some parts are other ones; `__` stands for a slash."""
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as old, zipfile.ZipFile(file, "w", 8) as new:
        replaced = {name.replace("__", "/") + ".xml": part for name, part in parts.items()}
        for member in old.namelist():
            if member not in replaced:
                new.writestr(member, old.read(member))
        for name, part in replaced.items():
            new.writestr(name, part)
    return file


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "yaml"])
def test_an_empty_file_and_one_of_zeros(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"a.{ending}"
    file.write_bytes(b"")
    assert "is empty" in refused(file)
    file.write_bytes(b"\x00" * 1000)
    refused(file)


def test_a_header_alone_or_columns_that_nobody_knows(tmp_path: Path) -> None:
    assert "no rows" in refused(table(tmp_path / "a.csv", ["kind", "title"]))
    assert "none of the columns" in refused(table(tmp_path / "b.csv", ["one", "two"], ["1", "2"]))


def test_ten_thousand_columns(tmp_path: Path) -> None:
    header = ["title", *(f"c{n}" for n in range(10_000))]
    assert "10,001 columns" in refused(table(tmp_path / "a.csv", header, ["x"]))


def test_a_table_that_breaks_off_loses_no_row_in_silence(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        'kind,title,source\ntraining,One,gcsp-profile\ntraining,"Two,gcsp-profile\n'
        "training,Three,gcsp-profile\n"
    )
    first, broken = bring_in(database, file)
    assert (first.action, broken.action) == (Action.CREATE, Action.ERROR)
    assert broken.notes["row"].startswith("Lines 3 to 4: a quotation mark is opened")


def test_a_quotation_mark_in_the_wrong_place_stops_its_row_alone(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text('kind,title,source\ntraining,"One" x,gcsp-profile\ntraining,Two,gcsp-profile\n')
    broken, second = bring_in(database, file)
    assert (broken.action, second.action) == (Action.ERROR, Action.CREATE)


def test_a_cell_larger_than_memory_is_no_cell(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_reader, "LONGEST_CELL", 10_000)
    rows = ["training", "x" * 20_000, "gcsp-profile"], ["training", "Two", "gcsp-profile"]
    file = table(tmp_path / "a.csv", ["kind", "title", "source"], *rows)
    found = bring_in(database, file)
    assert found[0].action is Action.ERROR and found[-1].action is Action.CREATE


def test_utf_8_that_turns_into_something_else(tmp_path: Path) -> None:
    good = "\n".join(["kind,title", *["training,École d’été à Genève"] * 10]).encode()
    (tmp_path / "a.csv").write_bytes(good + b"\ntraining,\xe9t\xe9\n")
    assert "line 12: this is not UTF-8" in refused(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_bytes(good + "\ntraining,é".encode()[:-1])
    assert "not UTF-8" in refused(tmp_path / "b.csv")


def test_a_picture_that_is_called_a_table_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xd8" * 20)
    with pytest.raises(SourceFailed, match=r"photo.csv is no text: it may be a picture"):
        open_file(tmp_path / "photo.csv")


def test_bytes_that_fit_no_encoding_are_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_bytes(b"kind,title\ntraining,\x81\x8d\x8f\x90\x9d\xff\xfe\n")
    with pytest.raises(SourceFailed, match=r"Western European \(Windows-1252\): it is damaged"):
        list(open_file(tmp_path / "odd.csv", encoding="cp1252").rows())


def test_an_encoding_that_nobody_knows_or_that_does_not_fit(tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", ["kind", "title"], ["training", "Женева"])
    for name in ("utf-9", "rot13", "hex", "ascii"):
        with pytest.raises(SourceFailed, match=r"encoding|ascii"):
            opened = open_file(file, encoding=name)
            list(opened.rows())


def test_a_workbook_that_would_unpack_to_more_than_memory(tmp_path: Path) -> None:
    bomb = b"<worksheet>" + b" " * (64 << 20) + b"</worksheet>"
    text = refused(with_parts(tmp_path / "a.xlsx", xl__worksheets__sheet1=bomb))
    assert "would unpack to" in text


def test_a_workbook_with_one_cell_at_the_end_of_the_world(tmp_path: Path) -> None:
    far = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert "row 1,048,576" in refused(with_parts(tmp_path / "a.xlsx", xl__worksheets__sheet1=far))


def test_a_workbook_with_entities(tmp_path: Path) -> None:
    entity = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        b"<worksheet>&a;</worksheet>"
    )
    for part in ("xl__worksheets__sheet1", "xl__sharedStrings", "xl__workbook"):
        assert "entities" in refused(with_parts(tmp_path / f"{part}.xlsx", **{part: entity}))


def test_workbooks_that_are_none(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_text("kind,title\n")
    assert "no Excel workbook" in refused(file)
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("a.txt", "x")
    assert "no Excel workbook" in refused(file)
    with zipfile.ZipFile(file, "w") as made:
        for number in range(xlsx_reader.MOST_MEMBERS + 1):
            made.writestr(f"{number}", "")
    assert "parts" in refused(file)
    file.write_bytes(PLAIN[: len(PLAIN) // 2])
    refused(file)


def test_yaml_that_stands_for_more_than_memory_or_for_itself(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "a.yaml"
    lines = ["- &a0 [x, x]", *(f"- &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    file.write_text("\n".join([*lines, "- &me {kind: *me}", "- {kind: training, slug: a}"]))
    planned = bring_in(database, file)
    assert len(planned) == 62
    assert all("aliases" in p.notes["entry"] for p in planned[:61])
    assert "profile" in planned[-1].notes


@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_what_is_nested_too_deep_stops_its_entry_or_the_file(
    database: Database, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"a.{ending}"
    deep: Any = []
    for _ in range(100):
        deep = [deep]
    good = {"kind": "training", "slug": "x", "source": "gcsp-profile", "profile": {"title": "X"}}
    file.write_text(json.dumps([{"kind": "training", "slug": "a", "profile": deep}, good]))
    first, second = bring_in(database, file)
    assert "too deep" in first.notes["entry"]
    assert second.action is Action.CREATE
    file.write_text("[" * 100_000)
    refused(file)


def test_an_item_that_is_no_entry_stops_nothing(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    good = '{"kind": "training", "slug": "x", "source": "gcsp-profile", "profile": {"title": "X"}}'
    file.write_text(f"[1, {good}]")
    first, second = bring_in(database, file)
    assert (first.action, second.action) == (Action.ERROR, Action.CREATE)
    file.write_text(f"[{good}, {{")
    assert "JSON" in refused(file)


def read_through(file: Path, content: bytes) -> None:
    """Read a file to its end: rows, or a sentence."""
    file.write_bytes(content)
    try:
        opened = open_file(file)
        for row in rows_of(opened):
            assert row.place
    except SourceFailed as error:
        assert str(error)


TABLE = "kind,title,runs,claims,source\ntraining,A,label: x | start: 5/6/2026,a: source: x,gcsp\n"
LIST = '{"items": [{"kind": "training", "slug": "a", "version": 1, "profile": {"title": "A"}}]}'
YAML = "items:\n- kind: training\n  slug: a\n  profile:\n    title: 'A'\n    aliases: [b, c]\n"
STARTS = {"csv": TABLE.encode(), "json": LIST.encode(), "yaml": YAML.encode(), "xlsx": PLAIN}


@st.composite
def broken(draw: st.DrawFn, content: bytes) -> bytes:
    """Return a file with some bytes taken out, doubled or written over."""
    made = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(made)))
        piece = draw(st.binary(max_size=8) | st.sampled_from([b'"', b"\n", b";", b"[", b"{", b"("]))
        made[at : at + draw(st.integers(0, 20))] = piece
    return bytes(made)


@pytest.mark.parametrize("ending", STARTS)
def test_any_file_is_read_or_refused(tmp_path: Path, ending: str) -> None:
    @ANY
    @given(st.one_of(broken(STARTS[ending]), st.binary(max_size=200)))
    def check(content: bytes) -> None:
        read_through(tmp_path / f"a.{ending}", content)

    check()


def test_a_workbook_whose_sheet_is_broken_inside_a_whole_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    file = tmp_path / "a.xlsx"

    @ANY
    @given(broken(sheet))
    def check(part: bytes) -> None:
        with_parts(file, xl__worksheets__sheet1=part)
        read_through(file, file.read_bytes())

    check()
