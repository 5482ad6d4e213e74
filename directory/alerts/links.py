"""The links in letters: signed, each for one purpose, and each with a time of its own.

The link that stops a letter holds for ever, because a letter may be read years later.
"""

import base64
import uuid
from datetime import datetime, timedelta

from itsdangerous import BadData, Signer, TimestampSigner
from sqlmodel import Session

from directory.alerts.models import CONFIRM_WITHIN, Following, Reader
from directory.db import now
from directory.errors import NotFound
from directory.languages import marked, worded
from directory.settings import Settings

MANAGE_WITHIN = timedelta(days=90)
"""So long the link to what one follows is good; each letter has a new one."""

_CUT = marked("This link is not complete. Open it from the mail once more, or copy all of it.")
_USED = marked(
    "This link has been used already or is too old. Open the search and follow it once more."
)
_OLD = marked(
    "This link is too old or not complete. Your latest letter has one that works, "
    "or ask for a link on the page “What you follow”."
)


class _Clocked(TimestampSigner):
    """Signs by the clock of the application, which tests can turn."""

    def get_timestamp(self) -> int:
        return int(now().timestamp())


def _written(key: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(key.bytes).decode().rstrip("=")


def _read(text: str) -> uuid.UUID:
    """Return the id; raises ValueError for anything else."""
    return uuid.UUID(bytes=base64.urlsafe_b64decode(f"{text}=="))


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def link_to_confirm(settings: Settings, following: Following) -> str:
    """Return the link by which the owner of an address says yes; a newer one ends it."""
    said = f"{_written(following.id)}~{_microseconds(following.asked_at)}"
    token = _Clocked(settings.secret, salt="alerts/confirm").sign(said).decode()
    return f"{settings.base_url}/alerts/confirm/{token}"


def read_confirmation(session: Session, token: str, settings: Settings) -> Following:
    """Return what a link confirms; raises NotFound when it is used, too old or made up."""
    age = int(CONFIRM_WITHIN.total_seconds())
    try:
        said = _Clocked(settings.secret, salt="alerts/confirm").unsign(token, max_age=age).decode()
        key, _, moment = said.partition("~")
        following = session.get(Following, _read(key))
    except (BadData, ValueError):
        raise NotFound(worded(_USED)) from None
    if (
        following is None
        or following.confirmed_at
        or str(_microseconds(following.asked_at)) != moment
    ):
        raise NotFound(worded(_USED))
    return following


def link_to_stop(settings: Settings, following: Following) -> str:
    """Return the link that ends one search; it works for ever, and as often as one likes."""
    token = Signer(settings.secret, salt="alerts/stop").sign(_written(following.id)).decode()
    return f"{settings.base_url}/alerts/stop/{token}"


def read_stop(token: str, settings: Settings) -> uuid.UUID:
    """Return the id of what a link stops, which may be gone; raises NotFound for a made-up link."""
    try:
        return _read(Signer(settings.secret, salt="alerts/stop").unsign(token).decode())
    except (BadData, ValueError):
        raise NotFound(worded(_CUT)) from None


def link_to_manage(settings: Settings, reader: Reader) -> str:
    """Return the link to all that one address follows."""
    token = _Clocked(settings.secret, salt="alerts/mine").sign(_written(reader.id)).decode()
    return f"{settings.base_url}/alerts/mine/{token}"


def read_manager(token: str, settings: Settings) -> uuid.UUID:
    """Return the id of the reader of a link, who may be gone; raises NotFound for an old one."""
    age = int(MANAGE_WITHIN.total_seconds())
    try:
        return _read(
            _Clocked(settings.secret, salt="alerts/mine").unsign(token, max_age=age).decode()
        )
    except (BadData, ValueError):
        raise NotFound(worded(_OLD)) from None
