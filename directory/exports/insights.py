"""The figures behind the charts as CSV, for a spreadsheet."""

from collections.abc import Iterable, Iterator, Sequence

from directory.entries.cells import harmless
from directory.exports.csv import BYTE_ORDER_MARK, csv_lines


def write_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a CSV file piece by piece: the header, then each line."""
    yield BYTE_ORDER_MARK + csv_lines([list(header)])
    for row in rows:
        yield csv_lines([[harmless(str(cell)) for cell in row]])
