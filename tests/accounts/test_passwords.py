"""What a password must be (OWASP ASVS 5, section 6.2)."""

import pytest

from directory.accounts.passwords import check_password, hash_password, is_right
from directory.errors import Invalid

EMAIL = "ana.lopez@example.org"
SITE = "Digital Capacity Directory"


@pytest.mark.parametrize(
    "password",
    [
        "nine quiet herons",
        "abcdefgh"[::-1] + "q",
        "        spaces count too",
        "пароль из слов",
        "x9" * 100,
        "ana.lopez and her parrot",
    ],
)
def test_any_characters_will_do_when_there_are_enough(password: str) -> None:
    assert check_password(password, EMAIL, SITE)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "at least 8"),
        ("seven77", "at least 8"),
        ("x9" * 100 + "y", "at most 200"),
        ("password1", "Many people"),
        ("Qwertyuiop", "Many people"),
        ("1234567890", "Many people"),
        (EMAIL, "your address"),
        ("ANA.LOPEZ@EXAMPLE.ORG", "your address"),
        ("analopez2026", "your address"),
        ("DigitalCapacityDirectory", "name of this site"),
        ("digital capacity directory 1", "name of this site"),
    ],
)
def test_a_weak_one_is_refused_with_the_reason(password: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_password(password, EMAIL, SITE)
    assert why in refused.value.by_field["password"]


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("nine quiet herons", "Nine quiet herons"),
        ("nine quiet herons", "nine quiet herons "),
        ("x9" * 40, "x9" * 36),
        ("x9" * 100, "x9" * 100 + "y"),
        ("nine quiet herons", "nine quiet herons\x00"),
        ("nine quiet herons", ""),
    ],
)
def test_nothing_is_cut_off_or_made_equal(kept: str, typed: str) -> None:
    """Case, length and spaces count (ASVS 6.2.8); 72 characters are not the end of it."""
    assert not is_right(typed, hash_password(kept))


@pytest.mark.parametrize("length", [8, 64, 128, 200])
def test_long_ones_are_welcome(length: int) -> None:
    password = ("zq" * length)[:length]
    assert is_right(check_password(password, EMAIL, SITE), hash_password(password))


@pytest.mark.parametrize(
    "common", ["12345678", "iloveyou", "sunshine", "football", "princess", "trustno1", "starwars"]
)
def test_the_best_known_passwords_are_refused(common: str) -> None:
    """Those of eight characters and more out of any list of the most used (ASVS 6.2.4)."""
    with pytest.raises(Invalid):
        check_password(common, EMAIL, SITE)


def test_the_same_letters_typed_on_another_keyboard_are_the_same_password() -> None:
    kept = hash_password(check_password("cafe\u0301 au lait noir", EMAIL, SITE))
    assert is_right("caf\u00e9 au lait noir", kept)
    assert not is_right("cafe au lait noir", kept)


def test_what_is_kept_is_argon2_and_not_the_password() -> None:
    kept = hash_password("nine quiet herons")
    assert kept.startswith("$argon2id$")
    assert "herons" not in kept


def test_without_a_kept_hash_no_password_is_right() -> None:
    assert not is_right("", None)
    assert not is_right("nine quiet herons", None)
