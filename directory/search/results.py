"""The answer to a query, before it is a page or JSON."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from markupsafe import Markup

from directory.search.budget import Cut
from directory.search.cards import Card
from directory.search.query import SearchQuery
from directory.search.why import Why


@dataclass(slots=True)
class FacetValue:
    """A value one can filter by, with how many entries that would leave."""

    value: str
    label: str
    count: int
    selected: bool


class Counted(dict[str, list[FacetValue]]):
    """The values of every facet. `rendered` keeps what a page made of them."""

    def __init__(self) -> None:
        super().__init__()
        self.rendered: dict[Any, Markup] = {}


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: its card, how well it matches, and what depends on the day."""

    card: Card
    score: float
    open: bool
    deadline: date | None
    stale: bool
    why: Why | None = None


@dataclass(frozen=True)
class Drop:
    """Filters to do without, and how many entries there would be then."""

    parameters: tuple[str, ...]
    total: int


@dataclass(frozen=True)
class Results:
    """The answer to a query. `chosen` has (parameter, value, label) of every filter."""

    query: SearchQuery
    total: int
    hits: list[Hit]
    facets: Counted
    corrected: str | None = None
    relaxed: bool = False
    cut: tuple[Cut, ...] = ()
    drops: list[Drop] = field(default_factory=list)
    chosen: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """Return how many pages there are; an empty result has one, empty, page."""
        return max(1, -(-self.total // self.query.per_page))
