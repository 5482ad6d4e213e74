"""Pages of a long list."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paging:
    """Where one is in a list: `page` counts from 1; an empty list has one, empty, page."""

    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        """Return how many pages there are."""
        return max(1, -(-self.total // self.per_page))

    @property
    def offset(self) -> int:
        """Return how many items stand before this page."""
        return (self.page - 1) * self.per_page

    @property
    def shown(self) -> list[int | None]:
        """Return the page numbers to offer, with None for a gap."""
        near = {1, self.pages, *range(self.page - 1, self.page + 2)}
        numbers = sorted(n for n in near if 1 <= n <= self.pages)
        found: list[int | None] = []
        for number in numbers:
            if found and found[-1] is not None and number > found[-1] + 1:
                found.append(None)
            found.append(number)
        return found
