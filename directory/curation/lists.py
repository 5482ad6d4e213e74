"""The lists of the desk: one row a list, which says which entries are on it and what it tells.

Counting, filtering, sorting, paging and walking from entry to entry follow from that row.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import is_allowed
from directory.curation.owning import are_own
from directory.db import now
from directory.entries.fields import Declared
from directory.entries.freshness import is_stale_on
from directory.entries.kinds import Kind, kind_named
from directory.entries.links import broken_links, ids_with_broken_links, urls_in
from directory.entries.models import Entry, Note, Revision, Waiting
from directory.entries.queries import is_published, published_by_id
from directory.entries.translations import ids_outdated
from directory.entries.vocabularies import Vocabularies
from directory.errors import NotFound
from directory.languages import day, gettext, marked, ngettext, worded
from directory.sources.models import ClaimRow, is_contradicted

Condition = sa.ColumnElement[bool]
Told = Mapping[uuid.UUID, str]


@dataclass(frozen=True)
class Asked:
    """Who looks at a list and when, and the field it is about where there is one."""

    user: User
    today: date
    field: tuple[Kind, Declared] | None = None


@dataclass(frozen=True)
class DeskList:
    """One list: which entries are on it, what it says of each, and in which order they come.

    `title` and `about` are in English, to be translated where they are shown.
    `action` is what one must be allowed to do to an entry to find it here. `opens` is the page of
    an entry that a row leads to, after its address at the desk. `assigned` lists can be narrowed to
    what one has taken, and one that `confirms` has the button beside each entry.
    """

    name: str
    title: str
    about: str
    action: str
    which: Callable[[Session, Asked], Condition]
    tells: Callable[[Session, Sequence[Entry], Asked], Told]
    order: tuple[Any, ...] = (sa.func.lower(Entry.title),)
    assigned: bool = False
    of_a_field: bool = False
    confirms: bool = False
    opens: str = ""


@dataclass(frozen=True)
class Elsewhere:
    """A list with a page of its own; `count` is None where counting would take too long.

    The parts that have one may stand above this one: `app.py` names them to the desk, in English.
    """

    name: str
    title: str
    about: str
    action: str
    url: str
    count: Callable[[Session], int] | None = field(default=None)


def visible(session: Session, user: User, action: str) -> Condition:
    """Return the condition under which a person may do something to an entry."""
    if is_allowed(user.role, action):
        return sa.true()
    return are_own(session, user) if is_allowed(user.role, action, own=True) else sa.false()


# Which entries


def _newest_number() -> Any:
    return (
        sa.select(sa.func.max(col(Revision.number)))
        .where(col(Revision.entry_id) == Entry.id)
        .correlate(Entry)
        .scalar_subquery()
    )


_OPEN = (Waiting.DRAFT, Waiting.CHANGES_REQUESTED, Waiting.REFUSED)


def _written_by(session: Session, asked: Asked) -> Condition:
    """Whose newest revision one has written oneself, and which one can go on with."""
    mine = sa.exists().where(
        col(Revision.entry_id) == Entry.id,
        col(Revision.author_id) == asked.user.id,
        col(Revision.number) == _newest_number(),
    )
    return sa.and_(col(Entry.waiting).in_(_OPEN), mine)


def _of_others(session: Session, asked: Asked) -> Condition:
    return sa.and_(col(Entry.waiting).in_(_OPEN), ~_written_by(session, asked))


def _in_review(session: Session, asked: Asked) -> Condition:
    return col(Entry.waiting) == Waiting.IN_REVIEW


def _stale(session: Session, asked: Asked) -> Condition:
    return sa.and_(is_published(), is_stale_on(asked.today))


def _with_two_answers(session: Session, asked: Asked) -> Condition:
    clash = sa.select(col(ClaimRow.entry_id)).where(is_contradicted())
    return sa.and_(is_published(), col(Entry.id).in_(clash))


def _silent(session: Session, asked: Asked) -> Condition:
    if asked.field is None:
        raise NotFound(gettext("Choose a field that visitors ask for on your desk."))
    kind, declared = asked.field
    table: Any = kind.table
    silent = sa.select(table.id).where(getattr(table, declared.name).is_(sa.null()))
    return sa.and_(is_published(), col(Entry.id).in_(silent))


def _with_broken_links(session: Session, asked: Asked) -> Condition:
    return sa.and_(is_published(), col(Entry.id).in_(ids_with_broken_links()))


def _with_old_translations(session: Session, asked: Asked) -> Condition:
    return sa.and_(is_published(), col(Entry.id).in_(ids_outdated()))


# What is said of each


def _drafts(session: Session, entries: Sequence[Entry], asked: Asked) -> Told:
    newest = {
        revision.entry_id: (revision, email)
        for revision, email in session.exec(
            select(Revision, User.email)
            .join(Entry, col(Entry.id) == Revision.entry_id)
            .join(User, col(Revision.author_id) == User.id, isouter=True)
            .where(
                col(Revision.entry_id).in_([e.id for e in entries]),
                col(Revision.number) == _newest_number(),
            )
        )
    }
    found = {}
    for entry in entries:
        revision, email = newest[entry.id]
        found[entry.id] = _joined(
            worded(_ASKED.get(entry.waiting or Waiting.DRAFT, "")),
            gettext("a newer draft waits") if entry.version else gettext("not yet public"),
            _saved(day(revision.created_at), email),
            worded(revision.comment)[:80],
        )
    return found


_ASKED = {
    Waiting.CHANGES_REQUESTED: marked("changes were requested"),
    Waiting.REFUSED: marked("refused"),
}


def _saved(when: str, person: str | None) -> str:
    if person:
        return gettext("saved %(day)s by %(person)s", day=when, person=person)
    return gettext("saved %(day)s", day=when)


def _reviews(session: Session, entries: Sequence[Entry], asked: Asked) -> Told:
    rows = session.exec(
        select(Note.entry_id, User.email)
        .join(User, col(Note.author_id) == User.id)
        .where(col(Note.entry_id).in_([e.id for e in entries]), Note.move == "submit")
        .order_by(col(Note.created_at), col(Note.id))
    )
    senders = dict(iter(rows))
    people = {e.assignee_id for e in entries if e.assignee_id}
    names = dict(iter(session.exec(select(User.id, User.email).where(col(User.id).in_(people)))))
    found = {}
    for entry in entries:
        days = (now() - entry.waiting_since).days if entry.waiting_since else 0
        found[entry.id] = _joined(
            ngettext("waits %(count)s day", "waits %(count)s days", days)
            if days
            else gettext("came today"),
            gettext("sent by %(person)s", person=senders[entry.id])
            if entry.id in senders
            else None,
            gettext("with %(person)s", person=names[entry.assignee_id])
            if entry.assignee_id
            else gettext("nobody has taken it"),
        )
    return found


def _ages(session: Session, entries: Sequence[Entry], asked: Asked) -> Told:
    return {
        e.id: _joined(
            gettext("counts as not confirmed since %(day)s", day=day(e.review_by))
            if e.review_by
            else None,
            gettext("last confirmed %(day)s", day=day(e.confirmed_at))
            if e.confirmed_at
            else gettext("never confirmed"),
        )
        for e in entries
    }


def _clashes(session: Session, entries: Sequence[Entry], asked: Asked) -> Told:
    kinds = {e.id: kind_named(e.kind) for e in entries}
    found: dict[uuid.UUID, list[str]] = {}
    rows = session.exec(
        select(ClaimRow.entry_id, ClaimRow.field)
        .where(col(ClaimRow.entry_id).in_(list(kinds)), is_contradicted())
        .order_by(col(ClaimRow.id))
    )
    for key, name in rows:
        if declared := kinds[key].fields.get(name):
            found.setdefault(key, []).append(declared.title)
    return {
        key: gettext("two answers: %(fields)s", fields=", ".join(dict.fromkeys(titles)))
        for key, titles in found.items()
    }


def _broken(session: Session, entries: Sequence[Entry], asked: Asked) -> Told:
    published = published_by_id(session, [e.id for e in entries])
    found = {}
    for one in published:
        broken = broken_links(session, [one])
        fields = {declared.title: url for declared, url in urls_in(one.kind, one.profile)}
        told = (
            gettext(
                "%(field)s: %(url)s, broken %(day)s", field=title, url=url, day=day(broken[url])
            )
            for title, url in fields.items()
            if url in broken
        )
        found[one.entry.id] = " · ".join(told)
    return found


def _old_translations(session: Session, entries: Sequence[Entry], asked: Asked) -> Told:
    words = Vocabularies.read(session)
    return {
        one.entry.id: ", ".join(
            words.label("languages", t.language) for t in one.translations.values() if t.outdated
        )
        for one in published_by_id(session, [e.id for e in entries])
    }


def _gap(session: Session, entries: Sequence[Entry], asked: Asked) -> Told:
    title = asked.field[1].title if asked.field else ""
    return {e.id: gettext("%(field)s is not stated", field=title) for e in entries}


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


# The registry

_BY_TITLE = (sa.func.lower(Entry.title),)
_LONGEST_FIRST = (col(Entry.waiting_since), *_BY_TITLE)

LISTS = {
    one.name: one
    for one in (
        DeskList("drafts", marked("Your drafts"), marked("What you began and can go on with."),
                 "read drafts", _written_by, _drafts,
                 order=(col(Entry.waiting_since).desc(), *_BY_TITLE)),
        DeskList("review", marked("Waiting for review"),
                 marked("Sent by their authors, the oldest first."),
                 "read drafts", _in_review, _reviews, order=_LONGEST_FIRST, assigned=True,
                 opens="/review"),
        DeskList("others", marked("Drafts of others"), marked("Not sent to review yet."),
                 "read drafts", _of_others, _drafts, order=_LONGEST_FIRST),
        DeskList("stale", marked("Not confirmed for long"),
                 marked("Public entries to check again."),
                 "save", _stale, _ages, order=(col(Entry.review_by), *_BY_TITLE), confirms=True),
        DeskList("links", marked("Broken links"),
                 marked("Public entries with an address that fails."),
                 "save", _with_broken_links, _broken, opens="/links"),
        DeskList("translations", marked("Translations out of date"),
                 marked("Public entries whose original has changed since."),
                 "translate", _with_old_translations, _old_translations, opens="/translations"),
        DeskList("contradictions", marked("Two answers"),
                 marked("Public entries whose sources contradict."),
                 "save", _with_two_answers, _clashes),
        DeskList("unstated", marked("Not stated"),
                 marked("Public entries that leave a question open."),
                 "save", _silent, _gap, of_a_field=True),
    )
}  # fmt: skip
"""Every list of entries. The one of a field is reached from the questions on the desk."""


def list_named(name: str) -> DeskList:
    """Return a list; raises NotFound."""
    if name not in LISTS:
        raise NotFound(gettext("There is no list called %(name)s.", name=name))
    return LISTS[name]
