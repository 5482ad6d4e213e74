"""The rows of the table: one function for each format and client.

A function reads one format of a running site with one client. It returns how many records it
read, and adds a sentence to `errors` for whatever the client or the standard does not accept.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import groupby

from tests.interop.site import Absent, NoSchema, Site

ABSENT_IS_AN_ERROR = True
"""While the formats are being built, an address that is not there yet is only told."""

MOST_SHOWN = 5
LONGEST = 300

Read = Callable[[Site, list[str]], int]


@dataclass(frozen=True)
class Row:
    """One format, where it is, and who reads it; `client` is the name of a package."""

    format: str
    address: str
    client: str
    read: Read

    @property
    def reader(self) -> str:
        """Return the client with its version; what is no package comes with Python."""
        return f"{self.client} {version(self.client)}" if self.client != "python" else "python"


ROWS: list[Row] = []


def row(format: str, address: str, client: str) -> Callable[[Read], Read]:
    """Register a function as a row."""

    def register(read: Read) -> Read:
        ROWS.append(Row(format, address, client, read))
        return read

    return register


@dataclass
class Outcome:
    """What came of a row."""

    row: Row
    records: int = 0
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    absent: bool = False
    unchecked: bool = False

    @property
    def failed(self) -> bool:
        """Say whether the table as a whole fails by it."""
        return bool(self.errors) or (self.absent and ABSENT_IS_AN_ERROR)


def run(row: Row, site: Site) -> Outcome:
    """Run one row; whatever breaks is an error of this row alone."""
    outcome = Outcome(row)
    start = time.perf_counter()
    try:
        outcome.records = row.read(site, outcome.errors)
        if not outcome.records and not outcome.errors:
            outcome.errors.append("nothing was read: an empty answer proves nothing")
    except Absent:
        outcome.absent = True
    except NoSchema:
        outcome.unchecked = True
    except Exception as error:
        outcome.errors.append(f"{type(error).__name__}: {error}")
    outcome.seconds = time.perf_counter() - start
    return outcome


HEAD = ("Format", "Address", "Client", "Records", "Errors", "Seconds")
WIDTHS = (29, 30, 24, 9, 7, 8)


def line(cells: tuple[str, ...]) -> str:
    """Return one line of the table: texts to the left, figures to the right."""
    texts = [f"{c:{w}}" for c, w in zip(cells[:3], WIDTHS[:3], strict=True)]
    figures = [f"{c:>{w}}" for c, w in zip(cells[3:], WIDTHS[3:], strict=True)]
    return " ".join(texts + figures).rstrip()


def table_line(outcome: Outcome) -> str:
    """Return the line of one row."""
    of = outcome.row
    said = "absent" if outcome.absent else "no schema" if outcome.unchecked else ""
    found = (said, "-") if said else (f"{outcome.records:,}", str(len(outcome.errors)))
    return line((of.format, of.address, of.reader, *found, f"{outcome.seconds:.1f}"))


def details(outcomes: list[Outcome]) -> Iterator[str]:
    """Yield the first errors of each row that has some; equal ones are told once."""
    for outcome in outcomes:
        for text, same in groupby(sorted(outcome.errors)[: MOST_SHOWN * 20]):
            count = len(list(same))
            said = " ".join(text.split())[:LONGEST]
            yield f"{outcome.row.format} ({outcome.row.client}): {said}" + (
                f" ({count} times)" if count > 1 else ""
            )
