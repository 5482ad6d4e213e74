"""Entries as a workbook of Excel: strings stay strings, so that no cell is run as a formula."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any

from directory.db import now
from directory.entries.cells import KEPT
from directory.entries.fields import Declared, base_type
from directory.entries.kinds import Kind
from directory.entries.queries import Published
from directory.exports.csv import header, row

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767
"""What a cell of Excel holds, in characters."""
_NO_CHARACTERS = ("\ufffe", "\uffff")
_PIECE = 1 << 16
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}

Sheet = tuple[str, Sequence[Kind], Iterable[Iterable[Published]]]


def write_xlsx(to: Path | IO[bytes], sheets: Iterable[Sheet], *, claims: bool = False) -> None:
    """Write a workbook: for each sheet its name, its kinds and its entries, some at a time."""
    import xlsxwriter

    with xlsxwriter.Workbook(to if not isinstance(to, Path) else str(to), _OPTIONS) as book:
        # The same question on the same day gives the same bytes, as the ETag promises.
        book.set_properties({"created": datetime.combine(now().date(), time())})
        bold = book.add_format({"bold": True, "bottom": 1})
        for name, kinds, entries in sheets:
            _write_sheet(book.add_worksheet(name), bold, kinds, entries, claims)


def _write_sheet(
    sheet: Any,
    bold: Any,
    kinds: Sequence[Kind],
    entries: Iterable[Iterable[Published]],
    claims: bool,
) -> None:
    columns = header(kinds, claims=claims)
    declared = {name: d for kind in kinds for name, d in kind.public_fields.items()}
    widths = [_width(declared.get(name)) for name in columns]
    for index, width in enumerate(widths):
        sheet.set_column(index, index, width)
    sheet.freeze_panes(1, 2)
    for index, name in enumerate(columns):
        sheet.write_string(0, index, name, bold)
    number = 0
    for batch in entries:
        for published in batch:
            number += 1
            for index, text in enumerate(row(published, columns)):
                if text:
                    write_cell(sheet, number, index, text, declared.get(columns[index]))
    sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)


def _width(declared: Declared | None) -> int:
    if declared is None:
        return 14
    return {"text": 60, "line": 30, "lines": 30}.get(declared.widget, 20)


def write_cell(sheet: Any, number: int, index: int, text: str, declared: Declared | None) -> None:
    """Write one cell: a number where it is exactly that, else a string that fits."""
    kind = base_type(declared.type) if declared and not declared.many else str
    if kind in (int, Decimal) and _is_exact(text):
        sheet.write_number(number, index, float(text))
        return
    if len(text) > LONGEST_CELL or any(c in text for c in _NO_CHARACTERS):
        text = KEPT
    sheet.write_string(number, index, text)


def _is_exact(text: str) -> bool:
    try:
        return Decimal(repr(float(text))) == Decimal(text)
    except (ValueError, InvalidOperation):
        return False


def xlsx_pieces(sheets: Iterable[Sheet]) -> Iterator[bytes]:
    """Yield a workbook piece by piece; it is whole on disk before the first one."""
    made = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the generator that reads it.
    try:
        write_xlsx(made, sheets)
        made.seek(0)
    except BaseException:
        made.close()
        raise
    return _read(made)


def _read(made: IO[bytes]) -> Iterator[bytes]:
    with made:
        while piece := made.read(_PIECE):
            yield piece
