"""Tokens with which a program acts for a person: shown once, kept as a keyed hash.

Who reads a copy of the database finds no token that works: the key of the hash is not in it.
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Collection
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlmodel import Field, Session, SQLModel, col, select

from directory.accounts.models import User
from directory.accounts.permissions import ACTIONS, is_allowed_somewhere
from directory.audit import record
from directory.db import Moment, new_id, now, write_alone
from directory.entries.fields import JSON_COLUMN, Line
from directory.errors import Invalid, NotAllowed, NotFound
from directory.languages import gettext

PREFIX = "dcd_"
"""What tokens begin with, so that scanners for leaked secrets find them."""

LIVES = (30, 90, 365)
"""For how many days a token may be made; the last is the default."""

MOST = 20
_NAME: TypeAdapter[str] = TypeAdapter(Line)


class ApiToken(SQLModel, table=True):
    """A token of a person. One that was revoked stays, so that its story can be told.

    `scopes` are actions of the table of permissions; with any other it does nothing.
    """

    __tablename__ = "api_token"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    name: str = Field(description="What it is for, in the words of the person.")
    key: str = Field(unique=True, description="HMAC-SHA-256 of the token.")
    scopes: list[str] = Field(sa_type=JSON_COLUMN)
    created_at: datetime = Field(default_factory=now, sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    last_used: date | None = Field(default=None, description="No more than the day.")

    @property
    def works(self) -> bool:
        """Say whether it opens anything now."""
        return self.revoked_at is None and self.expires_at > now()


def _key(token: str, secret: str) -> str:
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


class ScopeMissing(NotAllowed):
    """The token was not made for this; `scope` is what it would need."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"This token may not {ACTIONS[scope].words}: it was made without the scope {scope}."
        )
        self.scope = scope


def make_token(
    session: Session, name: str, days: int, scopes: Collection[str], *, by: User, secret: str
) -> tuple[ApiToken, str]:
    """Make a token for a person; return it with its text, which nobody can read again.

    `scopes` are actions that the person may do somewhere. Raises Invalid for a name, a number of
    days or a scope that cannot be, or when there are too many.
    """
    write_alone(session)
    wrong = {}
    try:
        name = _NAME.validate_python(name)
    except ValidationError:
        sentence = gettext(
            "Say in at most 300 characters what the token is for, such as weekly upload."
        )
        wrong["name"] = sentence
    if days not in LIVES:
        wrong["days"] = gettext("Choose one of the list.")
    if not scopes:
        wrong["scope"] = gettext("Choose at least one thing that the token may do.")
    if any(not is_allowed_somewhere(by.role, scope) for scope in scopes):
        wrong["scope"] = gettext("A token may do no more than you may: choose from the list.")
    if wrong:
        raise Invalid(gettext("The token was not made."), wrong)
    if sum(token.works for token in tokens_of(session, by)) >= MOST:
        sentence = gettext(
            "You have %(most)s tokens that work. Revoke one that nobody needs any more.", most=MOST
        )
        raise Invalid(sentence, {"name": sentence})
    text = PREFIX + secrets.token_urlsafe(32)
    granted = [name for name in ACTIONS if name in scopes]
    token = ApiToken(
        user_id=by.id,
        name=name,
        key=_key(text, secret),
        scopes=granted,
        expires_at=now() + timedelta(days=days),
    )
    session.add(token)
    session.flush()
    record(session, "make token", name, by=by, token=str(token.id), days=days, scopes=granted)
    return token, text


def tokens_of(session: Session, user: User) -> list[ApiToken]:
    """Return the tokens of a person, newest first."""
    mine = select(ApiToken).where(ApiToken.user_id == user.id)
    return list(session.exec(mine.order_by(col(ApiToken.created_at).desc(), col(ApiToken.id))))


def revoke_token(session: Session, token_id: str, *, by: User) -> ApiToken:
    """Make a token of this person useless from now on; raises NotFound when it is not theirs."""
    write_alone(session)
    token = next((t for t in tokens_of(session, by) if str(t.id) == token_id), None)
    if token is None:
        raise NotFound(gettext("You have no such token."))
    if token.revoked_at is None:
        token.revoked_at = now()
        session.add(token)
        record(session, "revoke token", token.name, by=by, token=str(token.id))
    return token


def revoke_all(session: Session, user: User) -> None:
    """Make every token of a person useless: access that is given again is none for programs."""
    session.exec(
        sa.update(ApiToken)
        .where(col(ApiToken.user_id) == user.id, col(ApiToken.revoked_at).is_(None))
        .values(revoked_at=now())
    )


def holder_of(session: Session, text: str, *, secret: str) -> tuple[ApiToken, User] | None:
    """Return a token that works and whose it is; None for any other text."""
    if not text.startswith(PREFIX) or not text.isascii() or len(text) > 100:
        return None
    token = session.exec(select(ApiToken).where(ApiToken.key == _key(text, secret))).first()
    if token is None or not token.works:
        return None
    user = session.get_one(User, token.user_id)
    return None if user.ended_at else (token, user)


def note_use(session: Session, token: ApiToken) -> None:
    """Keep the day on which a token was last used."""
    session.exec(
        sa.update(ApiToken).where(col(ApiToken.id) == token.id).values(last_used=now().date())
    )
