"""What was answered once is answered from memory, for as long as it is true."""

from datetime import timedelta
from typing import Any

import pytest

from directory.languages import reading
from directory.search import service, snapshot
from directory.search.budget import Budget
from directory.search.query import SearchQuery
from directory.search.results import Results
from directory.search.service import SearchService
from tests.search.conftest import TODAY, Library, Reader


def query(**params: Any) -> SearchQuery:
    return SearchQuery.read([(k, str(v)) for k, v in params.items()], strict=True)


def kept(reader: Reader, **params: Any) -> Results | None:
    return reader.service.kept(query(**params))


def asked(reader: Reader, **params: Any) -> Results:
    return reader.service.search(query(**params))


@pytest.fixture(autouse=True)
def lighthouse(library: Library) -> None:
    library.training("keepers", "Keeping a lighthouse", cost="fee")


def test_nothing_is_in_memory_before_somebody_asked(reader: Reader) -> None:
    assert kept(reader, q="lighthouse") is None
    answer = asked(reader, q="lighthouse", cost="fee")
    assert answer.total == 1
    assert kept(reader, q="lighthouse", cost="fee") is answer
    assert asked(reader, q="lighthouse", cost="fee") is answer


def test_another_order_page_filter_shortlist_or_language_is_another_answer(reader: Reader) -> None:
    asked(reader, q="lighthouse")
    for other in ({"sort": "title"}, {"page": 2}, {"per_page": 5}, {"cost": "fee"}, {"lang": "fr"}):
        assert kept(reader, q="lighthouse", **other) is None, other
    with reading("fr"):
        assert kept(reader, q="lighthouse") is None


def test_what_is_published_or_withdrawn_ends_it_at_once(library: Library, reader: Reader) -> None:
    assert asked(reader, q="lighthouse").total == 1
    other = library.training("painters", "Painting a lighthouse")
    assert kept(reader, q="lighthouse") is None
    assert asked(reader, q="lighthouse").total == 2
    library.withdraw(other)
    assert kept(reader, q="lighthouse") is None
    assert [hit.card.slug for hit in asked(reader, q="lighthouse").hits] == ["keepers"]


def test_a_card_that_changed_is_not_shown_as_it_was(library: Library, reader: Reader) -> None:
    asked(reader, q="lighthouse")
    library.training("keepers", "Keeping a lighthouse dry", cost="fee")
    assert asked(reader, q="lighthouse").hits[0].card.title == "Keeping a lighthouse dry"


def test_a_new_day_is_answered_anew(reader: Reader) -> None:
    asked(reader, q="lighthouse")
    reader.today = TODAY + timedelta(days=1)
    assert kept(reader, q="lighthouse") is None


def test_an_answer_with_every_value_of_a_facet_is_not_kept(reader: Reader) -> None:
    reader.service.search(query(q="lighthouse"), more="country")
    reader.service.search(query(q="lighthouse"), values=None)
    assert kept(reader, q="lighthouse") is None
    assert reader.service.kept(query(q="lighthouse"), more="country") is None
    assert reader.service.kept(query(q="lighthouse"), values=None) is None


def test_an_answer_of_which_something_was_cut_is_not_kept(library: Library) -> None:
    hurried = SearchService(library.db, library.folder / "data", budget=lambda: Budget(-1.0))
    assert hurried.search(query(q="lighthouse keeping")).cut
    assert hurried.kept(query(q="lighthouse keeping")) is None
    hurried.close()


def test_an_answer_from_a_standby_that_is_behind_is_not_kept(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(service, "is_behind", lambda _session: True)
        assert asked(reader, q="lighthouse").total == 1
        assert kept(reader, q="lighthouse") is None
    assert asked(reader, q="lighthouse") is kept(reader, q="lighthouse")


def test_answers_hold_no_more_cards_than_are_kept(
    library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_CARDS_KEPT", 1)
    library.training("painters", "Painting a lighthouse")
    library.training("millers", "Grinding corn")
    asked(reader, q="lighthouse")
    asked(reader, q="corn")
    assert kept(reader, q="lighthouse") is None
    assert kept(reader, q="corn")


def test_all_is_forgotten_when_it_is_too_much(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "MOST_ANSWERS_KEPT", 3)
    for page in range(1, 6):
        asked(reader, page=page)
    assert [page for page in range(1, 6) if kept(reader, page=page)] == [4, 5]
