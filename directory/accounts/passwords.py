"""What a password must be, and how it is kept.

The rules are those of OWASP ASVS 5, section 6.2: long enough, not a common one, not taken from
the account itself; no rules on which characters it holds, and none on its age.
"""

import secrets
import unicodedata
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from directory.errors import Invalid
from directory.languages import gettext

SHORTEST = 8
ADVISED = 15
LONGEST = 200
# No letter is composed of more than four characters (Unicode, NFKC); normalising takes long on
# what is far too long anyway.
_MOST_TYPED = 4 * LONGEST

HASHES = PasswordHash((Argon2Hasher(),))


def check_password(password: str, email: str, site_name: str) -> str:
    """Return the password as it is kept, NFKC; raises Invalid with one sentence if it is weak."""
    password = unicodedata.normalize("NFKC", password[: _MOST_TYPED + 1])
    if len(password) < SHORTEST:
        raise _weak(
            gettext(
                "Use at least %(shortest)s characters; %(advised)s or more are better.",
                shortest=SHORTEST,
                advised=ADVISED,
            )
        )
    if len(password) > LONGEST:
        raise _weak(gettext("Use at most %(most)s characters.", most=LONGEST))
    said = _letters(password)
    own = {_letters(email), _letters(email.partition("@")[0]), _letters(site_name)}
    if said in own or any(len(word) > 3 and said.strip("0123456789") == word for word in own):
        raise _weak(gettext("Use something that is not your address or the name of this site."))
    if password.lower() in _common():
        raise _weak(
            gettext("Many people use this password, so it is guessed first. Choose another one.")
        )
    return password


def _weak(sentence: str) -> Invalid:
    return Invalid(gettext("This password cannot be used."), {"password": sentence})


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


@cache
def _common() -> frozenset[str]:
    """Return 30,000 common passwords; loaded only when somebody chooses one."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def hash_password(password: str) -> str:
    """Return the argon2 hash to keep."""
    return HASHES.hash(password)


@cache
def _hash_of_nothing(hashes: PasswordHash) -> str:
    return hashes.hash(secrets.token_hex(16))


def is_right(password: str, kept: str | None) -> bool:
    """Compare a password with the hash that is kept.

    Without a hash it takes as long and says no, so that time does not tell which accounts exist.
    """
    password = unicodedata.normalize("NFKC", password[: _MOST_TYPED + 1])
    right = HASHES.verify(password, kept or _hash_of_nothing(HASHES))
    return right and kept is not None
