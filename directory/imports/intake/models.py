"""Readings that wait for a curator, and what curators decided about them.

The text of a document that a curator brings may be under copyright: it is for curators alone, and
stands in no public output.
"""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from directory.db import Moment, new_id, now
from directory.entries.fields import JSON_COLUMN


class Reading(SQLModel, table=True):
    """One document as it was read: its text, and what is proposed with what was decided."""

    __tablename__ = "intake_reading"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    source_slug: str = Field(
        index=True, description="Its source, written down with the first draft."
    )
    source_title: str
    name: str = Field(description="The file, the address, or the first words of a pasted text.")
    digest: str = Field(description="SHA-256 of the text.", index=True)
    document: dict[str, Any] = Field(sa_type=JSON_COLUMN)
    proposals: list[Any] = Field(sa_type=JSON_COLUMN)
    open_count: int = Field(description="Proposals that nobody has decided yet.")
    author_id: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    made_at: datetime = Field(default_factory=now, sa_type=Moment)


class Decision(SQLModel, table=True):
    """What a curator decided about an entry, or about one value of it, in the texts of a source.

    `name` and `value` are normalised, so that a text that has changed a little is still known;
    `field` is empty for a decision about the entry. `answer` is the edited value, or the slug of
    the entry that was meant.
    """

    __tablename__ = "intake_decision"
    __table_args__ = (sa.UniqueConstraint("source_slug", "kind", "name", "field", "value"),)

    id: int | None = Field(default=None, primary_key=True)
    source_slug: str
    digest: str = Field(index=True)
    kind: str
    name: str
    field: str = ""
    value: str = ""
    decided: str = Field(description="accepted, edited, rejected or merged.")
    answer: Any = Field(default=None, sa_type=JSON_COLUMN, nullable=True)
    author_id: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    made_at: datetime = Field(default_factory=now, sa_type=Moment)
