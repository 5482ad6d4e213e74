"""Which item is which, and when a change is too much to be believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.entries.kinds import TRAINING
from directory.imports.harvest.items import Item
from directory.imports.harvest.matching import Former, canonical, mass_change, shared_pages


@pytest.mark.parametrize(
    "url",
    [
        "https://school.example/rain",
        "http://www.school.example/rain/",
        "HTTPS://School.example:443/rain#top",
        "https://school.example/rain?utm_source=feed&utm_medium=rss",
        "https://school.example/rain/index.html",
    ],
)
def test_one_page_has_one_identity_however_it_is_written(url: str) -> None:
    assert canonical(url) == "school.example/rain"


@pytest.mark.parametrize(
    "url", [None, "", "https://school.example", "https://school.example/", "mailto:a@b.example"]
)
def test_the_front_page_of_a_site_names_no_item(url: str | None) -> None:
    assert canonical(url) is None


def test_an_address_that_several_items_have_names_none_of_them() -> None:
    items = [Item(str(n), {}, "https://school.example/apply") for n in range(2)]
    assert shared_pages([*items, Item("3", {}, "https://school.example/3")]) == {
        "school.example/apply"
    }


def known(*numbers: int) -> list[Former]:
    return [Former(f"c{n}", f"school.example/{n}", f"Rain {n}", 0) for n in numbers]


def there(*numbers: int, ids: str = "c", site: str = "school") -> list[Item]:
    return [
        Item(f"{ids}{n}", {"title": f"Rain {n}"}, f"https://{site}.example/{n}") for n in numbers
    ]


def judged(before: list[Former], now: list[Item]) -> str | None:
    return mass_change(TRAINING, before, now)


def test_what_comes_new_never_stops_a_run() -> None:
    assert judged(known(1, 2, 3), there(*range(1, 100))) is None
    assert judged([], there(1)) is None


def test_up_to_a_third_may_go_at_once_and_no_more() -> None:
    assert judged(known(*range(9)), there(*range(3, 9))) is None
    assert "gone at once" in str(judged(known(*range(9)), there(*range(4, 9))))


def test_of_a_small_feed_two_items_may_go() -> None:
    assert judged(known(1, 2, 3), there(3)) is None


def test_an_empty_feed_is_never_believed() -> None:
    assert "is empty" in str(judged(known(1), []))


@pytest.mark.parametrize("site", ["school", "moved"])
def test_new_ids_for_the_same_addresses_or_titles_are_called_what_they_are(site: str) -> None:
    said = judged(known(*range(6)), there(*range(6), ids="new", site=site))
    assert "other ids than before" in str(said)


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30), min_size=1))
def test_a_run_stops_exactly_when_more_than_a_third_is_gone(
    before: set[int], now: set[int]
) -> None:
    gone = len(before - now)
    stops = judged(known(*before), there(*now)) is not None
    assert stops is (gone >= 3 and gone * 3 > len(before))
