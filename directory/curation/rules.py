"""What publication asks for, applied to what is public already: rules change, entries stay."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.curation.rows import targets_of
from directory.curation.service import (
    Draft,
    check_codes,
    find_entry,
    missing_to_publish,
    read_draft,
)
from directory.entries.kinds import Kind, kind_named
from directory.entries.models import Entry, Redirect, Revision, State
from directory.entries.queries import is_published
from directory.entries.vocabularies import Vocabularies
from directory.errors import Invalid
from directory.languages import gettext, marked
from directory.sources.models import Source

_AT_ONCE = 500
_BECAUSE = {
    State.DRAFT: marked("It refers to %(title)s, which is not public yet."),
    State.WITHDRAWN: marked("It refers to %(title)s, which was withdrawn."),
    State.ARCHIVED: marked("It refers to %(title)s, which was archived."),
    State.MERGED: marked("It refers to %(title)s, which was merged into another entry."),
}


@dataclass(frozen=True)
class Referred:
    """An entry that another refers to: what it is called, and what the public sees of it."""

    id: uuid.UUID
    title: str
    state: State


Find = Callable[[Kind, str], Referred | None]


@dataclass(frozen=True)
class Failing:
    """A live entry and one field for which it would not be published today, and why."""

    kind: Kind
    slug: str
    title: str
    field: str
    reason: str

    @property
    def url(self) -> str:
        """Return the address of the field in the form of the entry."""
        return f"/curation{self.kind.url(self.slug)}#f-{self.field.partition('.')[0]}"


def unmet(session: Session, draft: Draft) -> dict[str, str]:
    """Return one sentence for each field that keeps a draft from being published."""

    def find(kind: Kind, slug: str) -> Referred | None:
        entry = find_entry(session, kind, slug)
        return Referred(entry.id, entry.title, entry.state) if entry else None

    return missing_to_publish(draft) | _dead_references(draft, find)


def failing_live(session: Session) -> Iterator[Failing]:
    """Yield what keeps each published entry from being published again, by kind and title.

    Rules are those of today: required fields, origins, codes, sources, and references to entries
    that were taken down since. Reads in portions, so that memory does not grow with the catalogue.
    """
    vocabularies = Vocabularies.read(session)
    sources = set(session.exec(select(Source.slug)))
    find = _all_by_address(session)
    rows = session.execute(
        sa.select(
            col(Entry.kind),
            col(Entry.slug),
            col(Entry.title),
            col(Revision.profile),
            col(Revision.claims),
        )
        .join(Revision, col(Revision.entry_id) == Entry.id)
        .where(is_published(), col(Revision.number) == col(Entry.version))
        .order_by(col(Entry.kind), col(Entry.title), col(Entry.id))
        .execution_options(yield_per=_AT_ONCE)
    )
    for name, slug, title, profile, claims in rows:
        kind = kind_named(name)
        try:
            draft = read_draft(kind, slug, profile, claims)
        except Invalid as error:
            found = error.by_field
        else:
            found = (
                check_codes(draft, vocabularies, sources)
                | missing_to_publish(draft)
                | _dead_references(draft, find)
            )
        for field, reason in found.items():
            yield Failing(kind, slug, title, field.removeprefix("claims."), reason)


def _all_by_address(session: Session) -> Find:
    """Read where every entry is and was once, so that each reference costs no question."""
    entries: dict[uuid.UUID, Referred] = {}
    here: dict[tuple[str, str], Referred] = {}
    columns = (Entry.id, Entry.kind, Entry.slug, Entry.title, Entry.state)
    rows = session.execute(sa.select(*map(col, columns)))
    for key, kind, slug, title, state in rows:
        entries[key] = here[kind, slug] = Referred(key, title, state)
    for old in session.exec(select(Redirect)):
        here.setdefault((old.kind, old.slug), entries[old.entry_id])
    return lambda kind, slug: here.get((kind.name, slug))


def _dead_references(draft: Draft, find: Find) -> dict[str, str]:
    """Return one sentence for each field that refers to what nobody can read."""
    wrong: dict[str, str] = {}
    for name, value in draft.values.items():
        declared = draft.kind.fields[name]
        if not declared.reference:
            continue
        kind = kind_named(declared.reference.kind)
        for slug, _ in targets_of(declared, value):
            target = find(kind, slug)
            if target is None:
                wrong[name] = gettext("There is no entry at %(address)s.", address=kind.url(slug))
            elif target.state is not State.PUBLISHED and (kind, slug) != (draft.kind, draft.slug):
                wrong[name] = gettext(_BECAUSE[target.state], title=target.title)
    return wrong
