"""Entries as CSV (RFC 4180), for a spreadsheet: one row an entry, one column a field.

`directory import` reads it back as no change.
"""

import csv
import io
from collections.abc import Iterable, Iterator

from directory.entries.cells import ABOUT, claims_to_cell, harmless, to_cell
from directory.entries.kinds import Kind
from directory.entries.queries import Published
from directory.exports.json import Claim

MEDIA_TYPE = "text/csv; header=present"
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as the code page of the machine."""


def header(kinds: Iterable[Kind], *, claims: bool = False) -> list[str]:
    """Return the columns: what every entry has, then each public field of the kinds, once.

    With `claims` the last one says where the values come from.
    """
    fields = dict.fromkeys(name for kind in kinds for name in kind.public_fields)
    return [*ABOUT, "url", *fields, *(["claims"] if claims else [])]


def row(published: Published, columns: Iterable[str]) -> list[str]:
    """Return the cells of one entry, as they are; a column of another kind stays empty."""
    about = {
        "kind": published.kind.name,
        "slug": published.entry.slug,
        "version": str(published.entry.version),
        "url": published.url,
    }
    fields = published.kind.public_fields
    cells = []
    for name in columns:
        if declared := fields.get(name):
            cells.append(to_cell(declared, published.profile.get(name)))
        elif name == "claims":
            cells.append(claims_to_cell(claims_of(published)))
        else:
            cells.append(about.get(name, ""))
    return cells


def claims_of(published: Published) -> dict[str, list[dict[str, object]]]:
    """Return the claims of public fields, as the API gives them; what is empty is left out."""
    return {
        name: [
            Claim.model_validate(claim).model_dump(mode="json", exclude_none=True)
            for claim in of_field
        ]
        for name, of_field in published.claims.items()
        if name in published.kind.public_fields
    }


def write_csv(
    kinds: Iterable[Kind], entries: Iterable[Iterable[Published]], *, claims: bool = False
) -> Iterator[str]:
    """Yield a CSV file piece by piece: the header, then a piece for each batch of entries."""
    columns = header(kinds, claims=claims)
    yield BYTE_ORDER_MARK + csv_lines([columns])
    for batch in entries:
        yield csv_lines([harmless(c) for c in row(published, columns)] for published in batch)


def csv_lines(rows: Iterable[list[str]]) -> str:
    """Return rows as the lines of a file."""
    piece = io.StringIO()
    csv.writer(piece).writerows(rows)
    return piece.getvalue()
