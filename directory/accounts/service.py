"""Accounts: adding a person, setting a password by a one-time link, signing in."""

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from directory.accounts.models import PasswordLink, User
from directory.accounts.passwords import check_password, hash_password, is_right
from directory.accounts.permissions import ROLES
from directory.db import now
from directory.entries.fields import Email
from directory.errors import Invalid, NotFound

LINK_LIVES = timedelta(days=7)
_USED_UP = (
    "This link has been used already or is older than 7 days. Ask the administrator for a new one."
)
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


def add_user(session: Session, email: str, role: str) -> str:
    """Add an account without a password; return the token of its one-time link.

    Raises Invalid when the address cannot be one, is taken, or when there is no such role.
    """
    email = _read_email(email)
    if role not in ROLES:
        raise Invalid(f"There is no role called {role}.", {"role": "Choose one of the roles."})
    if session.exec(select(User).where(User.email == email)).first():
        sentence = f"There is already an account with the address {email}."
        raise Invalid(sentence, {"email": sentence})
    user = User(email=email, role=role)
    session.add(user)
    session.flush()
    token = secrets.token_urlsafe(32)
    link = PasswordLink(token_hash=_hash(token), user_id=user.id, expires_at=now() + LINK_LIVES)
    session.add(link)
    session.flush()
    return token


def _read_email(text: str) -> str:
    try:
        return _EMAIL.validate_python(text).lower()
    except ValidationError:
        sentence = f"{text!r} is not an e-mail address."
        raise Invalid(sentence, {"email": sentence}) from None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def read_link(session: Session, token: str) -> User:
    """Return whose password a link sets; raises NotFound when it is used, too old or made up."""
    found = session.exec(
        select(User)
        .join(PasswordLink, col(PasswordLink.user_id) == col(User.id))
        .where(PasswordLink.token_hash == _hash(token), col(PasswordLink.expires_at) > now())
    ).first()
    if found is None:
        raise NotFound(_USED_UP)
    return found


def set_password(session: Session, token: str, password: str, site_name: str) -> User:
    """Set the password and use the link up; raises NotFound for the link, Invalid for the rest."""
    user = read_link(session, token)
    user.password_hash = hash_password(check_password(password, user.email, site_name))
    used = session.exec(sa.delete(PasswordLink).where(col(PasswordLink.user_id) == user.id))
    if not used.rowcount:
        # Somebody else has used it up while this password was hashed.
        raise NotFound(_USED_UP)
    session.add(user)
    session.flush()
    return user


def sign_in(session: Session, email: str, password: str) -> User:
    """Return the user whose password this is.

    Raises Invalid, with the same words and after the same time, whatever is wrong.
    """
    # PostgreSQL would refuse a question with NUL in it rather than find nobody.
    address = email.replace("\x00", "").strip().lower()
    user = session.exec(select(User).where(User.email == address)).first()
    if not is_right(password, user.password_hash if user else None) or user is None:
        raise Invalid("The e-mail address and the password do not fit together.")
    return user
