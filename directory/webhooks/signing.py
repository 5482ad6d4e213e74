"""Signatures by which a receiver knows who sends (Standard Webhooks 1.0, symmetric: v1)."""

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Return a secret as Standard Webhooks writes it: a prefix, and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signed_headers(secret: str, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """Return the headers that sign a message: its id, when it is sent (Unix time), and both with
    the body under HMAC-SHA-256.
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    text = f"{message_id}.{seconds}.".encode() + body
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{signature}",
    }
