"""What an administrator does with people: invite, change a role, end access and give it again."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from directory import audit
from directory.accounts import letters
from directory.accounts.factors import Factors, factors_of, of, remove_all
from directory.accounts.kept import end_sessions
from directory.accounts.models import (
    ENDS_WITH_ACCESS,
    Grant,
    Passkey,
    PasswordLink,
    Totp,
    User,
)
from directory.accounts.permissions import ROLE_NAMES
from directory.accounts.service import LINK_LIVES, add_user, check_role, find_user, make_link
from directory.accounts.tokens import revoke_all
from directory.db import now, write_alone
from directory.errors import Conflict, NotFound
from directory.languages import gettext, marked, worded
from directory.settings import Settings

ADMIN = "admin"
_LAST_ADMIN = marked(
    "This is the last administrator who can sign in. Make somebody else administrator first."
)


@dataclass(frozen=True)
class Person:
    """One line of the list of people."""

    user: User
    factors: Factors
    link_until: datetime | None

    @property
    def role(self) -> str:
        """Return the role in words."""
        return worded(ROLE_NAMES.get(self.user.role, self.user.role))

    @property
    def state(self) -> str:
        """Say in English whether it is open: ended, active, invited, or its link is too old."""
        if self.user.ended_at:
            return marked("ended")
        if self.user.password_hash:
            return marked("active")
        return marked("invited") if self.link_until else marked("link too old")


def list_people(session: Session) -> list[Person]:
    """Return everybody: who may come in first, by address."""
    order = (col(User.ended_at).is_not(None), col(User.email))
    apps = set(session.exec(select(Totp.user_id)))
    keys = _counts(session)
    links = _links(session)
    return [
        Person(u, Factors(u.id in apps, keys.get(u.id, 0)), links.get(u.id))
        for u in session.exec(select(User).order_by(*order))
    ]


def _counts(session: Session) -> dict[uuid.UUID, int]:
    counted = sa.select(col(Passkey.user_id), sa.func.count()).group_by(col(Passkey.user_id))
    return {user_id: count for user_id, count in session.execute(counted)}


def _links(session: Session) -> dict[uuid.UUID, datetime]:
    """Return until when somebody may still set their password by a link."""
    open_now: Sequence[PasswordLink] = session.exec(
        select(PasswordLink)
        .where(col(PasswordLink.expires_at) > now())
        .order_by(col(PasswordLink.expires_at))
    ).all()
    return {link.user_id: link.expires_at for link in open_now}


def read_person(session: Session, number: uuid.UUID) -> Person:
    """Return one person; raises NotFound."""
    user = session.get(User, number)
    if user is None:
        raise NotFound(gettext("There is nobody at this address."))
    return Person(user, factors_of(session, user.id), _links(session).get(user.id))


def invite(
    session: Session, email: str, role: str, settings: Settings, *, by: User
) -> tuple[User, str]:
    """Add a person and queue their letter; return them and the address of their link.

    Raises Invalid, as `add_user` does.
    """
    token = add_user(session, email, role, by=by)
    user = find_user(session, email)
    assert user
    letters.invitation(session, user, token, settings)
    return user, letters.password_address(settings, token)


def send_link(session: Session, user: User, settings: Settings, *, by: User) -> str:
    """Return the address of a new link, queue its letter, and end the links of before.

    Who had no access any more has it again from now on.
    """
    write_alone(session)
    session.refresh(user)
    if user.ended_at:
        user.ended_at = None
        audit.record(session, "access given again", of(user), by=by)
    session.exec(sa.delete(PasswordLink).where(col(PasswordLink.user_id) == user.id))
    token = make_link(session, user, LINK_LIVES)
    letters.invitation(session, user, token, settings)
    audit.record(session, "link sent", of(user), by=by)
    return letters.password_address(settings, token)


def change_role(session: Session, user: User, role: str, *, by: User) -> None:
    """Give a person another role; they sign in anew.

    Raises Invalid for no role, Conflict when nobody would be left to administer.
    """
    check_role(role)
    write_alone(session)
    session.refresh(user)
    if role == user.role:
        return
    _keep_an_admin(session, user)
    end_sessions(session, user.id)
    before, user.role = user.role, role
    audit.record(session, "role changed", of(user), by=by, from_role=before, to_role=role)


def end_access(session: Session, user: User, *, by: User) -> None:
    """Let a person in no more; what they did stays theirs, what they alone could read is deleted.

    Raises Conflict for the last administrator.
    """
    write_alone(session)
    session.refresh(user)
    if user.ended_at:
        return
    _keep_an_admin(session, user)
    end_sessions(session, user.id)
    session.exec(sa.delete(PasswordLink).where(col(PasswordLink.user_id) == user.id))
    revoke_all(session, user)
    session.exec(
        sa.update(Grant)
        .where(col(Grant.user_id) == user.id, col(Grant.ended_at).is_(None))
        .values(ended_at=now(), ended_because=marked("Their access here has ended."))
    )
    for table in SQLModel.metadata.tables.values():
        if table.info.get(ENDS_WITH_ACCESS):
            session.execute(sa.delete(table).where(table.c.user_id == user.id))
    user.ended_at = now()
    audit.record(session, "access ended", of(user), by=by)


def _keep_an_admin(session: Session, leaving: User) -> None:
    """Raise Conflict unless another administrator can sign in; nobody else writes meanwhile."""
    if leaving.role != ADMIN or leaving.ended_at:
        return
    others = select(User.id).where(
        User.role == ADMIN,
        User.id != leaving.id,
        col(User.ended_at).is_(None),
        col(User.password_hash).is_not(None),
    )
    if session.exec(others.limit(1)).first() is None:
        raise Conflict(worded(_LAST_ADMIN))


def free_of_factors(session: Session, user: User, *, by: User) -> None:
    """Remove the second factor of a person who lost it, and tell them; they sign in anew."""
    remove_all(session, user, by=by)
    end_sessions(session, user.id)
    letters.changed(session, user, marked("Your second factor was removed by an administrator."))
