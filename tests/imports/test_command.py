"""`directory import`, `directory export` and `directory template`, as people run them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from directory.cli import main
from directory.settings import Settings
from tests.imports.files import table

Run = Callable[..., Result]
HEADER = ["kind", "title", "summary", "mode"]


@pytest.fixture
def run(desk_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DIRECTORY_DATABASE_URL", desk_settings.database_url)
    monkeypatch.setenv("DIRECTORY_DATA_DIR", str(desk_settings.data_dir))

    def call(*words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words])

    return call


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "yaml"])
def test_what_is_exported_is_imported_as_no_change(run: Run, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"all.{ending}"
    assert run("export", file, "--kind", "programme").exit_code == 0
    done = run("import", file, "--apply")
    assert done.exit_code == 0, done.output
    assert "0 create, 0 update" in done.stdout and "0 drafts saved" in done.stdout


def test_a_look_changes_nothing_and_applying_twice_saves_once(run: Run, tmp_path: Path) -> None:
    row = ["training", "Учебный курс в Женеве", "Для государственных служащих", "Online"]
    file = table(tmp_path / "t.csv", HEADER, row, encoding="cp1251", separator=";")
    # A title without a Latin letter gives no address.
    assert run("import", file, "--source", "gcsp-profile").exit_code == 1
    row[1] = "Geneva course"
    file = table(tmp_path / "t.csv", HEADER, row, encoding="cp1251", separator=";")
    words = ("import", file, "--source", "gcsp-profile", "--encoding", "windows-1251")
    look = run(*words)
    assert look.exit_code == 0, look.output
    assert "Read as Cyrillic (Windows-1251), as asked." in look.stderr
    assert "row 2  training/geneva-course: create" in look.stdout
    assert "      summary: Для государственных служащих" in look.stdout
    assert (
        "1 create, 0 update, 0 no change, 0 conflict, 0 error; 1 drafts saved."
        in run(*words, "--apply").stdout
    )
    assert "1 no change" in run(*words, "--apply").stdout


def test_errors_are_told_on_the_way_out(run: Run, tmp_path: Path) -> None:
    bad = run("import", table(tmp_path / "t.csv", HEADER, ["training", "X", "", "Onlin e"]))
    assert bad.exit_code == 1 and "1 error" in bad.stdout
    for words in (("import", tmp_path / "none.csv"), ("export", tmp_path / "x.doc")):
        failed = run(*words)
        assert failed.exit_code == 1 and failed.stderr.count("\n") == 1
        assert "Traceback" not in failed.output
    assert run("import", tmp_path / "t.csv", "--kind", "robot").exit_code == 2
    assert run("template", tmp_path / "t.doc", "--kind", "training").exit_code == 1
    assert run("template", tmp_path / "t.xlsx", "--kind", "training").exit_code == 0


def test_a_long_file_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    from directory.cli.exchange import _progress

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with _progress(4000) as bar:
        bar.update(2000)
    assert "50%" in terminal.getvalue()
    monkeypatch.setattr(sys, "stderr", quiet := io.StringIO())
    with _progress(4000) as bar:
        bar.update(4000)
    assert quiet.getvalue() == ""
