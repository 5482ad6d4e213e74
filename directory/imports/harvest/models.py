"""Feeds at rest: what is registered, what each run found, and what each item said last."""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Field, SQLModel

from directory.db import Moment, new_id, now
from directory.entries.fields import JSON_COLUMN
from directory.languages import marked, worded


class FeedState(StrEnum):
    """Whether a feed may be read by itself."""

    REGISTERED = "registered"
    APPROVED = "approved"
    PAUSED = "paused"

    @property
    def words(self) -> str:
        """Return it as people read it."""
        words = {
            "registered": marked("waits for approval"),
            "approved": marked("approved"),
            "paused": marked("paused"),
        }
        return worded(words[self.value])


class Schedule(StrEnum):
    """How often a feed is read."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"

    @property
    def interval(self) -> timedelta:
        """Return the time between two runs."""
        return timedelta(days={"daily": 1, "weekly": 7, "monthly": 30}[self.value])

    @property
    def words(self) -> str:
        """Return it as people read it."""
        words = {
            "daily": marked("Every day"),
            "weekly": marked("Every week"),
            "monthly": marked("Every month"),
        }
        return worded(words[self.value])


class Outcome(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    DONE = "done"
    NOT_MODIFIED = "not_modified"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def words(self) -> str:
        """Return it as people read it."""
        words = {
            "running": marked("is being read"),
            "done": marked("done"),
            "not_modified": marked("nothing new since the last run"),
            "stopped": marked("stopped for a person"),
            "failed": marked("failed"),
        }
        return worded(words[self.value])


class Feed(SQLModel, table=True):
    """What somebody publishes at an address, registered to be read again and again.

    `tested_at` is when the present address was last tried out with success; `changed_at` when
    address, format or kind last changed. `run_id` and `alive_at` are the claim of the run that
    reads it now: without a sign of life for a while, another one may take over.
    """

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(unique=True)
    title: str
    owner_id: uuid.UUID = Field(foreign_key="entry.id", index=True)
    address: str
    format: str
    kind: str = Field(description="The kind of entry that its items are.")
    own_offers: bool = Field(default=False, description="Everything in it is given by its owner.")
    schedule: str = Schedule.WEEKLY.value
    state: str = Field(default=FeedState.REGISTERED.value, index=True)
    registered_by: uuid.UUID | None = Field(default=None, foreign_key="user.id")
    approved_by: uuid.UUID | None = Field(default=None, foreign_key="user.id")
    approved_at: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(default_factory=now, sa_type=Moment)
    changed_at: datetime = Field(default_factory=now, sa_type=Moment)
    tested_at: datetime | None = Field(default=None, sa_type=Moment)
    next_run_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
    etag: str | None = None
    last_modified: str | None = None
    go_on: bool = Field(default=False, description="A curator lets the next run pass once.")
    run_id: uuid.UUID | None = None
    alive_at: datetime | None = Field(default=None, sa_type=Moment)

    @property
    def source_slug(self) -> str:
        """Return the slug of the source that claims of its values cite."""
        return f"feed-{self.slug}"


class FeedItem(SQLModel, table=True):
    """One item of a feed and the entry it became; `said` is what it said when last taken in.

    `misses` counts the runs in a row in which it was not there; `created` says that the entry
    came from it, `archived` that the entry was archived because it was gone.
    """

    __tablename__ = "feed_item"

    feed_id: uuid.UUID = Field(foreign_key="feed.id", ondelete="CASCADE", primary_key=True)
    remote_id: str = Field(primary_key=True)
    entry_id: uuid.UUID = Field(foreign_key="entry.id", ondelete="CASCADE", index=True)
    title: str
    url: str | None = None
    page: str | None = Field(default=None, description="The address without what varies.")
    said: dict[str, Any] = Field(sa_type=JSON_COLUMN)
    created: bool = False
    archived: bool = False
    misses: int = 0


class FeedRun(SQLModel, table=True):
    """What one reading of a feed found. `lines` are its first items, with reasons and fields."""

    __tablename__ = "feed_run"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    feed_id: uuid.UUID = Field(foreign_key="feed.id", ondelete="CASCADE", index=True)
    is_test: bool = False
    outcome: str = Outcome.RUNNING.value
    started_at: datetime = Field(default_factory=now, sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    by_id: uuid.UUID | None = Field(default=None, foreign_key="user.id")
    reason: str | None = None
    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    left: int = 0
    archived: int = 0
    lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON_COLUMN)
    lines_cut: int = Field(default=0, description="How many lines were too many to keep.")
