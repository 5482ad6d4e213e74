"""Words that nobody ever wrote: what somebody may have meant by them."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import tantivy

SHORTEST = 4
SURE = 5
"""A shorter word is near too many others: only two swapped letters are forgiven."""

LONGEST = 24
"""A longer word is hardly one: every edit of it would have to be looked up."""

LONG = 8
BEGINNING = 3
"""A long word may have two slips, when it begins right."""

MOST = 3
_NEAR = 100

_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "абвгдежзиклмнопрстуфхцчшщъыьэюяё",
    "αβγδεζηθικλμνξοπρσςτυφχψω",
    "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي",
)

_OTHERWISE = (
    (re.compile(r"is(e|ed|es|er|ers|ing|ation|ations)$"), r"iz\1"),
    (re.compile(r"iz(e|ed|es|er|ers|ing|ation|ations)$"), r"is\1"),
    (re.compile(r"(behavi|col|fav|hon|lab|neighb)our"), r"\1or"),
    (re.compile(r"(behavi|col|fav|hon|lab|neighb)or"), r"\1our"),
    (re.compile(r"(cen|thea)tre"), r"\1ter"),
    (re.compile(r"(cen|thea)ter"), r"\1tre"),
    (re.compile(r"(def|lic|off)ence"), r"\1ense"),
    (re.compile(r"(def|lic|off)ense"), r"\1ence"),
    (re.compile(r"(catal|dial)ogue"), r"\1og"),
    (re.compile(r"(catal|dial)og(?=s?$)"), r"\1ogue"),
    (re.compile(r"^program(?=s?$)"), "programme"),
    (re.compile(r"^programme"), "program"),
)


def otherwise(word: str) -> str | None:
    """Return a folded English word as the other side of the Atlantic spells it."""
    for pattern, other in _OTHERWISE:
        spelt, times = pattern.subn(other, word, count=1)
        if times:
            return spelt
    return None


def corrections(
    searcher: tantivy.Searcher,
    word: str,
    *,
    known: Callable[[Sequence[str]], set[str]],
    held: Callable[[str], bool],
) -> Iterator[str]:
    """Yield the words that are nearest to one that nobody wrote, the most frequent first.

    One slip is forgiven (a letter less, more, other, or two swapped), in a long word two. `known`
    says which words are understood although no entry has them, `held` which ones an entry has
    today: the index counts the words of what was taken down until it merges its segments, and to
    offer one would tell of it.
    """
    if not SHORTEST <= len(word) <= LONGEST:
        return
    edits = [*(_edits(word) if len(word) >= SURE else _swaps(word))]
    understood = known(edits)
    found = [
        (-n, edit)
        for edit in edits
        if (n := searcher.doc_freq("words", edit) or (len(word) > SURE and edit in understood))
    ]
    if not found and len(word) >= LONG:
        near = searcher.terms_with_prefix("words", word[:BEGINNING], limit=_NEAR)
        found = [(-n, other) for other, n in near if _slips(word, other) == 2]
        understood = known([other for _, other in found])
    offered = (edit for _, edit in sorted(found) if edit in understood or held(edit))
    yield from islice(offered, MOST)


def _edits(word: str) -> set[str]:
    """Return everything one edit away."""
    alphabet = next((a for a in _ALPHABETS if word[0] in a), "".join(sorted(set(word))))
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    found = {a + b[1:] for a, b in cuts if b}
    found |= {a + c + b[1:] for a, b in cuts if b for c in alphabet}
    found |= {a + c + b for a, b in cuts for c in alphabet}
    return found - {word} | _swaps(word)


def _swaps(word: str) -> set[str]:
    """Return the word with two neighbouring letters swapped."""
    starts = range(len(word) - 1)
    return {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in starts} - {word}


def _slips(one: str, other: str) -> int:
    """Return how many edits lie between two words, as optimal string alignment counts; 3: many."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > 2:
            return 3
    return row[-1]
