"""What is different between two versions of an entry."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from directory.curation.changes import changes_between
from directory.curation.controls import controls_of
from directory.entries.kinds import TRAINING

CONTROLS = controls_of(TRAINING, private=True)


@dataclass
class Said:
    profile: dict[str, Any]
    claims: dict[str, Any] = field(default_factory=dict)


def test_a_change_of_the_value_or_of_its_origin_is_a_change() -> None:
    before = Said({"title": "A", "level": "basic"}, {"title": [{"source": "x"}]})
    after = Said({"title": "A", "summary": "New."}, {"title": [{"source": "y"}]})
    found = {c.control.name: c for c in changes_between(CONTROLS, before, after)}
    assert set(found) == {"title", "level", "summary"}
    assert (found["level"].before, found["level"].after) == ("basic", None)
    assert found["title"].claims_after == [{"source": "y"}]
    assert not changes_between(CONTROLS, after, after)


def test_what_says_the_same_is_shown_on_request_and_what_is_empty_never() -> None:
    said = Said({"title": "A"})
    assert [c.control.name for c in changes_between(CONTROLS, said, said, same_too=True)] == [
        "title"
    ]


def test_what_was_never_there_before_is_all_new() -> None:
    (change,) = changes_between(CONTROLS, None, Said({"title": "A"}))
    assert (change.before, change.after) == (None, "A")


def test_whoever_may_not_see_a_field_does_not_see_that_it_changed() -> None:
    before, after = Said({"curator_note": "one"}), Said({"curator_note": "two"})
    assert changes_between(CONTROLS, before, after)
    assert not changes_between(controls_of(TRAINING, private=False), before, after)


PROFILES = st.dictionaries(
    st.sampled_from(list(CONTROLS)), st.one_of(st.integers(0, 2), st.lists(st.integers(0, 2)))
)


@given(PROFILES, PROFILES)
def test_the_changes_laid_over_the_first_version_give_the_second(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    laid = dict(before)
    for change in changes_between(CONTROLS, Said(before), Said(after)):
        laid[change.control.name] = change.after
    assert {k: v for k, v in laid.items() if v is not None} == after
