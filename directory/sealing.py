"""Secrets at rest: sealed with a key that is derived from the secret key of the installation.

A copy of the database alone opens none of them. Whoever loses the secret key loses what was
sealed with it: codes of authenticator apps are refused (people come in with a recovery code or a
passkey, or an administrator removes the second factor and they set it up again), and mail that
still waits with a one-time link in it is not sent.
"""

import base64
import hashlib
import hmac
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from directory.errors import Invalid
from directory.languages import gettext


def _derive(secret: str, purpose: str) -> bytes:
    """Return 32 bytes for one purpose (HKDF, RFC 5869), so that no key serves for two."""
    info = f"directory {purpose}".encode()
    return HKDF(SHA256(), 32, salt=None, info=info).derive(secret.encode())


def _fernet(secret: str, purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derive(secret, purpose)))


def seal(secret: str, purpose: str, text: str) -> str:
    """Return a text that only this installation can read, and only for this purpose."""
    return _fernet(secret, purpose).encrypt(text.encode()).decode()


def unseal(secret: str, purpose: str, sealed: str, holds: timedelta | None = None) -> str:
    """Return what was sealed; raises Invalid when it was changed, is older, or the key is another.

    `holds` is how long after sealing it may be read; without it there is no end.
    """
    seconds = int(holds.total_seconds()) if holds else None
    try:
        return _fernet(secret, purpose).decrypt(sealed.encode(), ttl=seconds).decode()
    except (InvalidToken, UnicodeError):
        raise Invalid(gettext("This cannot be read any more. Please begin again.")) from None


def seal_file(secret: str, purpose: str, content: bytes) -> bytes:
    """Return the content of a file as only this installation can read it."""
    return _fernet(secret, purpose).encrypt(content)


def unseal_file(secret: str, purpose: str, sealed: bytes) -> bytes:
    """Return the content of a sealed file; raises Invalid when the key is another."""
    try:
        return _fernet(secret, purpose).decrypt(sealed)
    except InvalidToken:
        raise Invalid(gettext("This file cannot be read any more. Please send it again.")) from None


def blur(secret: str, purpose: str, text: str) -> str:
    """Return a keyed hash: the same text gives the same hash, and nobody finds the text from it."""
    return hmac.new(_derive(secret, purpose), text.encode(), hashlib.sha256).hexdigest()
