"""Entries at rest: published rows are typed and relational, history is JSON.

A published profile is one row with a column for each declared field. Lists of codes, references
and runs are JSON in that row, and are also laid out as rows (`entry_term`, `entry_link`, `run`,
`track`) with foreign keys, so that any SQL tool can join them. Only `curation/service.py` writes
these tables, all of them in one transaction.
"""

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from directory.db import Moment, new_id, now
from directory.entries.fields import JSON_COLUMN
from directory.entries.profiles import OrganisationProfile, ProgrammeProfile, TrainingProfile


class State(StrEnum):
    """What the public sees of an entry. Nothing is ever deleted: leaving is a state with a reason.

    An archived entry stays readable at its address, marked as such, and leaves lists and search.
    """

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"
    MERGED = "merged"


class Waiting(StrEnum):
    """How far a change has come that is not public yet; the live version stays up meanwhile."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    REFUSED = "refused"


def _choice(kind: type[StrEnum], **more: Any) -> Any:
    """Declare a column for one of a few words, kept as the word itself."""
    name = kind.__name__.lower()
    column = sa.Enum(
        kind,
        native_enum=False,
        length=32,
        values_callable=lambda words: [w.value for w in words],
        name=name,
    )
    return Field(sa_type=column, **more)


class Entry(SQLModel, table=True):
    """What every entry has, whatever its kind and state. An id is never used again.

    `waiting` is None when the newest revision is the public one, or when there is no more to do.
    """

    __table_args__ = (sa.UniqueConstraint("kind", "slug"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    kind: str
    slug: str
    title: str
    version: int = Field(default=0, description="Number of the published revision, 0 before.")
    created_at: datetime = Field(default_factory=now, sa_type=Moment)
    updated_at: datetime = Field(default_factory=now, sa_type=Moment, index=True)
    published_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    confirmed_by: str | None = Field(default=None, description="provider or curator, no person.")
    review_by: date | None = Field(
        default=None, index=True, description="From this day on it counts as not confirmed."
    )
    state: State = _choice(State, default=State.DRAFT, index=True)
    state_reason: str | None = Field(default=None, description="Why it was taken down, in words.")
    merged_into: uuid.UUID | None = Field(default=None, foreign_key="entry.id", index=True)
    waiting: Waiting | None = _choice(Waiting, default=None, nullable=True, index=True)
    waiting_since: datetime | None = Field(default=None, sa_type=Moment)
    assignee_id: uuid.UUID | None = Field(default=None, foreign_key="user.id")


def _entry_key(**more: Any) -> Any:
    return Field(foreign_key="entry.id", ondelete="CASCADE", **more)


class Organisation(OrganisationProfile, table=True):
    """The published state of an organisation."""

    id: uuid.UUID = _entry_key(primary_key=True)


class Programme(ProgrammeProfile, table=True):
    """The published state of a programme."""

    id: uuid.UUID = _entry_key(primary_key=True)


class Training(TrainingProfile, table=True):
    """The published state of a training."""

    id: uuid.UUID = _entry_key(primary_key=True)


PublishedEntry = Organisation | Programme | Training


class EntryTerm(SQLModel, table=True):
    """A published entry carries this term of a vocabulary in this field."""

    __tablename__ = "entry_term"
    __table_args__ = (
        sa.ForeignKeyConstraint(["vocabulary", "code"], ["term.vocabulary", "term.code"]),
        sa.Index("ix_entry_term_vocabulary_code", "vocabulary", "code"),
    )

    entry_id: uuid.UUID = _entry_key(primary_key=True)
    field: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    vocabulary: str


class EntryLink(SQLModel, table=True):
    """A published entry points to another, which plays a role in it."""

    __tablename__ = "entry_link"
    __table_args__ = (sa.UniqueConstraint("entry_id", "field", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    entry_id: uuid.UUID = _entry_key()
    field: str
    position: int
    rel: str = Field(description="What the link means: provider, programme, part_of, a role.")
    target_id: uuid.UUID = Field(foreign_key="entry.id", index=True)


class RunRow(SQLModel, table=True):
    """A dated run of a published training, as a row."""

    __tablename__ = "run"
    __table_args__ = (sa.UniqueConstraint("entry_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    entry_id: uuid.UUID = _entry_key()
    position: int
    label: str | None = None
    start: date | None = Field(default=None, index=True)
    end: date | None = None
    time_zone: str | None = None
    place: str | None = None
    places: int | None = None
    cancelled: bool = False


class TrackRow(SQLModel, table=True):
    """A track of a run, as a row."""

    __tablename__ = "track"
    __table_args__ = (sa.UniqueConstraint("run_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id", ondelete="CASCADE")
    position: int
    title: str | None = None
    application_deadline: date | None = Field(default=None, index=True)
    scholarship_deadline: date | None = None
    cost_amount: Decimal | None = Field(default=None, max_digits=12, decimal_places=2)
    cost_currency: str | None = None
    recognition: str | None = None


class Revision(SQLModel, table=True):
    """A whole profile with its claims, as somebody saved it."""

    __table_args__ = (sa.UniqueConstraint("entry_id", "number"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    entry_id: uuid.UUID = _entry_key()
    number: int
    profile: dict[str, Any] = Field(sa_type=JSON_COLUMN)
    claims: dict[str, Any] = Field(sa_type=JSON_COLUMN)
    comment: str = ""
    author_id: uuid.UUID | None = Field(default=None, foreign_key="user.id")
    created_at: datetime = Field(default_factory=now, sa_type=Moment)
    published_at: datetime | None = Field(default=None, sa_type=Moment)


class Note(SQLModel, table=True):
    """One step of an entry through review, with what was said: a reason, a question, an answer."""

    __tablename__ = "note"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    entry_id: uuid.UUID = _entry_key(index=True)
    revision: int = Field(description="Number of the revision it is about.")
    move: str = Field(description="The move of the workflow, or answer.")
    text: str = ""
    author_id: uuid.UUID | None = Field(default=None, foreign_key="user.id")
    created_at: datetime = Field(default_factory=now, sa_type=Moment)


class Redirect(SQLModel, table=True):
    """An old address of an entry, kept for ever."""

    kind: str = Field(primary_key=True)
    slug: str = Field(primary_key=True)
    entry_id: uuid.UUID = _entry_key()
