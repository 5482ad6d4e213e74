"""To follow a search by mail: ask, confirm, change, stop. No account is needed.

Whether an address is known here already is told to its mailbox alone.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.throttle import throttle
from directory.alerts.links import read_confirmation
from directory.alerts.models import (
    CONFIRM_WITHIN,
    MOST,
    About,
    Every,
    Following,
    Letter,
    Question,
    Reader,
)
from directory.alerts.questions import look, question_at
from directory.db import now, write_alone
from directory.errors import Conflict, Invalid, NotFound, TooMany
from directory.inbox.limits import HOUR, check_limits
from directory.languages import gettext, ngettext
from directory.sealing import blur, seal
from directory.search.service import SearchService
from directory.settings import Settings

LETTERS_A_DAY = 3
"""So many letters that nobody has asked for with proof are sent to one address."""

REQUESTS_AN_HOUR = 20
"""So often one network may ask."""

_KIND = "alerts"


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: an address (lower case), a search, how often, in which language."""

    email: str
    question: str
    every: Every
    language: str = "en"


def read_every(text: str) -> Every:
    """Return how often; raises Invalid for anything else."""
    try:
        return Every(text)
    except ValueError:
        said = gettext("Choose how often.")
        raise Invalid(said, {"every": said}) from None


def reader_at(session: Session, email: str, settings: Settings) -> Reader | None:
    """Return the reader with this address, if it is known."""
    hashed = blur(settings.secret, _KIND, email)
    return session.exec(select(Reader).where(Reader.address_hash == hashed)).first()


def ask(session: Session, wish: Wish, *, sender: str, settings: Settings) -> None:
    """Ask the owner of an address whether to write; raises TooMany for a busy network.

    An address that had its letters for today gets no more, and whoever asks is not told.
    """
    write_alone(session)
    check_limits(
        session, [("alerts-network", sender, REQUESTS_AN_HOUR, HOUR)], secret=settings.secret
    )
    if not _may_write_to(session, wish.email, settings):
        return
    forget_unconfirmed(session)
    reader = reader_of(session, wish.email, settings)
    question = question_at(session, wish.question)
    following = session.exec(
        select(Following).where(
            Following.reader_id == reader.id, Following.question_id == question.id
        )
    ).first() or Following(reader_id=reader.id, question_id=question.id, every=wish.every)
    about = About.ALREADY
    if following.confirmed_at is None:
        about = About.CONFIRM
        following.every, following.language = wish.every, wish.language
        following.asked_at = now()
        session.add(following)
        session.flush()
    session.exec(
        sa.delete(Letter).where(
            col(Letter.following_id) == following.id, col(Letter.about) == about.value
        )
    )
    session.add(Letter(reader_id=reader.id, following_id=following.id, about=about.value))
    session.flush()


def ask_for_link(session: Session, email: str, *, sender: str, settings: Settings) -> None:
    """Send the link to what an address follows, if it follows anything; raises TooMany."""
    write_alone(session)
    check_limits(
        session, [("alerts-network", sender, REQUESTS_AN_HOUR, HOUR)], secret=settings.secret
    )
    if not _may_write_to(session, email, settings):
        return
    reader = reader_at(session, email, settings)
    if reader and followed_by(session, reader.id):
        session.add(Letter(reader_id=reader.id, about=About.LINK.value))
        session.flush()


def _may_write_to(session: Session, email: str, settings: Settings) -> bool:
    try:
        limit = ("alerts-address", email, LETTERS_A_DAY, timedelta(days=1))
        throttle(session, *limit, secret=settings.secret)
    except TooMany:
        return False
    return True


def reader_of(session: Session, email: str, settings: Settings) -> Reader:
    """Return the reader with this address, made if it is new."""
    if known := reader_at(session, email, settings):
        return known
    reader = Reader(
        address_hash=blur(settings.secret, _KIND, email),
        sealed=seal(settings.secret, _KIND, email),
    )
    session.add(reader)
    session.flush()
    return reader


