"""Rules change, entries stay: which live entries would not be published today, and why."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.engine import Engine
from sqlmodel import Session

from directory.accounts.models import User
from directory.cli import main
from directory.curation import service
from directory.curation.review import move_entry, read_review
from directory.curation.rules import failing_live, unmet
from directory.curation.service import find_entry, get_entry, latest_revision, read_draft
from directory.curation.workflow import make_move
from directory.db import Database
from directory.entries.kinds import ORGANISATION, TRAINING
from directory.entries.models import Entry, State
from directory.errors import Invalid
from directory.imports.seed import load_seed
from directory.migrate import migrate
from directory.settings import Settings, data
from tests.people import writing


def take_down(session: Session, slug: str, state: State) -> Entry:
    entry = get_entry(session, ORGANISATION, slug)
    entry.state = state
    session.add(entry)
    session.flush()
    return entry


def test_the_seed_meets_the_rules_of_today(database: Database) -> None:
    with database.reading() as session:
        assert list(failing_live(session)) == []


@pytest.mark.parametrize(
    ("state", "because"),
    [
        (State.WITHDRAWN, "which was withdrawn."),
        (State.ARCHIVED, "which was archived."),
        (State.MERGED, "which was merged into another entry."),
    ],
)
def test_what_refers_to_an_entry_that_was_taken_down_is_named(
    database: Database, state: State, because: str
) -> None:
    with database.writing() as session:
        entry = take_down(session, "cyberpeace-institute", state)
        found = list(failing_live(session))
        by_name = {one.slug: one for one in found}
        one = by_name["cyber-school-initiative"]
        assert one.field == "providers"
        assert one.reason == f"It refers to {entry.title}, {because}"
        assert one.url == "/curation/trainings/cyber-school-initiative#f-providers"
        titles = [(one.kind.name, one.title) for one in found]
        assert titles == sorted(titles)


def test_on_any_database_a_withdrawn_provider_shows_in_the_report(any_engine: Engine) -> None:
    migrate(any_engine)
    database = Database(any_engine)
    with database.writing() as session:
        load_seed(session, data("seed"))
        curator = User(email="curator@example.org", role="curator")
        session.add(curator)
        session.flush()
        entry, note = move_entry(
            session, ORGANISATION, "cyberpeace-institute", "withdraw", by=curator,
            reason="They asked us to.", revision=1, base_url="https://example.org",
        )  # fmt: skip
        assert (entry.state, note.text) == (State.WITHDRAWN, "They asked us to.")
    with database.reading() as session:
        assert "cyber-school-initiative" in {one.slug for one in failing_live(session)}
        review = read_review(session, ORGANISATION, "cyberpeace-institute", curator)
        assert [m.name for m in review.moves] == ["bring_back"]


def test_what_the_rules_of_today_would_not_let_out_is_not_brought_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stricter(draft: service.Draft) -> dict[str, str]:
        return {} if "licence" in draft.values else {"licence": "A licence is needed now."}

    with database.writing() as session:
        curator = User(email="curator@example.org", role="curator")
        session.add(curator)
        session.flush()
        entry = get_entry(session, TRAINING, "cyber-school-initiative")
        make_move(session, entry, "archive", by=curator, reason="It ended.")
        with monkeypatch.context() as patch, pytest.raises(Invalid) as refused:
            patch.setattr("directory.curation.service.missing_to_publish", stricter)
            make_move(session, entry, "bring_back", by=curator)
        assert refused.value.by_field == {"licence": "A licence is needed now."}
        assert entry.state.value == "archived"
        make_move(session, entry, "bring_back", by=curator)
        assert entry.state.value == "published"


def test_a_new_rule_names_every_live_entry_that_does_not_meet_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stricter(draft: service.Draft) -> dict[str, str]:
        return {} if "licence" in draft.values else {"licence": "A licence is needed now."}

    monkeypatch.setattr("directory.curation.rules.missing_to_publish", stricter)
    with database.writing() as session:
        found = list(failing_live(session))
        slugs = {one.slug for one in found if one.kind is TRAINING}
        assert "cyber-school-initiative" in slugs
        assert {one.field for one in found} == {"licence"}
        gone = get_entry(session, TRAINING, "cyber-school-initiative")
        gone.state = State.ARCHIVED
        session.add(gone)
        session.flush()
        again = {one.slug for one in failing_live(session)}
        assert "cyber-school-initiative" not in again


def test_a_live_version_that_no_longer_fits_its_own_fields_is_named(database: Database) -> None:
    with database.writing() as session:
        entry = get_entry(session, TRAINING, "cyber-school-initiative")
        live = latest_revision(session, entry)
        live.profile = live.profile | {"level": ["not-a-level"], "field_of_yesterday": "x"}
        session.add(live)
        session.flush()
        assert {one.slug for one in failing_live(session)} == {entry.slug}


def test_what_a_draft_lacks_is_told_with_its_references(database: Database) -> None:
    with database.writing() as session:
        take_down(session, "gcsp", State.WITHDRAWN)
        profile = {"title": "A", "providers": ["gcsp", "nobody-here"]}
        claims = {n: [{"source": "gcsp-profile"}] for n in profile}
        draft = read_draft(TRAINING, "new", profile, claims)
        found = unmet(session, draft)
        assert found["providers"] == "There is no entry at /organisations/nobody-here."
        assert "summary" in found
        assert find_entry(session, TRAINING, "new") is None


def test_the_command_prints_entry_field_and_reason(
    desk_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DIRECTORY_DATABASE_URL", desk_settings.database_url)
    monkeypatch.setenv("DIRECTORY_DATA_DIR", str(tmp_path / "data"))
    fine = CliRunner().invoke(main, ["rules"])
    assert (fine.exit_code, fine.output) == (0, "Every published entry meets the rules of today.\n")
    with writing(desk_settings) as session:
        take_down(session, "cyberpeace-institute", State.WITHDRAWN)
    failing = CliRunner().invoke(main, ["rules"])
    assert failing.exit_code == 1
    assert "/trainings/cyber-school-initiative  providers: It refers to" in failing.output
