"""What an export is made of: the entries of a search result, in its order, a batch at a time."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from sqlmodel import Session, col, select

from directory.db import Database
from directory.entries.models import Entry
from directory.entries.queries import Published, is_published, published_by_id

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


def last_changed(
    session: Session, ids: Collection[uuid.UUID], *, offset: int, limit: int
) -> list[Published]:
    """Return a page of these entries, what changed last first.

    The index of search knows only when an entry was new. The dates are read no further than the
    end of the page, and never named one by one: a database takes only so many parameters.
    """
    wanted = set(ids)
    dates = (
        select(Entry.id)
        .where(is_published())
        .order_by(col(Entry.updated_at).desc(), col(Entry.id).desc())
        .execution_options(yield_per=1_000)
    )
    found = (key for key in session.exec(dates) if key in wanted)
    return published_by_id(session, list(islice(found, offset, offset + limit)))
