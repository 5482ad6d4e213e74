"""What texts found is kept up to a bound, whoever asks and however far they look."""

from array import array
from datetime import date

import pytest
from pyroaring import BitMap

from directory.search import snapshot
from directory.search.match import Match, Ordered
from directory.search.snapshot import Matches

DAY = date(2026, 11, 26)


def found(count: int) -> Match:
    """What a text finds: so many entries, of which the first ten are in order."""

    def ordered(some: int) -> Ordered:
        return array("I", range(some)), array("f", [1.0] * some)

    return Match(BitMap(range(count)), ordered(10), lambda: ordered(count))


def test_what_a_text_found_is_kept_with_all_that_it_says() -> None:
    kept = Matches()
    match = kept.keep(("a", False, DAY), found(50))
    assert match is kept.found["a", False, DAY]
    assert match and list(match.order) == list(range(50))


def test_a_text_without_words_is_known_to_find_nothing() -> None:
    kept = Matches()
    assert kept.keep(("!", False, DAY), None) is None
    assert ("!", False, DAY) in kept.found


def test_all_is_forgotten_when_it_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "MOST_BYTES_KEPT", 1_000)
    kept = Matches()
    for text in "abcdefghijklmnopqrstuvwxyz":
        kept.keep((text, False, DAY), found(50))
        assert len(kept.found) < 20


def test_who_looks_far_behind_counts_with_all_that_was_put_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshot, "MOST_BYTES_KEPT", 30_000)
    kept = Matches()
    match = kept.keep(("a", False, DAY), found(5_000))
    kept.keep(("b", False, DAY), found(1))
    assert set(kept.found) == {("a", False, DAY), ("b", False, DAY)}
    assert match and len(match.order) == 5_000
    kept.keep(("c", False, DAY), found(1))
    assert set(kept.found) == {("c", False, DAY)}
