"""The table of permissions, against a copy that a person wrote down on purpose."""

import pytest

from directory.accounts.permissions import ACTIONS, ROLES, allow, is_allowed
from directory.errors import NotAllowed

EXPECTED = {
    ("contributor", "save"): True,
    ("contributor", "publish"): False,
    ("contributor", "see private"): False,
    ("curator", "save"): True,
    ("curator", "publish"): True,
    ("curator", "see private"): True,
    ("admin", "save"): True,
    ("admin", "publish"): True,
    ("admin", "see private"): True,
}


def test_every_role_may_do_what_was_agreed_and_nothing_else() -> None:
    assert {(r, a): is_allowed(r, a) for r in ROLES for a in ACTIONS} == EXPECTED


@pytest.mark.parametrize(
    ("role", "action"), [("", "save"), ("stranger", "publish"), ("admin", "delete"), ("", "")]
)
def test_what_nobody_foresaw_is_not_allowed(role: str, action: str) -> None:
    assert not is_allowed(role, action)


def test_a_refusal_is_a_sentence() -> None:
    with pytest.raises(NotAllowed, match=r"a curator publishes them\.$"):
        allow("contributor", "publish")
