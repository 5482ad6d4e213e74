"""Links in mails that prove an address: signed, of one purpose, for a time, and used once.

Used once, because a link names the moment at which its request came into the state it leaves.
"""

import uuid
from datetime import timedelta

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from sqlmodel import Session

from directory.db import now
from directory.errors import NotFound
from directory.inbox.models import Request, RequestState
from directory.languages import marked, worded

LIVES = {RequestState.ASKED: timedelta(hours=48), RequestState.REFUSED: timedelta(days=30)}
_USED_UP = marked(
    "This link has been used already or is too old. "
    "Open the page of the organisation and ask again."
)


class _Signer(TimestampSigner):
    """Signs by the clock of the application, which tests can turn."""

    def get_timestamp(self) -> int:
        return int(now().timestamp())


def _signer(secret: str, state: RequestState) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=f"provider-request/{state.value}", signer=_Signer)


def _moment(request: Request) -> str:
    return request.state_since.isoformat(timespec="microseconds")


def token_for(request: Request, secret: str) -> str:
    """Return the token with which the owner of the address moves a request on from its state."""
    state = RequestState(request.state)
    return str(_signer(secret, state).dumps([str(request.id), _moment(request)]))


def read_token(session: Session, token: str, state: RequestState, secret: str) -> Request:
    """Return the request of a token; raises NotFound when it is used, too old or made up."""
    try:
        age = int(LIVES[state].total_seconds())
        key, moment = _signer(secret, state).loads(token, max_age=age)
        request = session.get(Request, uuid.UUID(key))
    except (BadData, TypeError, ValueError):
        raise NotFound(worded(_USED_UP)) from None
    if request is None or request.state != state or _moment(request) != moment:
        raise NotFound(worded(_USED_UP))
    return request
