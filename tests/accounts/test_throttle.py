"""Guessing is slowed down, by account and by network address."""

from directory.accounts.throttle import PER_ACCOUNT, PER_ADDRESS, WINDOW, SignInAttempts


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_sixth_failure_for_an_account_waits_wherever_it_comes_from() -> None:
    attempts = SignInAttempts(Clock())
    for n in range(PER_ACCOUNT):
        assert attempts.begin("ana@example.org", f"192.0.2.{n}") == 0
    assert attempts.begin(" Ana@Example.org", "198.51.100.1") > 0
    assert attempts.begin("ben@example.org", "198.51.100.1") == 0


def test_an_address_that_tries_many_accounts_waits() -> None:
    attempts = SignInAttempts(Clock())
    for n in range(PER_ADDRESS):
        assert attempts.begin(f"{n}@example.org", "192.0.2.1") == 0
    assert attempts.begin("ana@example.org", "192.0.2.1") > 0
    assert attempts.begin("ana@example.org", "192.0.2.2") == 0


def test_after_the_time_that_was_named_one_may_try_again() -> None:
    clock = Clock()
    attempts = SignInAttempts(clock)
    for _ in range(PER_ACCOUNT):
        attempts.begin("ana@example.org", "192.0.2.1")
        clock.now += 60
    wait = attempts.begin("ana@example.org", "192.0.2.1")
    assert 0 < wait <= WINDOW
    clock.now += wait - 2
    assert attempts.begin("ana@example.org", "192.0.2.1") > 0
    clock.now += 2
    assert attempts.begin("ana@example.org", "192.0.2.1") == 0


def test_who_signs_in_starts_afresh_but_their_address_does_not() -> None:
    attempts = SignInAttempts(Clock())
    for n in range(PER_ADDRESS - 1):
        attempts.begin(f"{n}@example.org", "192.0.2.1")
    assert attempts.begin("ana@example.org", "192.0.2.1") == 0
    attempts.succeeded("ana@example.org", "192.0.2.1")
    assert attempts.begin("ana@example.org", "192.0.2.1") == 0
    assert attempts.begin("ben@example.org", "192.0.2.1") > 0


def test_old_counts_do_not_fill_the_memory() -> None:
    clock = Clock()
    attempts = SignInAttempts(clock)
    for n in range(500):
        attempts.begin(f"{n}@example.org", f"old-{n}")
    clock.now += WINDOW + 1
    attempts.begin("ana@example.org", "192.0.2.1")
    assert len(attempts._seen) == 2


def test_an_endless_address_takes_no_memory_and_counts_as_one() -> None:
    attempts = SignInAttempts(Clock())
    for n in range(PER_ACCOUNT):
        assert attempts.begin("a" * 1_000_000 + str(n), f"192.0.2.{n}") == 0
    assert attempts.begin("a" * 1_000_000, "198.51.100.1") > 0
    assert sum(len(word) for key in attempts._seen for word in key) < 1_000
