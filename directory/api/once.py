"""One way to write: with an Idempotency-Key the same request gets the same answer, done once."""

from collections.abc import Callable
from typing import Any

from litestar import MediaType, Request, Response

from directory.accounts.repeats import Answered, find_answer, keep_answer, read_key, running
from directory.api.tokens import holder
from directory.audit import digest
from directory.db import Database

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
"""Says that an answer is one from before."""

AnyRequest = Request[Any, Any, Any]
Work = Callable[[Any], Response[bytes]]
"""Does what was asked in the session it is given, and answers; or raises, and nothing is done."""


def key_of(request: AnyRequest) -> str | None:
    """Return the key that was sent, or None; raises Invalid for what is no key."""
    text = request.headers.get(HEADER)
    return None if text is None else read_key(text)


def once(request: AnyRequest, key: str | None, body: Any, work: Work) -> Response[bytes]:
    """Do some work in a transaction of its own; under a key, at most once.

    `body` is what was sent, as JSON. Raises KeyTaken and StillRunning, and whatever the work does.
    """
    database: Database = request.app.state.database
    if key is None:
        with database.writing() as session:
            return work(session)
    user, secret = holder(request), request.app.state.settings.secret
    asked = digest(
        [request.method, request.scope["path"], request.headers.get("if-match", ""), body]
    )
    with running(user, key), database.writing() as session:
        if before := find_answer(session, user, key, asked, secret=secret):
            return _again(before)
        answer = work(session)
        found = Answered(answer.status_code or 200, dict(answer.headers), answer.content)
        keep_answer(session, user, key, asked, found, secret=secret)
    return answer


def _again(before: Answered) -> Response[bytes]:
    return Response(
        before.body,
        status_code=before.status,
        media_type=MediaType.JSON,
        headers={**before.headers, REPLAYED: "true"},
    )
