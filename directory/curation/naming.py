"""The words for what saved values name: terms of vocabularies, and entries by their titles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.accounts.models import User
from directory.accounts.permissions import is_allowed
from directory.curation.controls import Control, all_within
from directory.curation.owning import are_own
from directory.curation.references import Address, references_in
from directory.entries.kinds import Kind
from directory.entries.models import Entry, State
from directory.entries.vocabularies import Vocabularies
from directory.languages import marked
from directory.sources.claims import Status

STATUSES = {
    Status.STATED.value: marked("Source"),
    Status.NOT_STATED.value: marked("Not stated"),
    Status.CONTRADICTED.value: marked("Two answers"),
    Status.DERIVED.value: marked("Our reading"),
    Status.CONFIRMED.value: marked("Confirmed by the provider"),
}
"""What stands before a source, by what the source does about a value, in English."""


@dataclass(frozen=True)
class Names:
    """What codes and slugs are called, for one person; `titles` are those they may read."""

    vocabularies: Vocabularies
    titles: Mapping[Address, str]

    def label(self, vocabulary: str, code: str) -> str:
        """Return the words of a term."""
        return self.vocabularies.label(vocabulary, code)

    def title(self, kind: str, slug: str) -> str:
        """Return the title of an entry; the slug where there is none that one may read."""
        return self.titles.get((kind, slug), slug)

    def item(self, control: Control, text: str) -> str:
        """Return the words for one value of a field, as a claim about that value names it."""
        if control.vocabulary:
            return self.label(control.vocabulary, text)
        kinds = [one.reference for one in all_within([control]) if one.reference]
        return next((self.titles[k, text] for k in kinds if (k, text) in self.titles), text)


def names_in(
    session: Session, user: User, kind: Kind, profiles: Iterable[Mapping[str, Any]]
) -> Names:
    """Return the words for what some profiles of a kind name."""
    return names_of(session, user, ((kind, profile) for profile in profiles))


def names_of(
    session: Session, user: User, profiles: Iterable[tuple[Kind, Mapping[str, Any]]]
) -> Names:
    """Return the words for what profiles name, read with one query for all of them."""
    found: dict[str, set[str]] = {}
    for kind, profile in profiles:
        for _, (named, slug), _ in references_in(kind, profile):
            found.setdefault(named, set()).add(slug)
    return Names(Vocabularies.read(session), _titles(session, user, found))


def _titles(session: Session, user: User, slugs: Mapping[str, set[str]]) -> dict[Address, str]:
    """Return titles by address; a draft is named to those alone who may read it."""
    if not slugs:
        return {}
    query = select(Entry.kind, Entry.slug, Entry.title).where(
        sa.or_(
            *(
                sa.and_(col(Entry.kind) == kind, col(Entry.slug).in_(sorted(of_kind)))
                for kind, of_kind in slugs.items()
            )
        )
    )
    if not is_allowed(user.role, "read drafts"):
        query = query.where(sa.or_(col(Entry.state) != State.DRAFT, are_own(session, user)))
    return {(kind, slug): title for kind, slug, title in session.exec(query)}