def confirm(
    session: Session, search: SearchService, token: str, *, settings: Settings
) -> Following:
    """Take the word of the owner of an address: from now on what is new is told.

    Raises NotFound for a link that is used or too old, and Conflict for whoever follows too much.
    """
    write_alone(session)
    following = read_confirmation(session, token, settings)
    if len(followed_by(session, following.reader_id)) >= MOST:
        raise Conflict(
            ngettext(
                "You follow %(count)s search already. Stop one that you no longer need.",
                "You follow %(count)s searches already. Stop one that you no longer need.",
                MOST,
            )
        )
    question = session.get_one(Question, following.question_id)
    following.position = look(session, search, question).position
    following.confirmed_at, following.looked_on = now(), now().date()
    following.due_on = Every(following.every).after(following.looked_on)
    session.add(following)
    session.flush()
    return following


@dataclass(frozen=True)
class Followed:
    """One search that a reader follows."""

    following: Following
    question: Question


def followed_by(session: Session, reader_id: uuid.UUID) -> list[Followed]:
    """Return what a reader has confirmed to follow, the oldest first."""
    rows = session.exec(
        select(Following, Question)
        .join(Question, col(Question.id) == Following.question_id)
        .where(Following.reader_id == reader_id, col(Following.confirmed_at).is_not(None))
        .order_by(col(Following.confirmed_at), col(Following.id))
    )
    return [Followed(following, question) for following, question in rows]


def _one_of(session: Session, reader_id: uuid.UUID, key: uuid.UUID) -> Following:
    found = session.get(Following, key)
    if found is None or found.reader_id != reader_id or found.confirmed_at is None:
        raise NotFound(gettext("You do not follow this search any more."))
    return found


def change(session: Session, reader_id: uuid.UUID, key: uuid.UUID, every: Every) -> Following:
    """Change how often somebody hears of a search; nothing is left out or told twice by it.

    Raises NotFound when this reader does not follow it.
    """
    write_alone(session)
    following = _one_of(session, reader_id, key)
    following.every = every
    if following.looked_on:
        following.due_on = every.after(following.looked_on)
    session.add(following)
    session.flush()
    return following


def stop(session: Session, key: uuid.UUID) -> None:
    """End one search, and forget the address with the last one; nothing happens when it is gone."""
    write_alone(session)
    session.exec(sa.delete(Following).where(col(Following.id) == key))
    _forget_the_rest(session)


def stop_all(session: Session, reader_id: uuid.UUID) -> None:
    """Forget an address and all that it follows; nothing happens when it is gone."""
    write_alone(session)
    session.exec(sa.delete(Reader).where(col(Reader.id) == reader_id))
    _forget_the_rest(session)


def forget_unconfirmed(session: Session) -> int:
    """Delete what nobody has confirmed in time, with its address; return how much it was."""
    write_alone(session)
    done = session.exec(
        sa.delete(Following).where(
            col(Following.confirmed_at).is_(None), col(Following.asked_at) <= now() - CONFIRM_WITHIN
        )
    )
    if done.rowcount:
        _forget_the_rest(session)
    return int(done.rowcount)


def _forget_the_rest(session: Session) -> None:
    """Delete addresses that follow nothing, and searches that nobody follows."""
    mine = sa.exists().where(col(Following.reader_id) == col(Reader.id))
    session.exec(sa.delete(Reader).where(~mine))
    asked = sa.exists().where(col(Following.question_id) == col(Question.id))
    session.exec(sa.delete(Question).where(~asked))
    session.flush()


@dataclass(frozen=True)
class Figures:
    """How many, and nobody's name: what administrators see."""

    readers: int
    searches: int
    following: int
    unconfirmed: int
    waiting: int
    failing: int


def figures(session: Session) -> Figures:
    """Count readers, searches, what is followed, and letters that are not out yet."""

    def count(column: Any, *conditions: sa.ColumnElement[bool]) -> int:
        return session.scalar(sa.select(sa.func.count(column.distinct())).where(*conditions)) or 0

    confirmed = col(Following.confirmed_at).is_not(None)
    return Figures(
        readers=count(col(Following.reader_id), confirmed),
        searches=count(col(Following.question_id), confirmed),
        following=count(col(Following.id), confirmed),
        unconfirmed=count(col(Following.id), ~confirmed),
        waiting=count(col(Letter.id)),
        failing=count(col(Letter.id), col(Letter.failed).is_not(None)),
    )


def count_readers(session: Session) -> int:
    """Return how many addresses follow something, for the desk."""
    return figures(session).readers
