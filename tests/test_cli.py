"""Mistakes at the command line: one plain sentence, a status, and no stack trace."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.engine import Engine

from directory.cli import main
from directory.migrate import migrate


def run(folder: Path, *words: str, **settings: str) -> Result:
    environment = {
        "DIRECTORY_DATABASE_URL": f"sqlite:///{folder / 'directory.db'}",
        "DIRECTORY_DATA_DIR": str(folder / "data"),
    }
    return CliRunner().invoke(main, words, env=environment | settings)


def refused(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_database_without_tables_says_what_to_run(tmp_path: Path) -> None:
    assert "`directory migrate`" in refused(run(tmp_path, "seed"))


def test_a_database_of_a_newer_release_is_left_alone(tmp_path: Path, empty_engine: Engine) -> None:
    migrate(empty_engine)
    with empty_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    url = empty_engine.url.render_as_string()
    assert "newer release" in refused(run(tmp_path, "migrate", DIRECTORY_DATABASE_URL=url))


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/name"])
def test_an_address_that_is_none_is_named(tmp_path: Path, url: str) -> None:
    said = refused(run(tmp_path, "migrate", DIRECTORY_DATABASE_URL=url))
    assert "DIRECTORY_DATABASE_URL" in said


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "in use" in refused(run(tmp_path, "serve", "--port", port))
    assert not (tmp_path / "directory.db").exists()


def test_a_data_folder_that_cannot_be_one_is_named(
    tmp_path: Path, seeded_file: Path, unused_port: str
) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    url = f"sqlite:///{seeded_file}"
    result = run(tmp_path, "serve", "--port", unused_port, DIRECTORY_DATABASE_URL=url)
    assert str(tmp_path / "data") in refused(result)


@pytest.fixture
def unused_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return str(found.getsockname()[1])


def test_port_0_is_wrong_use(tmp_path: Path) -> None:
    result = run(tmp_path, "serve", "--port", "0")
    assert result.exit_code == 2
    assert "name a port" in result.stderr


@pytest.mark.parametrize(
    "url",
    ["postgresql://ada:geheim@host/name", "postgresql://host/name?user=ada&password=geheim"],
)
def test_no_secret_is_printed(tmp_path: Path, url: str) -> None:
    settings = {"DIRECTORY_DATABASE_URL": url, "DIRECTORY_SECRET_KEY": "geheim"}
    result = run(tmp_path, "settings", **settings)
    assert result.exit_code == 0
    assert "ada" in result.stdout and "geheim" not in result.stdout
