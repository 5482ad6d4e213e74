"""Reports and requests at rest. Nothing of these tables stands in any public output."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from directory.db import Moment, new_id, now
from directory.languages import SOURCE, marked, worded


class Problem(StrEnum):
    """What a reader says is wrong."""

    WRONG = "wrong"
    OUTDATED = "out_of_date"
    LINK = "link"
    MISSING = "missing"
    UNLIST = "unlist"
    OTHER = "other"

    @property
    def words(self) -> str:
        """Return what stands beside the box to tick, in the language that is read."""
        return worded(
            {
                "wrong": marked("It is wrong"),
                "out_of_date": marked("It is out of date"),
                "link": marked("A link does not work"),
                "missing": marked("Something is missing"),
                "unlist": marked("This should not be listed"),
                "other": marked("Something else"),
            }[self.value]
        )


class ReportState(StrEnum):
    """How far a report has come; a closed one can be opened again."""

    OPEN = "open"
    DONE = "done"
    NOT_DONE = "not_done"

    @property
    def words(self) -> str:
        """Return it as it stands in the queue, in the language that is read."""
        return worded(
            {
                "open": marked("Not closed yet"),
                "done": marked("Closed as done"),
                "not_done": marked("Closed as not done"),
            }[self.value]
        )


class Report(SQLModel, table=True):
    """A problem or a suggestion, with the value as it was shown when somebody wrote about it.

    Of the sender it keeps only what `tidy` removes again: an address to answer to, if given, and
    a keyed hash of the network address.
    """

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    reference: str = Field(unique=True, description="What the sender can name, such as 7KQ2-M4XD.")
    entry_id: uuid.UUID = Field(foreign_key="entry.id", ondelete="CASCADE", index=True)
    field: str | None = Field(default=None, description="A public field, or None for all of it.")
    version: int = Field(description="Number of the revision that was public.")
    old_value: str | None = None
    old_source: str | None = None
    problem: str
    suggested: str | None = None
    said_where: str | None = None
    message: str | None = None
    email: str | None = None
    language: str = Field(default=SOURCE, description="In which the sender read, for the answer.")
    sender: str | None = None
    state: str = Field(default=ReportState.OPEN.value, index=True)
    assignee_id: uuid.UUID | None = Field(default=None, foreign_key="user.id")
    answer: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=Moment, index=True)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    closed_by: uuid.UUID | None = Field(default=None, foreign_key="user.id")


class PausedSender(SQLModel, table=True):
    """A network address, by its keyed hash, whose reports are not taken until a day."""

    __tablename__ = "paused_sender"

    sender: str = Field(primary_key=True)
    until: datetime = Field(sa_type=Moment)


class RequestState(StrEnum):
    """How far a request to edit an organisation has come."""

    ASKED = "asked"
    PROVED = "proved"
    DISPUTED = "disputed"
    GRANTED = "granted"
    REFUSED = "refused"
    EXPIRED = "expired"

    @property
    def words(self) -> str:
        """Return it as it stands in the queue, in the language that is read."""
        return worded(
            {
                "asked": marked("Address not proved yet"),
                "proved": marked("Waits for a decision"),
                "disputed": marked("Disputed"),
                "granted": marked("Granted"),
                "refused": marked("Refused"),
                "expired": marked("Expired"),
            }[self.value]
        )


class Request(SQLModel, table=True):
    """Somebody asks to edit an organisation for its provider.

    `vouched_by` is the person who names them as successor. The address of one who never proved it
    is removed when the request expires.
    """

    __tablename__ = "provider_request"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    organisation_id: uuid.UUID = Field(foreign_key="entry.id", ondelete="CASCADE", index=True)
    email: str = Field(index=True, description="Lower case; proved from the state proved on.")
    job: str = Field(description="What the person does there, in their words.")
    message: str | None = None
    language: str = Field(default=SOURCE, description="In which they read, for letters.")
    vouched_by: uuid.UUID | None = Field(default=None, foreign_key="user.id")
    state: str = Field(default=RequestState.ASKED.value, index=True)
    state_since: datetime = Field(default_factory=now, sa_type=Moment)
    created_at: datetime = Field(default_factory=now, sa_type=Moment)


class RequestStep(SQLModel, table=True):
    """One move of a request, with what was said. Nobody (None) is the applicant or the program."""

    __tablename__ = "provider_request_step"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    request_id: uuid.UUID = Field(foreign_key="provider_request.id", ondelete="CASCADE", index=True)
    move: str
    text: str = ""
    by_id: uuid.UUID | None = Field(default=None, foreign_key="user.id")
    created_at: datetime = Field(default_factory=now, sa_type=Moment)
