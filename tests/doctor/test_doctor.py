"""What an operator does when something is wrong: asks the doctor, and is told what it is."""

import json
import os
import re
import shutil
import socket
import sqlite3
import sys
import zoneinfo
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from directory.accounts.models import Grant, User
from directory.accounts.service import add_user
from directory.alerts.models import Following, Question, Reader
from directory.cli import main
from directory.db import Change, Database, make_engine, now
from directory.doctor import CHECKS, Finding, Level, examine, storage
from directory.entries.links import LinkCheck
from directory.entries.models import Entry
from directory.exports.dump import DESCRIPTION, dump, latest
from directory.imports.harvest.models import Feed
from directory.inbox.models import Report
from directory.mail import queue_mail
from directory.sealing import seal
from directory.search.service import SearchService
from directory.settings import Settings
from directory.webhooks.models import Webhook
from tests.conftest import settings_for
from tests.imports.sites import certificate, fetcher_for, running, says, sends_on
from tests.postbox import postbox

GOOD = (Level.OK, Level.UNKNOWN)


@dataclass
class Clinic:
    """An installation that a test breaks, and what the doctor says of it."""

    settings: Settings
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def ask(self, **more: Any) -> dict[str, Finding]:
        found = examine(self.settings, environment=self.environment, **more)
        return {one.check: one for one in found}

    def set(self, **values: Any) -> None:
        self.settings = Settings(**self.settings.model_dump() | values)

    @property
    def file(self) -> Path:
        return self.folder / "directory.db"

    def sql(self, *statements: str) -> None:
        with sqlite3.connect(self.file) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def add(self, *rows: Any) -> None:
        engine = make_engine(self.settings.database_url)
        with Database(engine).writing() as session:
            session.add_all(rows)
        engine.dispose()

    def one(self, column: Any) -> Any:
        engine = make_engine(self.settings.database_url)
        with Database(engine).reading() as session:
            found = session.scalar(sa.select(column).limit(1))
        engine.dispose()
        return found


def _furnish(settings: Settings, engine: Engine) -> None:
    """Do what a good operator has done: a first start, an administrator."""
    settings.data_dir.mkdir()
    database = Database(engine)
    search = SearchService(database, settings.data_dir)
    search.rebuild()
    search.close()
    with database.writing() as session:
        add_user(session, "admin@example.org", "admin")
        session.flush()
        session.exec(sa.update(User).values(password_hash="a hash"))


