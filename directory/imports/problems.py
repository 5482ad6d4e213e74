"""What is wrong in a file of the seed, collected so that one run names everything."""

from dataclasses import dataclass

from directory.errors import Invalid


@dataclass(frozen=True)
class Problem:
    """What is wrong in a seed file, and where."""

    file: str
    entry: str
    field: str
    reason: str

    def __str__(self) -> str:
        return " · ".join(part for part in (self.file, self.entry, self.field, self.reason) if part)


class SeedRefused(Invalid):
    """The seed has mistakes; nothing was changed."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        lines = "\n".join(f"  {p}" for p in problems)
        super().__init__(f"Nothing was changed: {len(problems)} problems in the seed.\n{lines}")


def stop_at(problems: list[Problem]) -> None:
    """Raise SeedRefused if there is any problem."""
    if problems:
        raise SeedRefused(problems)
