"""Workbooks of Excel, after a look at what they would unpack to.

An XLSX file is a ZIP of XML. What is small on disk can be huge in memory, so that the number of
its members, their size and the area of its sheets are known before any of it is read.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any

from directory.entries.kinds import KINDS
from directory.errors import SourceFailed
from directory.imports.readers.csv import header_of, is_remark
from directory.imports.readers.opened import Opened, Raw
from directory.languages import gettext

MOST_MEMBERS = 2_000
LARGEST_UNPACKED = 1024**3
MOST_TIMES = 400
"""So many times larger than in the ZIP may its content be; Excel's own files reach 30."""
MOST_CELLS = 10_000_000
_PIECE = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_FORBIDDEN = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
_LAST_SHEETS = ("help", "lists")
"""Sheets of our own templates that hold no entries."""


def open_xlsx(file: Path, name: str, encoding: str | None) -> Opened:
    """Open a workbook; raises SourceFailed when it is none, or would not fit into memory.

    A workbook says itself how it is encoded, so that `encoding` is not asked.
    """
    _check(file, name)
    sheets, ignored = _sheets(file, name)
    told = []
    if ignored:
        told.append(f"Not read: the sheets {', '.join(ignored)}.")
    return Opened(name, partial(_rows, file, name, sheets), told=told)


def _check(file: Path, name: str) -> None:
    """Refuse what is no workbook, and what would unpack to more than memory holds."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise SourceFailed(
                    gettext(
                        "%(name)s has %(number)s parts: it is no workbook.",
                        name=name,
                        number=len(members),
                    )
                )
            if "xl/workbook.xml" not in archive.namelist():
                raise SourceFailed(
                    gettext("%(name)s is no Excel workbook: save it as .xlsx.", name=name)
                )
            if any(member.flag_bits & 1 for member in members):
                raise SourceFailed(
                    gettext("%(name)s has a password: save it without one.", name=name)
                )
            size = sum(member.file_size for member in members)
            packed = max(file.stat().st_size, 1)
            if size > LARGEST_UNPACKED or size > max(packed * MOST_TIMES, 10 * _PIECE):
                raise SourceFailed(
                    gettext(
                        "%(name)s would unpack to %(number)s MB: it is refused.",
                        name=name,
                        number=size // 1024**2,
                    )
                )
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    _check_member(archive, member, name)
    except (*_DAMAGED, OSError) as error:
        raise SourceFailed(
            gettext(
                "%(name)s is no Excel workbook, or it is damaged: save it again as .xlsx.",
                name=name,
            )
        ) from error


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    """Read a part once, a piece at a time: no definitions of entities, no sheet beyond memory."""
    sheet = member.filename.startswith("xl/worksheets/")
    rows = columns = read = 0
    rest = b""
    with archive.open(member) as data:
        while piece := data.read(_PIECE):
            read += len(piece)
            if read > LARGEST_UNPACKED:
                raise SourceFailed(
                    gettext("%(name)s unpacks to more than it says: it is refused.", name=name)
                )
            text = rest + piece
            if _FORBIDDEN.search(text):
                raise SourceFailed(
                    gettext("%(name)s defines entities of XML: it is refused.", name=name)
                )
            if sheet:
                for letters, digits in _CELL.findall(text):
                    rows = max(rows, int(digits))
                    columns = max(columns, _column(letters))
                if rows * columns > MOST_CELLS:
                    raise SourceFailed(
                        gettext(
                            "%(name)s: a sheet has cells as far as row %(row)s and column "
                            "%(column)s. Remove what is far away, or split the file.",
                            name=name,
                            row=rows,
                            column=columns,
                        )
                    )
            rest = text[-200:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _workbook(file: Path, name: str) -> Any:
    from python_calamine import CalamineWorkbook

    return _guarded(name, lambda: CalamineWorkbook.from_path(str(file)))


def _guarded(name: str, work: Any) -> Any:
    """Call the library; what it cannot read it tells in several ways, one of them a panic."""
    try:
        return work()
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        reason = " ".join(str(error).split())[:200]
        raise SourceFailed(
            gettext(
                "%(name)s is a damaged workbook (%(reason)s): save it again.",
                name=name,
                reason=reason,
            )
        ) from error


def _sheets(file: Path, name: str) -> tuple[list[str], list[str]]:
    """Return the sheets that hold entries, and those that are left out.

    Sheets called after a kind are read; where there is none, the first one is.
    """
    book = _workbook(file, name)
    names = list(book.sheet_names)
    book.close()
    named = [sheet for sheet in names if kind_called(sheet)]
    wanted = named or [sheet for sheet in names if sheet.lower() not in _LAST_SHEETS][:1]
    if not wanted:
        raise SourceFailed(gettext("%(name)s has no sheet with entries.", name=name))
    left = [s for s in names if s not in wanted and s.lower() not in _LAST_SHEETS]
    return wanted, left


def kind_called(sheet: str) -> str:
    """Return the name of the kind that a sheet is called after, or nothing."""
    words = sheet.strip().casefold()
    for kind in KINDS.values():
        labels = (kind.label_in_english, kind.plural_in_english)
        if words in (kind.name, kind.path, *(label.casefold() for label in labels)):
            return kind.name
    return ""


def _rows(file: Path, name: str, sheets: list[str]) -> Iterator[Raw]:
    book = _workbook(file, name)
    try:
        for sheet in sheets:
            found = _guarded(name, partial(book.get_sheet_by_name, sheet))
            first = found.start[0] if found.start else 0
            rows = found.iter_rows()
            header: tuple[str, ...] = ()
            number = 0
            shown = sheet if len(sheets) > 1 or kind_called(sheet) else ""
            while (row := _guarded(name, partial(next, rows, None))) is not None:
                number += 1
                cells = [_cell(value) for value in row]
                if not any(cells):
                    continue
                if header:
                    if not is_remark(header, cells):
                        yield Raw(number, header, cells, sheet=shown)
                else:
                    header = header_of(name, cells)
            del found, rows, first
    finally:
        book.close()


def _cell(value: Any) -> str:
    """Return what stands in a cell as its text; numbers and dates as a program writes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)
