"""What must be true of a database and its index at any moment, however work on it ended."""

import uuid
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.audit import verify_chain
from directory.curation.service import find_entry
from directory.db import Change, Database
from directory.entries.kinds import Kind, kind_named
from directory.entries.models import (
    Entry,
    EntryLink,
    EntryTerm,
    Revision,
    RunRow,
    State,
    TrackRow,
)
from directory.entries.queries import is_published
from directory.search.index import TextIndex
from directory.search.query import SearchQuery
from directory.search.service import SearchService
from directory.sources.models import ClaimRow


def violations(
    database: Database,
    service: SearchService,
    data_dir: Path,
    only: Iterable[uuid.UUID] | None = None,
) -> list[str]:
    """Say what does not agree: rows with revisions, change log, audit, index; [] when all does.

    `service` is search as a new process on `data_dir` opens it. `only` looks at some entries in
    depth; the index is compared as a whole each time.
    """
    with database.reading() as session:
        found = _of_the_file(session)
        entries = select(Entry) if only is None else select(Entry).where(col(Entry.id).in_(only))
        for entry in session.exec(entries):
            found += [f"{entry.slug}: {what}" for what in _of_an_entry(session, entry)]
        found += _of_the_audit(session)
    return found + _of_the_index(database, service, data_dir)


def _of_the_file(session: Session) -> list[str]:
    if session.get_bind().dialect.name != "sqlite":
        return []
    broken = session.execute(sa.text("PRAGMA foreign_key_check")).all()
    sound = session.execute(sa.text("PRAGMA quick_check")).scalars().all()
    return [f"broken reference {row}" for row in broken] + [s for s in sound if s != "ok"]


def _of_an_entry(session: Session, entry: Entry) -> list[str]:
    """Lay the published revision out once more, and compare with what is there."""
    kind = kind_named(entry.kind)
    revisions = {
        r.number: r for r in session.exec(select(Revision).where(Revision.entry_id == entry.id))
    }
    found = []
    if sorted(revisions) != list(range(1, len(revisions) + 1)):
        found.append(f"revisions are numbered {sorted(revisions)}")
    published = [r for r in revisions.values() if r.published_at]
    changes = session.exec(select(Change).where(Change.entry_id == entry.id)).all()
    if len(changes) < len(published):
        found.append(f"{len(changes)} lines in the change log, {len(published)} publications")
    live = revisions.get(entry.version)
    if entry.version and (live is None or live.published_at is None):
        return [*found, f"version {entry.version} is not a published revision"]
    if entry.state is State.MERGED:
        live = None  # Its rows went to the entry that it was merged into.
        if session.exec(select(EntryLink).where(EntryLink.target_id == entry.id)).first():
            found.append("something public still refers to it")
    profile, claims = (live.profile, live.claims) if live else ({}, {})
    laid_out = {
        "profile": _profile(kind, profile) if live else None,
        "terms": _terms(kind, profile),
        "links": _links(session, kind, profile),
        "claims": _claims(kind, claims),
        "runs": _runs(profile),
    }
    there = {
        "profile": _row(session, kind, entry.id),
        "terms": _rows(session, EntryTerm, entry.id, "field", "vocabulary", "code"),
        "links": _rows(session, EntryLink, entry.id, "field", "position", "rel", "target_id"),
        "claims": _claimed(session, entry.id),
        "runs": _runs_there(session, entry.id),
    }
    return found + [
        f"{name}: {there[name]!r} is there, {laid_out[name]!r} was published"
        for name in laid_out
        if laid_out[name] != there[name]
    ]


def _profile(kind: Kind, profile: dict[str, Any]) -> dict[str, Any]:
    read = kind.profile.model_validate(profile).model_dump(mode="json")
    return {name: value for name, value in read.items() if value is not None}


def _row(session: Session, kind: Kind, key: uuid.UUID) -> dict[str, Any] | None:
    row = session.get(kind.table, key, populate_existing=True)
    if row is None:
        return None
    read = row.model_dump(mode="json", exclude={"id"}, warnings=False)
    return {name: value for name, value in read.items() if value is not None}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _terms(kind: Kind, profile: dict[str, Any]) -> Counter[Any]:
    return Counter(
        {
            (name, declared.vocabulary, code)
            for name, declared in kind.public_fields.items()
            if declared.vocabulary and name in profile
            for code in _as_list(profile[name])
        }
    )


def _links(session: Session, kind: Kind, profile: dict[str, Any]) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for name, value in profile.items():
        reference = kind.fields[name].reference
        for position, part in enumerate(_as_list(value) if reference else []):
            assert reference
            slug = part["organisation"] if isinstance(part, dict) else part
            rel = part["role"] if isinstance(part, dict) else reference.rel
            target = find_entry(session, kind_named(reference.kind), slug)
            found[(name, position, rel, target.id if target else slug)] += 1
    return found


def _rows(session: Session, table: Any, key: uuid.UUID, *columns: str) -> Counter[Any]:
    wanted = [getattr(table, name) for name in columns]
    found = session.execute(sa.select(*wanted).where(table.entry_id == key))
    return Counter(tuple(row) for row in found)


CLAIM_PARTS = ("source", "status", "locator", "note", "item", "values", "checked_on", "checked_by")


def _claims(kind: Kind, claims: dict[str, Any]) -> Counter[str]:
    return Counter(
        repr([name, *(claim.get(part) for part in CLAIM_PARTS)])
        for name in kind.public_fields
        for claim in claims.get(name, [])
    )


def _claimed(session: Session, key: uuid.UUID) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in session.exec(select(ClaimRow).where(ClaimRow.entry_id == key)):
        claim = row.model_dump(mode="json") | {"source": row.source_slug}
        found[repr([row.field, *(claim[part] for part in CLAIM_PARTS)])] += 1
    return found


def _runs(profile: dict[str, Any]) -> list[Any]:
    return [
        (run.get("label"), run.get("start"), [t.get("title") for t in run.get("tracks") or []])
        for run in profile.get("runs") or []
    ]


def _runs_there(session: Session, key: uuid.UUID) -> list[Any]:
    runs = session.exec(
        select(RunRow).where(RunRow.entry_id == key).order_by(col(RunRow.position))
    ).all()
    found = []
    for run in runs:
        tracks = session.exec(
            select(TrackRow).where(TrackRow.run_id == run.id).order_by(col(TrackRow.position))
        )
        start = run.start.isoformat() if run.start else None
        found.append((run.label, start, [track.title for track in tracks]))
    return found


def _of_the_audit(session: Session) -> list[str]:
    checked = verify_chain(session)
    return [f"audit: {checked.broken}"] if checked.broken else []


def _of_the_index(database: Database, service: SearchService, data_dir: Path) -> list[str]:
    """Compare what search finds with what is published."""
    ids, snapshot = service.ids(SearchQuery()), service.refresh()
    with database.reading() as session:
        published = set(session.exec(select(Entry.id).where(is_published())))
    text = TextIndex.current(data_dir / "index", snapshot.words)
    indexed = set(text.numbers()) if text else set()
    found = []
    if set(ids) != published or len(ids) != len(published):
        found.append(f"search finds {len(ids)} entries, {len(published)} are published")
    if indexed != published:
        found.append(f"the text index holds {len(indexed)}, {len(published)} are published")
    return found
