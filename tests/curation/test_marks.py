"""What went and what came stands out, and nothing of either is lost."""

from hypothesis import given
from hypothesis import strategies as st

from directory.curation.marks import Mark, mark_items, mark_words

SENTENCES = st.lists(st.sampled_from(["the", "school", "of", "a.", "b,", "année", "日本"])).map(
    " ".join
)


def joined(marks: list[Mark], *kinds: str) -> str:
    return "".join(mark.item for mark in marks if mark.kind in kinds)


@given(before=SENTENCES | st.text(), after=SENTENCES | st.text())
def test_the_words_that_stayed_and_came_are_the_text_after(before: str, after: str) -> None:
    marks = mark_words(before, after)
    assert joined(marks, "same", "added") == after
    assert joined(marks, "same", "removed").split() == before.split()


@given(text=SENTENCES)
def test_nothing_is_marked_where_nothing_is_different(text: str) -> None:
    assert all(mark.kind == "same" for mark in mark_words(text, text))


def test_only_the_words_that_are_different_are_marked() -> None:
    marks = mark_words("Nine weeks online, for free.", "Ten weeks online, for free.")
    assert [(m.kind, m.item) for m in marks] == [
        ("removed", "Nine "),
        ("added", "Ten "),
        ("same", "weeks online, for free."),
    ]


def test_a_word_between_two_changes_does_not_tear_a_sentence_apart() -> None:
    marks = mark_words("old and worn", "new and bright")
    assert [(m.kind, m.item) for m in marks] == [
        ("removed", "old and worn"),
        ("added", "new and bright"),
    ]


LISTS = st.lists(st.sampled_from(["en", "fr", {"role": "lead"}, {"role": "host"}]), max_size=6)


@given(before=LISTS, after=LISTS)
def test_the_items_that_stayed_and_came_are_the_list_after(
    before: list[object], after: list[object]
) -> None:
    marks = mark_items(before, after)
    assert [m.item for m in marks if m.kind != "removed"] == after
    assert [m.item for m in marks if m.kind != "added"] == before
