"""Whom to tell of changes, and what was told."""

import uuid
from datetime import datetime
from http import HTTPStatus

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from directory.db import Moment, new_id, now
from directory.entries.fields import JSON_COLUMN
from directory.languages import gettext, worded


class Webhook(SQLModel, table=True):
    """An address of another program, which wants to be told of what changes.

    `position` is the line of the change log up to which it was told. The log is the queue: what
    stands in it was written in the transaction of the change, and nothing is copied before its
    turn. `kinds` and `terms` narrow what is told; empty, they let everything through.
    """

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    url: str
    kinds: list[str] = Field(sa_type=JSON_COLUMN)
    terms: list[str] = Field(sa_type=JSON_COLUMN, description="As in action-lines:C4.")
    sealed: str = Field(description="The secret with which messages are signed.")
    position: int = Field(description="Line of the change log.")
    created_at: datetime = Field(default_factory=now, sa_type=Moment)
    try_after: datetime = Field(default_factory=now, sa_type=Moment, index=True)
    tries: int = Field(default=0, description="Of the message that waits.")
    paused_at: datetime | None = Field(default=None, sa_type=Moment)
    paused_because: str | None = None


class WebhookMessage(SQLModel, table=True):
    """A message to such an address, with what became of it. At most one of a webhook waits."""

    __tablename__ = "webhook_message"
    __table_args__ = (sa.Index(None, "webhook_id", "at"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    webhook_id: uuid.UUID = Field(foreign_key="webhook.id", ondelete="CASCADE")
    entry_id: uuid.UUID | None = Field(
        default=None, foreign_key="entry.id", ondelete="CASCADE", index=True
    )
    event: str
    body: str = Field(description="JSON, as it is signed and sent every time.")
    at: datetime = Field(default_factory=now, sa_type=Moment)
    tries: int = 0
    tried_at: datetime | None = Field(default=None, sa_type=Moment)
    status: int | None = Field(default=None, description="Of the last answer; None without one.")
    said: str = Field(default="", description="Why there was no answer, as the owner reads it.")
    delivered_at: datetime | None = Field(default=None, sa_type=Moment)

    @property
    def answer(self) -> str:
        """Return the last answer, or why there was none, in the language that is read."""
        return answered(self.status) if self.status else worded(self.said)


def answered(status: int) -> str:
    """Say in the language that is read what a receiver answered; the phrase is that of HTTP."""
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    answer = f"{status} {phrase}".strip()
    if 300 <= status < 400:
        return gettext(
            "It answered %(answer)s. Messages are not sent on: register the address where it "
            "leads.",
            answer=answer,
        )
    return gettext("It answered %(answer)s.", answer=answer)
