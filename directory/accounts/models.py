"""People who sign in, and their sessions."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from directory.db import Moment, new_id, now


class User(SQLModel, table=True):
    """A person with an account. `password_hash` is argon2, or None before the first sign-in."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(unique=True, description="Lower case.")
    role: str = Field(description="One of the columns of the table of permissions.")
    password_hash: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=Moment)


class Grant(SQLModel, table=True):
    """A person may edit an organisation, and what it carries, for its provider.

    In force from `granted_at` until `ended_at` or `expires_at`, whichever comes first.
    """

    __tablename__ = "provider_grant"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    organisation_id: uuid.UUID = Field(foreign_key="entry.id", ondelete="CASCADE", index=True)
    granted_at: datetime = Field(default_factory=now, sa_type=Moment)
    granted_by: uuid.UUID | None = Field(default=None, foreign_key="user.id")
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_because: str | None = None


class PasswordLink(SQLModel, table=True):
    """A one-time link to set a password; only its hash is kept."""

    __tablename__ = "password_link"

    token_hash: str = Field(primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    expires_at: datetime = Field(sa_type=Moment)


class BrowserSession(SQLModel, table=True):
    """A server-side session of one browser, found by the hash of its cookie."""

    __tablename__ = "session"

    key: str = Field(primary_key=True)
    data: bytes = Field(sa_type=sa.LargeBinary)
    expires_at: datetime = Field(sa_type=Moment, index=True)
