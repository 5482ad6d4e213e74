"""kill -9 in the middle: a handful of times here, a hundred for each operation in `make faults`."""

import os

import pytest
from sqlalchemy.engine import Engine

from tests.faults.kills import HEAD, run
from tests.faults.operations import OPERATIONS, Place

KILLS = int(os.environ.get("DIRECTORY_TEST_KILLS", "5"))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_left_agrees(place: Place, elsewhere: Engine, operation: str) -> None:
    elsewhere.dispose()
    tally = run(operation, place, KILLS)
    print(f"\n{place.url.split(':')[0]}\n{HEAD}\n{tally.line()}")
    assert tally.steps > 5
    assert not tally.violations
