"""Whoever has a document gives its paragraphs their wording; the shipped index has none."""

from pathlib import Path

import pytest
from sqlmodel import select

from directory.db import Database
from directory.errors import Invalid, NotFound, SourceFailed
from directory.sources.models import Paragraph
from directory.sources.paragraphs import load_text


def wording(database: Database, slug: str, number: str) -> str | None:
    with database.reading() as session:
        return session.exec(
            select(Paragraph.text).where(Paragraph.source_slug == slug, Paragraph.number == number)
        ).one()


def numbered(title: str, last: int) -> str:
    return f"# {title}\n\n" + "\n\n".join(f"{n}. {title} says {n}." for n in range(1, last + 1))


def test_no_wording_is_shipped(database: Database) -> None:
    with database.reading() as session:
        assert not session.exec(select(Paragraph).where(Paragraph.text != None)).all()  # noqa: E711


def test_paragraphs_are_found_by_their_numbers(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "outcome.md"
    file.write_text(numbered("Outcome", 127) + "\n\nstill the last one", encoding="utf-8")
    with database.writing() as session:
        loaded = load_text(session, "wsis-plus-20-outcome", file)
    assert loaded.found == 127 and loaded.missing == list("ABCDEFGH")
    assert wording(database, "wsis-plus-20-outcome", "59") == "Outcome says 59."


def test_of_two_documents_in_a_file_the_one_that_fits_is_taken(
    database: Database, tmp_path: Path
) -> None:
    """The Tunis Commitment (1 to 40) and the Agenda (1 to 122) both count from 1."""
    file = tmp_path / "tunis.txt"
    text = numbered("Commitment", 40) + "\n\n" + numbered("Agenda", 122)
    file.write_text(text, encoding="utf-8")
    with database.writing() as session:
        assert load_text(session, "tunis-agenda", file).missing == ["annex"]
        assert load_text(session, "tunis-commitment", file).missing == []
    assert wording(database, "tunis-agenda", "40") == "Agenda says 40."
    assert wording(database, "tunis-commitment", "40") == "Commitment says 40."


def test_profiles_are_found_by_their_lines(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "profiles.txt"
    file.write_text("\n".join(f"line {n}" for n in range(1, 550)), encoding="utf-8")
    with database.writing() as session:
        assert load_text(session, "gcsp-profile", file).missing == []
    assert wording(database, "gcsp-profile", "8") == "line 8"


def test_another_document_is_refused_and_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "menu.txt"
    file.write_text("Soup\nSalad\n", encoding="utf-8")
    with pytest.raises(Invalid, match="holds no paragraph"), database.writing() as session:
        load_text(session, "wsis-plus-20-outcome", file)


def test_an_unknown_source_and_an_unreadable_file_are_named(
    database: Database, tmp_path: Path
) -> None:
    latin = tmp_path / "latin.txt"
    latin.write_bytes("1. Genève".encode("latin-1"))
    with database.reading() as session:
        with pytest.raises(NotFound, match="no source called nothing"):
            load_text(session, "nothing", latin)
        with pytest.raises(SourceFailed, match="not UTF-8"):
            load_text(session, "tunis-agenda", latin)
        with pytest.raises(SourceFailed, match="cannot be read"):
            load_text(session, "tunis-agenda", tmp_path / "none.txt")
