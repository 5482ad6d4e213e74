"""What every reader hands over: the rows of a file, as often as one asks for them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_COLUMNS = 1000
DEEPEST = 20
"""Lists and objects inside each other; our own files have seven."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One row of a table, or one entry of a list, as it stands in the file.

    `number` is what the person sees: the row in a spreadsheet, or the place in the list. A row has
    `cells` under a `header`, an entry of a list is an `item`. `problem` says why neither is there.
    """

    number: int
    header: tuple[str, ...] = ()
    cells: Sequence[Any] = ()
    item: Mapping[str, Any] | None = None
    sheet: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Opened:
    """A file of entries. `rows` reads it from its beginning each time; it may raise SourceFailed.

    `told` are sentences about how it was read. `as_text` says that values are texts of cells.
    """

    name: str
    rows: Callable[[], Iterator[Raw]]
    word: str = "row"
    harmless: bool = False
    told: list[str] = field(default_factory=list)


def too_deep(value: Any, deepest: int = DEEPEST) -> bool:
    """Say whether lists and objects lie deeper inside each other than any entry needs."""
    level = [value]
    for _ in range(deepest):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
        if not below:
            return False
        level = below
    return True
