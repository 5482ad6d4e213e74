"""The log of who did what as CSV, newest first, whole: an auditor must not get a part of it."""

from collections.abc import Iterator

from directory.curation.audited import Logged, LogQuery, read_log
from directory.db import Database
from directory.entries.cells import harmless
from directory.exports.csv import BYTE_ORDER_MARK, csv_lines

COLUMNS = (
    "row", "at", "person", "role", "action", "entry", "subject", "detail", "previous", "hash",
)  # fmt: skip
BATCH = 1_000


def write_log(database: Database, query: LogQuery) -> Iterator[str]:
    """Yield the file piece by piece; each has a session of its own, for readers that are slow."""
    yield BYTE_ORDER_MARK + csv_lines([list(COLUMNS)])
    below: int | None = None
    while True:
        with database.reading() as session:
            rows = read_log(session, query, limit=BATCH, below=below)
        if not rows:
            return
        yield csv_lines(map(_cells, rows))
        below = rows[-1].row.sequence


def _cells(one: Logged) -> list[str]:
    row = one.row
    texts = [
        row.at.isoformat(),
        one.person or str(row.actor_id or ""),
        row.role,
        row.action,
        one.path or str(row.entry_id or ""),
        row.subject,
        row.detail,
        row.previous,
        row.hash,
    ]
    return [str(row.sequence), *map(harmless, texts)]
