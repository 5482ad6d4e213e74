"""Secrets at rest."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import Invalid
from directory.sealing import blur, seal, unseal

SECRET = "a key for tests"


@given(st.text())
def test_what_is_sealed_comes_out_as_it_went_in(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    sealed = seal(SECRET, "mail", text)
    assert unseal(SECRET, "mail", sealed) == text
    assert len(text) < 8 or text not in sealed


@given(st.text(), st.sampled_from(["another key", "a key for tests "]))
def test_another_key_or_another_purpose_opens_nothing(text: str, key: str) -> None:
    sealed = seal(SECRET, "mail", text.encode(errors="replace").decode())
    for secret, purpose in ((key, "mail"), (SECRET, "app")):
        with pytest.raises(Invalid, match="begin again"):
            unseal(secret, purpose, sealed)


@pytest.mark.parametrize("made_up", ["", "x", "é", "\x00", "gAAAA" * 30])
def test_what_nobody_sealed_is_refused(made_up: str) -> None:
    with pytest.raises(Invalid):
        unseal(SECRET, "mail", made_up)


def test_what_is_too_old_is_refused() -> None:
    sealed = seal(SECRET, "offer", "secret")
    assert unseal(SECRET, "offer", sealed, timedelta(hours=1)) == "secret"
    with pytest.raises(Invalid):
        unseal(SECRET, "offer", sealed, timedelta(seconds=-1))


def test_a_keyed_hash_differs_by_key_and_purpose() -> None:
    one = blur(SECRET, "throttle", "192.0.2.1")
    assert one == blur(SECRET, "throttle", "192.0.2.1")
    assert len({one, blur("other", "throttle", "192.0.2.1"), blur(SECRET, "x", "192.0.2.1")}) == 3
