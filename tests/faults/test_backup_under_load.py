"""Twenty editors save while a backup is made: whatever was acknowledged before it is in it."""

import os

from sqlalchemy.engine import Engine

from directory.db import make_engine
from tests.faults.editors import backup_under_load
from tests.faults.operations import Place

SAVES = int(os.environ.get("DIRECTORY_TEST_SAVES", "120"))


def test_no_save_before_a_backup_is_lost(place: Place, elsewhere: Engine) -> None:
    engine = make_engine(place.url)
    outcome = backup_under_load(engine, place, elsewhere, SAVES)
    engine.dispose()
    print(f"\n{engine.dialect.name}: {outcome.line}")
    assert outcome.before >= SAVES // 2
    assert not outcome.lost
    assert outcome.agree
    assert not outcome.gaps
