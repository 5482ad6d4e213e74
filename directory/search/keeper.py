"""How search keeps in step with the database.

Readers use an immutable `Snapshot`; a publication makes the next one. The change log is looked at
before every answer, so that whoever publishes finds the change at once.
"""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import Session, col

from directory.db import Change, Database, is_behind, last_change
from directory.entries.kinds import ORGANISATION
from directory.entries.models import Entry
from directory.entries.queries import is_published
from directory.entries.vocabularies import Vocabularies
from directory.errors import Unavailable
from directory.search.documents import Document, Projection, dependants, order_of_publication
from directory.search.facets import FacetIndex, Gathering
from directory.search.index import (
    Note,
    TextIndex,
    alone,
    fingerprint,
    mark_of,
    noted,
    pointer_state,
)
from directory.search.match import Matcher
from directory.search.on_disk import noted_facets, read_facets, write_facets
from directory.search.packed import Ids, Numbers
from directory.search.snapshot import Matches, Snapshot
from directory.search.words import Synonyms
from directory.standbys import newest_line

Version = int | tuple[int, datetime | None]

MOST_CHANGES = 2_000


class Keeper:
    """Holds the current snapshot of one process. Threads may share it."""

    def __init__(self, db: Database, root: Path) -> None:
        self._db = db
        self._root = root
        self._lock = Lock()
        self._watch = _Watch(db)
        self._seen: Version | None = None
        self._pointer: tuple[int, int] | None = None
        self._text: TextIndex | None = None
        self._snapshot: Snapshot | None = None

    def close(self) -> None:
        """Let go of the database."""
        self._watch.close()

    def moves(self) -> object:
        """Return what moves with each write on SQLite, else with each publication."""
        return self._watch.version()

    def current(self) -> Snapshot:
        """Return a snapshot that holds everything published until now.

        While the database is away it holds what was known before.
        """
        try:
            return self._up_to_date()
        except Unavailable:
            if self._snapshot is None:
                raise
            return self._snapshot

    def known(self) -> Snapshot | None:
        """Return the snapshot if the file of the database says that nothing was written since.

        Never waits: None where a server would have to be asked.
        """
        return self._snapshot if self._watch.is_file and self._is_new() else None

    def _is_new(self) -> bool:
        return self._seen == self._watch.version() and self._pointer == pointer_state(self._root)

    def _up_to_date(self) -> Snapshot:
        snapshot = self._snapshot
        if snapshot and self._is_new():
            return snapshot
        with self._lock:
            # Noted before reading: what is committed meanwhile moves the version once more.
            seen = self._watch.version()
            self._snapshot = self._next(self._snapshot)
            self._seen = seen
            return self._snapshot

    def rebuild(self) -> Snapshot:
        """Make everything anew from the database, vocabularies included."""
        with self._lock, alone(self._root), self._db.reading() as session:
            self._snapshot = self._load(session, anew=True)
            return self._snapshot

    def _next(self, snapshot: Snapshot | None) -> Snapshot:
        same_index = self._pointer is not None and self._pointer == pointer_state(self._root)
        if snapshot and same_index:
            with self._db.reading() as session:
                if is_behind(session) or _unchanged(session, snapshot):
                    return snapshot
        with alone(self._root):
            same_index = self._pointer is not None and self._pointer == pointer_state(self._root)
            # The session begins when nobody else writes the index, so that it is not behind it;
            # nor is a standby from which an index is opened.
            known = 0 if snapshot and same_index else noted(self._root)
            with self._db.reading(at_least=known) as session:
                if snapshot and is_behind(session):
                    return snapshot
                sequence = last_change(session)
                words = fingerprint(Vocabularies.read(session))
                if snapshot is None or not same_index or snapshot.words != words:
                    snapshot = self._load(session)
                return self._caught_up(session, snapshot, sequence)

    # From the beginning

    def _load(self, session: Session, *, anew: bool = False) -> Snapshot:
        """Open the index on disk where it still fits the database, else build it."""
        vocabularies = Vocabularies.read(session)
        projection, words = Projection(vocabularies), fingerprint(vocabularies)
        text = None if anew else TextIndex.current(self._root, words)
        note = text.note() if text else None
        if text is None or note is None or not _fits(session, note):
            text, facets, note = self._built(session, projection, words)
            facets = _written(text, note, facets)
        elif found := _on_disk(session, text):
            facets, note = found
        else:
            facets = _written(text, note, _gathered(session, projection, text))
        self._text, self._pointer = text, pointer_state(self._root)
        synonyms = Synonyms(vocabularies)
        return Snapshot(
            sequence=note.complete,
            mark=note.mark,
            words=words,
            projection=projection,
            vocabularies=vocabularies,
            synonyms=synonyms,
            facets=facets,
            matcher=Matcher(text.searcher, synonyms),
            names=_organisations(session, facets),
        )

    def _built(
        self, session: Session, projection: Projection, words: str
    ) -> tuple[TextIndex, FacetIndex, Note]:
        """Build text and facets in one pass. What is published meanwhile is caught up after."""
        complete = last_change(session)
        ids, count = Ids(), 0
        for count, key in enumerate(order_of_publication(session), 1):
            ids.add(count - 1, key)
        numbers = Numbers.of(ids, range(count))
        note = Note(complete, _mark(session, complete), count)
        gathering = Gathering()

        def passing() -> Iterator[tuple[int, Document]]:
            for document in projection.documents(session):
                if (number := numbers.get(document.id)) is not None:
                    gathering.add(number, document)
                    yield number, document

        text = TextIndex.build(self._root, words, passing(), note)
        return text, gathering.index(), note

    # One change after the other

    def _caught_up(self, session: Session, snapshot: Snapshot, sequence: int) -> Snapshot:
        """Return the snapshot after all changes up to `sequence`."""
        # A log that says something else now is that of another database: one put back from a
        # copy, or a standby that was promoted before it had everything.
        same_log = _mark(session, snapshot.sequence) == snapshot.mark
        if same_log and snapshot.sequence == sequence:
            return snapshot
        changed = _changed_since(session, snapshot.sequence)
        if not same_log or sequence < snapshot.sequence or len(changed) > MOST_CHANGES:
            return self._load(session, anew=True)
        changed |= dependants(session, changed)
        documents = list(snapshot.projection.documents(session, changed))
        text = self._text
        assert text
        gone = changed - {d.id for d in documents}
        numbered = _write(session, text, snapshot.facets, documents, gone, sequence)
        organisations = {d.slug: d.title for d in numbered.values() if d.kind == ORGANISATION.name}
        touched = {snapshot.facets.numbers.get(key) for key in changed}
        return replace(
            snapshot,
            sequence=sequence,
            mark=_mark(session, sequence),
            facets=snapshot.facets.changed(numbered, gone),
            matcher=Matcher(text.searcher, snapshot.synonyms),
            names=snapshot.names | organisations,
            cards={k: card for k, card in snapshot.cards.copy().items() if k[1] not in touched},
            whys={},
            answers={},
            _matches=Matches(),
            _counted={},
        )


