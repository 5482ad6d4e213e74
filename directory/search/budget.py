"""What a question may cost, and what is left out of the answer when it would cost more.

The time is looked at between the steps of an answer, never within one: each step is bounded by
itself, by the number of words, of corrections, of values.
"""

from collections.abc import Callable
from enum import StrEnum
from math import inf
from time import thread_time

from directory.languages import marked

MOST = 0.25
"""Seconds of a processor for one question."""


class Cut(StrEnum):
    """A part of an answer that was left out."""

    WORDS = "words"
    SPELLING = "spelling"
    RELAXED = "relaxed"
    ORDER = "order"
    COUNTS = "counts"
    DROPS = "drops"
    REASONS = "reasons"

    @property
    def said_in_english(self) -> str:
        """Return the sentence that tells it, in English until it is shown."""
        return _SAID[self]


_SAID = {
    Cut.WORDS: marked("The search is long: only its first words were looked for."),
    Cut.SPELLING: marked("Not every word was checked for spelling mistakes."),
    Cut.RELAXED: marked("Entries with only some of the words were not looked for."),
    Cut.ORDER: marked("Only the first entries are in the order of how well they match."),
    Cut.COUNTS: marked("Not every value of the filters was counted."),
    Cut.DROPS: marked("Not every filter was tried for what there would be without it."),
    Cut.REASONS: marked("Why an entry was found is not shown here."),
}


class Budget:
    """The time of one question, from now on. `cut` has what was left out, in order."""

    def __init__(self, seconds: float = MOST, clock: Callable[[], float] = thread_time) -> None:
        self._seconds, self._clock = seconds, clock
        self._start = clock()
        self.cut: dict[Cut, None] = {}

    @classmethod
    def unlimited(cls) -> "Budget":
        """Return a budget for what is asked for whole: feeds and exports."""
        return cls(inf)

    def allows(self, part: Cut, share: float = 1.0) -> bool:
        """Say whether less than a share of the time is spent; else note that `part` is left out."""
        if self._clock() - self._start < share * self._seconds:
            return True
        self.leave_out(part)
        return False

    def leave_out(self, part: Cut) -> None:
        """Note that a part of the answer is not there."""
        self.cut[part] = None
