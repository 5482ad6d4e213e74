"""Results of a frequent word: the best are known at once, the others when somebody turns there."""

from array import array

from pyroaring import BitMap

from directory.search.match import Match, Ordered

WHOLE: Ordered = array("I", [5, 3, 9, 1, 7, 2]), array("f", [6, 5, 4, 3, 2, 1])
BEST: Ordered = WHOLE[0][:2], WHOLE[1][:2]


def frequent(asked: list[str]) -> Match:
    def whole() -> Ordered:
        asked.append("whole")
        return WHOLE

    return Match(BitMap(WHOLE[0]), BEST, whole)


def numbers(match: Match, chosen: list[int], offset: int, limit: int) -> list[int]:
    return [number for number, _ in match.page(BitMap(chosen), offset, limit)]


def test_the_first_page_needs_the_best_alone() -> None:
    asked: list[str] = []
    assert numbers(frequent(asked), list(WHOLE[0]), 0, 2) == [5, 3]
    assert asked == []


def test_pages_behind_the_best_go_on_in_the_same_order() -> None:
    match = frequent([])
    pages = [numbers(match, list(WHOLE[0]), offset, 2) for offset in (0, 2, 4, 6)]
    assert pages == [[5, 3], [9, 1], [7, 2], []]


def test_a_filter_that_leaves_few_of_the_best_brings_the_others() -> None:
    assert numbers(frequent([]), [3, 1, 2], 0, 20) == [3, 1, 2]


def test_a_filter_that_leaves_nothing_behind_the_best_asks_no_further() -> None:
    asked: list[str] = []
    assert numbers(frequent(asked), [3, 5], 0, 20) == [5, 3]
    assert asked == []
