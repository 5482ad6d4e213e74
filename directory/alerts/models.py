"""Who follows what. Nothing of these tables stands in any public output.

An address is sealed, and found again by a keyed hash: a copy of the database tells nobody who
follows what. Whoever stops everything is deleted.
"""

import uuid
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlmodel import Field, SQLModel

from directory.db import Moment, new_id, now
from directory.entries.fields import JSON_COLUMN


class Every(StrEnum):
    """How often somebody wants to hear."""

    DAY = "daily"
    WEEK = "weekly"
    MONTH = "monthly"

    def after(self, day: date) -> date:
        """Return the day of the next letter."""
        steps = {
            Every.DAY: relativedelta(days=1),
            Every.WEEK: relativedelta(weeks=1),
            Every.MONTH: relativedelta(months=1),
        }
        found: date = day + steps[self]
        return found


class Question(SQLModel, table=True):
    """A search that somebody follows; everybody who follows the same shares it.

    `position` is the line of the change log up to which was looked for what fits, `fitting` what
    fitted then: the last 8 bytes of each id, which are random, one after the other.
    """

    __tablename__ = "alert_question"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    address: str = Field(unique=True, description="The search as its canonical address.")
    position: int | None = Field(default=None, description="None before the first look.")
    fitting: bytes = b""


class Begun(SQLModel, table=True):
    """An entry began to fit a question, seen when the change log stood at `position`."""

    __tablename__ = "alert_begun"
    __table_args__ = (sa.Index(None, "question_id", "position"),)

    question_id: uuid.UUID = Field(
        foreign_key="alert_question.id", ondelete="CASCADE", primary_key=True
    )
    entry_id: uuid.UUID = Field(foreign_key="entry.id", ondelete="CASCADE", primary_key=True)
    position: int


class Reader(SQLModel, table=True):
    """An address that letters go to, or that was asked whether they may."""

    __tablename__ = "alert_reader"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    address_hash: str = Field(unique=True)
    sealed: str = Field(description="The address.")


class Following(SQLModel, table=True):
    """A reader follows a question, from the day on which the owner of the address said so.

    `position` is the line of the change log up to which this reader was told.
    """

    __tablename__ = "alert_following"
    __table_args__ = (
        sa.UniqueConstraint("reader_id", "question_id"),
        sa.Index(None, "question_id", "due_on"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    reader_id: uuid.UUID = Field(foreign_key="alert_reader.id", ondelete="CASCADE")
    question_id: uuid.UUID = Field(foreign_key="alert_question.id", ondelete="CASCADE")
    every: str
    language: str = Field(default="en", description="In which the letters are (BCP 47).")
    asked_at: datetime = Field(default_factory=now, sa_type=Moment)
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    position: int = 0
    looked_on: date | None = Field(default=None, description="When a letter was due last.")
    due_on: date | None = Field(default=None, index=True, description="None until confirmed.")


class About(StrEnum):
    """What a letter is for."""

    CONFIRM = "confirm"
    ALREADY = "already"
    LINK = "link"
    NEWS = "news"


class Letter(SQLModel, table=True):
    """A letter that is not out yet. What it tells is settled; its words are written when it goes.

    Once it is out it is deleted.
    """

    __tablename__ = "alert_letter"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    reader_id: uuid.UUID = Field(foreign_key="alert_reader.id", ondelete="CASCADE", index=True)
    following_id: uuid.UUID | None = Field(
        default=None, foreign_key="alert_following.id", ondelete="CASCADE", index=True
    )
    about: str
    told: dict[str, Any] = Field(default_factory=dict, sa_type=JSON_COLUMN)
    made_at: datetime = Field(default_factory=now, sa_type=Moment)
    try_after: datetime = Field(default_factory=now, sa_type=Moment, index=True)
    tries: int = 0
    failed: str | None = Field(default=None, description="What the server said last.")


CONFIRM_WITHIN = timedelta(days=7)
"""So long a link that confirms is good; then the address is deleted."""

MOST = 50
"""So many searches one address can follow."""
