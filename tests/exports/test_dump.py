"""Everything as files: valid for others, whole or not there at all."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import frictionless
import pytest
from click.testing import CliRunner
from litestar.testing import TestClient

from directory.cli import main
from directory.curation.service import get_entry, latest_revision, publish, read_draft, save_draft
from directory.db import Database
from directory.entries.kinds import KINDS, TRAINING
from directory.entries.queries import list_published
from directory.errors import SourceFailed
from directory.exports import dump as dumping
from directory.exports.dump import dump, latest
from directory.settings import Settings
from tests.conftest import settings_for


def validated(folder: Path) -> Any:
    with frictionless.system.use_context(trusted=True):
        return frictionless.validate(str(folder / "datapackage.json"))


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_tables_are_valid_for_frictionless_and_hold_every_public_entry(
    database: Database, desk_settings: Settings, tmp_path: Path
) -> None:
    made = dump(database, desk_settings, tmp_path / "out")
    report = validated(made.folder)
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "note"])[:5]
    with database.reading() as session:
        counts = {
            kind.name: list_published(session, kind, offset=0, limit=1)[0]
            for kind in KINDS.values()
        }
    for kind in KINDS.values():
        lines = (made.folder / f"{kind.path}.jsonl").read_text("utf-8").splitlines()
        table = rows(made.folder, f"{kind.path}.csv")
        assert len(lines) == len(table) == counts[kind.name]
        for line, row in zip(lines, table, strict=True):
            entry = json.loads(line)
            assert (entry["id"], entry["slug"]) == (row["id"], row["slug"])
            assert json.loads(row["policy_areas"] or "null") == entry["profile"]["policy_areas"]
            assert not any(
                declared.private and name in row for name, declared in kind.fields.items()
            )
    ids = {r["id"] for kind in KINDS.values() for r in rows(made.folder, f"{kind.path}.csv")}
    assert {r["entry_id"] for r in rows(made.folder, "claims.csv")} <= ids
    assert {r["entry_id"] for r in rows(made.folder, "links.csv")} <= ids


def test_the_checksums_are_those_of_the_files(
    database: Database, desk_settings: Settings, tmp_path: Path
) -> None:
    folder = dump(database, desk_settings, tmp_path / "out").folder
    listed = {}
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    assert set(listed) == {p.name for p in folder.iterdir()} - {"SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_a_formula_in_a_title_does_not_run(
    database: Database, desk_settings: Settings, tmp_path: Path
) -> None:
    title = '=HYPERLINK("http://evil.example","x")'
    with database.writing() as session:
        entry = get_entry(session, TRAINING, "ai-campus")
        last = latest_revision(session, entry)
        profile = last.profile | {"title": title}
        entry, revision = save_draft(
            session, read_draft(TRAINING, entry.slug, profile, last.claims), by=None
        )
        publish(session, entry, revision, by=None)
    folder = dump(database, desk_settings, tmp_path / "out").folder
    (row,) = (r for r in rows(folder, "trainings.csv") if r["slug"] == "ai-campus")
    assert row["title"] == f"'{title}"


def test_a_dump_that_fails_leaves_the_one_before(
    database: Database, desk_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = dump(database, desk_settings)
    assert latest(desk_settings) == first

    def fail(*_: Any) -> None:
        raise OSError("The disk is full.")

    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(dumping, "_write_words", fail)
        dump(database, desk_settings)
    assert latest(desk_settings) == first
    assert [p.name for p in first.folder.parent.iterdir() if p.name.startswith(".")] == []
    second = dump(database, desk_settings)
    assert latest(desk_settings) == second != first


def test_a_folder_with_other_files_is_left_alone(
    database: Database, desk_settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(SourceFailed, match="other files"):
        dump(database, desk_settings, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"
    again = tmp_path / "out"
    dump(database, desk_settings, again)
    dump(database, desk_settings, again)


def test_the_command_and_the_page(desk: TestClient[Any], desk_settings: Settings) -> None:
    assert "no files yet" in desk.get("/dump").text
    assert desk.get("/dump/trainings.csv").status_code == 404
    environment = {
        "DIRECTORY_DATABASE_URL": desk_settings.database_url,
        "DIRECTORY_DATA_DIR": str(desk_settings.data_dir),
    }
    done = CliRunner().invoke(main, ["dump"], env=environment)
    assert done.exit_code == 0 and "files" in done.output
    page = desk.get("/dump").text
    assert 'href="/dump/trainings.csv"' in page
    answer = desk.get("/dump/trainings.csv")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv")
    assert "cyber-school-initiative" in answer.text
    tag = answer.headers["etag"]
    assert desk.get("/dump/trainings.csv", headers={"If-None-Match": tag}).status_code == 304
    for wrong in ("..%2Fsecret.key", "secret.key", "nothing"):
        assert desk.get(f"/dump/{wrong}").status_code == 404


def test_an_empty_catalogue_has_a_dump_too(empty_engine: Any, tmp_path: Path) -> None:
    from directory.migrate import migrate

    migrate(empty_engine)
    wanted = settings_for(tmp_path, "sqlite:///unused.db")
    made = dump(Database(empty_engine), wanted, tmp_path / "out")
    report = validated(made.folder)
    assert report.valid
