"""Put a merged entry back: what undoing would do, and doing it.

Whoever edited an entry since the merge keeps that; the rest can be undone around it. The way back
is by new revisions, too, so that the history tells it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from directory.accounts.models import Grant, User
from directory.audit import record
from directory.curation.merging_entries import STANDS, lead, write_content
from directory.curation.owning import allow_on
from directory.curation.pairing import Side, content_of, old_slugs, side_of
from directory.curation.references import Content, references_in, with_references
from directory.curation.service import find_entry, lay_out, revision_at
from directory.curation.translating import take_back
from directory.db import now, write_alone
from directory.entries.kinds import Kind, kind_named
from directory.entries.merges import Merge, MergeStep
from directory.entries.models import Entry, Redirect, State, Waiting
from directory.errors import Conflict, NotFound
from directory.languages import gettext


@dataclass(frozen=True)
class Touched:
    """An entry that a merge changed; `edited` when somebody has changed it since."""

    step: MergeStep
    side: Side
    edited: bool

    @property
    def kind(self) -> Kind:
        """Return the kind of the entry."""
        return kind_named(self.side.entry.kind)


@dataclass(frozen=True)
class Undoing:
    """A merge, and what undoing it would put back. `blocked` says why it cannot be undone now."""

    merge: Merge
    kind: Kind
    keep: Entry
    fold: Entry
    touched: list[Touched]
    blocked: str

    @property
    def edited(self) -> list[Touched]:
        """Return the entries that somebody has changed since; they would be left alone."""
        return [t for t in self.touched if t.edited]


def merges(session: Session, limit: int) -> list[tuple[Merge, Entry, Entry]]:
    """Return the newest merges, each with the entry that stayed and the one that was folded."""
    keep, fold = aliased(Entry), aliased(Entry)
    rows = session.execute(
        sa.select(Merge, keep, fold)
        .join(keep, col(keep.id) == col(Merge.survivor_id))
        .join(fold, col(fold.id) == col(Merge.folded_id))
        .order_by(col(Merge.at).desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def look_at_undo(session: Session, merge_id: uuid.UUID, user: User) -> Undoing:
    """Return what undoing a merge would do; raises NotFound and NotAllowed."""
    done = session.get(Merge, merge_id, populate_existing=True)
    if done is None:
        raise NotFound(gettext("There is no such merge."))
    keep, fold = (
        session.get_one(Entry, key, populate_existing=True)
        for key in (done.survivor_id, done.folded_id)
    )
    for entry in (keep, fold):
        allow_on(session, user, "merge", entry)
    steps = session.exec(
        select(MergeStep)
        .where(MergeStep.merge_id == done.id, MergeStep.entry_id != fold.id)
        .order_by(col(MergeStep.entry_id))
    ).all()
    touched = [_touched(session, step) for step in steps]
    touched.sort(key=lambda t: t.side.entry.id != keep.id)
    return Undoing(
        done, kind_named(keep.kind), keep, fold, touched, _blocked(session, done, keep, fold)
    )


def _blocked(session: Session, done: Merge, keep: Entry, fold: Entry) -> str:
    if done.undone_at:
        return gettext("This merge was undone already.")
    if keep.state is State.MERGED:
        into = session.get_one(Entry, keep.merged_into)
        return gettext(
            "%(title)s was itself merged into %(other)s since. Undo that first.",
            title=keep.title,
            other=into.title,
        )
    if fold.state is not State.MERGED or fold.merged_into != keep.id:
        return gettext(
            "%(title)s is not merged into %(other)s any more.", title=fold.title, other=keep.title
        )
    return ""


def _touched(session: Session, step: MergeStep) -> Touched:
    """Compare what an entry says with what the merge wrote: a later undo may have come between."""
    entry = session.get_one(Entry, step.entry_id, populate_existing=True)
    side = side_of(session, entry)
    wrote_live = revision_at(session, entry, step.live_after) if step.live_after else None
    wrote = revision_at(session, entry, step.newest_after)
    same = content_of(side.newest) == content_of(wrote) and (
        content_of(side.live) == content_of(wrote_live)
        if side.live and wrote_live
        else side.live is wrote_live
    )
    return Touched(step, side, entry.state is State.MERGED or not same)


def undo(session: Session, merge_id: uuid.UUID, *, by: User, partly: bool = False) -> Undoing:
    """Put a folded entry back as it was, and give the others back what they said before.

    Entries that somebody has edited since are left alone, and only if `partly` says so. Raises
    NotFound, NotAllowed, and Conflict when it cannot be undone, or not as a whole.
    """
    write_alone(session)
    found = look_at_undo(session, merge_id, by)
    if found.blocked:
        raise Conflict(found.blocked)
    if found.edited and not partly:
        titles = ", ".join(t.side.entry.title for t in found.edited)
        raise Conflict(
            gettext("Edited since, so that not all can be undone: %(titles)s.", titles=titles)
        )
    _unfold(session, found, by)
    for touched in found.touched:
        if not touched.edited:
            _give_back(session, found, touched, by)
    take_back(session, found.fold, found.keep, by=by)
    mine = [uuid.UUID(key) for key in found.merge.grants]
    session.execute(
        sa.update(Grant)
        .where(col(Grant.id).in_(mine), col(Grant.organisation_id) == found.keep.id)
        .values(organisation_id=found.fold.id)
    )
    found.merge.undone_at, found.merge.undone_by_id = now(), by.id
    session.add(found.merge)
    session.flush()
    record(
        session,
        "undo merge",
        found.fold.title,
        by=by,
        entry_id=found.fold.id,
        merge=str(merge_id),
        left_alone=[str(t.side.entry.id) for t in found.edited],
    )
    return found


def _unfold(session: Session, found: Undoing, by: User) -> None:
    """Give the folded entry its addresses, its state and what the public read of it back."""
    entry, done = found.fold, found.merge
    if old := session.get(Redirect, (entry.kind, entry.slug)):
        session.delete(old)
    theirs = set(done.redirects) & set(old_slugs(session, found.keep))
    lead(session, entry.kind, theirs, entry)
    was = done.folded_was
    entry.state, entry.merged_into = State(was["state"]), None
    entry.state_reason = was["state_reason"]
    entry.waiting = Waiting(was["waiting"]) if was["waiting"] else None
    entry.waiting_since = (
        datetime.fromisoformat(was["waiting_since"]) if was["waiting_since"] else None
    )
    entry.assignee_id = uuid.UUID(was["assignee_id"]) if was["assignee_id"] else None
    entry.updated_at = now()
    session.add(entry)
    session.flush()
    side = side_of(session, entry)
    said = _followed(session, entry, side.says)
    if side.live is None:
        return
    if said == side.says:
        # Nobody can edit a merged entry: its public revision is the one it had.
        stands = {name: getattr(entry, name) for name in STANDS}
        lay_out(session, entry, side.live, together=_named(session, entry, said))
        for name, value in stands.items():
            setattr(entry, name, value)
        session.add(entry)
        session.flush()
        return
    waits = _followed(session, entry, side.waits) if side.waits else None
    comment = f"Its merge into {found.keep.title} was undone."
    write_content(session, entry, said, waits, comment, by, _named(session, entry, said))


def _give_back(session: Session, found: Undoing, touched: Touched, by: User) -> None:
    """Let an entry say what it said before the merge, by new revisions."""
    step, entry = touched.step, touched.side.entry
    live = newest = None
    if step.live_after != step.live_before:
        live = content_of(revision_at(session, entry, step.live_before))
    if step.newest_before != step.live_before:
        newest = content_of(revision_at(session, entry, step.newest_before))
    live, newest = (_followed(session, entry, c) if c else None for c in (live, newest))
    comment = f"The merge of {found.fold.title} into {found.keep.title} was undone."
    known = _named(session, entry, live) if live else ()
    write_content(session, entry, live, newest, comment, by, known)


def _followed(session: Session, entry: Entry, said: Content) -> Content:
    """Name in place of entries that are merged today those they were merged into."""
    kind, moved = kind_named(entry.kind), {}
    for _, (other_kind, slug), _ in references_in(kind, said.profile):
        target = find_entry(session, kind_named(other_kind), slug)
        end = target
        while end and end.state is State.MERGED:
            end = session.get(Entry, end.merged_into)
        if end and end is not target:
            moved[other_kind, slug] = None if end.id == entry.id else end.slug
    return with_references(kind, said, moved)


def _named(session: Session, entry: Entry, said: Content) -> set[uuid.UUID]:
    """Return the ids of the entries that a profile names."""
    found = (
        find_entry(session, kind_named(kind), slug)
        for _, (kind, slug), _ in references_in(kind_named(entry.kind), said.profile)
    )
    return {target.id for target in found if target}
