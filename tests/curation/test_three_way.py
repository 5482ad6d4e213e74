"""Two texts that were written from the same one."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from directory.curation.merging import Said, Side, Text, merge, said, three_way

NAMES = ["name", "summary", "languages"]
VALUES = st.none() | st.sampled_from(["one", "two"]) | st.lists(st.sampled_from(["en", "fr"]))
CLAIMS = st.lists(st.fixed_dictionaries({"source": st.sampled_from(["a", "b"])}), max_size=2)


def _text(fields: dict[str, tuple[Any, list[Any]]]) -> Text:
    return Text(
        {name: value for name, (value, _) in fields.items() if value is not None},
        {name: claims for name, (_, claims) in fields.items() if claims},
    )


TEXTS = st.fixed_dictionaries({name: st.tuples(VALUES, CLAIMS) for name in NAMES}).map(_text)
CHOICES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(Side))


def field(text: Text, name: str) -> Said:
    return said(text, name)


@given(base=TEXTS, theirs=TEXTS, mine=TEXTS, choices=CHOICES)
def test_each_field_is_what_the_one_who_changed_it_wrote_or_what_was_chosen(
    base: Text, theirs: Text, mine: Text, choices: dict[str, Side]
) -> None:
    parts = {p.name: p for p in three_way(NAMES, base, theirs, mine)}
    merged = merge(theirs, parts.values(), choices)
    for name in NAMES:
        before, other, own = (field(text, name) for text in (base, theirs, mine))
        if other == own or own == before:
            assert field(merged, name) == other
        elif other == before:
            assert field(merged, name) == own
        else:
            assert parts[name].taken is None
            chosen = choices.get(name, Side.MINE)
            assert field(merged, name) == (own if chosen is Side.MINE else other)


@given(base=TEXTS, theirs=TEXTS, mine=TEXTS, one=st.sets(st.sampled_from(NAMES)))
def test_who_changed_different_fields_have_nothing_to_choose(
    base: Text, theirs: Text, mine: Text, one: set[str]
) -> None:
    def changed(text: Text, names: set[str]) -> Text:
        return _text(
            {
                n: (lambda s: (s.value, s.claims))(field(text if n in names else base, n))
                for n in NAMES
            }
        )

    parts = three_way(NAMES, base, changed(theirs, one), changed(mine, set(NAMES) - one))
    assert all(part.taken for part in parts)


@given(base=TEXTS, same=TEXTS, choices=CHOICES)
def test_the_same_change_twice_is_no_conflict(
    base: Text, same: Text, choices: dict[str, Side]
) -> None:
    parts = three_way(NAMES, base, same, same)
    assert all(part.taken for part in parts)
    assert merge(same, parts, choices) == same


@given(base=TEXTS, theirs=TEXTS)
def test_who_changed_nothing_takes_everything_over(base: Text, theirs: Text) -> None:
    parts = three_way(NAMES, base, theirs, base)
    assert merge(theirs, parts, {}) == theirs


@given(theirs=TEXTS, mine=TEXTS)
def test_without_a_common_text_only_what_one_left_empty_is_taken(theirs: Text, mine: Text) -> None:
    for part in three_way(NAMES, None, theirs, mine):
        both = Said(None, []) not in (part.theirs, part.mine)
        assert (part.taken is None) == (both and part.theirs != part.mine)


def test_a_value_and_where_it_comes_from_stay_together() -> None:
    base = Text({"name": "One"}, {"name": [{"source": "a"}]})
    theirs = Text({"name": "Two"}, {"name": [{"source": "a"}]})
    mine = Text({"name": "One"}, {"name": [{"source": "b"}]})
    (part,) = three_way(["name"], base, theirs, mine)
    assert part.taken is None
    assert merge(theirs, [part], {"name": Side.MINE}) == mine
