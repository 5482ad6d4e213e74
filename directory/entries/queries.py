"""Reading what is published: entries, lists, and what points to what."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.entries.kinds import KINDS, ORGANISATION, PROGRAMME, TRAINING, Kind, kind_named
from directory.entries.models import Entry, EntryLink, EntryTerm, Redirect, State
from directory.entries.translations import (
    Said,
    Translated,
    in_reach,
    rows_of,
    translated,
    written_in,
)
from directory.errors import Gone, NotFound
from directory.languages import gettext, language, marked, worded
from directory.sources.models import ClaimRow


@dataclass(frozen=True, slots=True)
class Linked:
    """Another entry, and what it is to this one."""

    rel: str
    field: str
    kind: str
    slug: str
    title: str
    kind_code: str | None = None
    summary: Said | None = None

    @property
    def url(self) -> str:
        """Return the address of the other entry."""
        return KINDS[self.kind].url(self.slug)


@dataclass(frozen=True)
class Published:
    """A published entry, whole; `translations` are by language."""

    entry: Entry
    kind: Kind
    profile: dict[str, Any]
    claims: dict[str, list[ClaimRow]]
    links: list[Linked]
    linked_from: list[Linked]
    translations: dict[str, Translated] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """Return the language in which its prose is written."""
        return written_in(self.kind, self.profile)

    def said(self, field: str) -> Said:
        """Return a stated text in the language that is read, else as it was written."""
        reading = self.translations.get(language().code)
        if reading and (text := reading.texts.get(field)):
            return Said(text, reading.language)
        return Said(self.profile[field], self.language)

    @property
    def url(self) -> str:
        """Return the address of the entry."""
        return self.kind.url(self.entry.slug)


def is_published() -> sa.ColumnElement[bool]:
    """Return the condition under which anybody may see an entry."""
    return col(Entry.state) == State.PUBLISHED


def profiles(session: Session, kind: Kind, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """Return the public profile of each entry, as JSON, by id; what is not stated is None."""
    table: Any = kind.table
    rows = session.exec(select(table).where(table.id.in_(list(ids))))
    public = set(kind.public_fields)
    # The parts of a JSON column are plain dictionaries, of which pydantic would warn.
    return {row.id: row.model_dump(mode="json", include=public, warnings=False) for row in rows}


_NOBODY = {
    ORGANISATION.name: marked("There is no organisation called %(slug)s."),
    PROGRAMME.name: marked("There is no programme called %(slug)s."),
    TRAINING.name: marked("There is no training called %(slug)s."),
}


def find_published(session: Session, kind: Kind, slug: str) -> Entry:
    """Return the entry that the public reads at an address, or that was once there.

    An archived one is still read there. Raises Gone for a withdrawn one, with the reason, and
    NotFound for any other.
    """
    if "\x00" in slug:
        # PostgreSQL would refuse the question rather than find nothing.
        raise NotFound(gettext("There is no entry of this name."))
    for entry in _at(session, kind, slug):
        if entry.state in (State.PUBLISHED, State.ARCHIVED):
            return entry
        if entry.state is State.WITHDRAWN:
            said = gettext("%(title)s is no longer listed.", title=entry.title)
            raise Gone(f"{said} {worded(entry.state_reason or '')}".strip())
    raise NotFound(worded(_NOBODY[kind.name]) % {"slug": slug})


def _at(session: Session, kind: Kind, slug: str) -> Iterable[Entry]:
    """Yield the entry at an address, then the one that has taken its place."""
    yield from session.exec(select(Entry).where(Entry.kind == kind.name, Entry.slug == slug))
    yield from session.exec(
        select(Entry)
        .join(Redirect, col(Redirect.entry_id) == Entry.id)
        .where(Redirect.kind == kind.name, Redirect.slug == slug)
    )


def links_from(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Linked]]:
    """Return what each entry points to, published only, in the order of its profile."""
    rows = session.execute(
        sa.select(
            col(EntryLink.entry_id),
            col(EntryLink.rel),
            col(EntryLink.field),
            col(Entry.kind),
            col(Entry.slug),
            col(Entry.title),
            col(Entry.state),
        )
        .join(Entry, col(EntryLink.target_id) == col(Entry.id))
        .where(col(EntryLink.entry_id).in_(list(ids)))
        .order_by(col(EntryLink.field), col(EntryLink.position))
    )
    found: dict[uuid.UUID, list[Linked]] = {}
    # A condition on the state would make SQLite walk through every published entry first.
    for key, rel, name, kind, slug, title, state in rows:
        if state is State.PUBLISHED:
            found.setdefault(key, []).append(Linked(rel, name, kind, slug, title))
    return found


def links_to(session: Session, entry: Entry) -> list[Linked]:
    """Return the published entries that point to this one, with what a short list shows."""
    rows = session.exec(
        select(EntryLink, Entry)
        .join(Entry, col(EntryLink.entry_id) == Entry.id)
        .where(EntryLink.target_id == entry.id, is_published())
        .order_by(col(Entry.title), col(EntryLink.id))
    ).all()
    details = _details(session, [other for _, other in rows])
    return [
        Linked(link.rel, link.field, other.kind, other.slug, other.title, *details[other.id])
        for link, other in rows
    ]


def _details(
    session: Session, entries: Sequence[Entry]
) -> dict[uuid.UUID, tuple[str | None, Said | None]]:
    """Return (code of its kind, summary) for each entry, the summary for whoever reads."""
    codes: dict[uuid.UUID, str | None] = {}
    written: dict[uuid.UUID, tuple[str | None, str | None]] = {}
    for kind in KINDS.values():
        ids = [e.id for e in entries if e.kind == kind.name]
        if not ids:
            continue
        table: Any = kind.table
        columns = (
            table.id,
            getattr(table, kind.kind_field),
            table.summary,
            getattr(table, kind.language_field),
        )
        for key, code, summary, own in session.exec(select(*columns).where(table.id.in_(ids))):
            codes[key], written[key] = code, (summary, own)
    said = in_reach(session, written, "summary")
    return {key: (code, said.get(key)) for key, code in codes.items()}


def claims_of(
    session: Session, ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, dict[str, list[ClaimRow]]]:
    """Return the claims of each entry by field."""
    found: dict[uuid.UUID, dict[str, list[ClaimRow]]] = {}
    rows = session.exec(
        select(ClaimRow).where(col(ClaimRow.entry_id).in_(list(ids))).order_by(col(ClaimRow.id))
    )
    for claim in rows:
        found.setdefault(claim.entry_id, {}).setdefault(claim.field, []).append(claim)
    return found


def read_published(session: Session, kind: Kind, slug: str) -> Published:
    """Return an entry with everything a page or the API shows; raises NotFound or Gone."""
    entry = find_published(session, kind, slug)
    profile = profiles(session, kind, [entry.id])[entry.id]
    return Published(
        entry=entry,
        kind=kind,
        profile=profile,
        claims=claims_of(session, [entry.id]).get(entry.id, {}),
        links=links_from(session, [entry.id]).get(entry.id, []),
        linked_from=links_to(session, entry),
        translations=translated(kind, profile, rows_of(session, [entry.id]).get(entry.id, ())),
    )


def published_by_id(session: Session, ids: Sequence[uuid.UUID]) -> list[Published]:
    """Return these entries in this order; who is no longer published is left out."""
    # A condition on the state would make SQLite walk through every published entry first.
    some = session.exec(select(Entry).where(col(Entry.id).in_(ids)))
    entries = [entry for entry in some if entry.state is State.PUBLISHED]
    found: dict[uuid.UUID, Published] = {}
    for kind in KINDS.values():
        if of_kind := [e for e in entries if e.kind == kind.name]:
            found |= {p.entry.id: p for p in _whole(session, kind, of_kind)}
    return [found[key] for key in ids if key in found]


def _whole(session: Session, kind: Kind, entries: Sequence[Entry]) -> list[Published]:
    """Return entries of one kind with what they say, but not with what points to them."""
    ids = [e.id for e in entries]
    rows, claims, links, others = (
        profiles(session, kind, ids),
        claims_of(session, ids),
        links_from(session, ids),
        rows_of(session, ids),
    )
    return [
        Published(
            e,
            kind,
            rows[e.id],
            claims.get(e.id, {}),
            links.get(e.id, []),
            [],
            translated(kind, rows[e.id], others.get(e.id, ())),
        )
        for e in entries
    ]


def list_published(
    session: Session,
    kind: Kind,
    *,
    offset: int,
    limit: int,
) -> tuple[int, list[Published]]:
    """Return how many entries of a kind are published, and one page of them by title."""
    condition = [col(Entry.kind) == kind.name, is_published()]
    total = session.scalar(sa.select(sa.func.count()).select_from(Entry).where(*condition)) or 0
    entries = session.exec(
        select(Entry)
        .where(*condition)
        .order_by(sa.func.lower(Entry.title), col(Entry.id))
        .offset(offset)
        .limit(limit)
    ).all()
    return total, _whole(session, kind, entries)


@dataclass(frozen=True)
class Listed:
    """An entry in a short list."""

    kind: Kind
    slug: str
    title: str
    kind_code: str | None
    summary: Said | None
    updated_at: datetime
    is_new: bool
    """Whether its last publication was its first."""

    @property
    def url(self) -> str:
        """Return the address of the entry."""
        return self.kind.url(self.slug)


def _listed(session: Session, entries: Sequence[Entry]) -> list[Listed]:
    details = _details(session, entries)
    return [
        Listed(
            kind_named(e.kind),
            e.slug,
            e.title,
            *details[e.id],
            e.updated_at,
            e.updated_at == e.published_at,
        )
        for e in entries
    ]


def with_term(session: Session, vocabulary: str, codes: Iterable[str]) -> list[Listed]:
    """Return the published entries that carry one of the terms, by title."""
    entries = session.exec(
        select(Entry)
        .where(
            is_published(),
            col(Entry.id).in_(
                sa.select(col(EntryTerm.entry_id)).where(
                    col(EntryTerm.vocabulary) == vocabulary, col(EntryTerm.code).in_(list(codes))
                )
            ),
        )
        .order_by(sa.func.lower(Entry.title))
    ).all()
    return _listed(session, entries)


def newest(session: Session, limit: int) -> list[Listed]:
    """Return what was published or changed last."""
    entries = session.exec(
        select(Entry)
        .where(is_published())
        .order_by(col(Entry.updated_at).desc(), col(Entry.kind).desc(), Entry.title)
        .limit(limit)
    ).all()
    return _listed(session, entries)


def like(session: Session, published: Published, limit: int) -> list[Listed]:
    """Return entries of the same kind that share the most topics with this one."""
    mine = sa.select(col(EntryTerm.vocabulary), col(EntryTerm.code)).where(
        col(EntryTerm.entry_id) == published.entry.id,
        col(EntryTerm.vocabulary).in_(["policy-areas", "action-lines", "audiences"]),
    )
    shared = sa.func.count()
    ids = session.execute(
        sa.select(col(EntryTerm.entry_id), shared)
        .join(Entry, col(Entry.id) == col(EntryTerm.entry_id))
        .where(
            sa.tuple_(col(EntryTerm.vocabulary), col(EntryTerm.code)).in_(mine),
            col(EntryTerm.entry_id) != published.entry.id,
            col(Entry.kind) == published.kind.name,
            is_published(),
        )
        .group_by(col(EntryTerm.entry_id), col(Entry.title))
        .order_by(shared.desc(), col(Entry.title))
        .limit(limit)
    ).all()
    order = {row[0]: n for n, row in enumerate(ids)}
    entries = session.exec(select(Entry).where(col(Entry.id).in_(order))).all()
    return _listed(session, sorted(entries, key=lambda e: order[e.id]))


def counts_by_term(session: Session, vocabulary: str) -> dict[str, int]:
    """Return how many published entries carry each term."""
    rows = session.execute(
        sa.select(col(EntryTerm.code), sa.func.count(sa.distinct(col(EntryTerm.entry_id))))
        .join(Entry, col(Entry.id) == col(EntryTerm.entry_id))
        .where(col(EntryTerm.vocabulary) == vocabulary, is_published())
        .group_by(col(EntryTerm.code))
    )
    return {code: count for code, count in rows}


def addresses(session: Session) -> list[tuple[str, datetime]]:
    """Return the address and last change of every published entry, for the site map."""
    rows = session.exec(select(Entry).where(is_published()).order_by(col(Entry.id)))
    return [(kind_named(e.kind).url(e.slug), e.updated_at) for e in rows]
