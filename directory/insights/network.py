"""Who works with whom: programmes that two or more organisations carry together."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import Session, col

from directory.entries.kinds import ORGANISATION, PROGRAMME
from directory.entries.models import Entry, EntryLink
from directory.entries.queries import is_published
from directory.entries.vocabularies import Vocabularies
from directory.insights.programmes import looked_at, there_are_more

MOST = 60
"""More than this nobody reads; the programmes with the most organisations are shown."""

FIELDS = [
    name
    for name, declared in PROGRAMME.public_fields.items()
    if declared.reference and declared.reference.kind == ORGANISATION.name
]


@dataclass(frozen=True)
class Partner:
    """An organisation in a programme, with every role it has there."""

    title: str
    url: str
    roles: list[str]


@dataclass(frozen=True)
class Joint:
    """A programme of several organisations."""

    title: str
    url: str
    partners: list[Partner] = field(default_factory=list)


@dataclass(frozen=True)
class Network:
    """The joint programmes with the most organisations, and how many there are in all.

    `partial` says that only the programmes changed last were looked at.
    """

    joint: list[Joint]
    total: int
    partial: bool = False

    @property
    def organisations(self) -> int:
        """Return how many organisations take part in what is shown."""
        return len({p.url for programme in self.joint for p in programme.partners})


def network(session: Session, words: Vocabularies) -> Network:
    """Return the joint programmes, those with the most organisations first."""
    size = sa.func.count(sa.distinct(col(EntryLink.target_id))).label("size")
    carried = (
        sa.select(col(EntryLink.entry_id).label("programme"), size)
        .join(Entry, col(Entry.id) == col(EntryLink.target_id))
        .where(
            is_published(),
            col(EntryLink.field).in_(FIELDS),
            col(EntryLink.entry_id).in_(sa.select(looked_at().subquery().c.id)),
        )
        .group_by(col(EntryLink.entry_id))
        .having(size > 1)
    ).subquery()
    rows = session.execute(
        sa.select(col(Entry.id), col(Entry.title), col(Entry.slug))
        .join(carried, carried.c.programme == col(Entry.id))
        .order_by(carried.c.size.desc(), col(Entry.title), col(Entry.id))
    ).all()
    found = {key: Joint(title, PROGRAMME.url(slug)) for key, title, slug in rows[:MOST]}
    partners = session.execute(
        sa.select(col(EntryLink.entry_id), col(Entry.title), col(Entry.slug), col(EntryLink.rel))
        .join(Entry, col(Entry.id) == col(EntryLink.target_id))
        .where(
            is_published(),
            col(EntryLink.entry_id).in_(list(found)),
            col(EntryLink.field).in_(FIELDS),
        )
        .order_by(col(EntryLink.position), col(EntryLink.id))
    )
    for key, title, slug, role in partners:
        _join(found[key], title, ORGANISATION.url(slug), words.label("roles", role))
    return Network(list(found.values()), len(rows), there_are_more(session))


def _join(programme: Joint, title: str, url: str, role: str) -> None:
    """Add an organisation, or another role of one that is there."""
    there = next((p for p in programme.partners if p.url == url), None)
    if there is None:
        programme.partners.append(Partner(title, url, [role]))
    elif role not in there.roles:
        there.roles.append(role)


TABLE = ("programme", "organisation", "roles", "programme_url", "organisation_url")


def table_of(found: Network, site: str) -> Iterator[tuple[str, ...]]:
    """Yield one line for each organisation in each programme; `site` is the address of the site."""
    for programme in found.joint:
        for p in programme.partners:
            roles = "; ".join(p.roles)
            yield programme.title, p.title, roles, site + programme.url, site + p.url
