"""What is different between two versions of an entry, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from directory.curation.controls import Control


class Version(Protocol):
    """A whole profile with its claims, both as JSON; a Revision is one."""

    profile: dict[str, Any]
    claims: dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One field in two versions; what is not stated is None, and claims are empty lists then."""

    control: Control
    before: Any
    after: Any
    claims_before: list[dict[str, Any]]
    claims_after: list[dict[str, Any]]

    @property
    def is_same(self) -> bool:
        """Say whether neither the value nor where it comes from is different."""
        return self.before == self.after and self.claims_before == self.claims_after

    @property
    def is_empty(self) -> bool:
        """Say whether neither version says anything about the field."""
        nothing = self.before is None and self.after is None
        return nothing and not self.claims_before and not self.claims_after


def changes_between(
    controls: Mapping[str, Control],
    before: Version | None,
    after: Version,
    *,
    same_too: bool = False,
) -> list[Change]:
    """Return the fields in which two versions differ, in the order of the page.

    `before` is None where there was nothing yet. With `same_too` the fields that say the same are
    there as well, but not those that are empty in both. Only the fields of `controls` are
    compared, so that whoever may not see a field does not see how it changed.
    """
    found = []
    for name, control in controls.items():
        change = Change(
            control,
            before.profile.get(name) if before else None,
            after.profile.get(name),
            list(before.claims.get(name) or []) if before else [],
            list(after.claims.get(name) or []),
        )
        if not change.is_same or (same_too and not change.is_empty):
            found.append(change)
    return found
