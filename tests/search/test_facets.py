"""Counts and orders, compared with the plain way of counting."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.entries.vocabularies import NOT_STATED
from directory.search import facets as facets_module
from directory.search import packed
from directory.search.documents import GROUPS, Document
from directory.search.facets import FacetIndex, Gathering, newest
from directory.search.words import fold
from tests.search.conftest import TODAY, Reader

VALUES = {
    "cost": ["free", "fee", NOT_STATED],
    "audience": ["ngos", "diplomats", "students", "media"],
    "provider": ["gcsp", "itu", "undp", "apc", "cstd"],
}
DAYS = st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=3))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    values = {
        name: draw(st.lists(st.sampled_from(known), max_size=3, unique=True))
        for name, known in VALUES.items()
    }
    return Document(
        id=uuid.UUID(int=draw(st.integers(1, 30))),
        kind="training",
        slug="x",
        title=draw(st.sampled_from(["Alpha", "beta", "Émile", "zeta"])),
        texts={group: [] for group in GROUPS},
        values=values,
        stated=draw(st.integers(0, 3)),
        open_until=draw(st.none() | DAYS),
        review_by=draw(st.none() | DAYS),
        deadlines=sorted(draw(st.lists(DAYS, max_size=3, unique=True))),
    )


SHELVES = st.lists(documents(), max_size=25, unique_by=lambda d: d.id)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "cost": st.lists(st.sampled_from(VALUES["cost"]), min_size=1, max_size=2).map(tuple),
        "audience": st.lists(st.sampled_from(VALUES["audience"]), min_size=1).map(tuple),
        "open": st.just(("1",)),
    },
)


def index_of(shelf: dict[int, Document]) -> FacetIndex:
    gathering = Gathering()
    for number, document in shelf.items():
        gathering.add(number, document)
    return gathering.index()


def passes(document: Document, parameter: str, values: tuple[str, ...]) -> bool:
    if parameter == "open":
        return document.open_until is not None and document.open_until >= TODAY
    return bool(set(values) & set(document.values[parameter]))


@settings(max_examples=80)
@given(shelf=SHELVES, filters=FILTERS, many=st.sampled_from([0, 300]))
def test_counts_are_those_of_counting_by_hand(
    shelf: list[Document], filters: dict[str, tuple[str, ...]], many: int
) -> None:
    numbered = dict(enumerate(shelf))
    index = index_of(numbered)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facets_module, "MOST_TRIED", many)  # 0: every facet is a long one.
        base, others = index.filtered(None, filters, TODAY)
        assert set(base) == {
            n for n, d in numbered.items() if all(passes(d, p, v) for p, v in filters.items())
        }
        for parameter in VALUES:
            # A facet is counted among those who pass all filters but its own.
            among = [
                d
                for d in numbered.values()
                if all(passes(d, p, v) for p, v in filters.items() if p != parameter)
            ]
            expected = {
                value: count
                for value in VALUES[parameter]
                if (count := sum(value in d.values[parameter] for d in among))
            }
            counted = dict(index.counts(parameter, others.get(parameter, base), TODAY, None))
            assert counted == expected
            best = index.counts(parameter, others.get(parameter, base), TODAY, 2)
            assert sorted(c for _, c in best) == sorted(sorted(expected.values())[-2:])
            assert all(expected[value] == count for value, count in best)


def without_empty(found: dict[Any, Any]) -> dict[Any, Any]:
    return {key: value for key, value in found.items() if value}


@settings(max_examples=80)
@given(
    before=SHELVES,
    after=SHELVES,
    gone=st.sets(st.integers(0, 30), max_size=5),
    worked_out_before=st.booleans(),
)
def test_changing_the_index_is_the_same_as_building_it_anew(
    before: list[Document], after: list[Document], gone: set[int], worked_out_before: bool
) -> None:
    numbered = dict(enumerate(before))
    old = index_of(numbered)
    removed = {uuid.UUID(int=i) for i in gone} - {d.id for d in after}
    numbers = {d.id: n for n, d in numbered.items()}
    new = {numbers.get(d.id, 100 + n): d for n, d in enumerate(after)}
    if worked_out_before:
        old.open_on(TODAY), old.stale_on(TODAY)
        for parameter in VALUES:
            old.counts(parameter, old.all, TODAY, None)
    changed = old.changed(new, removed)
    fresh = index_of(
        {n: d for n, d in numbered.items() if d.id not in removed and n not in new} | new
    )
    assert (changed.all, changed.dated) == (fresh.all, fresh.dated)
    for name in ("titles", "fullness"):
        assert [*getattr(changed, name)] == [*getattr(fresh, name)]
    for number in range(130):
        for name in ("ids", "open_until", "review_by"):
            assert getattr(changed, name).get(number) == getattr(fresh, name).get(number)
        for one, other in (
            (changed.deadlines, fresh.deadlines),
            (changed.open_ended["provider"], fresh.open_ended["provider"]),
        ):
            assert [*(one.get(number) or ())] == [*(other.get(number) or ())]
    for key in (uuid.UUID(int=i) for i in range(31)):
        assert changed.numbers.get(key) == fresh.numbers.get(key)
    for parameter in VALUES:
        # Of all entries the values are given in their order.
        assert changed.counts(parameter, changed.all, TODAY, None) == fresh.counts(
            parameter, fresh.all, TODAY, None
        )
    assert changed.open_on(TODAY) == fresh.open_on(TODAY)
    assert changed.stale_on(TODAY) == fresh.stale_on(TODAY)
    assert without_empty(changed.values) == without_empty(fresh.values)
    assert old.all == index_of(numbered).all


@settings(max_examples=80)
@given(shelf=SHELVES, offset=st.integers(0, 12), limit=st.integers(1, 9))
def test_orders_are_those_of_sorting(shelf: list[Document], offset: int, limit: int) -> None:
    numbered = dict(enumerate(shelf))
    index = index_of(numbered)
    page = slice(offset, offset + limit)
    chosen, _ = index.filtered(None, {"cost": ("free", NOT_STATED)}, TODAY)
    titles = sorted(chosen, key=lambda n: (fold(numbered[n].title), n))
    assert index.titles.first(chosen, offset, limit) == titles[page]
    assert newest(chosen, offset, limit) == sorted(chosen, reverse=True)[page]

    def closes(number: int) -> tuple[bool, date, int]:
        ahead = [d for d in numbered[number].deadlines if d >= TODAY]
        return (False, ahead[0], number) if ahead else (True, TODAY, -number)

    assert index.by_deadline(chosen, TODAY, offset, limit) == sorted(chosen, key=closes)[page]


def test_titles_are_sorted_without_regard_to_accents_and_capitals(visitor: Reader) -> None:
    titles = [hit.card.title for hit in visitor.asks(sort="title").hits]
    assert titles[0] == "AI in ministries"
    assert titles == sorted(titles, key=str.lower)


def test_the_values_of_one_facet_add_up_and_facets_narrow(visitor: Reader) -> None:
    free = set(visitor.finds(cost="free"))
    both = set(visitor.finds(cost=["free", "fee"]))
    assert free < both
    assert set(visitor.finds(cost=["free", "fee"], mode="online")) == {"shops-online"}


def test_choosing_a_value_leaves_the_other_values_of_its_facet(visitor: Reader) -> None:
    before = visitor.counts("cost")
    assert visitor.counts("cost", cost="free") == before
    assert visitor.counts("kind", cost="free") == {"training": 1}


def test_a_chosen_value_is_shown_even_where_nothing_has_it(visitor: Reader) -> None:
    values = {v.value: v for v in visitor.asks("gcsp", cost="fee").facets["cost"]}
    assert (values["fee"].count, values["fee"].selected) == (0, True)


def test_what_no_source_states_can_be_asked_for(visitor: Reader) -> None:
    found = visitor.finds(cost="not-stated")
    assert "trade-rules" in found
    assert "cyberpeace-builders" not in found
    assert "gcsp" not in found, "organisations have no cost at all"
    label = next(v.label for v in visitor.asks().facets["cost"] if v.value == "not-stated")
    assert label == "Not stated"


def test_a_parent_finds_what_is_below_it(visitor: Reader) -> None:
    assert set(visitor.finds(action_line="C7")) == {"gcsp-courses", "shops-online"}
    assert visitor.finds(action_line="C7-EGOV") == ["gcsp-courses"]
    assert visitor.counts("action_line")["C7"] == 2


def test_a_region_finds_its_countries(visitor: Reader) -> None:
    assert visitor.finds(region="002") == ["shops-online"]
    assert set(visitor.finds(region="150")) == {"gcsp", "cyberpeace-institute"}
    assert set(visitor.finds(region="001")) >= {"gcsp", "shops-online", "points-of-contact"}
    assert "155" not in visitor.counts("country")


def test_a_provider_is_called_by_its_name(visitor: Reader) -> None:
    labels = {v.value: v.label for v in visitor.asks().facets["provider"]}
    assert labels["gcsp"] == "Geneva Centre for Security Policy"


def test_values_stand_by_count_then_by_name(visitor: Reader) -> None:
    for values in visitor.asks().facets.values():
        assert values == sorted(values, key=lambda v: (-v.count, v.label))


def test_open_offers_are_counted_by_the_day(library_of_the_day: Reader) -> None:
    reader = library_of_the_day
    assert set(reader.finds(open="1")) == {"by-deadline", "by-start", "later", "always"}
    assert reader.counts("open") == {"1": 4}
    reader.today = date(2026, 11, 24)
    assert set(reader.finds(open="1")) == {"by-start", "later", "always"}
    reader.today = date(2027, 1, 7)
    assert reader.finds(open="yes") == ["always"]


def test_what_closes_first_comes_first_and_tomorrow_too(library_of_the_day: Reader) -> None:
    reader = library_of_the_day
    assert reader.finds(sort="deadline")[:2] == ["by-deadline", "later"]
    assert reader.asks(sort="deadline").hits[0].deadline == date(2026, 11, 23)
    reader.today = date(2026, 11, 24)
    assert reader.finds(sort="deadline")[0] == "later"


@pytest.fixture
def library_of_the_day(reader: Reader, library) -> Reader:  # type: ignore[no-untyped-def]
    def run(start: str, deadline: str | None = None, **more: object) -> dict[str, object]:
        return {"start": start, "tracks": [{"application_deadline": deadline}], **more}

    library.training("by-deadline", "Closes on Monday", runs=[run("2026-12-20", "2026-11-23")])
    library.training("by-start", "Starts at Christmas", runs=[{"start": "2026-12-24"}])
    library.training("always", "Any time", availability="any-time")
    library.training("over", "Last year", runs=[run("2025-12-24", "2025-12-01")])
    library.training("later", "At Epiphany", runs=[run("2027-02-01", "2027-01-06")])
    library.training(
        "called-off", "Called off", runs=[run("2027-01-10", "2026-12-24", cancelled=True)]
    )
    library.training("unknown", "No dates")
    return reader


@settings(max_examples=40)
@given(keys=st.lists(st.integers(0, 5), max_size=40), at_once=st.integers(1, 50))
def test_what_is_sorted_in_parts_is_sorted(keys: list[int], at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed, "AT_ONCE", at_once)
        found = packed.in_order(range(len(keys)), keys.__getitem__)
    assert [*found] == sorted(range(len(keys)), key=keys.__getitem__)
