"""The way of an entry from draft to public and down again: which moves there are, as data.

Two things are kept apart. `Entry.state` is what the public sees; `Entry.waiting` is how far a
change has come that waits beside it, while the live version stays up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.audit import record
from directory.curation.owning import allow_on, may_on
from directory.curation.service import check_public, latest_revision, publish, revision_at
from directory.db import log_change, now, write_alone
from directory.entries.models import Entry, Note, State, Waiting
from directory.errors import Conflict, Invalid
from directory.languages import gettext, marked, ngettext

DRAFT, IN_REVIEW, CHANGES_REQUESTED, REFUSED = Waiting
_NEVER = State.DRAFT
_PUBLIC = State.PUBLISHED
_DOWN = (State.WITHDRAWN, State.ARCHIVED)
_SOMEWHERE = (_NEVER, _PUBLIC, *_DOWN)
LONGEST_REASON = 4000


@dataclass(frozen=True)
class Move:
    """One move: who may make it, from where, to where, and what it is called on its button.

    `waiting` and `state` are what must hold before; `then` and `becomes` what holds after, where
    None leaves it. A move that `explains` needs a reason in words, which the author gets to read.
    `done` and `told` say that it was made: in a list about one entry, and naming the entry. All
    words are in English, to be translated where they are shown.
    """

    name: str
    label: str
    action: str
    waiting: tuple[Waiting | None, ...]
    state: tuple[State, ...] = _SOMEWHERE
    then: Waiting | None = None
    becomes: State | None = None
    explains: bool = False
    done: str = ""
    told: str = ""

    @property
    def takes_down(self) -> bool:
        """Say whether it changes what the public sees, without a new version."""
        return self.action == "take down"


MOVES = {
    m.name: m
    for m in (
        Move("submit", marked("Send to review"), "submit", (DRAFT, CHANGES_REQUESTED, REFUSED),
             then=IN_REVIEW, done=marked("it was sent to review"),
             told=marked("%(title)s was sent to review.")),
        Move("take_back", marked("Take back from review"), "submit", (IN_REVIEW,),
             then=DRAFT, done=marked("it is a draft again"),
             told=marked("%(title)s is a draft again.")),
        Move("request_changes", marked("Request changes"), "review", (IN_REVIEW,),
             then=CHANGES_REQUESTED, explains=True, done=marked("it went back to its author"),
             told=marked("%(title)s went back to its author.")),
        Move("refuse", marked("Refuse"), "review", (DRAFT, IN_REVIEW, CHANGES_REQUESTED),
             then=REFUSED, explains=True, done=marked("it was refused"),
             told=marked("%(title)s was refused.")),
        Move("publish", marked("Publish"), "publish", (DRAFT, IN_REVIEW, CHANGES_REQUESTED),
             becomes=_PUBLIC, done=marked("it is published"),
             told=marked("%(title)s is published.")),
        Move("withdraw", marked("Withdraw"), "take down", (None, *Waiting),
             (_PUBLIC, State.ARCHIVED), becomes=State.WITHDRAWN, explains=True,
             done=marked("it is withdrawn"), told=marked("%(title)s is withdrawn.")),
        Move("archive", marked("Archive"), "take down", (None, *Waiting), (_PUBLIC,),
             becomes=State.ARCHIVED, explains=True, done=marked("it is archived"),
             told=marked("%(title)s is archived.")),
        Move("bring_back", marked("Bring back"), "take down", (None, *Waiting), _DOWN,
             becomes=_PUBLIC, done=marked("it is public again"),
             told=marked("%(title)s is public again.")),
    )
}  # fmt: skip


def moves_open_to(session: Session, user: User, entry: Entry) -> list[Move]:
    """Return the moves that a person can make with an entry as it stands."""
    return [m for m in MOVES.values() if _fits(m, entry) and may_on(session, user, m.action, entry)]


def _fits(move: Move, entry: Entry) -> bool:
    return entry.waiting in move.waiting and entry.state in move.state


def make_move(
    session: Session,
    entry: Entry,
    name: str,
    *,
    by: User | None,
    reason: str = "",
    revision: int | None = None,
) -> Note:
    """Make a move; `revision` is the number of the one that the person has seen.

    None stands for the program itself, which no table of permissions holds back.

    Raises NotAllowed, Conflict when the entry has moved on since, and Invalid for a missing
    reason, or with the fields that publication still needs.
    """
    write_alone(session)
    session.refresh(entry)
    move = MOVES.get(name)
    if move is None:
        raise Invalid(gettext("There is no move called %(name)s.", name=name))
    if by:
        allow_on(session, by, move.action, entry)
    newest = latest_revision(session, entry)
    if not _fits(move, entry) or revision not in (None, newest.number):
        raise Conflict(gettext("This entry has moved on since you opened it. Look at it again."))
    reason = check_reason(reason, needed=move.explains)
    was = entry.state
    if name == "publish":
        publish(session, entry, newest, by=by)
    elif move.becomes:
        if move.becomes is _PUBLIC:
            check_public(session, entry, revision_at(session, entry, entry.version))
        entry.state, entry.updated_at = move.becomes, now()
        entry.state_reason = reason if move.explains else None
        log_change(session, entry.id, move.becomes.value)
    else:
        entry.waiting, entry.waiting_since = move.then, now()
        if move.then is REFUSED:
            entry.assignee_id = None
    author = by.id if by else None
    note = Note(entry_id=entry.id, revision=newest.number, move=name, text=reason, author_id=author)
    session.add_all([entry, note])
    session.flush()
    if name != "publish":
        record(
            session,
            name,
            entry.title,
            by=by,
            entry_id=entry.id,
            revision=newest.number,
            was=was.value,
            reason=reason,
        )
    return note


def check_reason(text: str, *, needed: bool) -> str:
    """Return a reason as it is kept; raises Invalid under `reason` when it cannot be one."""
    text = text.strip()
    if needed and not text:
        why = gettext("Say why, so that the author knows what to do next.")
        raise Invalid(gettext("Say why."), {"reason": why})
    if len(text) > LONGEST_REASON or any(ord(c) < 32 and c not in "\n\r\t" for c in text):
        sentence = ngettext(
            "Use at most %(count)s character, without control characters.",
            "Use at most %(count)s characters, without control characters.",
            LONGEST_REASON,
        )
        raise Invalid(gettext("This text cannot be kept."), {"reason": sentence})
    return text


def answer(session: Session, entry: Entry, text: str, *, by: User) -> Note:
    """Add a question or an answer to the conversation about an entry, without moving it.

    Raises NotAllowed, and Invalid for an empty or overlong text.
    """
    write_alone(session)
    session.refresh(entry)
    allow_on(session, by, "answer", entry)
    text = check_reason(text, needed=True)
    newest = latest_revision(session, entry)
    note = Note(
        entry_id=entry.id, revision=newest.number, move="answer", text=text, author_id=by.id
    )
    session.add(note)
    record(session, "answer", entry.title, by=by, entry_id=entry.id, revision=newest.number)
    return note


def notes_on(session: Session, entry: Entry) -> Iterable[tuple[Note, str | None]]:
    """Return the conversation about an entry, oldest first, and who said each thing."""
    return session.exec(
        select(Note, User.email)
        .join(User, col(Note.author_id) == User.id, isouter=True)
        .where(Note.entry_id == entry.id)
        .order_by(col(Note.created_at), col(Note.id))
    ).all()
