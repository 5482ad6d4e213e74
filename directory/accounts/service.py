"""Accounts: adding a person, passwords and the one-time links that set them, signing in."""

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from directory import audit
from directory.accounts import letters
from directory.accounts.factors import of
from directory.accounts.kept import end_sessions
from directory.accounts.models import PasswordLink, User
from directory.accounts.passwords import check_password, hash_password, is_right
from directory.accounts.permissions import ROLES
from directory.accounts.throttle import throttle
from directory.db import now, write_alone
from directory.entries.fields import Email
from directory.errors import Invalid, NotFound, TooMany
from directory.languages import gettext, language, languages, marked, worded
from directory.settings import Settings

LINK_LIVES = timedelta(days=7)
RESET_LIVES = timedelta(hours=1)
RESETS_AN_HOUR = 3
_USED_UP = marked(
    "This link has been used already or is too old. Ask for a new one: choose Sign in, then "
    "“Forgotten your password?”."
)
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


def add_user(session: Session, email: str, role: str, *, by: User | None = None) -> str:
    """Add an account without a password; return the token of its one-time link.

    Raises Invalid when the address cannot be one, is taken, or when there is no such role.
    """
    email = _read_email(email)
    check_role(role)
    if find_user(session, email):
        sentence = gettext(
            "There is already an account with the address %(address)s.", address=email
        )
        raise Invalid(sentence, {"email": sentence})
    write_alone(session)
    user = User(email=email, role=role, language=language().code)
    session.add(user)
    session.flush()
    audit.record(session, "person added", of(user), by=by, to_role=role)
    return make_link(session, user, LINK_LIVES)


def check_role(role: str) -> None:
    """Raise Invalid when there is no such role."""
    if role not in ROLES:
        raise Invalid(
            gettext("There is no role called %(role)s.", role=role),
            {"role": gettext("Choose one of the roles.")},
        )


def make_link(session: Session, user: User, lives: timedelta) -> str:
    """Return the token of a link that sets the password of a person, once."""
    token = secrets.token_urlsafe(32)
    link = PasswordLink(token_hash=_hash(token), user_id=user.id, expires_at=now() + lives)
    session.add(link)
    session.flush()
    return token


def _read_email(text: str) -> str:
    try:
        return _EMAIL.validate_python(text).lower()
    except ValidationError:
        sentence = (
            gettext("%(text)s is not an e-mail address.", text=repr(text))
            if text.strip()
            else gettext("An empty line is not an e-mail address.")
        )
        raise Invalid(sentence, {"email": sentence}) from None


def find_user(session: Session, email: str) -> User | None:
    """Return the person with this address, as somebody typed it."""
    # PostgreSQL would refuse a question with NUL in it rather than find nobody.
    address = email.replace("\x00", "").strip().lower()
    return session.exec(select(User).where(User.email == address)).first()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def read_link(session: Session, token: str) -> User:
    """Return whose password a link sets; raises NotFound when it is used, too old or made up."""
    found = session.exec(
        select(User)
        .join(PasswordLink, col(PasswordLink.user_id) == col(User.id))
        .where(
            PasswordLink.token_hash == _hash(token),
            col(PasswordLink.expires_at) > now(),
            col(User.ended_at).is_(None),
        )
    ).first()
    if found is None:
        raise NotFound(worded(_USED_UP))
    return found


def set_password(session: Session, token: str, password: str, site_name: str) -> User:
    """Set the password, use the link up and end every session of the account.

    Raises NotFound for the link, Invalid for the rest.
    """
    user = read_link(session, token)
    hashed = hash_password(check_password(password, user.email, site_name))
    write_alone(session)
    used = session.exec(sa.delete(PasswordLink).where(col(PasswordLink.user_id) == user.id))
    if not used.rowcount:
        # Somebody else has used it up while this password was hashed.
        raise NotFound(worded(_USED_UP))
    end_sessions(session, user.id)
    _keep_password(session, user, hashed, "password set by link")
    return user


def _keep_password(session: Session, user: User, hashed: str, action: str) -> None:
    if user.password_hash:
        letters.changed(session, user, marked("Your password was changed."))
    user.password_hash = hashed
    session.add(user)
    session.flush()
    audit.record(session, action, of(user), by=user)


def change_password(
    session: Session, user: User, current: str, password: str, site_name: str, *, keep: str
) -> None:
    """Change the password of who is signed in, and end the sessions but the one under `keep`.

    Raises Invalid when the current password is not right, or the new one is weak.
    """
    if not is_right(current, user.password_hash):
        sentence = gettext("This is not your current password.")
        raise Invalid(sentence, {"current": sentence})
    hashed = hash_password(check_password(password, user.email, site_name))
    write_alone(session)
    end_sessions(session, user.id, keep=keep)
    session.exec(sa.delete(PasswordLink).where(col(PasswordLink.user_id) == user.id))
    _keep_password(session, user, hashed, "password changed")


def request_reset(session: Session, email: str, settings: Settings) -> None:
    """Queue a mail with a link that sets the password, if there is such an account.

    Silent in every case, and for one account only so often: run it when the answer is out, so
    that neither words nor time tell which accounts exist (OWASP ASVS 5, 6.3.8).
    """
    user = find_user(session, email)
    if user is None or user.ended_at:
        return
    key, hour = str(user.id), timedelta(hours=1)
    write_alone(session)
    try:
        throttle(session, "reset", key, RESETS_AN_HOUR, hour, secret=settings.secret)
    except TooMany:
        return
    letters.reset(session, user, make_link(session, user, RESET_LIVES), settings)
    audit.record(session, "password link asked for", of(user), by=None)


def sign_in(session: Session, email: str, password: str) -> User:
    """Return the user whose password this is.

    Raises Invalid, with the same words and after the same time, whatever is wrong.
    """
    user = find_user(session, email)
    kept = user.password_hash if user and not user.ended_at else None
    if not is_right(password, kept) or user is None:
        raise Invalid(gettext("The e-mail address and the password do not fit together."))
    return user


def note_failure(session: Session, email: str, how: str) -> None:
    """Write a failed sign-in down; what was typed is kept nowhere, it may be a password."""
    user = find_user(session, email)
    audit.record(session, "sign-in failed", of(user) if user else "", by=None, how=how)


def note_arrival(session: Session, user: User, how: str) -> None:
    """Write down that somebody is signed in."""
    write_alone(session)
    # Whoever comes for the first time gets letters in the language that they read just now.
    before = sa.case((col(User.seen_at).is_(None), language().code), else_=col(User.language))
    arrived = sa.update(User).where(col(User.id) == user.id)
    session.exec(arrived.values(seen_at=now(), language=before))
    audit.record(session, "signed in", of(user), by=user, how=how)


def choose_language(session: Session, user: User, code: str) -> None:
    """Word letters to a person in this language from now on; raises Invalid for one we have not."""
    if code not in languages():
        sentence = gettext("Choose a language of the list.")
        raise Invalid(sentence, {"language": sentence})
    session.exec(sa.update(User).where(col(User.id) == user.id).values(language=code))
