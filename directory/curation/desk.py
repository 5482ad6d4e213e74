"""What one sees on coming in: how much work there is and where; and the histories of entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from directory.accounts.models import User
from directory.accounts.permissions import is_allowed, is_allowed_somewhere
from directory.curation.listing import Narrowed, Row, count_of, on_list, read_list
from directory.curation.lists import LISTS, Condition, DeskList, Elsewhere, visible
from directory.entries.fields import Answers, Declared
from directory.entries.kinds import KINDS, Kind
from directory.entries.models import Entry
from directory.entries.queries import Listed, is_published, newest

RECENT, FIRST_DRAFTS = 8, 5


@dataclass(frozen=True)
class Gap:
    """A question of visitors that some public entries of a kind leave open."""

    kind: Kind
    declared: Declared
    answers: Answers
    count: int
    of: int


@dataclass(frozen=True)
class Desk:
    """The desk: each list with its count, what one goes on with, what is left open."""

    counts: list[tuple[DeskList, int]]
    elsewhere: list[tuple[Elsewhere, int | None]]
    drafts: list[Row]
    gaps: list[Gap]
    published: list[Listed]


def read_desk(session: Session, user: User, elsewhere: Iterable[Elsewhere] = ()) -> Desk:
    """Return the desk of a person; it counts in the database and reads a few rows only.

    `elsewhere` are the lists of other parts that have pages of their own.
    """
    lists = [
        one
        for one in LISTS.values()
        if not one.of_a_field and is_allowed_somewhere(user.role, one.action)
    ]
    return Desk(
        counts=[
            (one, count_of(session, on_list(session, Narrowed(one.name), user))) for one in lists
        ],
        elsewhere=[
            (one, one.count(session) if one.count else None)
            for one in elsewhere
            if is_allowed(user.role, one.action)
        ],
        drafts=read_list(session, Narrowed("drafts"), user, FIRST_DRAFTS).rows,
        gaps=_gaps(session, visible(session, user, LISTS["unstated"].action)),
        published=newest(session, RECENT),
    )


def _gaps(session: Session, mine: Condition) -> list[Gap]:
    """Count, kind by kind, how many public entries leave each first question open."""
    found = []
    for kind in KINDS.values():
        table: Any = kind.table
        asked = sorted(
            ((d, d.answers) for d in kind.public_fields.values() if d.answers),
            key=lambda pair: pair[1].order,
        )
        silent = [
            sa.func.sum(sa.case((getattr(table, d.name).is_(sa.null()), 1), else_=0))
            for d, _ in asked
        ]
        row = session.execute(
            sa.select(sa.func.count(), *silent)
            .select_from(Entry)
            .join(table, table.id == Entry.id)
            .where(is_published(), mine)
        ).one()
        for (declared, answers), count in zip(asked, row[1:], strict=True):
            if count:
                found.append(Gap(kind, declared, answers, count, row[0]))
    return found
