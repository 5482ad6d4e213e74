"""A question that would cost too much is cut, and the answer says so."""

from collections.abc import Iterator
from itertools import count

import pytest

from directory.search.budget import Budget, Cut
from directory.search.query import MOST_VALUES, SearchQuery
from directory.search.service import SearchService
from directory.search.spelling import LONGEST
from tests.search.conftest import TODAY, Library, Reader, stock


def service(library: Library, seconds: float) -> SearchService:
    """Return a search in which every look at the clock takes one second."""
    ticks = count()
    return SearchService(
        library.db,
        library.folder / "data",
        today=lambda: TODAY,
        budget=lambda: Budget(seconds, clock=lambda: next(ticks)),
    )


@pytest.fixture
def stocked(library: Library) -> Iterator[Library]:
    stock(library)
    yield library


def test_what_can_be_answered_in_time_is_whole(stocked: Library) -> None:
    results = Reader(stocked).asks("cyberpaece gebeva algorthms")
    assert results.cut == ()


def test_without_time_the_answer_is_the_words_alone(stocked: Library) -> None:
    hurried = service(stocked, 0)
    results = hurried.search(SearchQuery(q="volunteers cyberpaece"))
    assert results.cut == (Cut.SPELLING, Cut.RELAXED, Cut.COUNTS, Cut.REASONS)
    assert results.corrected is None
    assert not any(results.facets.values())
    found = hurried.search(SearchQuery(q="volunteers"))
    assert [hit.card.slug for hit in found.hits] == ["cyberpeace-builders"]
    hurried.close()


def test_what_was_cut_for_want_of_time_is_not_kept(stocked: Library) -> None:
    seconds = [0.0]
    patient = SearchService(stocked.db, stocked.folder / "data", budget=lambda: Budget(seconds[0]))
    assert Cut.SPELLING in patient.search(SearchQuery(q="algorthms")).cut
    seconds[0] = 60.0
    results = patient.search(SearchQuery(q="algorthms"))
    assert (results.corrected, results.cut) == ("algorithms", ())
    patient.close()


def test_feeds_and_exports_are_whole_whatever_it_costs(stocked: Library) -> None:
    hurried, whole = service(stocked, 0), Reader(stocked).service
    query = SearchQuery(q="neural networks volcano")
    assert hurried.ids(query) == whole.ids(query) != []
    hurried.close()


def test_a_long_question_says_that_only_its_beginning_counts(stocked: Library) -> None:
    reader = Reader(stocked)
    assert reader.asks("trade " * 13).cut == reader.asks("trade " * 13).cut == (Cut.WORDS,)
    assert reader.asks("trade " * 12).cut == ()


def test_an_endless_word_is_not_mended(stocked: Library) -> None:
    assert Reader(stocked).asks("q" * (LONGEST + 1)).total == 0


def test_one_filter_takes_every_country_and_no_endless_list() -> None:
    params = [("country", f"c{n}") for n in range(10_000)]
    query = SearchQuery.read(params, strict=False)
    assert len(query.selected("country")) == MOST_VALUES


def test_two_filters_that_have_to_go_together_are_named(library: Library) -> None:
    library.training("here", "Kites", cost="free", mode="online", languages=["en"])
    reader = Reader(library)
    query = SearchQuery.read(
        [("q", "kites"), ("cost", "fee"), ("mode", "in-person"), ("language", "en")], strict=True
    )
    (drop,) = reader.service.search(query).drops
    assert (drop.parameters, drop.total) == (("mode", "cost"), 1) or (
        drop.parameters == ("cost", "mode") and drop.total == 1
    )


def test_where_every_filter_has_to_go_that_is_said(library: Library) -> None:
    library.training("here", "Kites", cost="free", mode="online", languages=["en"])
    reader = Reader(library)
    params = [("q", "kites"), ("cost", "fee"), ("mode", "in-person"), ("language", "fr")]
    query = SearchQuery.read(params, strict=True)
    (drop,) = reader.service.search(query).drops
    assert ({*drop.parameters}, drop.total) == ({"cost", "mode", "language"}, 1)
    nothing = SearchQuery.read([("q", "xylophone"), ("cost", "fee")], strict=True)
    assert reader.service.search(nothing).drops == []
