"""What can be followed: a search, or a term, which is a search with one filter.

Who follows the same search shares one look at it. A look notes which entries have begun to fit
since the look before: they fit now, did not fit then, and have changed meanwhile. An entry that
fits only because others changed, or because a list of terms did, is no news.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.alerts.models import Begun, Following, Question
from directory.db import Change, last_change
from directory.errors import Invalid
from directory.languages import gettext
from directory.search.query import SearchQuery
from directory.search.service import SearchService

LONGEST = 2_000
"""Characters of the address of a search that can be followed."""

AT_ONCE = 500
_TAIL = 8


def read_question(address: str, search: SearchService) -> str:
    """Return the canonical address of a search; raises Invalid for one that cannot be followed."""
    too_long = gettext("This search is too long to be followed. Choose fewer filters.")
    if len(address) > 2 * LONGEST:
        raise Invalid(too_long)
    query = query_of(address)
    if len(query.url()) > LONGEST:
        raise Invalid(too_long)
    try:
        search.check(query)
    except Invalid:
        raise Invalid(
            gettext("This search has a filter that we do not know. Search again, and follow that.")
        ) from None
    return query.url()


def query_of(address: str) -> SearchQuery:
    """Return the words and filters of the address of a search."""
    params = parse_qsl(address.partition("?")[2])
    return SearchQuery.read(params, strict=False).asked()


@dataclass(frozen=True)
class Asked:
    """A search in words: what one typed, and the names of the filters."""

    address: str
    text: str
    labels: tuple[str, ...]

    @property
    def title(self) -> str:
        """Return it in one line."""
        parts = [f"“{self.text}”"] if self.text else []
        return ", ".join([*parts, *self.labels]) or gettext("everything in the directory")

    @property
    def newest(self) -> str:
        """Return the address of the result with what is newest first."""
        return query_of(self.address).sorted_by("newest").url()

    def with_ending(self, ending: str) -> str:
        """Return the address of the result in another format: `atom` or `ics`."""
        return query_of(self.address).url(f"/search.{ending}")


def in_words(address: str, search: SearchService) -> Asked:
    """Return what a search asks for, for people, in the language that is read."""
    query = query_of(address)
    return Asked(address, query.q, tuple(label for _, _, label in search.chosen(query)))


def question_at(session: Session, address: str) -> Question:
    """Return the question of an address, made if nobody asks it yet."""
    found = session.exec(select(Question).where(Question.address == address)).first()
    if found is None:
        found = Question(address=address)
        session.add(found)
        session.flush()
    return found


# Looking


@dataclass(frozen=True)
class Look:
    """What fits a question now, in the order of the result, and where the change log stands."""

    ids: list[uuid.UUID]
    position: int


def look(session: Session, search: SearchService, question: Question) -> Look:
    """See what fits a question now, and note what has begun to since the last look.

    The caller holds the turn to write (`write_alone`), so that nothing changes meanwhile and no
    other process looks at the same time.
    """
    ids, position = search.ids(query_of(question.address)), last_change(session)
    before = _unpacked(question.fitting)
    begun: list[uuid.UUID] = []
    if question.position is not None:
        changed = changed_since(session, question.position)
        begun = [key for key in ids if key in changed and _tail(key) not in before]
        _forget(session, question, ids)
    session.add_all(
        Begun(question_id=question.id, entry_id=key, position=position) for key in begun
    )
    if question.position is None or {_tail(key) for key in ids} != before:
        question.fitting = b"".join(sorted(_tail(key) for key in ids))
    question.position = position
    session.add(question)
    session.flush()
    return Look(ids, position)


def _forget(session: Session, question: Question, ids: Iterable[uuid.UUID]) -> None:
    """Forget what no longer fits, and what everybody was told."""
    mine = col(Begun.question_id) == question.id
    told = session.scalar(
        sa.select(sa.func.min(col(Following.position))).where(
            col(Following.question_id) == question.id, col(Following.confirmed_at).is_not(None)
        )
    )
    if told is not None:
        session.exec(sa.delete(Begun).where(mine, col(Begun.position) <= told))
    here = set(ids)
    for one in session.exec(select(Begun).where(mine)).all():
        if one.entry_id not in here:
            session.delete(one)
    session.flush()


def begun_since(session: Session, question: Question, position: int) -> set[uuid.UUID]:
    """Return what began to fit after a line of the change log."""
    later = select(Begun.entry_id).where(
        Begun.question_id == question.id, col(Begun.position) > position
    )
    return set(session.exec(later))


def changed_since(session: Session, position: int) -> set[uuid.UUID]:
    """Return the entries that changed after a line of the change log."""
    return set(session.exec(select(Change.entry_id).where(col(Change.sequence) > position)))


def _tail(key: uuid.UUID) -> bytes:
    return key.bytes[-_TAIL:]


def _unpacked(fitting: bytes) -> set[bytes]:
    return {fitting[i : i + _TAIL] for i in range(0, len(fitting), _TAIL)}
