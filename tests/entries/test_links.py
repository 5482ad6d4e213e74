"""Which addresses an entry holds, and what a curator's desk lists of those that do not work."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from sqlalchemy.engine import Engine
from sqlmodel import Session

from directory.curation.service import get_entry, latest_revision, publish, read_draft, save_draft
from directory.db import Database
from directory.entries.fields import Line, Ours, Url, holds_urls, urls_within
from directory.entries.kinds import KINDS, ORGANISATION, PROGRAMME, TRAINING, Kind
from directory.entries.links import (
    LinkCheck,
    LinkState,
    broken_links,
    fields_with_urls,
    published_urls,
    troubled_links,
    urls_in,
)
from directory.entries.queries import read_published
from directory.entries.vocabularies import Vocabularies
from directory.imports.seed import load_seed
from directory.migrate import migrate
from directory.settings import data
from tests.filled import filled

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)


class Leaflet(BaseModel):
    name: Line
    file: Url
    copies: list[Url] | None = None


class Shelf(BaseModel):
    place: Annotated[Url | None, Ours()] = None
    leaflets: list[Leaflet] | None = None


class Drawer(BaseModel):
    label: Line


def test_an_address_is_found_however_deep_it_lies() -> None:
    shelf: dict[str, Any] = {
        "place": "https://a.example/",
        "leaflets": [
            {"name": "https://no.example/", "file": "https://b.example/", "copies": None},
            {"name": "x", "file": "https://c.example/", "copies": ["https://d.example/"]},
        ],
    }
    assert [url[8] for url in urls_within(Shelf, shelf)] == ["a", "b", "c", "d"]
    assert holds_urls(Shelf) and not holds_urls(Drawer)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_every_declared_address_of_an_entry_is_found(database: Database, kind: Kind) -> None:
    with database.reading() as session:
        words = Vocabularies.read(session)
    profile, _ = filled(kind, {name: list(terms) for name, terms in words.terms.items()})
    found = {field.name for field, _ in urls_in(kind, profile)}
    assert found == {d.name for d in kind.public_fields.values() if d.type is Url} != set()
    assert found <= {d.name for d in fields_with_urls(kind)}
    assert list(urls_in(kind, {})) == []


def give(session: Session, kind: Kind, slug: str, **values: str) -> None:
    """Publish these values in an entry of the seed."""
    saved = latest_revision(session, get_entry(session, kind, slug))
    draft = read_draft(kind, slug, saved.profile | values, saved.claims)
    publish(session, *save_draft(session, draft, by=None), by=None)


def check(url: str, state: LinkState, since: datetime) -> LinkCheck:
    return LinkCheck(
        url=url,
        state=state,
        since=since,
        reason="As we saw it.",
        checked_at=since + timedelta(days=1),
        next_check_at=since + timedelta(days=2),
    )


@pytest.fixture
def linked(database: Database) -> Database:
    """Three entries: their links work, are broken, or are not known."""
    return link_up(database)


def link_up(database: Database) -> Database:
    with database.writing() as session:
        give(session, ORGANISATION, "gcsp", website="https://ok.example/")
        give(session, PROGRAMME, "cyberpeace-builders", website="https://broken.example/")
        give(
            session,
            TRAINING,
            "cyber-school-initiative",
            website="https://broken.example/",
            apply_url="https://unknown.example/",
        )
        later = NOON + timedelta(days=5)
        session.add(check("https://ok.example/", LinkState.OK, NOON))
        session.add(check("https://broken.example/", LinkState.BROKEN, NOON))
        session.add(check("https://unknown.example/", LinkState.UNKNOWN, later))
        session.add(check("https://nobodys.example/", LinkState.BROKEN, later))
    return database


def test_the_desk_lists_what_is_broken_or_not_known_newest_first(linked: Database) -> None:
    with linked.reading() as session:
        found = troubled_links(session)
    listed = [(t.entry_url, t.field.title, t.check.url, t.check.state) for t in found]
    assert listed[0] == (
        "/trainings/cyber-school-initiative",
        "Where to apply",
        "https://unknown.example/",
        "unknown",
    )
    assert listed[1:] == [
        ("/programmes/cyberpeace-builders", "Website", "https://broken.example/", "broken"),
        ("/trainings/cyber-school-initiative", "Website", "https://broken.example/", "broken"),
    ]
    assert [t.check.since for t in found] == [NOON + timedelta(days=5), NOON, NOON]


def test_readers_are_warned_of_broken_links_only(linked: Database) -> None:
    with linked.reading() as session:
        school = read_published(session, TRAINING, "cyber-school-initiative")
        warned = broken_links(session, [school])
    assert warned == {"https://broken.example/": NOON + timedelta(days=1)}


def test_only_what_is_public_is_checked(linked: Database) -> None:
    with linked.writing() as session:
        saved = latest_revision(session, get_entry(session, ORGANISATION, "gcsp"))
        profile = saved.profile | {"website": "https://draft.example/"}
        save_draft(session, read_draft(ORGANISATION, "gcsp", profile, saved.claims), by=None)
        urls = published_urls(session)
    assert "https://ok.example/" in urls and "https://draft.example/" not in urls


def test_either_database_lists_the_same(any_engine: Engine) -> None:
    migrate(any_engine)
    with Database(any_engine).writing() as session:
        load_seed(session, data("seed"))
    with link_up(Database(any_engine)).reading() as session:
        found = [(t.slug, t.check.url) for t in troubled_links(session)]
        assert {url for _, url in found} <= published_urls(session)
    assert found == [
        ("cyber-school-initiative", "https://unknown.example/"),
        ("cyberpeace-builders", "https://broken.example/"),
        ("cyber-school-initiative", "https://broken.example/"),
    ]
