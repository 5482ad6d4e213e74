"""Which run is which, while curators edit lists of them."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.exports.runs import Part, follow

ENTRY = uuid.UUID(int=7)
SPRING = {"label": "Spring", "start": "2027-03-01", "end": "2027-03-05", "place": "Geneva"}
AUTUMN = {"label": "Autumn", "start": "2027-10-04", "end": "2027-10-08", "place": "Geneva"}
BARE = {"start": "2027-03-01", "end": "2027-03-05", "place": "Geneva"}


def keys(*versions: Sequence[Part]) -> list[uuid.UUID]:
    """Return the ids of the runs of the newest version."""
    found = follow(ENTRY, enumerate(versions, 1))
    return [run.key for run in found if not run.gone]


def test_a_run_whose_dates_move_is_the_same() -> None:
    moved = {**SPRING, "start": "2027-03-08", "end": "2027-03-12"}
    assert keys([SPRING, AUTUMN], [moved, AUTUMN]) == keys([SPRING, AUTUMN])
    assert keys([BARE], [{**BARE, "start": "2027-04-05", "end": "2027-04-09"}]) == keys([BARE])


def test_a_run_whose_name_is_corrected_is_the_same() -> None:
    assert keys([SPRING], [{**SPRING, "label": "Spring 2027"}]) == keys([SPRING])
    assert keys([BARE], [{**BARE, "label": "Spring", "place": "Bern"}]) == keys([BARE])


def test_the_order_does_not_matter() -> None:
    assert keys([SPRING, AUTUMN], [AUTUMN, SPRING]) == keys([SPRING, AUTUMN])[::-1]


def test_a_run_that_is_added_is_another_one() -> None:
    (first,) = keys([SPRING])
    before, after = keys([SPRING], [AUTUMN, SPRING])
    assert after == first and before != first
    one, two = keys([BARE], [BARE, {**BARE, "start": "2027-03-08", "end": "2027-03-12"}])
    assert one == keys([BARE])[0] and two != one


def test_the_edition_of_next_year_does_not_move_that_of_this_year() -> None:
    next_year = {**BARE, "start": "2028-03-06", "end": "2028-03-10"}
    found = follow(ENTRY, [(1, [BARE]), (2, [next_year])])
    assert [(run.value, run.gone) for run in found] == [(next_year, False), (BARE, True)]
    assert found[0].key != found[1].key == keys([BARE])[0]


def test_a_run_taken_out_by_mistake_and_put_back_is_known_as_gone_once() -> None:
    found = follow(ENTRY, [(1, [SPRING]), (2, []), (3, [SPRING])])
    assert [run.gone for run in found] == [False, True]


def test_a_run_without_a_day_gets_one() -> None:
    planned = {"label": "Spring", "start": None}
    assert keys([planned], [SPRING]) == keys([planned])


def test_a_cancelled_run_is_the_same() -> None:
    assert keys([SPRING], [{**SPRING, "cancelled": True}]) == keys([SPRING])


def test_tracks_follow_by_title() -> None:
    audit, exam = {"title": "Audit"}, {"title": "Exam", "application_deadline": "2027-01-01"}
    later = {**exam, "application_deadline": "2027-01-08"}
    versions = [(1, [{**SPRING, "tracks": [audit, exam]}]), (2, [{**SPRING, "tracks": [later]}])]
    (before,) = follow(ENTRY, versions[:1])
    (after,) = follow(ENTRY, versions)
    assert [t.key for t in after.tracks] == [before.tracks[1].key]


RUNS = st.lists(
    st.fixed_dictionaries(
        {
            "label": st.none() | st.sampled_from(["A", "B"]),
            "start": st.none() | st.dates().map(str),
            "tracks": st.lists(
                st.fixed_dictionaries({"title": st.none() | st.text(max_size=2)}), max_size=2
            ),
        }
    ),
    max_size=4,
)


@given(st.lists(RUNS, min_size=1, max_size=5))
def test_no_two_runs_ever_share_an_id(versions: list[list[dict[str, Any]]]) -> None:
    found = follow(ENTRY, enumerate(versions, 1))
    assert len({run.key for run in found}) == len(found)
    tracks = [t.key for run in found for t in run.tracks]
    assert len(set(tracks)) == len(tracks)
    assert [run.value for run in found if not run.gone] == versions[-1]


def said(run: dict[str, Any]) -> str:
    return json.dumps(run, sort_keys=True)


@given(RUNS, st.randoms(use_true_random=False))
def test_a_version_that_only_sorts_changes_no_id(runs: list[dict[str, Any]], chance: Any) -> None:
    mixed = chance.sample(runs, len(runs))
    assert sorted(keys(runs, mixed)) == sorted(keys(runs))
    by_value = {said(run): key for run, key in zip(runs, keys(runs), strict=True)}
    if len(by_value) == len(runs):
        assert keys(runs, mixed) == [by_value[said(run)] for run in mixed]


@pytest.mark.parametrize("versions", [[], [[]]])
def test_who_never_had_a_run_has_none(versions: list[list[Part]]) -> None:
    assert follow(ENTRY, enumerate(versions)) == []
