"""Two entries on the desk that are about to become one: who they are, and who names them."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.curation.merge_choices import Choice, Question, compose, questions, read_choices
from directory.curation.owning import allow_on
from directory.curation.references import Address, Content, references_in, with_references
from directory.curation.service import latest_revision, missing_to_publish, read_draft, revision_at
from directory.entries.kinds import Kind, kind_named
from directory.entries.models import Entry, EntryLink, Redirect, Revision, State
from directory.errors import Conflict, Invalid, NotFound
from directory.languages import gettext


@dataclass(frozen=True)
class Side:
    """An entry with its public revision, None where nothing is public, and its newest one."""

    entry: Entry
    live: Revision | None
    newest: Revision

    @property
    def says(self) -> Content:
        """Return what the public reads, or the draft where nothing is public."""
        return content_of(self.live or self.newest)

    @property
    def waits(self) -> Content | None:
        """Return the change that waits beside a public version."""
        return content_of(self.newest) if self.live and self.live is not self.newest else None


def entry_at(session: Session, kind: Kind, slug: str) -> Entry:
    """Return the entry that has this slug itself, merged or not; raises NotFound."""
    here = select(Entry).where(Entry.kind == kind.name, Entry.slug == slug.replace("\x00", ""))
    # Whoever has waited for the lock must see what was written meanwhile.
    entry = session.exec(here.execution_options(populate_existing=True)).first()
    if entry is None:
        raise NotFound(gettext("There is no entry at %(address)s.", address=kind.url(slug)))
    return entry


def content_of(revision: Revision) -> Content:
    """Return what a revision says."""
    return Content(revision.profile, revision.claims)


def side_of(session: Session, entry: Entry) -> Side:
    """Return an entry with the revisions that count."""
    newest = latest_revision(session, entry)
    if not entry.version or entry.version == newest.number:
        return Side(entry, newest if entry.version else None, newest)
    return Side(entry, revision_at(session, entry, entry.version), newest)


@dataclass(frozen=True)
class Pairing:
    """Two entries of a kind: the one that stays, and the one that is folded into it.

    `moved` says what becomes of each slug that leads to the folded one.
    """

    kind: Kind
    keep: Side
    fold: Side
    old_slugs: tuple[str, ...]
    own_slugs: tuple[str, ...]

    @property
    def seen(self) -> tuple[int, int]:
        """Return the numbers of the newest revisions, which a form sends back."""
        return self.keep.newest.number, self.fold.newest.number

    @property
    def is_public(self) -> bool:
        """Say whether the one that stays is public."""
        return self.keep.live is not None

    @property
    def moved(self) -> dict[Address, str | None]:
        """Return where references to the folded entry lead from now on."""
        return {(self.kind.name, slug): self.keep.entry.slug for slug in self.old_slugs}

    @property
    def moved_inside(self) -> dict[Address, str | None]:
        """Return the same for the one that stays, which does not name itself."""
        return {(self.kind.name, slug): None for slug in (*self.old_slugs, *self.own_slugs)}

    @cached_property
    def questions(self) -> list[Question]:
        """Return the fields in which they differ."""
        return questions(self.kind, self.keep.says, self.fold.says)

    def composed(self, choices: Mapping[str, Choice]) -> Content:
        """Return what the one that stays says afterwards."""
        made = compose(self.kind, self.keep.says, self.fold.says, choices, public=self.is_public)
        return with_references(self.kind, made, self.moved_inside)


def open_pair(session: Session, kind: Kind, keep: str, fold: str, user: User) -> Pairing:
    """Return two entries that can be merged.

    Raises NotFound, NotAllowed, Conflict when one was merged meanwhile, and Invalid for a pair
    that cannot become one.
    """
    stays, goes = (entry_at(session, kind, slug) for slug in (keep, fold))
    for entry in (stays, goes):
        allow_on(session, user, "merge", entry)
        if entry.state is State.MERGED:
            into = session.get_one(Entry, entry.merged_into)
            raise Conflict(
                gettext(
                    "%(title)s was already merged into %(other)s.",
                    title=entry.title,
                    other=into.title,
                )
            )
    if stays.id == goes.id:
        raise Invalid(gettext("An entry cannot be merged with itself. Choose another one."))
    if stays.state not in (State.PUBLISHED, State.DRAFT):
        raise Invalid(
            gettext(
                "%(title)s was taken down: bring it back first, or let the other stay.",
                title=stays.title,
            )
        )
    if stays.state is State.DRAFT and goes.state is not State.DRAFT:
        raise Invalid(
            gettext(
                "%(public)s is or was public and %(draft)s is a draft: let the public one stay.",
                public=goes.title,
                draft=stays.title,
            )
        )
    return Pairing(
        kind,
        side_of(session, stays),
        side_of(session, goes),
        (goes.slug, *old_slugs(session, goes)),
        (stays.slug, *old_slugs(session, stays)),
    )


def old_slugs(session: Session, entry: Entry) -> list[str]:
    """Return the old addresses that lead to an entry."""
    old = select(Redirect.slug).where(Redirect.entry_id == entry.id, Redirect.kind == entry.kind)
    return list(session.exec(old.order_by(col(Redirect.slug))))


@dataclass(frozen=True)
class Naming:
    """An entry that names another: in its public version, in the newest one, or in both."""

    side: Side
    fields: tuple[str, ...]
    in_live: bool
    in_newest: bool

    @property
    def kind(self) -> Kind:
        """Return the kind of the entry."""
        return kind_named(self.side.entry.kind)


def naming(session: Session, pairing: Pairing) -> list[Naming]:
    """Return every entry whose references will move, merged ones apart, in a fixed order."""
    entry = pairing.fold.entry
    linked = set(session.exec(select(EntryLink.entry_id).where(EntryLink.target_id == entry.id)))
    linked |= _drafts_with(session, pairing.old_slugs)
    linked -= {entry.id, pairing.keep.entry.id}
    others = session.exec(
        select(Entry)
        .where(col(Entry.id).in_(linked), col(Entry.state) != State.MERGED)
        .order_by(col(Entry.id))
        .execution_options(populate_existing=True)
    )
    found = (_naming(side_of(session, other), pairing) for other in others.all())
    return [one for one in found if one.fields]


def _naming(side: Side, pairing: Pairing) -> Naming:
    kind = kind_named(side.entry.kind)

    def fields(revision: Revision | None) -> list[str]:
        profile = revision.profile if revision else {}
        return [f for f, address, _ in references_in(kind, profile) if address in pairing.moved]

    live, newest = fields(side.live), fields(side.newest)
    return Naming(side, tuple(dict.fromkeys([*live, *newest])), bool(live), bool(newest))


def _drafts_with(session: Session, slugs: Iterable[str]) -> set[uuid.UUID]:
    """Return the entries in whose newest revision, not public, one of these words stands."""
    text = sa.cast(col(Revision.profile), sa.String)
    newest = (
        sa.select(col(Revision.entry_id), sa.func.max(col(Revision.number)).label("number"))
        .group_by(col(Revision.entry_id))
        .subquery()
    )
    query = (
        sa.select(col(Entry.id))
        .join(newest, newest.c.entry_id == col(Entry.id))
        .join(
            Revision,
            sa.and_(
                col(Revision.entry_id) == col(Entry.id), col(Revision.number) == newest.c.number
            ),
        )
        .where(
            col(Revision.number) != col(Entry.version),
            sa.or_(*(text.contains(f'"{slug}"', autoescape=True) for slug in slugs)),
        )
    )
    return set(session.scalars(query))


@dataclass(frozen=True)
class Preview:
    """What a merge would do, before anybody does it.

    `problems` are the fields that publication still needs; `redirects` the addresses that will
    lead to the one that stays.
    """

    pairing: Pairing
    choices: dict[str, Choice]
    before: Content
    after: Content
    problems: dict[str, str]
    redirects: list[str]
    naming: list[Naming]

    @property
    def changed(self) -> list[str]:
        """Return the fields of the surviving entry that will be different, in page order."""
        return [
            name
            for name in self.pairing.kind.fields
            if self.before.profile.get(name) != self.after.profile.get(name)
            or self.before.claims.get(name) != self.after.claims.get(name)
        ]


def preview(session: Session, pairing: Pairing, said: Mapping[str, str]) -> Preview:
    """Return what a merge with these choices would do; writes nothing."""
    choices = read_choices(pairing.questions, said)
    after = pairing.composed(choices)
    problems: dict[str, str] = {}
    try:
        draft = read_draft(pairing.kind, pairing.keep.entry.slug, after.profile, after.claims)
        problems = missing_to_publish(draft) if pairing.is_public else {}
    except Invalid as error:
        problems = error.by_field
    return Preview(
        pairing,
        choices,
        pairing.keep.says,
        after,
        problems,
        [pairing.kind.url(slug) for slug in pairing.old_slugs],
        naming(session, pairing),
    )
