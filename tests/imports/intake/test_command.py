"""`directory intake`, as somebody types it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from directory.cli import main
from directory.db import Database, make_engine
from directory.entries.models import Entry
from directory.imports.intake.models import Reading
from tests.imports.intake.profiles import MARKDOWN


@pytest.fixture
def folder(seeded_file: Path, tmp_path: Path) -> Path:
    shutil.copy(seeded_file, tmp_path / "directory.db")
    (tmp_path / "harbour.md").write_text(MARKDOWN, encoding="utf-8")
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    environment = {
        "DIRECTORY_DATABASE_URL": f"sqlite:///{folder / 'directory.db'}",
        "DIRECTORY_DATA_DIR": str(folder / "data"),
    }
    return CliRunner().invoke(main, ["intake", *words], env=environment)


def counts(folder: Path) -> tuple[int, int]:
    engine = make_engine(f"sqlite:///{folder / 'directory.db'}")
    with Database(engine).reading() as session:
        found = len(session.exec(select(Entry)).all()), len(session.exec(select(Reading)).all())
    engine.dispose()
    return found


def test_json_has_what_the_help_says(folder: Path) -> None:
    done = run(folder, str(folder / "harbour.md"), "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert set(said) == {"source", "document", "reading", "saved", "proposals"}
    assert (said["source"], said["reading"], said["saved"]) == ("harbour-md", None, 0)
    lantern = next(p for p in said["proposals"] if p["title"] == "Lantern")
    assert (lantern["kind"], lantern["action"], lantern["status"]) == (
        "training",
        "new",
        "proposed",
    )
    duration = next(v for v in lantern["values"] if v["field"] == "duration")
    assert duration["value"] == "40 minutes"
    assert duration["claim"] == "stated"
    passage = duration["passage"]
    assert (passage["text"], passage["locator"]) == ("40 minutes", "line 16")
    assert passage["end"] - passage["start"] == len("40 minutes")
    help_text = run(folder, "--help").output
    named = (*said, *said["document"], *lantern, *duration, *passage)
    assert not [name for name in named if name not in help_text]


def test_nothing_is_saved_without_being_asked(folder: Path) -> None:
    before = counts(folder)
    done = run(folder, str(folder / "harbour.md"))
    assert done.exit_code == 0
    assert "Training: Lantern (new, proposed)" in done.stdout
    assert counts(folder) == before


def test_save_keeps_the_reading_and_writes_drafts_once(folder: Path) -> None:
    entries, readings = counts(folder)
    done = run(folder, str(folder / "harbour.md"), "--save", "--json")
    said = json.loads(done.stdout)
    assert said["saved"] > 4
    assert "/curation/intake/" in said["reading"]
    assert counts(folder) == (entries + said["saved"], readings + 1)
    again = json.loads(run(folder, str(folder / "harbour.md"), "--save", "--json").stdout)
    assert again["saved"] == 0


def test_the_organisation_can_be_named(folder: Path) -> None:
    (folder / "a.txt").write_text("We run the Needle Programme.", encoding="utf-8")
    done = run(folder, str(folder / "a.txt"), "--organisation", "cyberpeace-institute", "--json")
    titles = {p["title"]: p["action"] for p in json.loads(done.stdout)["proposals"]}
    assert titles["CyberPeace Institute"] == "update of cyberpeace-institute"
    wrong = run(folder, str(folder / "a.txt"), "--organisation", "no-such-thing")
    assert (wrong.exit_code, wrong.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize("name", ["none.txt", "broken.pdf", "empty.txt", "http://127.0.0.1:1/"])
def test_what_cannot_be_read_is_one_plain_sentence(folder: Path, name: str) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (folder / "empty.txt").write_bytes(b"")
    done = run(folder, name if name.startswith("http") else str(folder / name))
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
