"""What a visitor types, and what comes first."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.search.query import SearchQuery
from tests.search.conftest import Library, Reader


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


@pytest.mark.parametrize(("typed", "meant"), [("algoritms lern", "algorithms learn")])
def test_what_was_meant_counts_like_what_was_typed(visitor: Reader, typed: str, meant: str) -> None:
    assert visitor.finds(typed)[0] == visitor.finds(meant)[0]


def test_two_slips_in_a_long_word_are_forgiven(visitor: Reader) -> None:
    results = visitor.asks("assisstence")
    assert results.corrected == "assistance"
    assert results.hits[0].card.slug == "cyberpeace-builders"


def test_a_whole_name_with_a_slip_comes_first(visitor: Reader) -> None:
    assert visitor.finds("cyberpeace instiute")[0] == "cyberpeace-institute"


@pytest.mark.parametrize("text", ["algorithmslearn", "cyberpeacebuilders"])
def test_two_words_written_as_one_are_understood(visitor: Reader, text: str) -> None:
    assert visitor.finds(text)[0] in ("learning-machines", "cyberpeace-builders")


def test_a_short_word_is_not_taken_for_another(visitor: Reader) -> None:
    assert visitor.asks("gave").corrected is None
    assert visitor.asks("GCPS").corrected == "gcsp"


@pytest.mark.parametrize("text", ["Geneva Center for Security Policy", "geneva center"])
def test_american_spelling_is_understood_and_not_corrected(visitor: Reader, text: str) -> None:
    results = visitor.asks(text)
    assert results.hits[0].card.slug == "gcsp"
    assert results.corrected is None


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
    """The entry that says the word itself is first; terms in that language come after."""
    assert visitor.finds(text)[0] == "many-tongues"


def test_an_ngo_finds_free_help(visitor: Reader) -> None:
    assert visitor.finds("free cybersecurity help for an NGO")[0] == "cyberpeace-builders"


def test_small_words_need_not_match(visitor: Reader) -> None:
    assert visitor.finds("the rules of the trade") == visitor.finds("rules trade")
    assert visitor.finds("the rules of the trade")[0] == "trade-rules"


def test_only_small_words_are_words_like_others(visitor: Reader) -> None:
    assert "ministries-ai" in visitor.finds("about")


@pytest.mark.parametrize("text", ["formation pour la Suisse", "formación en Suisse"])
def test_small_french_and_spanish_words_need_not_match(visitor: Reader, text: str) -> None:
    assert visitor.finds("la Suisse") == visitor.finds("Suisse")


def test_a_kind_of_thing_is_a_preference(library: Library, reader: Reader) -> None:
    library.organisation("bees", "Bees of the world", organisation_type="civil-society")
    library.training("keeping-bees", "Keeping bees", training_kind="course")
    library.training("helping-bees", "Helping bees", training_kind="volunteer-matching")
    assert reader.finds("bees course") == ["keeping-bees", "helping-bees", "bees"]
    assert reader.finds("bees organisation")[0] == reader.finds("bees organization")[0] == "bees"
    assert reader.finds("course") == ["keeping-bees"]


def test_a_word_that_tells_more_counts_more(library: Library, reader: Reader) -> None:
    for n in range(8):
        library.training(f"security-{n}", f"Security today {n}", topics="security, security")
    library.training("for-nurses", "Safe work", topics="security for nurses")
    assert reader.finds("security nurses tomorrow")[0] == "for-nurses"


def test_one_common_word_among_unknown_ones_is_no_answer(library: Library, reader: Reader) -> None:
    for n in range(30):
        library.training(f"policy-{n}", f"Policy {n}")
    assert reader.finds("violin lessons policy") == []


def test_a_name_among_other_words_comes_first(library: Library, reader: Reader) -> None:
    library.programme("groups", "Broadband Commission Groups", summary="Groups of everybody.")
    library.programme("broadband-commission", "Broadband Commission")
    assert reader.finds("the broadband commission of everybody")[0] == "broadband-commission"


def test_what_is_called_by_its_name_is_found_whatever_else_is_said(
    library: Library, reader: Reader
) -> None:
    library.programme("forum", "Internet Governance Forum")
    for n in range(25):
        library.programme(f"school-{n}", f"Internet governance school {n}", summary="It runs.")
    assert reader.finds("who runs the internet governance forum")[0] == "forum"


def test_the_short_name_in_brackets_is_a_name(library: Library, reader: Reader) -> None:
    library.programme("law", "Law of the sea, law of the air", summary="Laws and laws.")
    library.programme("weapons", "Lethal Autonomous Weapon Systems (LAWS)")
    library.programme("agents", "Artificial intelligence (AI) agents: talking with AI about AI")
    library.programme("ai", "AI and nothing else", aliases=["AI"])
    assert reader.finds("LAWS")[0] == "weapons"
    assert reader.finds("AI")[0] == "ai"


def test_nobody_is_told_a_word_that_is_none(visitor: Reader) -> None:
    assert visitor.asks("voting").corrected is None


def test_what_is_over_comes_after_what_is_not(library: Library, reader: Reader) -> None:
    library.training("old", "Flying kites", availability="past")
    library.training("new", "Flying kites", availability="on-request")
    assert reader.finds("kites") == ["new", "old"]


def test_a_topic_does_not_bring_the_whole_action_line_it_lies_in(visitor: Reader) -> None:
    in_the_line = {"gcsp", "cyberpeace-institute", "cyberpeace-builders"}
    assert set(visitor.finds("spam")) == in_the_line
    assert set(visitor.finds("cybersecurity")) == in_the_line - {"cyberpeace-institute"}


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


@settings(max_examples=60)
@given(st.text(max_size=80))
def test_any_text_gets_an_answer(visitor: Reader, text: str) -> None:
    query = SearchQuery.read([("q", text), ("page", "2")], strict=False)
    visitor.service.search(query)
    SearchQuery.read(query.params(), strict=True)


def test_without_a_text_everything_is_shown_the_fullest_first(visitor: Reader) -> None:
    results = visitor.asks()
    assert results.total == 10
    assert results.hits[0].card.slug == "cyberpeace-builders"
