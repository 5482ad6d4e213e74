"""What an export is made of: the entries of a search result, in its order, a batch at a time."""

import uuid
from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from directory.db import Database
from directory.entries.kinds import KINDS
from directory.entries.models import Entry
from directory.entries.queries import Published, claims_of, is_published, links_from, profiles

MOST_ROWS = 10_000
"""So many entries stand in one export at most: whoever needs all pages through the API."""

BATCH = 200


def published_by_id(session: Session, ids: Sequence[uuid.UUID]) -> list[Published]:
    """Return these entries in this order; who is no longer published is left out."""
    entries = session.exec(select(Entry).where(col(Entry.id).in_(ids), is_published())).all()
    claims, links = claims_of(session, ids), links_from(session, ids)
    found = {}
    for kind in KINDS.values():
        of_kind = [e for e in entries if e.kind == kind.name]
        rows = profiles(session, kind, [e.id for e in of_kind]) if of_kind else {}
        for e in of_kind:
            found[e.id] = Published(
                e, kind, rows[e.id], claims.get(e.id, {}), links.get(e.id, []), []
            )
    return [found[key] for key in ids if key in found]


def batches(db: Database, ids: Sequence[uuid.UUID]) -> Iterator[list[Published]]:
    """Yield the entries, no more than `MOST_ROWS`, a few at a time.

    Each batch has a session of its own: a slow reader must not keep a connection.
    """
    bounded = ids[:MOST_ROWS]
    for start in range(0, len(bounded), BATCH):
        with db.reading() as session:
            found = published_by_id(session, bounded[start : start + BATCH])
        yield found
