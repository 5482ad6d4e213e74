"""A seed that is broken in its shape: each mistake is named, and nothing changes."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from directory.db import Database
from directory.entries.vocabularies import Crosswalk
from directory.imports.problems import SeedRefused
from directory.imports.seed import load_seed
from directory.settings import data


@pytest.fixture
def seed_copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data("seed"), tmp_path / "seed"))


def first_line(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


def twice(text: str) -> str:
    return text + text.rstrip("\n").rpartition("\n")[2] + "\n"


ENTRY = "- kind: training\n  slug: x\n  source: gcsp-profile\n"


@pytest.mark.parametrize(
    ("file", "spoil", "said"),
    [
        ("entries/gcsp.yaml", lambda _: "7", "does not hold a list"),
        ("entries/gcsp.yaml", lambda _: "kind: training", "does not hold a list"),
        ("entries/gcsp.yaml", lambda _: "- [1]", "kind"),
        ("entries/gcsp.yaml", lambda _: "- kind: [training]", "kind"),
        ("entries/gcsp.yaml", lambda _: ENTRY + "  profile: [1]", "profile"),
        ("entries/gcsp.yaml", lambda _: ENTRY + "  claims: 1", "claims"),
        ("entries/gcsp.yaml", lambda _: ENTRY + "  claims: {title: 115}", "claims.title"),
        ("entries/gcsp.yaml", lambda _: "- day: 2026-13-45", "is not YAML"),
        ("sources/gcsp-profile.yaml", lambda _: "slug: x\nparagraphs: 3", "paragraphs"),
        ("sources/gcsp-profile.yaml", lambda _: "slug: x", "title"),
        ("vocabularies/modes.csv", first_line("code", "cod"), "code"),
        ("vocabularies/modes.csv", twice, "stands twice"),
        ("vocabularies/crosswalks.csv", twice, "stands twice"),
        ("vocabularies/vocabularies.csv", first_line("modes,", "mode,"), "modes.csv"),
    ],
)
def test_a_broken_file_is_named(
    seed_copy: Path, database: Database, file: str, spoil: Callable[[str], str], said: str
) -> None:
    path = seed_copy / file
    before = path.read_text(encoding="utf-8")
    path.write_text(spoil(before), encoding="utf-8")
    with pytest.raises(SeedRefused) as refused, database.writing() as session:
        load_seed(session, seed_copy)
    problems = [str(p) for p in refused.value.problems]
    assert any(said in p for p in problems), problems


def test_a_crosswalk_takes_its_new_note(seed_copy: Path, database: Database) -> None:
    path = seed_copy / "vocabularies" / "crosswalks.csv"
    head, first, rest = path.read_text(encoding="utf-8").split("\n", 2)
    assert head.endswith(",note")
    spoken = first[: first.rindex(",")] + ",Seen again."
    path.write_text("\n".join((head, spoken, rest)), encoding="utf-8")
    with database.writing() as session:
        count = len(session.exec(select(Crosswalk)).all())
        load_seed(session, seed_copy)
        walks = session.exec(select(Crosswalk)).all()
        assert len(walks) == count
        assert [w.note for w in walks].count("Seen again.") == 1
