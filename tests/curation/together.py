"""Merging and undoing as people at the desk do, and everything public to compare."""

from typing import Any

from sqlmodel import Session, col, select

from directory.accounts.models import Grant, User
from directory.accounts.service import add_user
from directory.audit import verify_chain
from directory.curation.merging_entries import merge
from directory.curation.references import references_in
from directory.curation.service import latest_revision, publish, read_draft, save_draft
from directory.curation.unmerging import undo
from directory.entries.kinds import KINDS, ORGANISATION, Kind, kind_named
from directory.entries.merges import Merge
from directory.entries.models import (
    Entry,
    EntryLink,
    EntryTerm,
    Redirect,
    Revision,
    RunRow,
    State,
    TrackRow,
)
from directory.entries.queries import profiles
from directory.sources.models import ClaimRow

KEEP, FOLD = "geneva-internet-platform", "diplofoundation"


def curator_in(session: Session, email: str = "merger@example.org") -> User:
    """Return a curator, added when there is none yet."""
    found = session.exec(select(User).where(User.email == email)).first()
    if found is None:
        add_user(session, email, "curator")
        found = session.exec(select(User).where(User.email == email)).one()
    return found


def do_merge(session: Session) -> Merge:
    """Merge two well-connected organisations of the seed; the caller commits."""
    return merge(session, ORGANISATION, KEEP, FOLD, by=curator_in(session))


def do_undo(session: Session) -> None:
    """Undo the newest merge; the caller commits."""
    newest = select(Merge).where(col(Merge.undone_at).is_(None)).order_by(col(Merge.at).desc())
    undo(session, session.exec(newest).first().id, by=curator_in(session))  # type: ignore[union-attr]


def add(
    session: Session, kind: Kind, slug: str, *, published: bool = False, **profile: Any
) -> Entry:
    """Save a new entry, every value of which has a source, and maybe publish it."""
    claims = {
        name: [{"source": "gcsp-profile", "locator": "line 1"}]
        for name, declared in kind.fields.items()
        if name in profile and not declared.ours
    }
    silent = [{"source": "gcsp-profile", "status": "not_stated"}]
    claims |= {n: silent for n, d in kind.fields.items() if d.required and n not in profile}
    draft = read_draft(kind, slug, profile, claims)
    entry, revision = save_draft(session, draft, by=None)
    if published:
        publish(session, entry, revision, by=None)
    return entry


def change(session: Session, entry: Entry, *, published: bool, **values: Any) -> Revision:
    """Save an entry with other values."""
    kind, before = kind_named(entry.kind), latest_revision(session, entry)
    profile = {k: v for k, v in {**before.profile, **values}.items() if v is not None}
    claims = dict(before.claims)
    for name in values:
        claims[name] = [{"source": "gcsp-profile", "locator": "line 2"}]
    _, revision = save_draft(session, read_draft(kind, entry.slug, profile, claims), by=None)
    if published:
        publish(session, entry, revision, by=None)
    return revision


def _rows(session: Session, table: Any, but: set[str]) -> list[str]:
    rows = session.exec(select(table)).all()
    return sorted(str(sorted((k, str(v)) for k, v in r if k not in but)) for r in rows)


def public(session: Session) -> dict[str, Any]:
    """Return everything that the public reads, apart from numbers and moments of its writing."""
    entries = session.exec(select(Entry)).all()
    found: dict[str, Any] = {
        str(e.id): (e.kind, e.slug, e.title, e.state, e.state_reason, e.merged_into, e.published_at)
        for e in entries
        if e.state is not State.DRAFT
    }
    for kind in KINDS.values():
        ids = [e.id for e in entries if e.kind == kind.name]
        found[kind.path] = {str(k): p for k, p in profiles(session, kind, ids).items()}
    numbers = {"id", "run_id"}
    for table in (EntryTerm, EntryLink, ClaimRow, RunRow, TrackRow, Redirect, Grant):
        found[str(table.__tablename__)] = _rows(session, table, numbers)
    return found


def _newest(session: Session) -> dict[Any, Revision]:
    """Return the newest revision of each entry, by its id."""
    return {r.entry_id: r for r in session.exec(select(Revision).order_by(col(Revision.number)))}


def waiting(session: Session) -> dict[str, Any]:
    """Return every change that waits beside what is public, and every draft."""
    found, newest = {}, _newest(session)
    for e in session.exec(select(Entry).where(Entry.state != State.MERGED)):
        if newest[e.id].number != e.version:
            about = (e.waiting, e.waiting_since, e.assignee_id)
            found[str(e.id)] = (newest[e.id].profile, newest[e.id].claims, about)
    return found


def leads_nowhere(session: Session) -> list[str]:
    """Return every reference, public or at the desk, that leads to a merged entry."""
    entries = {e.id: e for e in session.exec(select(Entry))}
    there = {(e.kind, e.slug): e for e in entries.values()}
    for old in session.exec(select(Redirect)):
        there.setdefault((old.kind, old.slug), entries[old.entry_id])
    found = [
        f"row {link.id}"
        for link in session.exec(select(EntryLink))
        if entries[link.target_id].state is State.MERGED
    ]
    for key, revision in _newest(session).items():
        entry = entries[key]
        if entry.state is State.MERGED:
            continue
        for field, address, _ in references_in(kind_named(entry.kind), revision.profile):
            if address not in there or there[address].state is State.MERGED:
                found.append(f"{entry.slug}.{field}: {address[1]}")
    return found


def chain_is_whole(session: Session) -> bool:
    """Say whether the audit log fits together."""
    return verify_chain(session).broken is None
