"""Letters go out: each is put off before it is sent, and deleted once it is out.

Who is killed in between sends it again, under the same Message-ID, rather than never. A letter that
does not arrive is tried again for a month; then its address is taken to be gone, and forgotten.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from jinja2 import Environment
from sqlmodel import Session, col, select

from directory.alerts.following import stop
from directory.alerts.letters import Addressed, Writer
from directory.alerts.models import About, Following, Letter, Question, Reader
from directory.db import Database, now
from directory.mail import UNSENT, Carrier, why_unsent
from directory.search.service import SearchService
from directory.settings import Settings

WAITS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(hours=20))
"""After each try; the last one again and again."""

GIVEN_UP_AFTER = timedelta(days=30)
TAKEN_AT_ONCE = 20
_TAKEN_FOR = timedelta(minutes=10)
"""Shorter than the first wait: nobody else takes a letter that is still on its way."""


@dataclass
class Sent:
    """How many letters went out, how many did not, and how many readers were forgotten."""

    sent: int = 0
    failed: int = 0
    gone: int = 0
    reason: str = ""


def send_letters(
    database: Database,
    search: SearchService,
    settings: Settings,
    environment: Environment,
    *,
    answers_only: bool = False,
) -> Sent:
    """Send what waits. Another process meanwhile takes the other letters.

    `answers_only` leaves the news for the next run: somebody has sent a form and waits.
    """
    done = Sent()
    if not _anything_due(database, answers_only):
        return done
    writer = Writer(database, search, settings, environment)
    with Carrier(settings) as carrier:
        while taken := _take(database, answers_only):
            writer.look()
            until = now() + _TAKEN_FOR
            for addressed in taken:
                if now() > until:
                    break
                _send(database, writer, carrier, addressed, done)
    return done


def _send(
    database: Database, writer: Writer, carrier: Carrier, addressed: Addressed, done: Sent
) -> None:
    letter = addressed.letter
    try:
        message = writer.write(addressed)
        if message is not None:
            carrier.send(message)
            done.sent += 1
    except UNSENT as error:
        done.failed += 1
        done.reason = why_unsent(error)
        with database.writing() as session:
            if letter.made_at <= now() - GIVEN_UP_AFTER:
                _give_up(session, addressed)
                done.gone += 1
            else:
                _note(session, letter.id, done.reason)
    else:
        with database.writing() as session:
            session.exec(sa.delete(Letter).where(col(Letter.id) == letter.id))


def _note(session: Session, key: uuid.UUID, reason: str) -> None:
    session.exec(sa.update(Letter).where(col(Letter.id) == key).values(failed=reason))


def _give_up(session: Session, addressed: Addressed) -> None:
    """End what a letter was about; a letter that only answers is just forgotten."""
    session.exec(sa.delete(Letter).where(col(Letter.id) == addressed.letter.id))
    if addressed.letter.about == About.NEWS and addressed.following:
        stop(session, addressed.following.id)


def _due(answers_only: bool) -> list[sa.ColumnElement[bool]]:
    answers = [col(Letter.about) != About.NEWS.value] if answers_only else []
    return [col(Letter.try_after) <= now(), *answers]


def _anything_due(database: Database, answers_only: bool) -> bool:
    """Say whether a letter waits, without taking the turn of whoever writes."""
    with database.reading() as session:
        return (
            session.exec(select(Letter.id).where(*_due(answers_only)).limit(1)).first() is not None
        )


def _take(database: Database, answers_only: bool) -> Sequence[Addressed]:
    """Return the next letters, put off for the case that they do not arrive."""
    with database.writing() as session:
        due = (
            select(Letter)
            .where(*_due(answers_only))
            .order_by(col(Letter.try_after), col(Letter.id))
            .limit(TAKEN_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        letters = session.exec(due).all()
        for letter in letters:
            letter.try_after = now() + WAITS[min(letter.tries, len(WAITS) - 1)]
            letter.tries += 1
            session.add(letter)
        session.flush()
        rows = session.exec(
            select(Letter, Reader, Following, Question)
            .join(Reader, col(Reader.id) == Letter.reader_id)
            .join(Following, col(Following.id) == Letter.following_id, isouter=True)
            .join(Question, col(Question.id) == Following.question_id, isouter=True)
            .where(col(Letter.id).in_([letter.id for letter in letters]))
            .order_by(col(Letter.made_at), col(Letter.id))
        ).all()
        return [Addressed(*row) for row in rows]
