"""What an export is made of: the entries of a search result, in its order, a batch at a time."""

import uuid
from collections.abc import Iterator, Sequence

from directory.db import Database
from directory.entries.queries import Published, published_by_id

MOST_ROWS = 10_000
"""So many entries stand in one export at most: whoever needs all pages through the API."""

BATCH = 200


def batches(db: Database, ids: Sequence[uuid.UUID]) -> Iterator[list[Published]]:
    """Yield the entries, no more than `MOST_ROWS`, a few at a time.

    Each batch has a session of its own: a slow reader must not keep a connection.
    """
    bounded = ids[:MOST_ROWS]
    for start in range(0, len(bounded), BATCH):
        with db.reading() as session:
            found = published_by_id(session, bounded[start : start + BATCH])
        yield found
