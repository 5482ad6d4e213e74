"""What was found to be one and the same, with the way back, and what was found to be two."""

import uuid
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel

from directory.db import Moment, new_id, now
from directory.entries.fields import JSON_COLUMN
from directory.entries.models import Entry


class NotDuplicate(SQLModel, table=True):
    """Somebody looked at two entries that are alike and found them to be different.

    The smaller id stands first, so that a pair is remembered once.
    """

    __tablename__ = "not_duplicate"

    first_id: uuid.UUID = Field(primary_key=True, foreign_key="entry.id", ondelete="CASCADE")
    second_id: uuid.UUID = Field(primary_key=True, foreign_key="entry.id", ondelete="CASCADE")
    reason: str = ""
    by_id: uuid.UUID | None = Field(default=None, foreign_key="user.id")
    at: datetime = Field(default_factory=now, sa_type=Moment)


class Merge(SQLModel, table=True):
    """An entry was folded into another one. What it was, and what moved with it, is kept for undo.

    `folded_was` holds its state and how far its change had come; `redirects` the old addresses
    that led to it; `grants` the ids of the rights to edit it that moved.
    """

    __tablename__ = "merge"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    survivor_id: uuid.UUID = Field(foreign_key="entry.id", index=True)
    folded_id: uuid.UUID = Field(foreign_key="entry.id", index=True)
    folded_was: dict[str, Any] = Field(sa_type=JSON_COLUMN)
    redirects: list[str] = Field(sa_type=JSON_COLUMN)
    grants: list[str] = Field(sa_type=JSON_COLUMN)
    by_id: uuid.UUID | None = Field(default=None, foreign_key="user.id")
    at: datetime = Field(default_factory=now, sa_type=Moment, index=True)
    undone_at: datetime | None = Field(default=None, sa_type=Moment)
    undone_by_id: uuid.UUID | None = Field(default=None, foreign_key="user.id")


class MergeStep(SQLModel, table=True):
    """What a merge did to one entry: numbers of its public and newest revision, before and after.

    The public number is 0 where nothing was ever public.
    """

    __tablename__ = "merge_step"

    merge_id: uuid.UUID = Field(primary_key=True, foreign_key="merge.id", ondelete="CASCADE")
    entry_id: uuid.UUID = Field(primary_key=True, foreign_key="entry.id", ondelete="CASCADE")
    live_before: int
    newest_before: int
    live_after: int
    newest_after: int


def what_became_of(session: Session, entry: Entry) -> Entry:
    """Return the entry that one was merged into, however often; itself where it was not."""
    while entry.merged_into:
        entry = session.get_one(Entry, entry.merged_into)
    return entry