def _on_disk(session: Session, text: TextIndex) -> tuple[FacetIndex, Note] | None:
    """Return the facets beside an index, where it takes little to catch up with what changed."""
    note = noted_facets(text.folder)
    if note is None or not _fits(session, note):
        return None
    if len(_changed_since(session, note.complete)) > MOST_CHANGES:
        return None
    facets = read_facets(text.folder)
    return (facets, note) if facets else None


def _written(text: TextIndex, note: Note, facets: FacetIndex) -> FacetIndex:
    """Write facets beside their index, and return them as whoever comes later has them."""
    write_facets(text.folder, note, facets)
    return read_facets(text.folder) or facets


def _gathered(session: Session, projection: Projection, text: TextIndex) -> FacetIndex:
    """Read the facets of everything that an index holds from the database."""
    numbers, gathering = text.numbers(), Gathering()
    for document in projection.documents(session):
        if (number := numbers.get(document.id)) is not None:
            gathering.add(number, document)
    return gathering.index()


def _write(
    session: Session,
    text: TextIndex,
    facets: FacetIndex,
    documents: list[Document],
    gone: set[uuid.UUID],
    sequence: int,
) -> dict[int, Document]:
    """Bring the text index up to `sequence`, unless another process has; number the entries."""
    text.reload()
    note = text.note()
    assert note
    numbered: dict[int, Document] = {}
    following = note.next
    for document in documents:
        number = _number(text, facets, document.id)
        if number is None:
            if note.complete >= sequence:
                continue  # Withdrawn again since: the next look at the change log will say so.
            number, following = following, following + 1
        numbered[number] = document
    if note.complete < sequence:
        old = [n for key in gone if (n := _number(text, facets, key)) is not None]
        text.change(numbered, old, Note(sequence, _mark(session, sequence), following))
    return numbered


