"""A search result as CSV (RFC 4180), for a spreadsheet: one row an entry, one column a field."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from types import NoneType
from typing import Any, get_args

from directory.entries.fields import Declared, is_model
from directory.entries.kinds import Kind
from directory.entries.queries import Published

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as the code page of the machine."""

ABOUT = ("kind", "slug", "url")
SEPARATOR = "; "
# A spreadsheet runs a cell that begins with one of these (OWASP, CSV injection).
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def header(kinds: Iterable[Kind]) -> list[str]:
    """Return the columns: what every entry has, then each public field of the kinds, once."""
    return [*ABOUT, *dict.fromkeys(name for kind in kinds for name in kind.public_fields)]


def _is_pair(model: Any) -> bool:
    """Say whether a structured value is a code with its value, both always there."""
    kinds = [info.annotation for info in model.model_fields.values()]
    return all(NoneType not in get_args(kind) for kind in kinds) and len(kinds) == 2


def _text(declared: Declared, value: Any) -> str:
    if is_model(declared.type):
        # Such as cyberpeace-institute:lead; what has more parts stays JSON.
        if _is_pair(declared.type):
            return ":".join(str(part) for part in value.values())
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(_RUNS) else text


def _cell(declared: Declared | None, value: Any) -> str:
    """Return one cell: the items of a list side by side, empty for what is not stated."""
    if declared is None or value is None:
        return ""
    items = value if declared.many else [value]
    return harmless(SEPARATOR.join(_text(declared, item) for item in items))


def row(published: Published, columns: Iterable[str]) -> list[str]:
    """Return the cells of one entry; a column of another kind stays empty."""
    about = {
        "kind": published.kind.name,
        "slug": published.entry.slug,
        "url": published.url,
    }
    fields = published.kind.public_fields
    return [
        about[name] if name in about else _cell(fields.get(name), published.profile.get(name))
        for name in columns
    ]


def write_csv(kinds: Iterable[Kind], entries: Iterable[Iterable[Published]]) -> Iterator[str]:
    """Yield a CSV file piece by piece: the header, then a piece for each batch of entries."""
    columns = header(kinds)
    yield BYTE_ORDER_MARK + csv_lines([columns])
    for batch in entries:
        yield csv_lines(row(published, columns) for published in batch)


def csv_lines(rows: Iterable[list[str]]) -> str:
    """Return rows as the lines of a file."""
    piece = io.StringIO()
    csv.writer(piece).writerows(rows)
    return piece.getvalue()
