"""Tables."""

import csv
import io

from frictionless import Resource
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from tests.interop.registry import row
from tests.interop.site import Site

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


@row("CSV", "/search.csv", "python")
def search_csv(site: Site, errors: list[str]) -> int:
    """Read it as Python does: every line as long as the head, nothing that would be run."""
    text = site.get("/search.csv").content.decode("utf-8-sig")
    head, *lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    if len(set(head)) != len(head):
        errors.append("two columns have the same name")
    for number, cells in enumerate(lines, 2):
        if len(cells) != len(head):
            errors.append(f"line {number} has {len(cells)} cells of {len(head)}")
        errors += [f"line {number}: {c[:30]!r} is a formula" for c in cells if c[:1] in FORMULA]
    if len(lines) != site.total():
        errors.append(f"{len(lines)} lines, {site.total()} entries")
    return len(lines)


@row("CSV", "/search.csv", "frictionless")
def search_csv_with_frictionless(site: Site, errors: list[str]) -> int:
    """Let frictionless find out what it is, and check it."""
    path = site.folder / "search.csv"
    path.write_bytes(site.get("/search.csv").content)
    report = Resource(path=path.name, basepath=str(site.folder)).validate()
    for row_number, field_number, note in report.flatten(["rowNumber", "fieldNumber", "note"]):
        errors.append(f"row {row_number}, field {field_number}: {note}")
    return int(report.tasks[0].stats["rows"])


@row("XLSX", "/search.xlsx", "openpyxl")
def search_xlsx(site: Site, errors: list[str]) -> int:
    """Read it with openpyxl, which tells a formula from a text."""
    book = load_workbook(io.BytesIO(site.get("/search.xlsx").content), read_only=True)
    lines = 0
    for sheet in book.worksheets:
        for cells in sheet.iter_rows(min_row=2):
            lines += any(cell.value is not None for cell in cells)
            errors += [f"{sheet.title}: {c.value!r}" for c in cells if c.data_type in ("f", "e")]
    return lines


@row("XLSX", "/search.xlsx", "python-calamine")
def search_xlsx_with_calamine(site: Site, errors: list[str]) -> int:
    """Read it with calamine, as other programs do, and count the same lines."""
    content = site.get("/search.xlsx").content
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    lines = 0
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python()
        lines += sum(any(cell != "" for cell in cells) for cells in rows[1:])
    other = search_xlsx(site, [])
    if lines != other:
        errors.append(f"{lines} lines, and {other} with openpyxl")
    if lines < site.total():
        errors.append(f"{lines} lines, {site.total()} entries")
    return lines
