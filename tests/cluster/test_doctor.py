"""What the doctor says of standbys."""

from pathlib import Path

import pytest

from directory.doctor import Finding, Level, examine
from directory.settings import Settings
from tests.cluster.conftest import Pair

pytestmark = pytest.mark.postgres


def say(pair: Pair, folder: Path, **values: str) -> Finding:
    settings = Settings(**pair.settings(folder).model_dump() | values)
    return next(f for f in examine(settings, environment={}) if f.check == "standbys")


def test_a_standby_in_step_is_well_once_the_primary_waits_for_one(
    pair: Pair, tmp_path: Path
) -> None:
    found = say(pair, tmp_path)
    assert found.level == Level.WARNING
    assert "synchronous_standby_names" in found.todo
    pair.primary.say("ALTER SYSTEM SET synchronous_standby_names = 'second'")
    pair.primary.reload()
    try:
        assert say(pair, tmp_path).level == Level.OK
    finally:
        pair.primary.say("ALTER SYSTEM RESET synchronous_standby_names")
        pair.primary.reload()


def test_a_standby_that_is_away_is_a_fault(pair: Pair, tmp_path: Path) -> None:
    pair.standby.stop()
    found = say(pair, tmp_path)
    assert found.level == Level.FAULT
    assert "does not answer" in found.found


def test_what_is_no_standby_is_named(pair: Pair, tmp_path: Path) -> None:
    found = say(pair, tmp_path, replica_urls=pair.primary.url(pair.name))
    assert found.level == Level.WARNING
    assert "no standby" in found.found


def test_standbys_of_sqlite_are_a_fault(pair: Pair, tmp_path: Path) -> None:
    found = say(pair, tmp_path, database_url=f"sqlite:///{tmp_path / 'some.db'}")
    assert found.level == Level.FAULT


def test_a_standby_far_behind_is_a_warning(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.doctor.standbys.FAR", 0)
    pair.pause()
    pair.primary.say("CREATE TABLE more AS SELECT 1", pair.name)
    found = say(pair, tmp_path)
    assert found.level == Level.WARNING
    assert "behind" in found.found
