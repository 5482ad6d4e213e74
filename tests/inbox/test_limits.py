"""How much one may send, and how a sender is known without keeping an address."""

from datetime import timedelta

import pytest

from directory.db import Database
from directory.errors import TooMany
from directory.inbox.limits import check_limits, sender_key


def test_the_longest_wait_is_named(database: Database) -> None:
    limits = [("a", "me", 1, timedelta(hours=1)), ("b", "me", 1, timedelta(days=1))]
    with database.writing() as session:
        check_limits(session, limits, secret="s")
        with pytest.raises(TooMany, match="Try again in 1 day") as refused:
            check_limits(session, limits, secret="s")
    assert 86_000 < refused.value.wait <= 86_401


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "in 1 minute"), (61, "in 2 minutes"), (3_600, "in 1 hour"), (90_000, "in 2 days")],
)
def test_waiting_is_told_as_people_do(seconds: int, words: str) -> None:
    assert str(TooMany(seconds)) == f"This was tried too many times. Try again {words}."


def test_a_household_has_one_key_and_nobody_reads_its_address_there() -> None:
    key = sender_key("secret", "2001:db8:1:2::1")
    assert key == sender_key("secret", "2001:db8:1:2:ffff::9")
    assert key != sender_key("secret", "2001:db8:1:3::1")
    assert key != sender_key("other secret", "2001:db8:1:2::1")
    assert sender_key("s", "::ffff:192.0.2.1") == sender_key("s", "192.0.2.1")
    assert sender_key("s", "192.0.2.1") != sender_key("s", "192.0.2.2")
    assert sender_key("s", "no address at all") != sender_key("s", "")
    assert "2001" not in key
