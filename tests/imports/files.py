"""Files of entries as people send them, and what becomes of each row."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from directory.db import Database
from directory.entries.written import Order
from directory.imports.entries import Plan, Planned, in_batches, preview
from directory.imports.merging import Side
from directory.imports.readers import open_file
from directory.imports.readers.opened import Opened, Raw
from directory.imports.rows import Reading, Row
from directory.imports.saving import apply
from directory.imports.survey import survey


def items(*found: dict[str, Any]) -> Opened:
    """Entries of a list that stands in no file."""
    raws = [Raw(number, item=item) for number, item in enumerate(found, start=1)]
    return Opened("some.json", lambda: iter(raws), word="entry")


def table(file: Path, header: Sequence[str], *rows: Sequence[str], **style: str) -> Path:
    """Write a table as a spreadsheet would, in an encoding and with a separator."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=style.get("separator", ",")).writerows([header, *rows])
    file.write_bytes(text.getvalue().encode(style.get("encoding", "utf-8")))
    return file


def rows_of(opened: Opened) -> Iterator[Row]:
    """Yield what every row of a file says."""
    return map(Reading.of(opened, survey(opened)).row, opened.rows())


def bring_in(
    database: Database,
    file: Path | Opened,
    *,
    applied: bool = False,
    kind: str | None = None,
    source: str | None = None,
    order: Order | None = None,
    prefer: Side | None = None,
    encoding: str | None = None,
) -> list[Planned]:
    """Look at a file as the command does, or save it; return what becomes of each row."""
    opened = open_file(file, encoding=encoding) if isinstance(file, Path) else file
    found = survey(opened, kind)
    reading = Reading.of(opened, found, kind=kind, source=source, order=order)
    batches = in_batches(opened, reading)
    plan = Plan(found, prefer)
    done = (
        apply(database, batches, plan, opened.name, by=None)
        if applied
        else preview(database, batches, plan)
    )
    return [one for batch in done for one in batch]
