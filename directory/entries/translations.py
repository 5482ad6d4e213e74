"""The prose of entries in other languages than the one it was written in, field by field.

A translation keeps the text that it was made from, so that what is out of date is seen by
comparing and not by a mark that somebody must set. It belongs to its entry whatever the entry's
state; whether anybody may read it follows from what is public of the entry.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from directory.db import Moment, now
from directory.entries.fields import JSON_COLUMN
from directory.entries.kinds import KINDS, Kind
from directory.languages import SOURCE, language


class EntryTranslation(SQLModel, table=True):
    """The prose of an entry in one language. Without texts it is empty, and counts as none."""

    __tablename__ = "entry_translation"

    entry_id: uuid.UUID = Field(foreign_key="entry.id", ondelete="CASCADE", primary_key=True)
    language: str = Field(primary_key=True, description="BCP 47 code, of the list of languages.")
    version: int = Field(description="How often it was saved.")
    texts: dict[str, str] = Field(sa_type=JSON_COLUMN, description="The translation, by field.")
    made_from: dict[str, str] = Field(
        sa_type=JSON_COLUMN, description="By field, what the original said when it was translated."
    )
    made_by: str = Field(description="provider or curator, no person.")
    author_id: uuid.UUID | None = Field(default=None, foreign_key="user.id")
    saved_at: datetime = Field(default_factory=now, sa_type=Moment)


@dataclass(frozen=True)
class Translated:
    """What can be read of an entry in one language, against what its original says now.

    `texts` has the fields that the original still states; `outdated` names those of them whose
    original says something else by now.
    """

    language: str
    texts: dict[str, str]
    outdated: tuple[str, ...]
    made_by: str
    saved_at: datetime


def written_in(kind: Kind, profile: Mapping[str, Any]) -> str:
    """Return the language (BCP 47) in which the prose of a profile is written."""
    return profile.get(kind.language_field) or SOURCE


def read_against(kind: Kind, profile: Mapping[str, Any], row: EntryTranslation) -> Translated:
    """Return what a translation says of what its original states."""
    texts = {n: row.texts[n] for n in kind.prose_fields if row.texts.get(n) and profile.get(n)}
    outdated = tuple(n for n in texts if row.made_from.get(n) != profile[n])
    return Translated(row.language, texts, outdated, row.made_by, row.saved_at)


def rows_of(
    session: Session, ids: Iterable[uuid.UUID], language: str | None = None
) -> dict[uuid.UUID, list[EntryTranslation]]:
    """Return the translations of entries, in any language or in one, by id and language."""
    query = select(EntryTranslation).where(col(EntryTranslation.entry_id).in_(list(ids)))
    if language is not None:
        query = query.where(EntryTranslation.language == language)
    found: dict[uuid.UUID, list[EntryTranslation]] = {}
    for row in session.exec(query.order_by(col(EntryTranslation.language))):
        found.setdefault(row.entry_id, []).append(row)
    return found


def translated(
    kind: Kind, profile: Mapping[str, Any], rows: Iterable[EntryTranslation]
) -> dict[str, Translated]:
    """Return by language what there is to read of a public profile in other languages."""
    own = written_in(kind, profile)
    found = (read_against(kind, profile, row) for row in rows if row.language != own)
    return {one.language: one for one in found if one.texts}


@dataclass(frozen=True, slots=True)
class Said:
    """A text with the language it is in."""

    text: str
    language: str


def in_reach(
    session: Session, originals: Mapping[uuid.UUID, tuple[str | None, str | None]], field: str
) -> dict[uuid.UUID, Said]:
    """Return one field of entries in the language that is read, else as it was written.

    `originals` are the text and the language of each, None for one that is not stated.
    """
    said = {k: Said(text, own or SOURCE) for k, (text, own) in originals.items() if text}
    for key, texts in read_in(session, {k: one.language for k, one in said.items()}).items():
        if text := texts.get(field):
            said[key] = Said(text, language().code)
    return said


def read_in(
    session: Session, written: Mapping[uuid.UUID, str | None]
) -> dict[uuid.UUID, dict[str, str]]:
    """Return the texts of entries in the language that is read, where they have another one.

    `written` is the language of each, None for one that is not stated.
    """
    reader = language().code
    wanted = [key for key, own in written.items() if (own or SOURCE) != reader]
    found = rows_of(session, wanted, reader) if wanted else {}
    return {key: rows[0].texts for key, rows in found.items()}


def ids_outdated() -> sa.Select[Any]:
    """Return the ids of the entries with a translation out of date against what is public."""
    return sa.select(col(EntryTranslation.entry_id)).where(
        sa.or_(*(_outdated_in(kind) for kind in KINDS.values()))
    )


def _outdated_in(kind: Kind) -> sa.ColumnElement[bool]:
    table = sa.inspect(kind.table).local_table
    return sa.exists().where(
        table.c.id == col(EntryTranslation.entry_id), sa.or_(*_differing(kind, table))
    )


def _differing(kind: Kind, table: Any) -> Iterator[sa.ColumnElement[bool]]:
    texts, made_from = col(EntryTranslation.texts), col(EntryTranslation.made_from)
    own = sa.func.coalesce(table.c[kind.language_field], SOURCE)
    for name in kind.prose_fields:
        yield sa.and_(
            texts[name].as_string().is_not(None),
            own != col(EntryTranslation.language),
            table.c[name] != made_from[name].as_string(),
        )
