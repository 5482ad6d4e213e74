"""Guessing is slowed down, by account and by network address, without locking the owner out."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

import directory.accounts.throttle
from directory.accounts.guessing import (
    CODES_A_DAY,
    PER_ACCOUNT,
    PER_ADDRESS,
    WINDOW,
    Guesser,
    read_known,
)
from directory.accounts.models import Attempt
from directory.accounts.throttle import throttle
from directory.db import Database, now
from directory.errors import TooMany
from directory.migrate import migrate
from directory.web.network import network

SECRET = "a key for tests"
HOUR = timedelta(hours=1)


class Clock:
    def __init__(self) -> None:
        self.now = now()

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(directory.accounts.throttle, "now", clock)
    return clock


def stranger(address: str, cookie: str = "") -> Guesser:
    return Guesser(SECRET, address, read_known(SECRET, cookie))


def waits(session: Session, who: Guesser, email: str) -> int:
    """Begin a sign-in as a request would: what is refused leaves nothing behind."""
    try:
        with session.begin_nested():
            who.begin(session, email)
    except TooMany as error:
        return error.wait
    return 0


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as session:
        yield session


def test_a_sixth_failure_for_an_account_waits_wherever_it_comes_from(session: Session) -> None:
    for n in range(PER_ACCOUNT):
        assert not waits(session, stranger(f"192.0.2.{n}"), "ana@example.org")
    assert waits(session, stranger("198.51.100.1"), " Ana@Example.org")
    assert not waits(session, stranger("198.51.100.1"), "ben@example.org")


def test_an_address_that_tries_many_accounts_waits(session: Session) -> None:
    for n in range(PER_ADDRESS):
        assert not waits(session, stranger("192.0.2.1"), f"{n}@example.org")
    assert waits(session, stranger("192.0.2.1"), "ana@example.org")
    assert not waits(session, stranger("192.0.2.2"), "ana@example.org")


def test_the_owner_comes_in_with_their_browser_while_others_guess(session: Session) -> None:
    cookie = stranger("192.0.2.1").known_after("ana@example.org")
    for n in range(2 * PER_ADDRESS):
        waits(session, stranger("192.0.2.1"), "ana@example.org")
        waits(session, stranger("192.0.2.1"), f"{n}@example.org")
    owner = stranger("192.0.2.1", cookie)
    assert not waits(session, owner, "ana@example.org")
    assert waits(session, owner, "ben@example.org"), "known for one account is not known for all"
    assert waits(session, stranger("192.0.2.1", cookie + "x"), "ana@example.org")


def test_a_known_browser_may_not_guess_for_ever_either(session: Session) -> None:
    cookie = stranger("192.0.2.1").known_after("ana@example.org")
    for _ in range(PER_ACCOUNT):
        assert not waits(session, stranger("192.0.2.1", cookie), "ana@example.org")
    assert waits(session, stranger("192.0.2.1", cookie), "ana@example.org")
    assert not waits(session, stranger("192.0.2.1"), "ana@example.org")


def test_a_browser_is_known_for_the_last_five_accounts(session: Session) -> None:
    who = stranger("192.0.2.1")
    for n in range(6):
        who = stranger("192.0.2.1", who.known_after(f"{n}@example.org"))
    assert [who.knows(f"{n}@example.org") for n in range(6)] == [False] + 5 * [True]
    assert "example" not in who.known_after("ana@example.org")


@pytest.mark.parametrize("cookie", ["", "x", ".", "WyJhIl0.AAAA", "\x00", "é", "a" * 10_000])
def test_a_forged_cookie_is_a_browser_nobody_knows(cookie: str) -> None:
    assert read_known(SECRET, cookie).accounts == ()


def test_after_the_time_that_was_named_one_may_try_again(session: Session, clock: Clock) -> None:
    who = stranger("192.0.2.1")
    for _ in range(PER_ACCOUNT):
        waits(session, who, "ana@example.org")
        clock.now += timedelta(minutes=1)
    wait = waits(session, who, "ana@example.org")
    assert 0 < wait <= WINDOW.total_seconds()
    clock.now += timedelta(seconds=wait - 2)
    assert waits(session, who, "ana@example.org")
    clock.now += timedelta(seconds=2)
    assert not waits(session, who, "ana@example.org")


def test_who_signs_in_starts_afresh_but_their_address_does_not(session: Session) -> None:
    who = stranger("192.0.2.1")
    for n in range(PER_ADDRESS - 1):
        assert not waits(session, who, f"{n}@example.org")
    assert not waits(session, who, "ana@example.org")
    who.succeeded(session, "ana@example.org")
    assert not waits(session, who, "ana@example.org")
    assert waits(session, who, "ben@example.org")


def test_codes_have_a_limit_for_the_day(session: Session, clock: Clock) -> None:
    who = stranger("192.0.2.1")
    for _ in range(CODES_A_DAY):
        who.begin_code(session, "ana@example.org")
        clock.now += WINDOW / 4
    with pytest.raises(TooMany):
        who.begin_code(session, "ana@example.org")
    clock.now += timedelta(days=1)
    who.begin_code(session, "ana@example.org")


def test_old_counts_do_not_fill_the_table(session: Session, clock: Clock) -> None:
    for n in range(50):
        waits(session, stranger(f"192.0.2.{n}"), f"{n}@example.org")
    clock.now += WINDOW
    waits(session, stranger("192.0.2.1"), "ana@example.org")
    assert len(session.exec(select(Attempt)).all()) == 2


def test_an_endless_address_takes_no_room_and_counts_as_one(session: Session) -> None:
    for n in range(PER_ACCOUNT):
        assert not waits(session, stranger(f"192.0.2.{n}"), "a" * 1_000_000 + str(n))
    assert waits(session, stranger("198.51.100.1"), "a" * 1_000_000)
    assert sum(len(row.key) for row in session.exec(select(Attempt))) < 1_000


def test_who_tried_is_kept_only_as_a_keyed_hash(session: Session) -> None:
    throttle(session, "report", "192.0.2.77", 1, HOUR, secret=SECRET)
    kept = session.exec(select(Attempt)).one()
    throttle(session, "report", "192.0.2.77", 1, HOUR, secret="another key")
    assert "192" not in kept.key and len(kept.key) == 64
    with pytest.raises(TooMany, match="Try again in 1 hour"):
        throttle(session, "report", "192.0.2.77", 1, HOUR, secret=SECRET)
    throttle(session, "confirm", "192.0.2.77", 1, HOUR, secret=SECRET)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_household_counts_as_one_place(address: str, place: str) -> None:
    assert network(address) == place


def test_of_many_at_once_no_more_than_the_limit_slip_through(any_engine: Engine) -> None:
    migrate(any_engine)
    database = Database(any_engine)

    def attempt(_: int) -> bool:
        try:
            with database.writing() as session:
                throttle(session, "sign-in", "ana", 3, HOUR, secret=SECRET)
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(16))) == 3
