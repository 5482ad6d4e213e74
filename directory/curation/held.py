"""Which fields of an entry a person holds, so that no program writes over them."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from uuid import UUID


class Saved(Protocol):
    """A whole profile as somebody saved it; `author_id` is None for a program."""

    @property
    def profile(self) -> Mapping[str, Any]:
        """Return the values by field; what is not stated is absent or None."""
        ...

    @property
    def author_id(self) -> UUID | None:
        """Return the id of the person who saved it."""
        ...


def held_fields(revisions: Iterable[Saved]) -> set[str]:
    """Return the fields whose present value a person has set, given every revision, oldest first.

    The one who last changed a value holds it; saving the same value again changes no holder. Who
    takes a value away holds the empty field, so that it is not filled in again.
    """
    before: Mapping[str, Any] = {}
    holders: dict[str, UUID | None] = {}
    for revision in revisions:
        for name in {*before, *revision.profile}:
            if before.get(name) != revision.profile.get(name):
                holders[name] = revision.author_id
        before = revision.profile
    return {name for name, author in holders.items() if author is not None}