@pytest.fixture(autouse=True)
def _compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout that nobody has built has no compiled messages; here they are."""
    monkeypatch.setattr("directory.doctor.machine.is_compiled", lambda source: True)


@pytest.fixture(scope="module")
def furnished(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("furnished")
    copy = shutil.copy(seeded_file, folder / "directory.db")
    engine = make_engine(f"sqlite:///{copy}")
    _furnish(settings_for(folder, f"sqlite:///{copy}"), engine)
    engine.dispose()
    return folder


@pytest.fixture
def clinic(furnished: Path, tmp_path: Path) -> Clinic:
    folder = shutil.copytree(furnished, tmp_path / "site")
    settings = settings_for(folder, f"sqlite:///{folder / 'directory.db'}")
    settings = Settings(**settings.model_dump() | {"base_url": "http://127.0.0.1:8000"})
    return Clinic(settings, folder)


def told(found: dict[str, Finding], check: str, level: Level) -> str:
    """Return what a check says, in one line; a fault never comes without a way out."""
    one = found[check]
    assert one.level == level, one
    assert one.todo.endswith("."), one
    return f"{one.found} {one.todo}"


def test_a_healthy_installation_hears_nothing_bad(clinic: Clinic) -> None:
    found = clinic.ask()
    assert {f.check: f.found for f in found.values() if f.level not in GOOD} == {}
    assert list(found) == list(CHECKS) and len(CHECKS) >= 10
    assert {f.check for f in found.values() if f.level == Level.UNKNOWN} == {"reachable"}


def test_a_healthy_installation_on_either_database(any_seeded: Engine, tmp_path: Path) -> None:
    url = any_seeded.url.render_as_string(hide_password=False)
    settings = settings_for(tmp_path, url)
    settings = Settings(**settings.model_dump() | {"base_url": "http://localhost:8000"})
    _furnish(settings, any_seeded)
    found = list(examine(settings, environment={}))
    assert [f for f in found if f.level not in GOOD] == []


def test_nothing_is_changed_and_no_file_appears(clinic: Clinic) -> None:
    def state() -> dict[str, str]:
        return {
            str(path): sha256(path.read_bytes()).hexdigest()
            for path in sorted(clinic.folder.rglob("*"))
            if path.is_file()
        }

    before = state()
    clinic.ask()
    assert state() == before
    clinic.set(secret_key=None, database_url=f"sqlite:///{clinic.folder / 'none.db'}")
    clinic.ask()
    assert state() == before


def test_it_looks_while_the_site_writes(clinic: Clinic) -> None:
    engine = make_engine(clinic.settings.database_url)
    with Database(engine).writing() as session:
        session.add(Change(entry_id=clinic.one(Entry.id), at=now()))
        session.flush()
        assert clinic.ask()["search index"].level == Level.OK
    engine.dispose()


# One fault after the other


def test_a_misspelt_setting(clinic: Clinic) -> None:
    clinic.environment = {"DIRECTORY_SMTP": "x", "DIRECTORY_TEST_ALL": "1", "HOME": "/"}
    said = told(clinic.ask(), "settings", Level.WARNING)
    assert "DIRECTORY_SMTP." in said and "DIRECTORY_SMTP_URL" in said
    assert "TEST_ALL" not in said


@pytest.mark.parametrize(
    ("base", "more", "word"),
    [
        ("example.org", {}, "no web address"),
        ("https://[bad", {}, "no web address"),
        ("https://example.org/", {}, "https://example.org, without"),
        ("http://directory.example.org", {}, "not encrypted"),
        ("http://127.0.0.1:8000", {"smtp_url": "smtp://127.0.0.1:1"}, "nobody reaches"),
    ],
)
def test_a_public_address_that_is_wrong(
    clinic: Clinic, base: str, more: dict[str, str], word: str
) -> None:
    clinic.set(base_url=base, **more)
    with running() as site:
        assert word in told(clinic.ask(fetcher=fetcher_for(site)), "address", Level.FAULT)


def test_a_public_address_that_leads_elsewhere(clinic: Clinic) -> None:
    with running() as site:
        base = site.url("").rstrip("/")
        clinic.set(base_url=base)
        fetcher = fetcher_for(site)
        page = "/.well-known/security.txt"
        site.pages[page] = says(502)
        assert "answers 502" in told(clinic.ask(fetcher=fetcher), "reachable", Level.FAULT)
        site.pages[page] = says(200, b"Canonical: https://other.example/\n")
        assert "another site" in told(clinic.ask(fetcher=fetcher), "reachable", Level.FAULT)
        site.pages[page] = sends_on("/moved")
        site.pages["/moved"] = says(200, f"Canonical: {base}{page}\n".encode())
        assert clinic.ask(fetcher=fetcher)["reachable"].level == Level.OK
    assert clinic.ask(fetcher=fetcher)["reachable"].level == Level.FAULT


def test_a_certificate_that_nobody_trusts(clinic: Clinic, tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path, "other.example")
    with running(tls) as site:
        clinic.set(base_url=site.url("").rstrip("/"))
        found = clinic.ask(fetcher=fetcher_for(site))
    assert "ertificate" in told(found, "reachable", Level.FAULT)


@pytest.mark.parametrize("key", ["changeme", "a" * 64])
def test_a_key_that_can_be_guessed(clinic: Clinic, key: str) -> None:
    clinic.set(secret_key=key)
    assert "guessed" in told(clinic.ask(), "secret key", Level.FAULT)


def test_a_key_that_others_can_read(clinic: Clinic) -> None:
    clinic.set(secret_key=None)
    assert clinic.settings.secret
    assert clinic.ask()["secret key"].level == Level.OK
    (clinic.settings.data_dir / "secret.key").chmod(0o644)
    assert "chmod 600" in told(clinic.ask(), "secret key", Level.FAULT)


def test_a_key_that_is_lost_or_another(clinic: Clinic) -> None:
    text = seal(clinic.settings.secret, "alerts", "reader@example.org")
    clinic.add(Reader(address_hash="x", sealed=text))
    assert clinic.ask()["secret key"].level == Level.OK
    clinic.set(secret_key="another-key-0123456789abcdefghijk")
    assert "another than" in told(clinic.ask(), "secret key", Level.FAULT)
    clinic.set(secret_key=None)
    assert "is gone" in told(clinic.ask(), "secret key", Level.FAULT)


def test_a_data_folder_that_is_missing_or_closed(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode, **how: mode == os.F_OK)
    assert "chown" in told(clinic.ask(), "data folder", Level.FAULT)
    clinic.set(data_dir=clinic.folder / "elsewhere")
    assert "DIRECTORY_DATA_DIR" in told(clinic.ask(), "data folder", Level.WARNING)


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("data/index/current", "data folder"),
        ("data/index", "data folder"),
        ("directory.db", "storage"),
    ],
)
def test_files_that_belong_to_another_user(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, name: str, check: str
) -> None:
    may = os.access
    closed = clinic.folder / name
    monkeypatch.setattr(
        os, "access", lambda path, mode, **how: Path(path) != closed and may(path, mode, **how)
    )
    assert f"{closed}." in told(clinic.ask(), check, Level.FAULT)


@pytest.mark.parametrize(("free", "level"), [(500, Level.WARNING), (50, Level.FAULT)])
def test_a_disk_that_is_nearly_full(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, free: int, level: Level
) -> None:
    usage = shutil._ntuple_diskusage(10**12, 10**12, free * 10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert f"{free} MB" in told(clinic.ask(), "data folder", level)


def test_files_that_a_clean_up_took(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("directory.doctor.machine.is_compiled", lambda source: source.stem != "ar")
    assert "(ar)" in told(clinic.ask(), "files", Level.WARNING)
    monkeypatch.setattr("directory.doctor.machine.PACKAGE", tmp_path)
    assert "htmx.min.js" in told(clinic.ask(), "files", Level.FAULT)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("mysql://host/name", "DIRECTORY_DATABASE_URL"),
        ("sqlite:///nowhere/none.db", "no database"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/none", "does not answer"),
    ],
)
def test_a_database_that_is_not_there_leaves_the_other_checks(
    clinic: Clinic, url: str, word: str
) -> None:
    clinic.set(database_url=url)
    found = clinic.ask()
    assert word in told(found, "database", Level.FAULT)
    assert len(found) == len(CHECKS)
    assert [f.check for f in found.values() if f.level == Level.FAULT] == ["database"]


def test_a_file_that_is_no_database_or_is_damaged(clinic: Clinic) -> None:
    whole = clinic.file.read_bytes()
    clinic.file.write_bytes(b"Dear operator" * 500)
    assert "no SQLite database" in told(clinic.ask(), "database", Level.FAULT)
    for at in (4096 * 3, 4096 * 400):
        clinic.file.write_bytes(whole[:at] + b"\xa7" * 4096 * 40 + whole[at + 4096 * 40 :])
        found = clinic.ask()
        assert "restore" in told(found, "database", Level.FAULT)
        assert len(found) == len(CHECKS)


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("UPDATE alembic_version SET version_num = '0015'", "1 step behind"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer release"),
        ("DELETE FROM alembic_version", "directory migrate"),
    ],
)
def test_a_schema_that_does_not_fit(clinic: Clinic, statement: str, word: str) -> None:
    clinic.sql(statement)
    assert word in told(clinic.ask(), "schema", Level.FAULT)


def test_a_file_on_a_network_drive(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = clinic.folder / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {clinic.folder} nfs4 rw 0 0\n")
    monkeypatch.setattr(storage, "MOUNTS", mounts)
    assert "nfs4" in told(clinic.ask(), "storage", Level.FAULT)


def test_a_file_that_others_can_change_or_read(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.file.chmod(0o666)
    assert "chmod 600" in told(clinic.ask(), "storage", Level.FAULT)
    clinic.file.chmod(0o644)
    clinic.set(base_url="https://directory.example")
    with running() as site:
        fetcher = fetcher_for(site)
        assert clinic.ask(fetcher=fetcher)["storage"].level == Level.OK, "a folder above is closed"
        monkeypatch.setattr(storage, "is_open", lambda file: True)
        assert "can read" in told(clinic.ask(fetcher=fetcher), "storage", Level.WARNING)


def test_a_file_without_write_ahead_log(clinic: Clinic) -> None:
    clinic.sql("PRAGMA journal_mode=DELETE")
    assert "write-ahead" in told(clinic.ask(), "storage", Level.WARNING)


@pytest.mark.postgres
def test_a_server_without_the_tools_for_backups(
    postgres_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path, postgres_engine.url.render_as_string(hide_password=False))
    monkeypatch.setattr(storage, "tools", lambda: None)
    found = {f.check: f for f in examine(settings, environment={})}
    assert "pg_dump" in told(found, "storage", Level.WARNING)
    monkeypatch.setattr(storage, "OLDEST_POSTGRES", 99)
    found = {f.check: f for f in examine(settings, environment={})}
    assert "not supported" in told(found, "storage", Level.FAULT)
    assert "directory migrate" in told(found, "schema", Level.FAULT)


def test_a_clock_that_was_set_back(clinic: Clinic) -> None:
    found = clinic.ask(moment=now() - timedelta(days=40))
    assert "timedatectl" in told(found, "clock", Level.FAULT)


def test_time_zones_that_are_not_installed(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([])
    zoneinfo.ZoneInfo.clear_cache()
    monkeypatch.setitem(sys.modules, "tzdata", None)
    try:
        assert "pip install tzdata" in told(clinic.ask(), "clock", Level.FAULT)
    finally:
        zoneinfo.reset_tzpath(before)


def test_an_index_that_is_missing_broken_behind_or_of_another_database(clinic: Clinic) -> None:
    clinic.add(Change(entry_id=clinic.one(Entry.id), at=now() - timedelta(hours=7)))
    assert "is behind" in told(clinic.ask(), "search index", Level.WARNING)
    clinic.sql(
        "DELETE FROM change_log WHERE sequence = (SELECT max(sequence) FROM change_log)",
        "UPDATE change_log SET at = '2020-01-01 00:00:00.000000'",
    )
    assert "another database" in told(clinic.ask(), "search index", Level.FAULT)
    index = clinic.settings.data_dir / "index"
    for file in index.rglob("*.json"):
        file.write_text("nonsense")
    assert "directory index" in told(clinic.ask(), "search index", Level.FAULT)
    shutil.rmtree(index)
    assert "no search index" in told(clinic.ask(), "search index", Level.WARNING)


@pytest.mark.parametrize(
    ("statements", "word"),
    [
        (["UPDATE audit SET subject = 'else' WHERE sequence = 300"], "Row 300"),
        ([], "audit_no_update"),
        (["DELETE FROM audit"], "emptied"),
    ],
)
def test_a_log_that_somebody_has_changed(clinic: Clinic, statements: list[str], word: str) -> None:
    with sqlite3.connect(clinic.file) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).fetchall()
    connection.close()
    clinic.sql(*(f"DROP TRIGGER {name}" for name, _ in triggers), *statements)
    if statements:
        clinic.sql(*(text for _, text in triggers))
    assert word in told(clinic.ask(), "audit log", Level.FAULT)


def test_nobody_who_administers(clinic: Clinic) -> None:
    clinic.sql('UPDATE "user" SET password_hash = NULL')
    assert "--role admin" in told(clinic.ask(), "administrator", Level.WARNING)


def test_an_administrator_without_a_second_factor(clinic: Clinic) -> None:
    clinic.set(base_url="https://directory.example")
    with running() as site:
        found = clinic.ask(fetcher=fetcher_for(site))
    assert "admin@example.org" in told(found, "administrator", Level.WARNING)


def test_no_mail_server_and_one_that_does_not_answer(clinic: Clinic) -> None:
    with postbox() as box:
        clinic.set(smtp_url=box.url)
        assert clinic.ask()["mail server"].level == Level.OK
        assert box.got == []
    assert "127.0.0.1" in told(clinic.ask(), "mail server", Level.FAULT)
    clinic.set(smtp_url="mail.example.org")
    assert "DIRECTORY_SMTP_URL" in told(clinic.ask(), "mail server", Level.FAULT)
    clinic.set(smtp_url=None, base_url="https://directory.example")
    with running() as site:
        found = clinic.ask(fetcher=fetcher_for(site))
    assert "0 letters" in told(found, "mail server", Level.WARNING)


def test_a_mail_server_that_never_says_a_word(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.doctor.work.PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        clinic.set(smtp_url=f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        assert "timed out" in told(clinic.ask(), "mail server", Level.FAULT)


def test_mail_that_waits(clinic: Clinic) -> None:
    engine = make_engine(clinic.settings.database_url)
    with Database(engine).writing() as session:
        queue_mail(session, "office@example.org", "Still right?", "Good day,\n")
    engine.dispose()
    assert clinic.ask()["waiting mail"].level == Level.OK
    clinic.sql(
        "UPDATE outgoing_mail SET failed = '550 No such user', queued_at = '2020-01-01 00:00:00'"
    )
    assert "550 No such user" in told(clinic.ask(), "waiting mail", Level.FAULT)


def test_a_backup_that_is_missing_or_old(clinic: Clinic) -> None:
    later = now() + timedelta(days=9)
    assert "never" in told(clinic.ask(moment=later), "backup", Level.WARNING)
    environment = {
        "DIRECTORY_DATABASE_URL": clinic.settings.database_url,
        "DIRECTORY_DATA_DIR": str(clinic.settings.data_dir),
    }
    done = CliRunner().invoke(main, ["backup", str(clinic.folder / "b.zip")], env=environment)
    assert done.exit_code == 0, done.output
    assert clinic.ask()["backup"].found.endswith("today.")
    assert "10 days ago" in told(
        clinic.ask(moment=later + timedelta(days=2)), "backup", Level.WARNING
    )


def test_links_that_nobody_checks(clinic: Clinic) -> None:
    later = now() + timedelta(days=9)
    assert "ever checked" in told(clinic.ask(moment=later), "links", Level.WARNING)
    moment = now() - timedelta(days=3)
    check = LinkCheck(
        url="https://a.example/", state="ok", since=moment, reason="", checked_at=moment,
        next_check_at=moment,
    )  # fmt: skip
    clinic.add(check)
    assert "1 outgoing link was" in told(clinic.ask(), "links", Level.WARNING)


def test_a_feed_that_nobody_reads(clinic: Clinic) -> None:
    feed = Feed(
        slug="x", title="X", owner_id=clinic.one(Entry.id), address="https://a.example/",
        format="rss", kind="training", state="approved", next_run_at=now() - timedelta(days=3),
    )  # fmt: skip
    clinic.add(feed)
    assert "directory harvest" in told(clinic.ask(), "feeds", Level.WARNING)


def test_readers_who_wait_for_a_letter(clinic: Clinic) -> None:
    reader = Reader(address_hash="x", sealed=seal(clinic.settings.secret, "alerts", "a@b.example"))
    question = Question(address="/search?q=cyber")
    clinic.add(reader, question)
    due = (now() - timedelta(days=4)).date()
    clinic.add(Following(reader_id=reader.id, question_id=question.id, every="daily", due_on=due))
    assert "alerts send" in told(clinic.ask(), "alerts", Level.FAULT)


def test_what_should_have_been_forgotten_or_ended(clinic: Clinic) -> None:
    long_ago = now() - timedelta(days=40)
    clinic.add(
        Grant(
            user_id=clinic.one(User.id), organisation_id=clinic.one(Entry.id), expires_at=long_ago
        )
    )
    assert "1 right to edit" in told(clinic.ask(), "reminders", Level.WARNING)
    report = Report(
        reference="7KQ2-M4XD", entry_id=clinic.one(Entry.id), version=1, problem="wrong",
        email="a@b.example", closed_at=long_ago,
    )  # fmt: skip
    clinic.add(report)
    assert "forget" in told(clinic.ask(), "reminders", Level.FAULT)


def test_files_given_out_that_are_old(clinic: Clinic) -> None:
    engine = make_engine(clinic.settings.database_url)
    dump(Database(engine), clinic.settings)
    engine.dispose()
    assert clinic.ask()["dump"].level == Level.OK
    made = latest(clinic.settings)
    assert made
    description = made.folder / DESCRIPTION
    told_of = json.loads(description.read_text())
    description.write_text(json.dumps(told_of | {"created": "2026-01-01T00:00:00+00:00"}))
    assert "directory dump" in told(clinic.ask(), "dump", Level.WARNING)


def test_webhooks_that_nobody_tells(clinic: Clinic) -> None:
    key = clinic.settings.secret
    hook = Webhook(
        user_id=clinic.one(User.id), url="https://a.example/", kinds=[], terms=[],
        sealed=seal(key, "webhook", "s"), position=0,
    )  # fmt: skip
    clinic.add(hook)
    assert clinic.ask()["webhooks"].level == Level.OK
    later = now() + timedelta(days=2)
    assert "webhooks deliver" in told(clinic.ask(moment=later), "webhooks", Level.WARNING)
    clinic.sql("UPDATE webhook SET paused_at = '2026-01-01 00:00:00'")
    assert "1 webhook is paused" in told(clinic.ask(), "webhooks", Level.WARNING)


def test_what_it_advises_exists(site: TestClient[Any]) -> None:
    """Commands, and pages of the site, wherever the checks name them."""
    folder = Path(storage.__file__).parent
    text = " ".join(file.read_text("utf-8") for file in sorted(folder.glob("*.py")))
    named = set(re.findall(r"`directory ([a-z]+)(?: ([a-z]+))?", text))
    assert len(named) > 8
    for command, word in named:
        found = main.commands[command]
        assert not isinstance(found, click.Group) or word in found.commands
    pages = set(re.findall(r"(?<=[ \"])/(?:account|curation|admin|help)/[a-z-]+", text))
    assert pages
    for page in pages:
        assert site.get(page).status_code == 200, page
    for setting in re.findall(r"DIRECTORY_([A-Z_]+[A-Z])", text):
        assert setting == "TEST" or setting.lower() in Settings.model_fields, setting


# The command


def run(clinic: Clinic, *words: str, **more: str) -> Result:
    environment = {
        "DIRECTORY_DATABASE_URL": clinic.settings.database_url,
        "DIRECTORY_DATA_DIR": str(clinic.settings.data_dir),
        "DIRECTORY_SECRET_KEY": str(clinic.settings.secret_key),
    }
    return CliRunner().invoke(main, ["doctor", *words], env=environment | more)


def test_the_command_says_it_in_words_and_in_its_status(clinic: Clinic) -> None:
    good = run(clinic)
    assert good.exit_code == 0, good.output
    assert "fault" not in good.output
    bad = run(clinic, DIRECTORY_BASE_URL="https://example.org/")
    assert bad.exit_code == 1
    assert "→ Set DIRECTORY_BASE_URL to https://example.org, without" in bad.output
    assert bad.output.rstrip().rpartition("\n")[2].startswith("ok: ")
    assert run(clinic, "--nonsense").exit_code == 2


def test_programs_read_the_same_as_json(clinic: Clinic) -> None:
    done = run(clinic, "--json", DIRECTORY_BASE_URL="nonsense")
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert [row["check"] for row in answer["findings"]] == list(CHECKS)
    assert answer["counts"]["fault"] == 1
    assert next(r for r in answer["findings"] if r["level"] == "fault")["do"]


def test_a_setting_that_is_no_number_is_named(clinic: Clinic) -> None:
    done = run(clinic, DIRECTORY_API_WRITES_A_MINUTE="many")
    assert done.exit_code == 1
    assert "DIRECTORY_API_WRITES_A_MINUTE" in done.stderr and done.stderr.count("\n") == 1


def test_no_password_is_told(clinic: Clinic) -> None:
    url = "postgresql+psycopg://ada:geheim@127.0.0.1:1/none"
    done = run(
        clinic, DIRECTORY_DATABASE_URL=url, DIRECTORY_SMTP_URL="smtp://ada:geheim@127.0.0.1:1"
    )
    assert done.exit_code == 1
    assert "geheim" not in done.output
