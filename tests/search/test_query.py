"""The parameters of a search, read and written back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.entries.kinds import KINDS
from directory.errors import Invalid
from directory.search.query import FACETS, MOST_PER_PAGE, SORTS, SearchQuery, clean

# fmt: off
CONTRACT = {
    "kind", "policy_area", "action_line", "sdg", "gdc", "organisation_type", "country",
    "region", "language", "audience", "training_kind", "mode", "level", "cost", "admission",
    "availability", "recognition", "provider", "open",
}
# fmt: on


def test_every_facet_of_the_contract_is_there() -> None:
    assert set(FACETS) >= CONTRACT


def test_every_marked_field_is_behind_a_facet() -> None:
    for kind in KINDS.values():
        for name, declared in kind.public_fields.items():
            if declared.facet:
                assert name in FACETS[declared.facet].fields[kind.name]


def test_every_facet_has_a_title() -> None:
    assert all(facet.title for facet in FACETS.values())
    assert FACETS["country"].title == "Country"


def test_pages_repair_what_does_not_fit() -> None:
    query = SearchQuery.read(
        [("page", "-3"), ("per_page", "9999"), ("sort", "colour"), ("kind", "spaceship"),
         ("open", "perhaps"), ("utm_source", "x"), ("q", " a\x00\n b ")],
        strict=False,
    )  # fmt: skip
    assert query == SearchQuery(q="a b", per_page=MOST_PER_PAGE)


def test_a_number_that_is_none_is_the_default() -> None:
    query = SearchQuery.read([("page", "two"), ("per_page", "１")], strict=False)
    assert (query.page, query.per_page) == (1, 20)


def test_programs_are_told_each_parameter_that_does_not_fit() -> None:
    with pytest.raises(Invalid) as wrong:
        SearchQuery.read(
            [("page", "two"), ("per_page", "101"), ("sort", "colour"), ("kind", "spaceship"),
             ("open", "perhaps"), ("colour", "red")],
            strict=True,
        )  # fmt: skip
    assert set(wrong.value.by_field) == {"page", "per_page", "sort", "kind", "open", "colour"}


def test_a_long_text_is_cut() -> None:
    assert len(clean("word " * 10_000)) <= 500


def test_the_address_says_only_what_is_not_the_default() -> None:
    assert SearchQuery().url() == "/search"
    query = SearchQuery.read(
        [
            ("cost", "free"),
            ("q", "caf\u00e9 & co"),
            ("cost", "free"),
            ("cost", "fee"),
            ("page", "1"),
        ],
        strict=True,
    )
    assert query.url("/search.csv") == "/search.csv?q=caf%C3%A9+%26+co&cost=free&cost=fee"


def test_choosing_a_value_twice_takes_it_away_and_goes_to_the_first_page() -> None:
    query = SearchQuery(page=4).toggled("cost", "free")
    assert query.filters == {"cost": ("free",)}
    assert query.page == 1
    assert query.toggled("cost", "free") == SearchQuery()
    assert query.toggled("cost", "fee").without("cost") == SearchQuery()
    assert query.toggled("mode", "online").without() == SearchQuery()


def test_another_order_begins_at_the_first_page() -> None:
    assert SearchQuery(page=3).sorted_by("title") == SearchQuery(sort="title")
    assert SearchQuery().at_page(3) == SearchQuery(page=3)


VALUE = st.text(min_size=1, max_size=20).map(clean).filter(bool)


@given(
    q=st.text(max_size=600),
    cost=st.lists(VALUE, max_size=3),
    open_now=st.booleans(),
    sort=st.sampled_from(sorted(SORTS)),
    page=st.integers(1, 1000),
    per_page=st.integers(1, MOST_PER_PAGE),
)
def test_a_query_written_and_read_again_is_the_same(
    q: str, cost: list[str], open_now: bool, sort: str, page: int, per_page: int
) -> None:
    params = [("q", q), *(("cost", c) for c in cost), ("sort", sort), ("page", str(page))]
    params += [("per_page", str(per_page)), ("open", "yes" if open_now else "no")]
    query = SearchQuery.read(params, strict=True)
    assert SearchQuery.read(query.params(), strict=True) == query
    assert query.open == open_now
