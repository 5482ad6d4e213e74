"""What must be true in the end: no acknowledged save is lost, and every index agrees."""

import httpx
from sqlmodel import Session, col, select

from directory.db import open_database
from directory.entries.kinds import TRAINING
from directory.entries.models import Entry, Revision
from directory.search.service import SearchService
from tests.cluster.load import Saved
from tests.cluster.nodes import Node
from tests.faults.invariants import violations

PATIENCE = 60.0


def lost_saves(session: Session, saves: list[Saved]) -> list[str]:
    """Return the words of acknowledged saves that no revision holds."""
    slugs = {saved.slug for saved in saves}
    rows = session.exec(
        select(Revision)
        .join(Entry, col(Entry.id) == Revision.entry_id)
        .where(col(Entry.slug).in_(slugs))
    )
    drafts, publications = set(), set()
    for revision in rows:
        said = str(revision.profile.get("summary")).removeprefix("It says ").removesuffix(".")
        drafts.add(said)
        if revision.published_at:
            publications.add(said)
    return [s.words for s in saves if s.words not in (publications if s.published else drafts)]


def last_words(session: Session, saves: list[Saved]) -> dict[str, tuple[str, list[str]]]:
    """Return by slug what the entry says now, and what it said before."""
    found: dict[str, tuple[str, list[str]]] = {}
    for slug in {saved.slug for saved in saves if saved.published}:
        entry = session.exec(
            select(Entry).where(Entry.kind == TRAINING.name, Entry.slug == slug)
        ).one()
        live = session.exec(
            select(Revision).where(Revision.entry_id == entry.id, Revision.number == entry.version)
        ).one()
        said = str(live.profile["summary"]).removeprefix("It says ").removesuffix(".")
        before = [s.words for s in saves if s.slug == slug and s.published and s.words != said]
        found[slug] = said, before
    return found


def differences(
    node: Node, published: set[str], last: dict[str, tuple[str, list[str]]]
) -> list[str]:
    """Ask a node for everything, for what entries say now, and for what they said before."""
    wrong = []
    with httpx.Client(base_url=f"http://127.0.0.1:{node.port}", timeout=PATIENCE) as client:

        def finds(words: str) -> list[str]:
            answer = client.get("/api/v1/search", params={"q": words}).raise_for_status().json()
            return [] if answer["corrected"] else [item["slug"] for item in answer["items"]]

        there: set[str] = set()
        page, pages = 1, 1
        while page <= pages:
            asked = {"page": str(page), "per_page": "100", "sort": "title"}
            answer = client.get("/api/v1/search", params=asked).raise_for_status().json()
            there |= {item["slug"] for item in answer["items"]}
            page, pages = page + 1, answer["pages"]
        if there != published:
            wrong.append(f"{len(there ^ published)} entries differ")
        for slug, (said, before) in last.items():
            if finds(said) != [slug]:
                wrong.append(f"{slug} is not found by what it says now")
            if before and finds(before[-1]):
                wrong.append(f"{slug} is found by what it said before")
    return wrong


def differences_on_disk(node: Node) -> list[str]:
    """Open the index of a node that has stopped, and compare it with the database."""
    database = open_database(node.settings)
    service = SearchService(database, node.settings.data_dir)
    found = violations(database, service, node.settings.data_dir, ())
    service.close()
    database.close()
    return found