def _number(text: TextIndex, facets: FacetIndex, key: uuid.UUID) -> int | None:
    """Return the number of an entry; who began after its withdrawal has it in no facet."""
    known = facets.numbers.get(key)
    return text.number(key) if known is None else known


class _Watch:
    """What is cheap to ask for and moves whenever something may have been written."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = Lock()
        self._connection: Any = None
        self._line: Version = 0
        with db.reading() as session:
            bind = session.get_bind()
        if db.is_sqlite and isinstance(bind, Engine) and bind.url.database not in (None, ""):
            # `data_version` counts what other connections commit: this one never writes.
            self._connection = bind.raw_connection()
            self._connection.detach()

    @property
    def is_file(self) -> bool:
        """Say whether a file is watched, which takes no time worth mentioning."""
        return self._connection is not None

    def version(self) -> Version:
        """Return the number of the file on SQLite, else the last line of the change log."""
        if self._connection is None:
            with self._db.reading() as session:
                if not is_behind(session):
                    self._line = newest_line(session)
            return self._line
        with self._lock:
            cursor = self._connection.cursor()
            (found,) = cursor.execute("PRAGMA data_version").fetchone()
            cursor.close()
            return int(found)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()


def _unchanged(session: Session, snapshot: Snapshot) -> bool:
    """Say whether neither an entry nor a vocabulary has changed since."""
    return (
        snapshot.sequence == last_change(session)
        and snapshot.mark == _mark(session, snapshot.sequence)
        and snapshot.words == fingerprint(Vocabularies.read(session))
    )


def _changed_since(session: Session, sequence: int) -> set[uuid.UUID]:
    rows = session.execute(sa.select(col(Change.entry_id)).where(col(Change.sequence) > sequence))
    return set(rows.scalars())


def _mark(session: Session, sequence: int) -> int:
    """Return the mark of a change: two databases rarely agree on what their n-th change was."""
    change = session.get(Change, sequence)
    return mark_of(change.entry_id, change.at) if change else 0


def _fits(session: Session, note: Note) -> bool:
    """Say whether an index was made from this very database, at an earlier time."""
    return note.complete <= last_change(session) and _mark(session, note.complete) == note.mark


def _organisations(session: Session, facets: FacetIndex) -> dict[str, str]:
    """Return the name of every published organisation by slug."""
    rows = session.execute(
        sa.select(col(Entry.slug), col(Entry.title)).where(
            is_published(), col(Entry.kind) == ORGANISATION.name
        )
    )
    # At a million entries, slugs that providers have already would take ten megabytes again.
    known = {slug: slug for name in facets.open_ended for slug in facets.values.get(name, {})}
    return {known.get(slug, slug): title for slug, title in rows}
