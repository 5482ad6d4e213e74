"""Where facts come from: documents, their paragraphs, and the claims that cite them."""

import uuid
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col

from directory.entries.fields import JSON_COLUMN
from directory.languages import marked, worded
from directory.sources.claims import Status

KINDS = {
    "resolution": marked("Resolution"),
    "outcome-document": marked("Outcome document"),
    "profile": marked("Profile"),
    "statement": marked("Statement"),
    "news": marked("News"),
    "note": marked("Note"),
    "feed": marked("Feed"),
}
"""What kinds of sources are called, in English."""


class Source(SQLModel, table=True):
    """A document. Its text is loaded at run time by whoever has it, and never shipped."""

    slug: str = Field(primary_key=True)
    title: str
    short_title: str
    kind: str = Field(description="One of the kinds.")
    publisher: str | None = None
    symbol: str | None = Field(default=None, description="Such as A/RES/78/16.")
    dated: str | None = Field(default=None, description="As precise as the document says.")
    numbering: str = Field(default="paragraph", description="paragraph or line.")
    note: str | None = None
    checked_on: date = Field(description="When it was last read for this directory.")
    position: int = 0

    @property
    def kind_label(self) -> str:
        """Return what a source of this kind is called in the language that is read."""
        return worded(KINDS.get(self.kind, self.kind))


class Paragraph(SQLModel, table=True):
    """A numbered paragraph (or line) of a source, in our own words."""

    __table_args__ = (sa.UniqueConstraint("source_slug", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    source_slug: str = Field(foreign_key="source.slug", ondelete="CASCADE")
    position: int
    number: str
    section: str | None = None
    summary: str
    action_lines: list[str] | None = Field(default=None, sa_type=JSON_COLUMN)
    text: str | None = Field(default=None, description="The wording itself, when loaded.")


_CONTRADICTED = f"status = '{Status.CONTRADICTED}'"


class ClaimRow(SQLModel, table=True):
    """A published claim: where the value of a field, or one item of it, comes from."""

    __tablename__ = "claim"
    # Few claims are contradicted, and every result of a search asks for them.
    __table_args__ = (
        sa.Index(
            "ix_claim_contradicted",
            "entry_id",
            sqlite_where=sa.text(_CONTRADICTED),
            postgresql_where=sa.text(_CONTRADICTED),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    entry_id: uuid.UUID = Field(foreign_key="entry.id", ondelete="CASCADE", index=True)
    field: str
    item: str | None = None
    source_slug: str = Field(foreign_key="source.slug", index=True)
    locator: str | None = None
    note: str | None = None
    status: str
    values: list[Any] | None = Field(default=None, sa_type=JSON_COLUMN)
    checked_on: date
    checked_by: str | None = None


def is_contradicted() -> sa.ColumnElement[bool]:
    """Select claims that contradict each other.

    In the very words of the index: a parameter would keep SQLite from using it.
    """
    return col(ClaimRow.status) == sa.literal_column(f"'{Status.CONTRADICTED}'")
