"""A file that somebody has sent, kept for a day: what it would change, and what they chose.

The file is sealed, because it may hold more than what an entry takes from it.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Field, Session, SQLModel, col, select

from directory.accounts.models import User
from directory.curation.rows import insert
from directory.db import Moment, new_id, now, write_alone
from directory.entries.fields import JSON_COLUMN
from directory.entries.kinds import KINDS
from directory.errors import Conflict, Invalid, NotFound
from directory.imports.entries import Action, Planned, shown
from directory.imports.merging import Side
from directory.imports.readers import READERS
from directory.languages import gettext, marked, worded
from directory.sealing import seal_file

KEPT = timedelta(days=1)
LARGEST_UPLOAD = 20 * 1024 * 1024
MOST_HELD = 5
"""So many files of one person are kept; the oldest makes room for a new one."""
PER_PAGE = 50
SEAL = "import"
_LONGEST = 400
_ABOUT_ROWS = {"kind": marked("Kind of entry"), "slug": marked("Which entry")}


class Stage(StrEnum):
    """How far a file has come."""

    READING = "reading"
    READY = "ready"
    SAVING = "saving"
    DONE = "done"
    FAILED = "failed"

    @property
    def works(self) -> bool:
        """Say whether something goes on in the background."""
        return self in (Stage.READING, Stage.SAVING)


class HeldImport(SQLModel, table=True):
    """A file with what was said about it. `worker` is who reads it or saves it just now."""

    __tablename__ = "held_import"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    name: str
    kind: str | None = None
    source: str | None = None
    encoding: str | None = None
    dates: str | None = None
    prefer: str | None = None
    content: bytes = Field(sa_type=sa.LargeBinary)
    at: datetime = Field(default_factory=now, sa_type=Moment)
    state: str = Stage.READING
    done: int = 0
    total: int = 0
    message: str = ""
    told: list[str] = Field(default_factory=list, sa_type=JSON_COLUMN)
    worker: uuid.UUID | None = None
    worked_at: datetime | None = Field(default=None, sa_type=Moment)

    @property
    def stage(self) -> Stage:
        """Return how far it has come."""
        return Stage(self.state)


# A page that is asked for every other second does not read the file each time.
_WITHOUT_CONTENT = defer(HeldImport.content)  # type: ignore[arg-type]
_PROGRESS = ("state", "done", "worker", "prefer")


class HeldRow(SQLModel, table=True):
    """What becomes of one row. `fields` are (field, before, after, is a conflict), in words."""

    __tablename__ = "held_import_row"

    import_id: uuid.UUID = Field(foreign_key="held_import.id", ondelete="CASCADE", primary_key=True)
    position: int = Field(primary_key=True)
    place: str
    kind: str | None = None
    slug: str = ""
    action: str
    notes: dict[str, str] = Field(default_factory=dict, sa_type=JSON_COLUMN)
    fields: list[list[Any]] = Field(default_factory=list, sa_type=JSON_COLUMN)
    chosen: dict[str, str] = Field(default_factory=dict, sa_type=JSON_COLUMN)
    base: int = 0
    saved: bool = False

    @property
    def edit_url(self) -> str:
        """Return where its draft is edited, or nothing while there is no entry."""
        kind = KINDS.get(self.kind or "")
        return f"/curation/{kind.path}/{self.slug}" if kind and (self.base or self.saved) else ""

    @property
    def place_in_words(self) -> str:
        """Return where it stands in the file: a row or an entry, with its sheet."""
        sheet, _, where = self.place.rpartition(", ")
        word, _, number = where.partition(" ")
        if word == "entry":
            return gettext("entry %(number)s", number=number)
        if sheet:
            return gettext("%(sheet)s, row %(number)s", sheet=sheet, number=number)
        return gettext("row %(number)s", number=number)

    def title_of(self, name: str) -> str:
        """Return what a field is called on the pages."""
        kind = KINDS.get(self.kind or "")
        declared = kind.fields.get(name) if kind else None
        return declared.title if declared else worded(_ABOUT_ROWS.get(name, name))


@dataclass(frozen=True)
class Sent:
    """A file as it arrived, with what the person said about it."""

    name: str
    content: bytes
    kind: str | None = None
    source: str | None = None
    encoding: str | None = None
    dates: str | None = None


def hold(session: Session, sent: Sent, *, by: User, secret: str) -> HeldImport:
    """Keep a file for a day; raises Invalid when it is none that can be read, or too large."""
    name = sent.name.replace("\\", "/").rpartition("/")[2][:200]
    if not name or not sent.content:
        raise Invalid(
            gettext("Nothing was sent."), {"file": gettext("Choose a file that is not empty.")}
        )
    if f".{name.rpartition('.')[2].lower()}" not in READERS:
        raise Invalid(
            gettext("This file cannot be read."),
            {"file": gettext("Choose a file .csv, .xlsx, .json or .yaml.")},
        )
    if len(sent.content) > LARGEST_UPLOAD:
        limit = LARGEST_UPLOAD // 1024**2
        raise Invalid(
            gettext("This file is too large."),
            {
                "file": gettext(
                    "The file is larger than %(number)s MB: split it, or use the command.",
                    number=limit,
                )
            },
        )
    write_alone(session)
    forget(session)
    mine = session.exec(
        select(HeldImport.id).where(HeldImport.user_id == by.id).order_by(col(HeldImport.at).desc())
    ).all()
    for old in mine[MOST_HELD - 1 :]:
        _delete(session, old)
    held = HeldImport(
        user_id=by.id,
        name=name,
        kind=sent.kind,
        source=sent.source,
        encoding=sent.encoding,
        dates=sent.dates,
        content=seal_file(secret, SEAL, sent.content),
    )
    session.add(held)
    session.flush()
    return held


def forget(session: Session) -> int:
    """Delete what was kept for a day; return how many files."""
    old = session.exec(select(HeldImport.id).where(col(HeldImport.at) < now() - KEPT)).all()
    for key in old:
        _delete(session, key)
    return len(old)


def _delete(session: Session, key: uuid.UUID) -> None:
    session.exec(sa.delete(HeldRow).where(col(HeldRow.import_id) == key))
    session.exec(sa.delete(HeldImport).where(col(HeldImport.id) == key))


def find_held(session: Session, key: uuid.UUID, user: User) -> HeldImport:
    """Return a file that this person has sent; raises NotFound for any other."""
    wanted = select(HeldImport).options(_WITHOUT_CONTENT).where(HeldImport.id == key)
    held = session.exec(wanted).first()
    if held is None or held.user_id != user.id or held.at < now() - KEPT:
        raise NotFound(gettext("This file is not kept any more. Send it again."))
    return held


def held_by(session: Session, user: User) -> list[HeldImport]:
    """Return what a person has sent during the last day, newest first; without the content."""
    return list(
        session.exec(
            select(HeldImport)
            .options(_WITHOUT_CONTENT)
            .where(HeldImport.user_id == user.id, col(HeldImport.at) >= now() - KEPT)
            .order_by(col(HeldImport.at).desc())
        )
    )


def discard(session: Session, key: uuid.UUID, user: User) -> None:
    """Delete a file at once; raises NotFound."""
    _delete(session, find_held(session, key, user).id)


def count_rows(session: Session, held: HeldImport) -> dict[str, int]:
    """Return how many rows there are of each action, and how many drafts were saved."""
    rows = session.execute(
        sa.select(col(HeldRow.action), sa.func.count())
        .where(col(HeldRow.import_id) == held.id)
        .group_by(col(HeldRow.action))
    )
    found = {**dict.fromkeys(Action, 0), **{Action(name): count for name, count in rows}}
    saved = session.scalar(
        sa.select(sa.func.count())
        .select_from(HeldRow)
        .where(col(HeldRow.import_id) == held.id, col(HeldRow.saved))
    )
    return {**{str(name): count for name, count in found.items()}, "saved": saved or 0}


def page_of_rows(session: Session, held: HeldImport, show: str, page: int) -> list[HeldRow]:
    """Return one page of the rows with an action, or of those that were saved."""
    rows = select(HeldRow).where(HeldRow.import_id == held.id)
    rows = rows.where(col(HeldRow.saved)) if show == "saved" else rows.where(HeldRow.action == show)
    return list(
        session.exec(
            rows.order_by(col(HeldRow.position)).offset((page - 1) * PER_PAGE).limit(PER_PAGE)
        )
    )


def write_rows(
    session: Session, held: uuid.UUID, first: int, planned: Sequence[Planned], *, saved: bool
) -> None:
    """Write what becomes of some rows, over what was written before; choices stay."""
    places = range(first, first + len(planned))
    of_these = (col(HeldRow.import_id) == held, col(HeldRow.position).in_(places))
    before = session.execute(
        sa.select(col(HeldRow.position), col(HeldRow.chosen), col(HeldRow.saved)).where(*of_these)
    )
    kept = {position: (chosen, was) for position, chosen, was in before}
    session.exec(sa.delete(HeldRow).where(*of_these))
    rows = []
    for position, one in zip(places, planned, strict=True):
        chosen, was_saved = kept.get(position, ({}, False))
        kind, _, slug = one.name.partition("/")
        rows.append(
            {
                "import_id": held,
                "position": position,
                "place": one.place,
                "kind": kind if kind in KINDS else None,
                "slug": one.draft.slug if one.draft else slug,
                "action": str(one.action),
                "notes": one.notes,
                "fields": _fields(one),
                "chosen": chosen,
                "base": one.base,
                "saved": was_saved or (saved and one.draft is not None),
            }
        )
    insert(session, HeldRow, rows)


def _fields(planned: Planned) -> list[list[Any]]:
    kind = KINDS.get(planned.name.partition("/")[0])
    if kind is None:
        return []
    return [
        [
            d.field,
            shown(kind, d.field, d.before, _LONGEST),
            shown(kind, d.field, d.after, _LONGEST),
            d.conflict,
        ]
        for d in planned.differences
    ]


def choose(
    session: Session,
    held: HeldImport,
    taken: Mapping[tuple[int, str], Side],
    prefer: Side | None,
) -> None:
    """Keep which text to take in conflicts: by row and field, or for all of them.

    Raises Conflict once the file is being saved.
    """
    write_alone(session)
    session.refresh(held, _PROGRESS)
    if held.stage is not Stage.READY:
        raise Conflict(gettext("This file is being saved already."))
    if prefer:
        held.prefer = prefer
        session.exec(
            sa.update(HeldRow)
            .where(col(HeldRow.import_id) == held.id, col(HeldRow.action) == Action.CONFLICT)
            .values(chosen={})
        )
    for position in {place for place, _ in taken}:
        row = session.get(HeldRow, (held.id, position))
        if row and row.action == Action.CONFLICT:
            open_ones = {name for name, *_, conflict in row.fields if conflict}
            mine = {n: str(s) for (p, n), s in taken.items() if p == position and n in open_ones}
            row.chosen = {**row.chosen, **mine}
            session.add(row)
    session.add(held)


def begin_saving(session: Session, held: HeldImport) -> None:
    """Let a file be saved; pressing twice is the same as once."""
    write_alone(session)
    session.refresh(held, _PROGRESS)
    if held.stage is Stage.READY:
        held.state, held.done, held.worker = Stage.SAVING, 0, None
        session.add(held)
    elif held.stage in (Stage.READING, Stage.FAILED):
        raise Conflict(gettext("This file has not been read yet."))
