"""What can be reported to WSIS Stocktaking about a programme: its own words, and enough of them."""

from typing import Any

from litestar.testing import TestClient
from sqlmodel import col, select

from directory.db import Database
from directory.entries.kinds import PROGRAMME
from directory.entries.models import Entry
from directory.entries.queries import is_published, read_published
from directory.entries.vocabularies import Vocabularies
from directory.exports.stocktaking import FEWEST, MOST, draft


def test_every_draft_is_made_of_the_entry_and_never_too_long(database: Database) -> None:
    long_enough = 0
    with database.reading() as session:
        words = Vocabularies.read(session)
        slugs = session.exec(
            select(Entry.slug).where(is_published(), col(Entry.kind) == PROGRAMME.name)
        ).all()
        for slug in slugs:
            published = read_published(session, PROGRAMME, slug)
            found = draft(published, words)
            assert found.words == len(found.text.split()) <= MOST
            long_enough += not found.too_short
            said = " ".join(str(v) for v in published.profile.values())
            labels = " ".join(
                words.label(d.vocabulary, code)
                for name, d in PROGRAMME.public_fields.items()
                if d.vocabulary and d.many
                for code in published.profile[name] or []
            )
            roles = " ".join(words.label("roles", link.rel) for link in published.links)
            titles = " ".join(d.title for d in PROGRAMME.public_fields.values())
            others = " ".join(link.title for link in published.links)
            known = set(f"{said} {labels} {roles} {titles} {others} Since until".split())
            bare = {word.strip(".,:") for word in known} | known
            assert all(word.strip(".,:") in bare or word in bare for word in found.text.split())
            assert found.too_short == (found.words < FEWEST)
    assert long_enough, "no programme of the seed has enough to report"


def test_the_page_names_what_is_missing(site: TestClient[Any]) -> None:
    page = site.get("/programmes/cyberpeace-analytical-report/stocktaking")
    if page.status_code == 404:
        listed = site.get("/api/v1/programmes?per_page=1").json()["items"][0]
        page = site.get(f"{listed['url']}/stocktaking")
    assert page.status_code == 200
    assert "word for word" in page.text and "Action lines" in page.text
    assert site.get("/programmes/no-such-thing/stocktaking").status_code == 404
