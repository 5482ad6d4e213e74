"""What somebody was typing, kept beside the drafts so that no line or battery can lose it.

It is the body of the form as it stood, for its author alone: no revision, and nothing that
anybody else sees. Saving the form, or throwing the text away, ends it.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from directory.accounts.models import User
from directory.curation.forms import MOST_FIELDS
from directory.db import Moment, now, write_alone
from directory.entries.fields import JSON_COLUMN
from directory.errors import Invalid
from directory.languages import gettext

KEPT = timedelta(days=30)
LONGEST = 1_000_000
"""Characters in all that are kept of one form."""

Pairs = list[tuple[str, str]]


class AutoSave(SQLModel, table=True):
    """The form of one person at one entry. `body` is None once that form was saved.

    `form` is the number of the page it stands on: what arrives late from a page whose form was
    saved meanwhile is dropped.
    """

    __tablename__ = "autosave"

    user_id: uuid.UUID = Field(primary_key=True, foreign_key="user.id", ondelete="CASCADE")
    place: str = Field(primary_key=True, description="Path of the form, such as trainings/new.")
    form: str
    body: list[list[str]] | None = Field(default=None, sa_type=JSON_COLUMN)
    at: datetime = Field(default_factory=now, sa_type=Moment)


@dataclass(frozen=True)
class Kept:
    """A form that was never saved, as its fields, and when it was kept."""

    pairs: Pairs
    at: datetime


def place_of(path: str, slug: str | None) -> str:
    """Return where a form stands: the path of its kind, and its entry or `new`."""
    return f"{path}/{slug or 'new'}"


def keep(
    session: Session, user: User, place: str, form: str, pairs: Iterable[tuple[str, str]]
) -> bool:
    """Keep what stands in a form; return False when that form was saved meanwhile.

    Raises Invalid for more than a form can hold. What nobody came back to in 30 days goes.
    """
    form, body = _plain(form), [[_plain(name), _plain(text)] for name, text in pairs]
    if len(body) > MOST_FIELDS or sum(len(n) + len(t) for n, t in body) > LONGEST:
        raise Invalid(gettext("This is too much to keep while you write. Save it as a draft."))
    # Two first rows of one form at once, and the later one would fail: it may be the saving itself.
    write_alone(session)
    session.exec(sa.delete(AutoSave).where(col(AutoSave.at) < now() - KEPT))
    there = session.get(AutoSave, (user.id, place), with_for_update=True)
    if there and there.form == form and there.body is None:
        return False
    session.merge(AutoSave(user_id=user.id, place=place, form=form, body=body))
    return True


def finish(session: Session, user: User, place: str, form: str) -> None:
    """End what was kept for a form, because it was saved or is to be thrown away."""
    write_alone(session)
    session.merge(AutoSave(user_id=user.id, place=place, form=_plain(form), body=None))


def _plain(text: str) -> str:
    """Leave NUL out, which PostgreSQL cannot keep and nobody types."""
    return text.replace("\x00", "")


def kept_for(session: Session, user: User, place: str) -> Kept | None:
    """Return what one was typing here and never saved, or None."""
    there = session.get(AutoSave, (user.id, place))
    if there is None or there.body is None or there.at < now() - KEPT:
        return None
    return Kept([(name, text) for name, text in there.body], there.at)


def unsaved(session: Session, user: User) -> list[tuple[str, datetime]]:
    """Return (place, moment) of every form of a person that was never saved, newest first."""
    rows = session.exec(
        select(AutoSave.place, AutoSave.at, AutoSave.body)
        .where(AutoSave.user_id == user.id, col(AutoSave.at) >= now() - KEPT)
        .order_by(col(AutoSave.at).desc())
    )
    return [(place, at) for place, at, body in rows if body is not None]
