"""Nobody changes the log, or what it tells of, without leaving a trace."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from litestar.testing import TestClient
from sqlalchemy.engine import Connection, Engine

from directory.accounts.models import User
from directory.audit import FIRST, AuditRow, _seal, record
from directory.cli import main
from directory.curation.audited import verify
from directory.curation.service import get_entry, latest_revision, publish, read_draft, save_draft
from directory.curation.workflow import make_move
from directory.db import Database, make_engine
from directory.entries.kinds import ORGANISATION, TRAINING
from directory.imports.demo import fill
from directory.imports.seed import load_seed
from directory.imports.vocabularies import load_vocabularies
from directory.migrate import migrate
from directory.settings import Settings, data
from directory.sources.models import Source
from tests.imports.files import bring_in, items
from tests.people import enter_as

AUDIT: Any = sa.inspect(AuditRow).local_table


def _write_history(database: Database) -> None:
    """Write six rows: two revisions of an organisation that is sent to review and published."""
    with database.writing() as session:
        load_vocabularies(session, data("seed") / "vocabularies")
        session.add(
            Source(
                slug="gcsp-profile",
                title="A profile",
                short_title="profile",
                kind="profile",
                checked_on=date(2026, 11, 22),
            )
        )
        session.flush()
        user = User(email="curator@example.org", role="curator")
        session.add(user)
        session.flush()
        draft = read_draft(ORGANISATION, "one", {"name": "One"}, {})
        entry, _ = save_draft(session, draft, by=user)
        record(session, "sign in", "curator@example.org", by=user)
        silent = [{"source": "gcsp-profile", "status": "not_stated"}]
        claims = {n: silent for n, d in ORGANISATION.fields.items() if d.required}
        claims["name"] = [{"source": "gcsp-profile"}]
        draft = read_draft(ORGANISATION, "one", {"name": "One and only"}, claims)
        entry, revision = save_draft(session, draft, by=user)
        make_move(session, entry, "submit", by=user)
        publish(session, entry, revision, by=user)
        record(session, "sign out", "curator@example.org", by=user)


@pytest.fixture
def history(any_engine: Engine) -> Database:
    migrate(any_engine)
    database = Database(any_engine)
    _write_history(database)
    return database


def _without_triggers(connection: Connection) -> None:
    """Take away what keeps the log from being changed, as whoever owns the database can."""
    if connection.dialect.name == "sqlite":
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        drop = "DROP TRIGGER {}"
    else:
        names = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit'::regclass"
        drop = "DROP TRIGGER {} ON audit"
    for name in connection.exec_driver_sql(names).scalars().all():
        connection.exec_driver_sql(drop.format(name))


def tampered(database: Database, *statements: Any) -> tuple[int, str] | None:
    """Change the database behind the back of the log; return what the check finds."""
    with database.writing() as session:
        _without_triggers(session.connection())
        for statement in statements:
            session.execute(statement)
    with database.reading() as session:
        return verify(session).broken


def test_what_was_done_by_the_doors_is_whole(history: Database) -> None:
    with history.reading() as session:
        checked = verify(session)
    assert (checked.rows, checked.broken, checked.older) == (6, None, 0)


def test_a_changed_row_is_named(history: Database) -> None:
    changed = sa.update(AUDIT).where(AUDIT.c.sequence == 2).values(subject="somebody else")
    assert tampered(history, changed) == (2, "its content is not what was written")


def test_a_deleted_row_is_named(history: Database) -> None:
    broken = tampered(history, sa.delete(AUDIT).where(AUDIT.c.sequence == 2))
    assert broken == (3, "row 2 is missing")


def test_an_added_row_is_named(history: Database) -> None:
    with history.reading() as session:
        last = session.get_one(AuditRow, 6).model_dump()
    forged = last | {"sequence": 7, "subject": "nobody", "previous": last["hash"]}
    assert tampered(history, sa.insert(AUDIT).values(forged)) == (
        7,
        "its content is not what was written",
    )


def test_two_rows_that_changed_places_are_named(history: Database) -> None:
    moved = [
        sa.update(AUDIT).where(AUDIT.c.sequence == old).values(sequence=new)
        for old, new in ((2, 99), (3, 2), (99, 3))
    ]
    broken = tampered(history, *moved)
    assert broken and broken[0] == 2


@pytest.mark.parametrize("column", ["profile", "claims"])
def test_a_changed_revision_is_named_by_the_row_that_sealed_it(
    history: Database, column: str
) -> None:
    with history.writing() as session:
        revision = latest_revision(session, get_entry(session, ORGANISATION, "one"))
        setattr(revision, column, {"name": "Another"} if column == "profile" else {})
        session.add(revision)
    broken = tampered(history)
    assert broken == (3, "revision 2 of “One and only” no longer says what was saved")


def test_a_revision_that_is_gone_is_named(history: Database) -> None:
    revision = sa.table("revision", sa.column("number"))
    broken = tampered(history, sa.delete(revision).where(revision.c.number == 1))
    assert broken == (1, "the revision that it tells of is gone")


def test_a_revision_that_nobody_saved_is_named(history: Database) -> None:
    with history.writing() as session:
        newest = latest_revision(session, get_entry(session, ORGANISATION, "one"))
        row = newest.model_dump(exclude={"id", "number", "published_at"})
        session.add(type(newest)(**row, number=3))
    broken = tampered(history)
    assert broken == (7, "revision 3 of “One and only” was saved, and the log does not say so")


@pytest.mark.parametrize("first", [3, 4, 5])
def test_a_log_that_was_cut_short_does_not_fit_the_entries(history: Database, first: int) -> None:
    broken = tampered(history, sa.delete(AUDIT).where(AUDIT.c.sequence >= first))
    assert broken and broken[0] == first


def _rewritten(database: Database, change: Callable[[list[dict[str, Any]]], None]) -> Any:
    """Write the whole chain anew after a change, as somebody who knows how it is made could."""
    with database.reading() as session:
        rows = [
            row.model_dump()
            for row in session.scalars(sa.select(AuditRow).order_by(AUDIT.c.sequence))
        ]
    change(rows)
    previous = FIRST
    for number, row in enumerate(rows, start=1):
        row |= {"sequence": number, "previous": previous}
        row["hash"] = previous = _seal(row)
    return tampered(database, sa.delete(AUDIT), sa.insert(AUDIT).values(rows))


def test_a_chain_written_anew_does_not_fit_the_entries(history: Database) -> None:
    def leave_out_a_save(rows: list[dict[str, Any]]) -> None:
        del rows[2]

    broken = _rewritten(history, leave_out_a_save)
    assert broken and "revision 2" in broken[1]


def test_a_chain_written_anew_cannot_say_that_something_else_was_saved(history: Database) -> None:
    def other_digest(rows: list[dict[str, Any]]) -> None:
        rows[0]["detail"] = rows[0]["detail"].replace('"digest":"', '"digest":"0')

    assert _rewritten(history, other_digest) == (
        1,
        "revision 1 of “One and only” no longer says what was saved",
    )


def test_a_detail_that_is_no_json_is_named_not_stumbled_over(history: Database) -> None:
    def spoil(rows: list[dict[str, Any]]) -> None:
        rows[3]["detail"] = "["

    assert _rewritten(history, spoil) == (4, "its detail cannot be read")


def test_revisions_from_before_the_log_are_counted_not_blamed(any_engine: Engine) -> None:
    migrate(any_engine)
    database = Database(any_engine)
    _write_history(database)
    with database.writing() as session:
        _without_triggers(session.connection())
        session.execute(sa.delete(AUDIT))
    with database.reading() as session:
        found = verify(session)
        # The notes of the review show that there was a log.
        assert found.older == 2 and found.broken
    with database.writing() as session:
        session.execute(sa.delete(sa.table("note")))
        entry = get_entry(session, ORGANISATION, "one")
        draft = read_draft(ORGANISATION, "one", {"name": "One again"}, {})
        save_draft(session, draft, by=None)
        assert entry.waiting
    with database.reading() as session:
        found = verify(session)
    assert (found.rows, found.broken, found.older) == (1, None, 2)


def test_seed_demo_and_import_leave_a_whole_log(any_engine: Engine) -> None:
    migrate(any_engine)
    database = Database(any_engine)
    with database.writing() as session:
        fill(session, data("seed"), 1200, 7)
    with database.reading() as session:
        checked = verify(session)
    assert (checked.rows, checked.broken) == (1200, None)
    with database.writing() as session:
        load_seed(session, data("seed"))
    with database.reading() as session:
        saved = latest_revision(session, get_entry(session, TRAINING, "cyber-school-initiative"))
        item = {
            "kind": "training",
            "slug": "cyber-school-initiative",
            "profile": saved.profile | {"summary": "As the file has it."},
            "claims": saved.claims,
        }
    assert bring_in(database, items(item), applied=True)[0].draft
    with database.reading() as session:
        checked = verify(session)
        newest = session.get_one(AuditRow, checked.rows)
    assert checked.broken is None and checked.older == 0
    assert (newest.action, newest.subject, newest.detail) == ("import", "some.json", '{"drafts":1}')


# The command


@pytest.fixture
def copy(seeded_file: Path, tmp_path: Path) -> Iterator[tuple[Engine, dict[str, str]]]:
    path = shutil.copy(seeded_file, tmp_path / "directory.db")
    url = f"sqlite:///{path}"
    engine = make_engine(url)
    yield engine, {"DIRECTORY_DATABASE_URL": url, "DIRECTORY_DATA_DIR": str(tmp_path)}
    engine.dispose()


def test_the_command_says_that_the_log_is_whole(copy: tuple[Engine, dict[str, str]]) -> None:
    done = CliRunner().invoke(main, ["audit", "verify"], env=copy[1])
    assert done.exit_code == 0
    assert "rows; the hash of the last one is " in done.stdout
    assert done.stdout.endswith("The log is whole.\n")


def test_the_command_names_the_row_of_a_tampered_copy(copy: tuple[Engine, dict[str, str]]) -> None:
    engine, environment = copy
    with engine.begin() as connection:
        _without_triggers(connection)
        connection.execute(sa.update(AUDIT).where(AUDIT.c.sequence == 17).values(role="admin"))
    done = CliRunner().invoke(main, ["audit", "verify"], env=environment)
    assert done.exit_code == 1
    assert done.stderr == "Row 17 is wrong: its content is not what was written.\n"
    assert "whole" not in done.stdout


# The page


@pytest.fixture
def admin(desk: TestClient[Any], desk_settings: Settings) -> TestClient[Any]:
    enter_as(desk, desk_settings, "admin")
    with Database(make_engine(desk_settings.database_url)).writing() as session:
        record(session, "invite", "=cmd|' /C calc'!A0", by=None)
    return desk


def test_an_admin_reads_the_log_newest_first(admin: TestClient[Any]) -> None:
    text = admin.get("/admin/audit").text
    assert "=cmd|&#39; /C calc&#39;!A0" in text
    rows = [int(part.split("<")[0]) for part in text.split('class="num">')[1:51]]
    assert rows == sorted(rows, reverse=True)
    assert 'href="/admin/audit?page=2"' in text


def test_the_log_is_filtered_by_action_entry_person_and_day(admin: TestClient[Any]) -> None:
    def rows(query: str) -> int:
        return admin.get(f"/admin/audit?{query}").text.count("<tr>\n<td")

    assert rows("action=invite") == 1
    assert rows("entry=/trainings/cyber-school-initiative") == 1
    assert rows("entry=cyber+school") >= 1
    assert rows("person=nobody@example.org") == 0
    assert rows("day=2001-01-01") == 0
    assert rows("day=9999-12-31&page=9999999") == 0
    assert rows("day=yesterday&action=invite&page=two") == 1
    assert rows("person=%00&entry=%25&action=") >= 0


def test_the_whole_log_is_a_file_that_no_spreadsheet_runs(admin: TestClient[Any]) -> None:
    answer = admin.get("/admin/audit.csv")
    lines = answer.text.splitlines()
    assert answer.headers["content-type"].startswith("text/csv")
    assert lines[0].lstrip("\ufeff").startswith("row,at,person")
    assert "'=cmd" in lines[1]
    assert len(lines) - 1 == int(lines[1].split(",")[0])
    assert len(admin.get("/admin/audit.csv?action=invite").text.splitlines()) == 2


@pytest.mark.parametrize("address", ["/admin/audit", "/admin/audit.csv"])
def test_only_an_admin_reads_the_log(
    desk: TestClient[Any], desk_settings: Settings, address: str
) -> None:
    asked = desk.get(address, follow_redirects=False)
    assert (asked.status_code, asked.headers["location"].split("?")[0]) == (
        303,
        "/account/sign-in",
    )
    enter_as(desk, desk_settings, "curator")
    assert desk.get(address).status_code == 403
