"""Who works with whom: programmes that two or more organisations carry together."""

import uuid
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
    """Return the joint programmes, those with the most organisations first.

    Links and entries are asked for by themselves: joined, SQLite would walk through all entries.
    """
    chosen = list(session.scalars(looked_at()))
    links = session.execute(
        sa.select(col(EntryLink.entry_id), col(EntryLink.target_id), col(EntryLink.rel))
        .where(col(EntryLink.entry_id).in_(chosen), col(EntryLink.field).in_(FIELDS))
        .order_by(col(EntryLink.entry_id), col(EntryLink.position), col(EntryLink.id))
    ).all()
    names = _published(session, {link.target_id for link in links})
    carried: dict[uuid.UUID, list[tuple[uuid.UUID, str]]] = {}
    for programme, target, role in links:
        if target in names:
            carried.setdefault(programme, []).append((target, role))
    size = {key: len({target for target, _ in parts}) for key, parts in carried.items()}
    titles = _published(session, {key for key, count in size.items() if count > 1})
    found = []
    for key in sorted(titles, key=lambda k: (-size[k], titles[k][0], k))[:MOST]:
        title, slug = titles[key]
        joint = Joint(title, PROGRAMME.url(slug))
        for target, role in carried[key]:
            name, short = names[target]
            _join(joint, name, ORGANISATION.url(short), words.label("roles", role))
        found.append(joint)
    return Network(found, len(titles), there_are_more(session))


def _published(session: Session, keys: set[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """Return title and slug of those that are published."""
    rows = session.execute(
        sa.select(col(Entry.id), col(Entry.title), col(Entry.slug)).where(
            is_published(), col(Entry.id).in_(keys)
        )
    )
    return {key: (title, slug) for key, title, slug in rows}


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
