"""The table of permissions, against a copy that a person wrote down on purpose."""

import pytest

from directory.accounts.permissions import ACTIONS, ROLES, allow, is_allowed
from directory.errors import NotAllowed

PROPOSES = {"save", "read drafts", "submit", "answer"}
CURATES = PROPOSES | {
    "translate",
    "confirm",
    "review",
    "publish",
    "take down",
    "merge",
    "see private",
    "handle reports",
    "grant",
    "change many",
    "bring in",
    "register",
    "approve source",
    "see demand",
    "webhooks",
}
EVERY_ENTRY = {
    "contributor": PROPOSES,
    "provider": {"see demand"},
    "curator": CURATES,
    "admin": CURATES | {"invite", "read audit", "see followers"},
}
OWN_ENTRIES = EVERY_ENTRY | {
    "contributor": PROPOSES | {"confirm"},
    "provider": PROPOSES | {"confirm", "register", "see demand", "translate"},
}


@pytest.mark.parametrize(("own", "expected"), [(False, EVERY_ENTRY), (True, OWN_ENTRIES)])
def test_every_role_may_do_what_was_agreed_and_nothing_else(
    own: bool, expected: dict[str, set[str]]
) -> None:
    assert {r: {a for a in ACTIONS if is_allowed(r, a, own=own)} for r in ROLES} == expected


@pytest.mark.parametrize(
    ("role", "action"), [("", "save"), ("stranger", "publish"), ("admin", "delete"), ("", "")]
)
def test_what_nobody_foresaw_is_not_allowed(role: str, action: str) -> None:
    assert not is_allowed(role, action, own=True)


def test_a_refusal_is_a_sentence() -> None:
    with pytest.raises(NotAllowed, match=r"^Your account may not do this: publish\.$"):
        allow("contributor", "publish")
    with pytest.raises(NotAllowed, match="only for your own organisations"):
        allow("provider", "save")
    with pytest.raises(NotAllowed, match=r"^Your account may not do this\.$"):
        allow("admin", "delete")
