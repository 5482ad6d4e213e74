"""What the process keeps in memory to find entries that are alike, in step with the database.

It holds drafts, published and archived entries; withdrawn, merged and refused ones are no longer
offered to anybody. Whatever changes an entry writes a row of the audit log in the same
transaction, or a line of the change log: each worker follows both, and needs no table of keys that
could fall out of step. Where the row it read last is not there any more (a restored backup), it
reads everything anew.
"""

import threading
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA
from sqlmodel import Session, col

from directory.audit import AuditRow
from directory.curation.likeness import (
    LISTED,
    SORTED_RATIO,
    Likeness,
    Signs,
    Words,
    allowed_edits,
    compare,
    keys_of,
    signs_of,
    together,
)
from directory.db import Change
from directory.entries.kinds import KINDS, Kind
from directory.entries.models import Entry, Revision, State, Waiting

SHARED_BY_MORE_THAN = 3
"""A web address that more entries give than this is a page about all of them."""

IDS_AT_ONCE = 500
_LOOKED_FOR = (State.DRAFT, State.PUBLISHED, State.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Known:
    """An entry as it is offered to somebody who may be about to write it once more."""

    id: uuid.UUID
    kind: Kind
    slug: str
    title: str
    state: State
    signs: Signs

    @property
    def at_desk(self) -> str:
        """Return the address of its form."""
        return f"/curation/{self.kind.path}/{self.slug}"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that may be one and the same."""

    a: Known
    b: Known
    score: float
    reasons: tuple[Words, ...]


Buckets = dict[int, dict[tuple[uuid.UUID, int], str]]


@dataclass
class _OfKind:
    """The entries of one kind, by what they have in common and by the length of their names."""

    entries: dict[uuid.UUID, Known] = field(default_factory=dict)
    keys: dict[str, set[uuid.UUID]] = field(default_factory=dict)
    joined: Buckets = field(default_factory=dict)
    in_order: Buckets = field(default_factory=dict)
    pages: Counter[str] = field(default_factory=Counter)
    pairs: dict[frozenset[uuid.UUID], Pair] | None = None
    stale: set[uuid.UUID] = field(default_factory=set)

    @property
    def shared_pages(self) -> frozenset[str]:
        return frozenset(p for p, count in self.pages.items() if count > SHARED_BY_MORE_THAN)

    def put(self, known: Known) -> None:
        self.entries[known.id] = known
        self.stale.add(known.id)
        self.pages.update(known.signs.pages)
        for key in keys_of(known.signs):
            self.keys.setdefault(key, set()).add(known.id)
        for n, name in enumerate(known.signs.names):
            for buckets, text in ((self.joined, name.joined), (self.in_order, name.in_order)):
                buckets.setdefault(len(text), {})[known.id, n] = text

    def drop(self, key: uuid.UUID) -> None:
        known = self.entries.pop(key, None)
        if known is None:
            return
        self.stale.add(key)
        self.pages.subtract(known.signs.pages)
        for word in keys_of(known.signs):
            self.keys[word].discard(key)
        for n, name in enumerate(known.signs.names):
            self.joined[len(name.joined)].pop((key, n), None)
            self.in_order[len(name.in_order)].pop((key, n), None)

    def alike(self, signs: Signs, *, no_shorter: bool = False) -> Iterator[tuple[Known, Likeness]]:
        """Yield every entry that is alike enough to be shown.

        With `no_shorter`, of the names that are only spelled alike no shorter ones are looked at:
        who asks for all finds such a pair from its shorter name.
        """
        shared = self.shared_pages
        for key in self._near(signs, shared, no_shorter):
            known = self.entries[key]
            likeness = compare(signs, known.signs, shared)
            if likeness.score >= LISTED:
                yield known, likeness

    def _near(self, signs: Signs, shared: frozenset[str], no_shorter: bool) -> set[uuid.UUID]:
        """Return who has a key in common, or a name that is spelled much the same."""
        found: set[uuid.UUID] = set()
        for word in keys_of(signs, shared):
            found |= self.keys.get(word, set())
        for name in signs.names:
            text, most = name.joined, allowed_edits(len(name.joined))
            lengths = range(len(text) - (0 if no_shorter else most), len(text) + most + 1)
            found |= _spelled(self.joined, lengths, text, OSA.distance, most)
            text, share = name.in_order, SORTED_RATIO / (200 - SORTED_RATIO)
            if text.count(" ") >= 2:
                shortest = len(text) if no_shorter else int(len(text) * share)
                lengths = range(shortest, int(len(text) / share) + 1)
                found |= _spelled(self.in_order, lengths, text, fuzz.ratio, SORTED_RATIO)
        return found

    def all_pairs(self) -> Iterable[Pair]:
        """Return every pair, worked out anew only for those that changed since."""
        anew = self.pairs is None
        if self.pairs is None:
            self.pairs, stale = {}, set(self.entries)
        else:
            stale = self.stale
            self.pairs = {ids: pair for ids, pair in self.pairs.items() if not ids & stale}
        for key in stale & self.entries.keys():
            known = self.entries[key]
            for other, likeness in self.alike(known.signs, no_shorter=anew):
                ids = frozenset((key, other.id))
                if len(ids) == 2 and ids not in self.pairs:
                    a, b = sorted((known, other), key=lambda k: (k.state != State.PUBLISHED, k.id))
                    self.pairs[ids] = Pair(a, b, likeness.score, likeness.reasons)
        self.stale = set()
        return self.pairs.values()


def _spelled(
    buckets: Buckets, lengths: range, text: str, scorer: Any, cutoff: int
) -> set[uuid.UUID]:
    """Return who has a text of one of these lengths that is spelled much like this one."""
    found: set[uuid.UUID] = set()
    for length in lengths:
        if texts := buckets.get(length):
            hits = process.extract(
                text, texts, scorer=scorer, processor=None, score_cutoff=cutoff, limit=None
            )
            found.update(key[0] for _, _, key in hits)
    return found


class Lookalikes:
    """Everything that can be alike, for one database. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kinds: dict[str, _OfKind] = {}
        self._audited: tuple[int, str] | None = None
        self._changed = 0

    def alike(self, session: Session, kind: Kind, signs: Signs) -> list[tuple[Known, Likeness]]:
        """Return the entries of a kind that are alike, most alike first."""
        with self._lock:
            self._follow(session)
            found = list(self._kinds[kind.name].alike(signs))
        return sorted(found, key=lambda f: (-f[1].score, f[0].title, f[0].id))

    def pairs(self, session: Session, kind: Kind) -> list[Pair]:
        """Return every pair of a kind that may be one and the same, in no order."""
        with self._lock:
            self._follow(session)
            return list(self._kinds[kind.name].all_pairs())

    def _follow(self, session: Session) -> None:
        """Read what changed since the last time."""
        newest = sa.select(col(AuditRow.sequence), col(AuditRow.hash))
        last = session.execute(newest.order_by(col(AuditRow.sequence).desc()).limit(1)).first()
        audited = (last[0], last[1]) if last else (0, "")
        changed = session.scalar(sa.select(sa.func.max(col(Change.sequence)))) or 0
        if self._audited == audited and self._changed == changed:
            return
        if self._audited is None or not self._goes_on(session, changed):
            self._kinds = {name: _OfKind() for name in KINDS}
            self._read(session, None)
        else:
            self._read(session, self._since(session))
        self._audited, self._changed = audited, changed

    def _goes_on(self, session: Session, changed: int) -> bool:
        """Say whether the logs of this database go on from where we read them last."""
        assert self._audited
        sequence, seal = self._audited
        if changed < self._changed:
            return False
        here = session.scalar(
            sa.select(col(AuditRow.hash)).where(col(AuditRow.sequence) == sequence)
        )
        return (here or "") == seal

    def _since(self, session: Session) -> set[uuid.UUID]:
        """Return the entries that something happened to since we looked last."""
        assert self._audited
        audited = sa.select(col(AuditRow.entry_id)).where(
            col(AuditRow.sequence) > self._audited[0], col(AuditRow.entry_id).is_not(None)
        )
        changed = sa.select(col(Change.entry_id)).where(col(Change.sequence) > self._changed)
        return {key for query in (audited, changed) for key in session.scalars(query) if key}

    def _read(self, session: Session, ids: set[uuid.UUID] | None) -> None:
        """Read entries into memory: these, or all of them."""
        if ids is None:
            self._put(session, _rows())
            return
        for key in ids:
            for of_kind in self._kinds.values():
                of_kind.drop(key)
        some = list(ids)
        for start in range(0, len(some), IDS_AT_ONCE):
            self._put(session, _rows().where(col(Entry.id).in_(some[start : start + IDS_AT_ONCE])))

    def _put(self, session: Session, query: sa.Select[Any]) -> None:
        found: dict[uuid.UUID, Known] = {}
        for key, kind_name, slug, title, state, profile in session.execute(query):
            kind = KINDS[kind_name]
            signs = signs_of(kind, slug, profile)
            if key in found:
                signs = together(found[key].signs, signs)
            found[key] = Known(key, kind, slug, title, state, signs)
        for known in found.values():
            self._kinds[known.kind.name].put(known)


def _rows() -> sa.Select[Any]:
    """Ask for the public and the newest revision of each entry; the public one comes first."""
    newest = (
        sa.select(sa.func.max(col(Revision.number)))
        .where(col(Revision.entry_id) == col(Entry.id))
        .correlate(Entry)
        .scalar_subquery()
    )
    refused = sa.and_(col(Entry.state) == State.DRAFT, col(Entry.waiting) == Waiting.REFUSED)
    return (
        sa.select(
            col(Entry.id),
            col(Entry.kind),
            col(Entry.slug),
            col(Entry.title),
            col(Entry.state),
            col(Revision.profile),
        )
        .join(Revision, col(Revision.entry_id) == col(Entry.id))
        .where(
            col(Entry.state).in_(_LOOKED_FOR),
            sa.func.coalesce(sa.not_(refused), sa.true()),
            sa.or_(col(Revision.number) == newest, col(Revision.number) == col(Entry.version)),
        )
        .order_by(col(Revision.number))
    )


_of_database: WeakKeyDictionary[object, Lookalikes] = WeakKeyDictionary()
_opening = threading.Lock()


def lookalikes_of(session: Session) -> Lookalikes:
    """Return what this process keeps for the database of a session."""
    # Options and snapshots have engines of their own; the pool of connections is one.
    pool = session.get_bind().engine.pool
    with _opening:
        return _of_database.setdefault(pool, Lookalikes())
