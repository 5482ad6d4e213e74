"""The seed: all of it or nothing, every value with its origin, and again changes nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, func, select

from directory.accounts.models import User
from directory.curation.service import find_entry, latest_revision, read_draft, save_draft
from directory.db import Database
from directory.entries.kinds import KINDS, TRAINING
from directory.entries.models import Entry, EntryTerm, Revision
from directory.imports.problems import SeedRefused
from directory.imports.seed import load_seed
from directory.migrate import migrate
from directory.settings import data
from directory.sources.models import ClaimRow, Paragraph, Source


@pytest.fixture
def seed_copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data("seed"), tmp_path / "seed"))


def counts(session: Session) -> list[int]:
    return [
        session.exec(select(func.count()).select_from(table)).one()
        for table in (Entry, Revision, ClaimRow, EntryTerm, Source, Paragraph)
    ]


def test_loading_it_again_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        before = counts(session)
        report = load_seed(session, data("seed"))
        assert (report.added, report.updated, report.left_alone) == ([], [], [])
        assert report.unchanged == before[0]
        assert counts(session) == before


def test_it_loads_into_either_database(any_engine: Engine) -> None:
    migrate(any_engine)
    with Database(any_engine).writing() as session:
        report = load_seed(session, data("seed"))
    assert len(report.added) > 250


def test_every_stated_value_says_where_it_comes_from(database: Database) -> None:
    with database.reading() as session:
        for entry in session.exec(select(Entry)):
            kind = KINDS[entry.kind]
            saved = latest_revision(session, entry)
            draft = read_draft(kind, entry.slug, saved.profile, saved.claims)
            for name in draft.values:
                if not kind.fields[name].ours:
                    assert draft.claims.get(name), f"{entry.slug}: {name}"


def test_every_field_left_open_is_marked_as_not_stated(database: Database) -> None:
    with database.reading() as session:
        for entry in session.exec(select(Entry)):
            kind = KINDS[entry.kind]
            saved = latest_revision(session, entry)
            for name, declared in kind.fields.items():
                if not declared.ours and name not in saved.profile:
                    assert saved.claims[name][0]["status"] == "not_stated", f"{entry.slug}: {name}"


def test_action_lines_are_always_our_reading_and_say_why(database: Database) -> None:
    with database.reading() as session:
        claims = session.exec(select(ClaimRow).where(ClaimRow.field == "action_lines")).all()
        for claim in claims:
            if claim.status != "not_stated":
                assert claim.status == "derived" and claim.note and claim.item


def test_the_contradiction_of_the_cyber_school_names_both_values(database: Database) -> None:
    with database.reading() as session:
        entry = find_entry(session, TRAINING, "cyber-school-initiative")
        assert entry
        claims = session.exec(
            select(ClaimRow).where(
                ClaimRow.entry_id == entry.id,
                ClaimRow.field == "results",
                ClaimRow.status == "contradicted",
            )
        ).all()
    assert len(claims) == 1
    both = " ".join(claims[0].values or [])
    assert "99" in both and "152" in both and "48" in both


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda t: t.replace("mode: online", "mode: telepathy", 1), "mode"),
        (lambda t: t.replace("kind: training", "kind: circus", 1), "kind"),
        (lambda t: t.replace("duration: 8 weeks", "durations: 8 weeks", 1), "durations"),
        (lambda t: t + "\n  - broken: [", "YAML"),
    ],
    ids=["unknown code", "unknown kind", "unknown field", "not YAML"],
)
def test_a_mistake_is_named_with_file_entry_field_and_reason_and_nothing_changes(
    seed_copy: Path, any_engine: Engine, spoil: Callable[[str], str], said: str
) -> None:
    migrate(any_engine)
    file = seed_copy / "entries" / "cyberpeace-institute.yaml"
    before = file.read_text(encoding="utf-8")
    after = spoil(before)
    assert before != after, "the spoiled text must differ"
    file.write_text(after, encoding="utf-8")
    database = Database(any_engine)
    with pytest.raises(SeedRefused) as refused, database.writing() as session:
        load_seed(session, seed_copy)
    assert any(p.file == file.name and said in str(p) for p in refused.value.problems)
    with database.reading() as session:
        assert counts(session) == [0] * 6


def test_a_file_in_the_wrong_encoding_is_named(seed_copy: Path, database: Database) -> None:
    file = seed_copy / "entries" / "gcsp.yaml"
    file.write_bytes("- kind: training\n  slug: é".encode("latin-1"))
    with pytest.raises(SeedRefused, match="UTF-8"), database.writing() as session:
        load_seed(session, seed_copy)


def test_what_a_person_edited_is_left_alone_and_reported(
    seed_copy: Path, database: Database
) -> None:
    slug = "cyber-school-initiative"
    with database.writing() as session:
        curator = User(email="ada@example.org", role="curator")
        session.add(curator)
        session.flush()
        entry = find_entry(session, TRAINING, slug)
        assert entry
        saved = latest_revision(session, entry)
        profile = {**saved.profile, "duration": "eight weeks"}
        draft = read_draft(TRAINING, slug, profile, saved.claims)
        save_draft(session, draft, by=curator)
    file = seed_copy / "entries" / "cyberpeace-institute.yaml"
    text = file.read_text(encoding="utf-8").replace("duration: 8 weeks", "duration: 9 weeks", 1)
    file.write_text(text, encoding="utf-8")
    with database.writing() as session:
        report = load_seed(session, seed_copy)
        assert report.left_alone == [slug]
        entry = find_entry(session, TRAINING, slug)
        assert entry and latest_revision(session, entry).profile["duration"] == "eight weeks"


def test_a_summary_of_a_paragraph_is_at_most_twenty_five_words(database: Database) -> None:
    with database.reading() as session:
        for paragraph in session.exec(select(Paragraph)):
            assert len(paragraph.summary.split()) <= 25, (paragraph.source_slug, paragraph.number)


def test_paragraph_59_of_the_outcome_is_about_capacity_building(database: Database) -> None:
    with database.reading() as session:
        found = session.exec(
            select(Paragraph).where(
                Paragraph.source_slug == "wsis-plus-20-outcome", Paragraph.number == "59"
            )
        ).one()
    assert "C4" in (found.action_lines or [])


def test_no_sentence_of_the_documents_stands_in_the_seed(database: Database) -> None:
    """Names and figures carry over, sentences do not: no twelve words in a row are the same."""
    folder = data("seed").parent.parent / "shared" / "sources"
    if not folder.is_dir():
        pytest.skip("the source documents are not here")
    runs = set()
    for file in folder.glob("*.txt"):
        words = file.read_text(encoding="utf-8").lower().split()
        runs |= {tuple(words[n : n + 12]) for n in range(len(words) - 11)}
    with database.reading() as session:
        texts = [p.summary for p in session.exec(select(Paragraph))]
        for revision in session.exec(select(Revision)):
            for name in ("summary", "description", "purpose", "topics", "results"):
                texts.append(str(revision.profile.get(name) or ""))
    for text in texts:
        words = text.lower().split()
        copied = [w for n in range(len(words) - 11) if (w := tuple(words[n : n + 12])) in runs]
        assert not copied, " ".join(copied[0])


def test_ids_sort_by_time_and_are_unique(database: Database) -> None:
    with database.reading() as session:
        ids = [e.id for e in session.exec(select(Entry).order_by(col(Entry.created_at)))]
    assert len(set(ids)) == len(ids) and {i.version for i in ids} == {7}


def test_all_entries_are_published(database: Database) -> None:
    with database.reading() as session:
        waiting = session.scalar(
            sa.select(sa.func.count()).select_from(Entry).where(col(Entry.published_at).is_(None))
        )
    assert waiting == 0
