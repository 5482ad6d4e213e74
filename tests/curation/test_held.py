"""Who holds a field: whoever has set its present value last."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from directory.curation.held import held_fields

ADA = uuid4()


@dataclass(frozen=True)
class Saved:
    profile: dict[str, str]
    author_id: UUID | None = None


def test_what_a_program_wrote_nobody_holds() -> None:
    assert held_fields([Saved({"a": "1"}), Saved({"a": "2"})]) == set()


def test_a_person_holds_what_they_changed_and_nothing_else() -> None:
    assert held_fields([Saved({"a": "1", "b": "1"}), Saved({"a": "2", "b": "1"}, ADA)]) == {"a"}


def test_saving_the_same_value_again_changes_no_holder() -> None:
    by_ada = Saved({"a": "2"}, ADA)
    assert held_fields([Saved({"a": "1"}), by_ada, Saved({"a": "2", "b": "1"})]) == {"a"}
    assert held_fields([Saved({"a": "1"}), Saved({"a": "1"}, ADA)]) == set()


def test_who_takes_a_value_away_holds_the_empty_field() -> None:
    assert held_fields([Saved({"a": "1"}), Saved({}, ADA)]) == {"a"}


def test_setting_the_value_of_the_program_again_holds_it() -> None:
    assert held_fields([Saved({"a": "1"}), Saved({"a": "2"}, ADA), Saved({"a": "1"}, ADA)]) == {"a"}


PROFILES = st.dictionaries(st.sampled_from("abc"), st.sampled_from("123"))
HISTORIES = st.lists(st.builds(Saved, PROFILES, st.sampled_from([None, ADA])), max_size=8)


@given(HISTORIES, PROFILES)
def test_after_a_person_has_saved_all_they_changed_is_held(
    history: list[Saved], profile: dict[str, str]
) -> None:
    before = history[-1].profile if history else {}
    changed = {n for n in {*before, *profile} if before.get(n) != profile.get(n)}
    after = held_fields([*history, Saved(profile, ADA)])
    assert after == held_fields(history) | changed
    assert held_fields([*history, Saved(profile)]) == held_fields(history) - changed
