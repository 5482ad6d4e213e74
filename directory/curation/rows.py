"""What is public of an entry, laid out as rows that any SQL tool can join."""

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from directory.entries.fields import Declared
from directory.entries.kinds import Kind, kind_named
from directory.entries.models import Entry, EntryLink, EntryTerm, RunRow, TrackRow
from directory.entries.profiles import Run
from directory.sources.claims import Claims
from directory.sources.models import ClaimRow


def insert(session: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Write rows in one go; the mapper would send a statement for each pattern of empty values."""
    if rows:
        plain = SQLModel.metadata.tables[str(table.__tablename__)]
        session.connection().execute(sa.insert(plain), rows)


def clear(session: Session, entry: Entry) -> None:
    """Remove the rows of the version that was public until now; the history stays."""
    for table in (EntryTerm, EntryLink, ClaimRow, RunRow):
        session.exec(sa.delete(table).where(col(table.entry_id) == entry.id))
    if row := session.get(kind_named(entry.kind).table, entry.id):
        session.delete(row)
        session.flush()


def term_rows(kind: Kind, entry_id: uuid.UUID, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Lay the codes of a profile out as rows."""
    rows = []
    for name, value in values.items():
        declared = kind.fields[name]
        if declared.vocabulary and not declared.private:
            rows += [
                {
                    "entry_id": entry_id,
                    "field": name,
                    "vocabulary": declared.vocabulary,
                    "code": code,
                }
                for code in dict.fromkeys(value if declared.many else [value])
            ]
    return rows


def targets_of(declared: Declared, value: Any) -> list[tuple[str, str]]:
    """Return (slug, meaning of the link) for each reference in a value."""
    assert declared.reference
    parts = value if declared.many else [value]
    return [
        (part["organisation"], part["role"])
        if isinstance(part, dict)
        else (part, declared.reference.rel)
        for part in parts
    ]


def claim_rows(kind: Kind, entry_id: uuid.UUID, claims: Claims) -> list[dict[str, Any]]:
    """Lay the claims of public fields out as rows."""
    return [
        {
            "entry_id": entry_id,
            "field": name,
            "source_slug": claim.source,
            **claim.model_dump(exclude={"source"}),
        }
        for name, found in claims.items()
        if not kind.fields[name].private
        for claim in found
    ]


def add_run(session: Session, entry_id: uuid.UUID, position: int, run: Run) -> None:
    """Lay a run out, with its tracks."""
    row = RunRow(entry_id=entry_id, position=position, **run.model_dump(exclude={"tracks"}))
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add_all(
        TrackRow(run_id=row.id, position=number, **track.model_dump())
        for number, track in enumerate(run.tracks or [])
    )
