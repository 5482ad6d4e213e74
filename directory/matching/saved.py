"""Needs that a person saves for herself: kept sealed, opened again, deleted.

Nobody else reads them here, and nothing of them is written into the log of who did what.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.db import write_alone
from directory.entries.vocabularies import Vocabularies
from directory.errors import Invalid, NotFound
from directory.languages import gettext, marked, ngettext, worded
from directory.matching.demand import count_out
from directory.matching.models import SavedNeed
from directory.matching.need import Need, given_in, read_need
from directory.matching.said import Said, in_words
from directory.sealing import seal, unseal
from directory.settings import Settings

MOST = 50
"""So many needs one person can save: each is read when one of them is shown."""

LONGEST_NAME = 100
NOT_SAVED = marked("The need was not saved.")
_PURPOSE = "saved need"


@dataclass(frozen=True)
class Wish:
    """What somebody wants kept: under which name, and whether it may be counted."""

    name: str
    need: Need
    counted: bool = False


@dataclass(frozen=True)
class Kept:
    """A saved need as its owner sees it.

    `name` and `query` are None where the secret key has changed; `said` is empty where the lists
    of today no longer know what it names.
    """

    id: uuid.UUID
    name: str | None
    query: str | None
    said: list[Said]
    has_topic: bool
    saved_at: datetime
    counted: bool

    @property
    def url(self) -> str:
        """Return the address at which it is answered."""
        return f"/match{self.query or ''}"


def needs_of(session: Session, user: User, words: Vocabularies, settings: Settings) -> list[Kept]:
    """Return what a person has saved, the newest first."""
    rows = session.exec(
        select(SavedNeed)
        .where(SavedNeed.user_id == user.id)
        .order_by(col(SavedNeed.saved_at).desc(), col(SavedNeed.id).desc())
    )
    return [_kept(row, words, settings) for row in rows]


def _kept(row: SavedNeed, words: Vocabularies, settings: Settings) -> Kept:
    name, query = _opened(row, settings)
    need = _read(query or "", words)
    return Kept(
        id=row.id,
        name=name,
        query=query,
        said=in_words(need, words) if need else [],
        has_topic=bool(need and need.has_topic),
        saved_at=row.saved_at,
        counted=row.counted,
    )


def _opened(row: SavedNeed, settings: Settings) -> tuple[str | None, str | None]:
    """Return name and parameters; None where they were sealed with another key."""
    try:
        held: dict[str, Any] = json.loads(unseal(settings.secret, _PURPOSE, row.sealed))
    except Invalid:
        return None, None
    return held["name"], held["query"]


def _read(query: str, words: Vocabularies) -> Need | None:
    try:
        return read_need(given_in(parse_qsl(query.removeprefix("?"))), words)
    except Invalid:
        return None


def read_saved(row: SavedNeed, words: Vocabularies, settings: Settings) -> Need | None:
    """Return the need itself; None where it cannot be read any more."""
    _, query = _opened(row, settings)
    return _read(query, words) if query else None


def save_need(
    session: Session, words: Vocabularies, wish: Wish, *, by: User, settings: Settings
) -> SavedNeed:
    """Keep a need for a person; raises Invalid that names `name` or `need`."""
    write_alone(session)
    name = " ".join("".join(c if c.isprintable() else " " for c in wish.name).split())
    if wrong := _wrong(name, wish.need, needs_of(session, by, words, settings)):
        raise Invalid(worded(NOT_SAVED), wrong)
    held = {"name": name, "query": wish.need.url("")}
    row = SavedNeed(
        user_id=by.id,
        sealed=seal(settings.secret, _PURPOSE, json.dumps(held, ensure_ascii=False)),
        counted=wish.counted and wish.need.has_topic,
    )
    session.add(row)
    session.flush()
    return row


def _wrong(name: str, need: Need, kept: list[Kept]) -> dict[str, str]:
    if not need.given:
        return {"need": gettext("Answer at least one question first.")}
    if not name:
        return {"name": gettext("Give it a name by which you know it again.")}
    if len(name) > LONGEST_NAME:
        said = ngettext(
            "A name has at most %(count)s letter.",
            "A name has at most %(count)s letters.",
            LONGEST_NAME,
        )
        return {"name": said}
    if any(one.name and one.name.casefold() == name.casefold() for one in kept):
        return {"name": gettext("You have a need of this name already. Choose another name.")}
    if len(kept) >= MOST:
        said = ngettext(
            "You have saved %(count)s need already. Delete one that you no longer have.",
            "You have saved %(count)s needs already. Delete one that you no longer have.",
            MOST,
        )
        return {"name": said}
    return {}


def _own(session: Session, key: uuid.UUID, user: User) -> SavedNeed:
    row = session.get(SavedNeed, key)
    if row is None or row.user_id != user.id:
        raise NotFound(gettext("You have no such need any more."))
    return row


def delete_need(session: Session, key: uuid.UUID, *, by: User) -> None:
    """Delete a need of a person, and what was counted of it; raises NotFound."""
    write_alone(session)
    session.delete(_own(session, key, by))
    session.flush()


def change_counted(session: Session, key: uuid.UUID, counted: bool, *, by: User) -> None:
    """Let a need of a person be counted from the next look on, or no longer; raises NotFound."""
    write_alone(session)
    row = _own(session, key, by)
    if counted:
        row.counted = True
        session.add(row)
    else:
        count_out(session, row)
    session.flush()
