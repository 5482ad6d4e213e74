"""What the next letters tell: settled in one transaction with how far each reader was told.

So nothing is missed and nothing told twice, whoever is killed or runs at the same time. Who follows
the same search, and was told as far, is told the same: it is worked out once.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.alerts.models import About, Every, Following, Letter, Question
from directory.alerts.questions import AT_ONCE, Look, begun_since, changed_since, look
from directory.db import Change, Database, now, write_alone
from directory.entries.deadlines import closing
from directory.entries.kinds import TRAINING
from directory.entries.models import Entry, Revision
from directory.search.service import SearchService

MOST = 20
"""So many entries stand in one letter; a link leads to the rest."""

PARTS = ("application_deadline", "scholarship_deadline")


@dataclass(frozen=True)
class Told:
    """What one letter tells: entries that are new, whose deadlines changed, and that close soon.

    With an entry whose deadlines changed stand those that were ahead before. `more` is how many
    new or changed ones did not fit in.
    """

    new: list[uuid.UUID] = field(default_factory=list)
    moved: dict[uuid.UUID, list[date]] = field(default_factory=dict)
    closing: list[uuid.UUID] = field(default_factory=list)
    more: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "new": [str(key) for key in self.new],
            "moved": [[str(k), [str(day) for day in days]] for k, days in self.moved.items()],
            "closing": [str(key) for key in self.closing],
            "more": self.more,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Told":
        """Read it as it was kept."""
        return cls(
            new=[uuid.UUID(key) for key in kept["new"]],
            moved={
                uuid.UUID(key): [date.fromisoformat(day) for day in days]
                for key, days in kept["moved"]
            },
            closing=[uuid.UUID(key) for key in kept["closing"]],
            more=kept["more"],
        )


def make_letters(database: Database, search: SearchService) -> int:
    """Settle what is told to everybody who is due; return how many letters there are to send.

    Who has a letter that did not arrive yet gets the next one after it.
    """
    today, made = now().date(), 0
    with database.reading() as session:
        due = select(Following.question_id).where(col(Following.due_on) <= today).distinct()
        questions = session.exec(due).all()
    for key in questions:
        with database.writing() as session:
            write_alone(session)
            question = session.get(Question, key)
            if question is not None:
                made += _make(session, search, question, today)
    return made


def _make(session: Session, search: SearchService, question: Question, today: date) -> int:
    waits = sa.exists().where(
        col(Letter.following_id) == col(Following.id), col(Letter.about) == About.NEWS.value
    )
    rows = session.exec(
        select(Following.id, Following.reader_id, Following.position, Following.every).where(
            Following.question_id == question.id, col(Following.due_on) <= today, ~waits
        )
    ).all()
    if not rows:
        return 0
    seen = look(session, search, question)
    told: dict[int, dict[str, Any] | None] = {}
    letters = []
    for key, reader_id, position, _ in rows:
        if position not in told:
            found = tell(session, question, seen, position)
            told[position] = found.to_json() if found else None
        if kept := told[position]:
            about = About.NEWS.value
            letters.append(Letter(reader_id=reader_id, following_id=key, about=about, told=kept))
    session.add_all(letters)
    session.flush()
    for every in Every:
        _move_on(session, [r[0] for r in rows if r[3] == every], seen.position, today, every)
    return len(letters)


def _move_on(
    session: Session, keys: Sequence[uuid.UUID], position: int, today: date, every: Every
) -> None:
    values = {"position": position, "looked_on": today, "due_on": every.after(today)}
    for start in range(0, len(keys), AT_ONCE):
        some = col(Following.id).in_(keys[start : start + AT_ONCE])
        session.execute(sa.update(Following).where(some).values(values))


def tell(session: Session, question: Question, seen: Look, position: int) -> Told | None:
    """Return what to tell a reader who was told up to a line of the log; None when it is nothing.

    What closes soon is no news of its own: it stands in a letter that has some.
    """
    begun = begun_since(session, question, position)
    new = [key for key in seen.ids if key in begun]
    moved = _moved(session, [key for key in seen.ids if key not in begun], position)
    if not new and not moved:
        return None
    room = max(0, MOST - len(new))
    kept = dict(list(moved.items())[:room])
    told = {*new, *moved}
    soon = _closing(session, set(seen.ids) - told)[: max(0, room - len(kept))]
    return Told(new[:MOST], kept, soon, len(told) - len(new[:MOST]) - len(kept))


def _closing(session: Session, among: Collection[uuid.UUID]) -> list[uuid.UUID]:
    ahead = closing(session, now())
    return list(dict.fromkeys(d.entry_id for d in ahead if d.entry_id in among))


# Deadlines that changed


def _moved(
    session: Session, ids: Iterable[uuid.UUID], position: int
) -> dict[uuid.UUID, list[date]]:
    """Return the trainings whose deadlines ahead are others than they were, with those before."""
    changed = changed_since(session, position)
    line = session.get(Change, position)
    candidates = [key for key in ids if key in changed] if line else []
    found: dict[uuid.UUID, list[date]] = {}
    for start in range(0, len(candidates), AT_ONCE):
        some = candidates[start : start + AT_ONCE]
        before, after = _versions(session, some, line.at if line else now())
        for key in some:
            if key in before and before[key] != after[key]:
                found[key] = sorted(before[key])
    return found


def _versions(
    session: Session, ids: Sequence[uuid.UUID], moment: datetime
) -> tuple[dict[uuid.UUID, set[date]], dict[uuid.UUID, set[date]]]:
    """Return the deadlines ahead of trainings as they were published at a moment, and are now."""
    rows = session.execute(
        sa.select(col(Revision.entry_id), col(Revision.published_at), col(Revision.profile)["runs"])
        .join(Entry, col(Entry.id) == col(Revision.entry_id))
        .where(
            col(Revision.entry_id).in_(ids),
            col(Entry.kind) == TRAINING.name,
            col(Revision.published_at).is_not(None),
            col(Revision.number) <= col(Entry.version),
        )
        .order_by(col(Revision.entry_id), col(Revision.number))
    )
    today = now().date()
    before: dict[uuid.UUID, set[date]] = {}
    after: dict[uuid.UUID, set[date]] = {}
    for key, published_at, runs in rows:
        after[key] = _ahead(runs or [], today)
        if published_at <= moment:
            before[key] = after[key]
    return before, after


def _ahead(runs: Iterable[dict[str, Any]], today: date) -> set[date]:
    """Return the deadlines of these runs that are not over yet."""
    days = (
        track.get(part)
        for run in runs
        if not run.get("cancelled")
        for track in run.get("tracks") or []
        for part in PARTS
    )
    return {day for text in days if text and (day := date.fromisoformat(text)) >= today}
