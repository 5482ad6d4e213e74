"""A small library of entries whose every word the tests know."""

import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, SQLModel

from directory.curation.service import Draft, publish, read_draft, save_draft
from directory.db import Database, log_change, make_engine
from directory.entries.kinds import KINDS
from directory.entries.models import Entry, State
from directory.entries.vocabularies import Term, Vocabularies, Vocabulary
from directory.search.query import SearchQuery
from directory.search.results import Results
from directory.search.service import SearchService
from directory.sources.claims import Claim, complete
from directory.sources.models import Source

TODAY = date(2026, 11, 22)

# vocabulary -> code -> (label, other names, broader code, labels in other languages)
TERMS: dict[str, dict[str, tuple[str, list[str], str | None, dict[str, str]]]] = {
    "policy-areas": {
        "cybersecurity": ("Cybersecurity", ["cyber security"], None, {}),
        "artificial-intelligence": (
            "Artificial intelligence",
            ["AI", "machine learning", "ML", "IoT"],
            None,
            {"zh": "人工智能"},
        ),
        "e-commerce": ("E-commerce and trade", ["e-commerce", "electronic commerce"], None, {}),
    },
    "action-lines": {
        "C4": ("Capacity building", ["lifelong learning"], None, {}),
        "C5": ("Confidence and security", ["spam", "cybersecurity"], None, {}),
        "C7": ("ICT applications", [], None, {}),
        "C7-EGOV": ("E-government", ["EGOV", "digital government"], "C7", {}),
        "C7-EBUS": ("E-business", ["EBUS"], "C7", {}),
    },
    "pillars": {"P4": ("Confidence-building measures", ["CBM", "CBMs"], None, {})},
    "costs": {
        "free": ("Free", ["free of charge", "no cost"], None, {}),
        "fee": ("Fee", [], None, {}),
    },
    "audiences": {
        "ngos-civil-society": ("NGOs and civil society", ["NGO", "NGOs", "nonprofit"], None, {}),
        "diplomats": ("Diplomats", ["diplomat"], None, {}),
    },
    "countries": {
        "CH": ("Switzerland", [], "155", {"fr": "Suisse"}),
        "KE": ("Kenya", [], "014", {"ar": "كينيا"}),
    },
    "regions": {
        "001": ("World", ["global"], None, {}),
        "002": ("Africa", [], "001", {}),
        "014": ("Eastern Africa", [], "002", {}),
        "150": ("Europe", [], "001", {}),
        "155": ("Western Europe", [], "150", {}),
    },
    "languages": {
        "en": ("English", [], None, {}),
        "fr": ("French", [], None, {}),
        "es": ("Spanish", [], None, {}),
    },
    "modes": {"online": ("Online", [], None, {}), "in-person": ("In person", [], None, {})},
    "availabilities": {
        "any-time": ("At any time", [], None, {}),
        "on-request": ("On request", [], None, {}),
        "dated-run": ("On set dates", [], None, {}),
        "past": ("Over", [], None, {}),
    },
    "training-kinds": {
        "course": ("Course", [], None, {}),
        "volunteer-matching": ("Volunteer help", ["pro bono help"], None, {}),
    },
    "programme-kinds": {"project": ("Project", [], None, {})},
    "organisation-types": {"civil-society": ("Civil society", [], None, {})},
    "roles": {"lead": ("Lead", [], None, {})},
}


def fill_vocabularies(session: Session) -> None:
    for name, terms in TERMS.items():
        session.add(
            Vocabulary(
                name=name,
                title=name,
                description=name,
                version="1",
                mark="ours",
                source="tests",
                broader_in="regions" if name == "countries" else None,
                digest="1",
            )
        )
        session.flush()
        for position, (code, (label, others, broader, labels)) in enumerate(terms.items()):
            session.add(
                Term(
                    vocabulary=name,
                    code=code,
                    position=position,
                    label=label,
                    labels={"en": label, **labels},
                    alt_labels=others,
                    broader=broader,
                )
            )
    session.add(
        Source(slug="a-paper", title="A paper", short_title="Paper", kind="note", checked_on=TODAY)
    )


