"""CSV as spreadsheets write it: any separator, any common encoding, quotation marks or none."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from directory.entries.cells import ABOUT
from directory.errors import SourceFailed
from directory.imports.columns import known_among
from directory.imports.readers.encoding import called, find_encoding
from directory.imports.readers.opened import MOST_COLUMNS, Opened, Raw
from directory.languages import gettext, marked, worded

_TOLD = {
    ",": marked("Columns are separated by commas."),
    ";": marked("Columns are separated by semicolons."),
    "\t": marked("Columns are separated by tabs."),
    "|": marked("Columns are separated by upright lines."),
}
LONGEST_CELL = 1 << 20
_SAMPLE_ROWS = 50


def open_csv(file: Path, name: str, encoding: str | None) -> Opened:
    """Open a table; the separator is the one that makes the most of the header."""
    codec, told = find_encoding(file, name, encoding)
    # One limit for the whole process; the library's own is smaller than a long list of claims.
    csv.field_size_limit(LONGEST_CELL)
    separator, skip = _separator(file, name, codec)
    return Opened(
        name,
        partial(_rows, file, name, codec, separator, skip),
        harmless=True,
        told=[told, _TOLD[separator]],
    )


def _text(file: Path, codec: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(file.open("rb"), encoding=codec, newline="")


def _separator(file: Path, name: str, codec: str) -> tuple[str, int]:
    """Return the separator, and how many rows to skip: Excel reads `sep=;` in the first one."""
    try:
        with _text(file, codec) as text:
            sample = text.read(1 << 16)
    except UnicodeError as error:
        raise _undecodable(name, codec) from error
    if "\x00" in sample:
        raise SourceFailed(
            gettext("%(name)s holds zero bytes: it is no text. Save it as CSV or XLSX.", name=name)
        )
    stated = re.match(r'"?sep=(.)"?\r?\n', sample, re.IGNORECASE)
    if stated and stated[1] in _TOLD:
        return stated[1], 1
    scores = {mark: _score(sample, mark) for mark in _TOLD}
    return max(scores, key=lambda mark: scores[mark]), 0


def _score(sample: str, separator: str) -> tuple[int, int]:
    """Return how many columns of the header are known, then how many rows are as wide as it."""
    rows = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) == _SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    header = next((row for row in rows if any(cell.strip() for cell in row)), [])
    alike = sum(len(row) == len(header) for row in rows) if len(header) > 1 else 0
    return known_among(header), alike


def _undecodable(name: str, codec: str) -> SourceFailed:
    return SourceFailed(
        gettext(
            "%(name)s cannot be read as %(encoding)s: it is damaged, or has another encoding, or "
            "is no table. Open it in Excel and save it again as “CSV UTF-8” or XLSX.",
            name=name,
            encoding=worded(called(codec)),
        )
    )


def _rows(file: Path, name: str, codec: str, separator: str, skip: int) -> Iterator[Raw]:
    """Yield the rows below the header; a row that cannot be read has a problem and no cells."""
    header: tuple[str, ...] = ()
    number = 0
    with _text(file, codec) as text:
        # Strict, so that a quotation mark that is never closed swallows no row in silence.
        reader = csv.reader(text, delimiter=separator, strict=True)
        while True:
            number += 1
            before = reader.line_num
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Raw(number, problem=_broken(error, before, reader.line_num))
                continue
            except UnicodeError as error:
                raise _undecodable(name, codec) from error
            if number <= skip or not any(cells):
                continue
            if header:
                if not is_remark(header, cells):
                    yield Raw(number, header, cells)
            else:
                header = header_of(name, cells)


def is_remark(header: tuple[str, ...], cells: Sequence[str]) -> bool:
    """Say whether a row only explains: # before a kind or a short name, which have none."""
    return header[0] in ABOUT and str(cells[0]).lstrip().startswith("#")


def header_of(name: str, cells: list[str]) -> tuple[str, ...]:
    """Return the names of the columns; SourceFailed when no table can have so many."""
    header = [str(cell).strip() for cell in cells]
    while header and not header[-1]:
        header.pop()
    if len(header) > MOST_COLUMNS:
        raise SourceFailed(
            gettext(
                "%(name)s has %(number)s columns; a table of entries has %(most)s at most.",
                name=name,
                number=len(header),
                most=MOST_COLUMNS,
            )
        )
    return tuple(header)


def _broken(error: csv.Error, before: int, after: int) -> str:
    lines = f"Lines {before + 1} to {after}" if after > before + 1 else f"Line {before + 1}"
    if "unexpected end" in str(error) or "field larger" in str(error):
        return f"{lines}: a quotation mark is opened and not closed. Nothing of this was read."
    if "expected after" in str(error):
        return f"{lines}: something stands after a closing quotation mark. Double it, or remove it."
    return f"{lines} cannot be read: {error}."
