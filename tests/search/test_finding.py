"""What a visitor types, and what comes first."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.search.query import SearchQuery
from tests.search.conftest import Reader


@pytest.mark.parametrize("text", ["GCSP", "gcsp", " Gcsp ", "Geneva Centre for Security Policy"])
def test_a_whole_name_or_acronym_comes_first(visitor: Reader, text: str) -> None:
    assert visitor.finds(text)[0] == "gcsp"


def test_another_name_of_an_entry_comes_first_too(visitor: Reader) -> None:
    assert visitor.finds("cpi")[0] == "cyberpeace-institute"


def test_a_word_in_a_name_counts_more_than_in_a_text(visitor: Reader) -> None:
    found = visitor.finds("builders")
    assert found[0] == "cyberpeace-builders"


@pytest.mark.parametrize("text", ["cyberp", "cyberpeace buil", "institu cyberpeace"])
def test_the_beginning_of_a_word_is_enough(visitor: Reader, text: str) -> None:
    assert {"cyberpeace-builders", "cyberpeace-institute"} & set(visitor.finds(text)[:2])


def test_the_beginning_of_a_name_counts_more_than_that_of_a_label(visitor: Reader) -> None:
    found = visitor.finds("cours")
    assert found[0] == "gcsp-courses"
    assert "shops-online" in found


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cyberpaece", "cyberpeace"),
        ("volumteers", "volunteers"),
        ("algorthms", "algorithms"),
        ("gebeva centre", "geneva centre"),
        ("beginnersx", "beginners"),
    ],
)
def test_one_slip_of_the_finger_is_forgiven_and_said(
    visitor: Reader, typed: str, meant: str
) -> None:
    results = visitor.asks(typed)
    assert results.corrected == meant
    assert [h.card.slug for h in results.hits] == visitor.finds(meant)
    assert results.total > 0


def test_a_right_word_is_never_corrected(visitor: Reader) -> None:
    assert visitor.asks("trade agreements").corrected is None
    assert visitor.asks("cyberp").corrected is None


@pytest.mark.parametrize("text", ["Genève", "geneve", "GENÈVE", "Gene\u0300ve"])
def test_accents_do_not_matter(visitor: Reader, text: str) -> None:
    assert "ministries-ai" in visitor.finds(text)


def test_endings_of_english_words_do_not_matter(visitor: Reader) -> None:
    assert visitor.finds("agreement") == visitor.finds("agreements") == ["trade-rules"]


@pytest.mark.parametrize("text", ["e-commerce", "ecommerce", "electronic commerce", "E-Commerce"])
def test_names_of_the_same_thing_meet(visitor: Reader, text: str) -> None:
    assert set(visitor.finds(text)) == {"shops-online", "trade-rules"}


@pytest.mark.parametrize(
    "text", ["AI", "ML", "machine learning", "artificial intelligence", "人工智能"]
)
def test_a_topic_is_found_by_each_of_its_names(visitor: Reader, text: str) -> None:
    assert {"learning-machines", "ministries-ai"} <= set(visitor.finds(text))


@pytest.mark.parametrize("text", ["CBM", "cbms", "confidence-building measures"])
def test_an_abbreviation_finds_what_carries_the_term(visitor: Reader, text: str) -> None:
    assert visitor.finds(text)[0] == "points-of-contact"


@pytest.mark.parametrize("text", ["EGOV", "e-government", "digital government", "C7-EGOV"])
def test_an_action_line_is_found_by_code_and_name(visitor: Reader, text: str) -> None:
    assert visitor.finds(text) == ["gcsp-courses"]


def test_a_label_that_somebody_is_still_typing_is_understood(visitor: Reader) -> None:
    assert visitor.finds("digital gov") == ["gcsp-courses"]


def test_a_country_is_found_in_another_language_and_by_its_region(visitor: Reader) -> None:
    assert set(visitor.finds("Suisse")) == {"gcsp", "cyberpeace-institute"}
    assert "shops-online" in visitor.finds("كينيا")
    assert "shops-online" in visitor.finds("africa")


def test_a_provider_is_found_with_what_it_gives(visitor: Reader) -> None:
    assert visitor.finds("gcsp algorithms")[0] == "learning-machines"


@pytest.mark.parametrize("text", ["кибербезопасности", "网络安全", "安全", "تدريب", "الأمن"])
def test_other_scripts_are_found_by_their_words(visitor: Reader, text: str) -> None:
    assert visitor.finds(text) == ["many-tongues"]


def test_an_ngo_finds_free_help(visitor: Reader) -> None:
    assert visitor.finds("free cybersecurity help for an NGO")[0] == "cyberpeace-builders"


def test_small_words_need_not_match(visitor: Reader) -> None:
    assert visitor.finds("the rules of the trade") == visitor.finds("rules trade")
    assert visitor.finds("the rules of the trade")[0] == "trade-rules"


def test_only_small_words_are_words_like_others(visitor: Reader) -> None:
    assert "ministries-ai" in visitor.finds("about")


def test_all_words_come_before_most_words(visitor: Reader) -> None:
    results = visitor.asks("neural networks volcano")
    assert results.relaxed
    assert results.hits[0].card.slug == "learning-machines"


def test_nothing_is_relaxed_when_enough_has_all_words(visitor: Reader) -> None:
    results = visitor.asks("gcsp")
    assert results.total >= 3
    assert not results.relaxed


def test_a_word_nobody_wrote_finds_nothing(visitor: Reader) -> None:
    results = visitor.asks("xylophone")
    assert (results.total, results.hits, results.relaxed) == (0, [], False)


def test_notes_for_curators_are_not_found(visitor: Reader) -> None:
    assert visitor.finds("zanzibar") == []


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "((((",
        "] OR [",
        "title:gcsp^2 AND NOT (x",
        "gcsp*",
        "-gcsp",
        "/re.*gex/",
        "\\",
        "\x00gcsp\x1b",
        "gcsp\ud800",
        "a" * 10_000,
        "gcsp " * 2_000,
        "((" * 5_000,
        "網" * 10_000,
    ],
)
def test_no_text_is_a_wrong_query(visitor: Reader, text: str) -> None:
    query = SearchQuery.read([("q", text)], strict=False)
    results = visitor.service.search(query)
    assert results.total >= len(results.hits)
    if "gcsp" in text:
        assert results.hits[0].card.slug.startswith("gcsp")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_gets_an_answer(visitor: Reader, text: str) -> None:
    query = SearchQuery.read([("q", text), ("page", "2")], strict=False)
    visitor.service.search(query)
    SearchQuery.read(query.params(), strict=True)


def test_without_a_text_everything_is_shown_the_fullest_first(visitor: Reader) -> None:
    results = visitor.asks()
    assert results.total == 10
    assert results.hits[0].card.slug == "cyberpeace-builders"