class Library:
    """A database with vocabularies, and the few things a curator does to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine = make_engine(f"sqlite:///{folder / 'library.db'}")
        SQLModel.metadata.create_all(self.engine)
        self.db = Database(self.engine)
        with self.db.writing() as session:
            fill_vocabularies(session)

    def publish(self, kind_name: str, slug: str, **profile: Any) -> uuid.UUID:
        """Save and publish an entry; every value is stated by the same paper."""
        kind = KINDS[kind_name]
        profile = {"summary": f"About {slug}.", **profile}
        claims = {name: [Claim(source="a-paper", checked_on=TODAY)] for name in profile}
        whole = complete(claims, profile, kind.fields.values(), ["a-paper"], TODAY)
        draft = read_draft(kind, slug, profile, {})
        with self.db.writing() as session:
            entry, revision = save_draft(session, Draft(kind, slug, draft.profile, whole), by=None)
            publish(session, entry, revision, by=None)
            return entry.id

    def organisation(self, slug: str, name: str, **profile: Any) -> uuid.UUID:
        return self.publish("organisation", slug, name=name, **profile)

    def programme(self, slug: str, title: str, **profile: Any) -> uuid.UUID:
        return self.publish("programme", slug, title=title, **profile)

    def training(self, slug: str, title: str, **profile: Any) -> uuid.UUID:
        return self.publish("training", slug, title=title, **profile)

    def withdraw(self, key: uuid.UUID) -> None:
        with self.db.writing() as session:
            entry = session.get_one(Entry, key)
            entry.state = State.WITHDRAWN
            log_change(session, key)

    def vocabularies(self) -> Vocabularies:
        with self.db.reading() as session:
            return Vocabularies.read(session)


class Reader:
    """Somebody who searches."""

    def __init__(self, library: Library, data_dir: Path | None = None) -> None:
        self.today = TODAY
        self.service = SearchService(
            library.db, data_dir or library.folder / "data", today=lambda: self.today
        )

    def asks(self, text: str = "", **filters: str | list[str]) -> Results:
        params = [("q", text)]
        for name, value in filters.items():
            params += [(name, v) for v in ([value] if isinstance(value, str) else value)]
        return self.service.search(SearchQuery.read(params, strict=True), values=None)

    def finds(self, text: str = "", **filters: str | list[str]) -> list[str]:
        """Return the slugs of the results, best first."""
        return [hit.card.slug for hit in self.asks(text, **filters).hits]

    def counts(self, facet: str, text: str = "", **filters: str | list[str]) -> dict[str, int]:
        return {v.value: v.count for v in self.asks(text, **filters).facets[facet]}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library."""
    made = Library(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def reader(library: Library) -> Iterator[Reader]:
    somebody = Reader(library)
    yield somebody
    somebody.service.close()


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Somebody who searches a stocked library; the tests that ask for one only read."""
    library = Library(tmp_path_factory.mktemp("stocked"))
    stock(library)
    somebody = Reader(library)
    yield somebody
    somebody.service.close()
    library.engine.dispose()


def stock(library: Library) -> None:
    """Put a few entries on the shelves, most of them like real ones."""
    library.organisation(
        "gcsp",
        "Geneva Centre for Security Policy",
        acronym="GCSP",
        organisation_type="civil-society",
        headquarters_country="CH",
        policy_areas=["cybersecurity"],
        action_lines=["C5"],
        curator_note="The zanzibar file is with us.",
    )
    library.organisation(
        "cyberpeace-institute",
        "CyberPeace Institute",
        aliases=["CPI"],
        organisation_type="civil-society",
        headquarters_country="CH",
        summary="Protects vulnerable people from attacks.",
        action_lines=["C4", "C5"],
    )
    library.programme(
        "gcsp-courses",
        "GCSP courses and GCSP policy papers for GCSP alumni",
        programme_kind="project",
        summary="Everything that the GCSP gives: GCSP lectures, GCSP papers.",
        organisations=[{"organisation": "gcsp", "role": "lead"}],
        action_lines=["C7-EGOV"],
    )
    library.programme(
        "points-of-contact",
        "Directory of points of contact",
        programme_kind="project",
        summary="Lets states reach each other in an incident.",
        ict_security_pillars=["P4"],
        regions=["001"],
    )
    library.training(
        "cyberpeace-builders",
        "CyberPeace Builders",
        training_kind="volunteer-matching",
        summary="Volunteers from companies give cybersecurity assistance to those who help others.",
        cost="free",
        audiences=["ngos-civil-society"],
        providers=["cyberpeace-institute"],
        availability="on-request",
        action_lines=["C4", "C5"],
        policy_areas=["cybersecurity"],
    )
    library.training(
        "shops-online",
        "Selling across borders",
        training_kind="course",
        summary="How a small firm begins with e-commerce.",
        cost="fee",
        mode="online",
        languages=["fr"],
        countries=["KE"],
        action_lines=["C7-EBUS"],
    )
    library.training(
        "trade-rules",
        "Rules of electronic commerce",
        training_kind="course",
        summary="What trade agreements say.",
        mode="online",
        languages=["en", "fr"],
        runs=[
            {"start": "2027-01-10", "tracks": [{"application_deadline": "2026-12-01"}]},
            {"start": "2026-03-01", "tracks": [{"application_deadline": "2026-02-01"}]},
        ],
        availability="dated-run",
    )
    library.training(
        "learning-machines",
        "How algorithms learn",
        training_kind="course",
        summary="Neural networks for beginners.",
        policy_areas=["artificial-intelligence"],
        providers=["gcsp"],
        runs=[{"start": "2026-11-25", "tracks": [{"application_deadline": "2026-11-23"}]}],
        availability="dated-run",
    )
    library.training(
        "ministries-ai",
        "AI in ministries",
        training_kind="course",
        summary="What officials in Genève ask about machine learning.",
        runs=[{"start": "2026-12-24"}],
        availability="dated-run",
        mode="in-person",
    )
    library.training(
        "many-tongues",
        "Обучение кибербезопасности 网络安全",
        training_kind="course",
        summary="تدريب في الأمن السيبراني",
    )
