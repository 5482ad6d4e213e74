"""People who sign in, and their sessions."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from directory.accounts.agents import browser_shown
from directory.db import Moment, new_id, now
from directory.languages import SOURCE

ENDS_WITH_ACCESS = "ends with access"
"""So a table says in its `info` that its rows are read by their owner alone, who is named in its
column `user_id`: they are deleted when the access of that person ends."""


class User(SQLModel, table=True):
    """A person with an account; never deleted, because history names who did what.

    `password_hash` is argon2, or None before the first sign-in. `language` is that of letters: who
    made the account read it, then who signed in for the first time, then what the person chose.
    From `ended_at` on, the account opens nothing.
    """

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(unique=True, description="Lower case.")
    role: str = Field(description="One of the columns of the table of permissions.")
    language: str = Field(default=SOURCE, description="Of letters; a code of the interface.")
    password_hash: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=Moment)
    seen_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


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
    """A server-side session of one browser, found by the hash of its cookie.

    It is `whole` once every factor was shown; until then it opens nothing.
    """

    __tablename__ = "session"

    key: str = Field(primary_key=True)
    data: bytes = Field(sa_type=sa.LargeBinary)
    user_id: uuid.UUID | None = Field(
        default=None, foreign_key="user.id", ondelete="CASCADE", index=True
    )
    whole: bool = False
    agent: str = Field(default="", description="The browser, in two words.")
    created_at: datetime = Field(default_factory=now, sa_type=Moment)
    seen_at: datetime = Field(default_factory=now, sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment, index=True)

    @property
    def browser(self) -> str:
        """Return the browser as its owner reads it."""
        return browser_shown(self.agent)


class Attempt(SQLModel, table=True):
    """One try at something that may not be tried for ever; `key` is a keyed hash of who tries."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    key: str = Field(index=True)
    at: datetime = Field(default_factory=now, sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment, index=True)


class Totp(SQLModel, table=True):
    """The app of a person that shows a new code every 30 seconds (RFC 6238).

    The secret is sealed; a code of `last_step` or before is not taken again.
    """

    user_id: uuid.UUID = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True)
    sealed: str
    last_step: int = Field(sa_type=sa.BigInteger)
    created_at: datetime = Field(default_factory=now, sa_type=Moment)


class RecoveryCode(SQLModel, table=True):
    """A code to write down, which works once; only its hash is kept."""

    __tablename__ = "recovery_code"

    code_hash: str = Field(primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)


class Passkey(SQLModel, table=True):
    """A key that a device or password manager holds for a person (WebAuthn level 3)."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    credential: bytes = Field(sa_type=sa.LargeBinary, unique=True)
    public_key: bytes = Field(sa_type=sa.LargeBinary)
    sign_count: int = Field(sa_type=sa.BigInteger)
    name: str
    created_at: datetime = Field(default_factory=now, sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)
