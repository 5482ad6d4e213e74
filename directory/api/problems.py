"""The one translator from errors to problem details (RFC 9457); pages have their own."""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException
from pydantic import BaseModel, Field

from directory.accounts.repeats import KeyTaken, StillRunning
from directory.accounts.tokens import ScopeMissing
from directory.errors import DirectoryError, Invalid, Unavailable
from directory.languages import marked
from directory.web.errors import headers_of, status_of

log = logging.getLogger("directory")

PROBLEM_JSON = "application/problem+json"
PAGE = "/developers"


@dataclass(frozen=True)
class ProblemType:
    """A kind of problem: where it stands on the page for people, and what to do about it.

    Programs get the words in English; the page translates them.
    """

    name: str
    status: int
    words: str
    advice: str

    @property
    def path(self) -> str:
        """Return its address, below that of the site; it is the `type` of the problem."""
        return f"{PAGE}#{self.name}"


TYPES = {
    t.name: t
    for t in (
        ProblemType(
            "bad-request",
            400,
            marked("Some parameters need another look."),
            marked(
                "The request cannot be read. errors names each parameter, header or field that "
                "does not fit, in one sentence. Put it right; sent again unchanged it fails again."
            ),
        ),
        ProblemType(
            "no-token",
            401,
            marked(
                "Send a token that works, as in Authorization: Bearer dcd_…; see /account/tokens."
            ),
            marked("There is no token, or it has expired or was revoked. Make a new one."),
        ),
        ProblemType(
            "not-allowed",
            403,
            marked("The account behind the token may not do this."),
            marked(
                "The role of the person behind the token does not reach so far, or not for "
                "this entry."
            ),
        ),
        ProblemType(
            "scope-missing",
            403,
            marked("The token was not made for this."),
            marked("scope names what the token lacks. Make a token that has it."),
        ),
        ProblemType(
            "not-found",
            404,
            marked("There is nothing at this address."),
            marked("Check the address. An entry that moved answers 301 instead."),
        ),
        ProblemType(
            "wrong-method",
            405,
            marked("This address does not take that method."),
            marked("The header Allow names the methods that it takes."),
        ),
        ProblemType(
            "conflict",
            409,
            marked("It cannot be done as things stand."),
            marked(
                "The entry was merged into another one, or has moved on since you read it. Read it "
                "again."
            ),
        ),
        ProblemType(
            "still-running",
            409,
            marked("The first request with this key is still running."),
            marked(
                "Wait as many seconds as Retry-After says, and send the same request with the same "
                "key: you get its answer."
            ),
        ),
        ProblemType(
            "gone",
            410,
            marked("It was here, and it was taken down for a reason."),
            marked("Take the entry out of your copy. For a cursor: begin again without it."),
        ),
        ProblemType(
            "stale",
            412,
            marked("Somebody has saved since the revision that the change was made from."),
            marked(
                "Nothing was saved. Read the draft again, put your changes in (differing names the "
                "fields to look at) and send it with the new ETag."
            ),
        ),
        ProblemType(
            "too-large",
            413,
            marked("The body is larger than this address takes."),
            marked("Send less at once."),
        ),
        ProblemType(
            "unfit",
            422,
            marked("Some fields do not fit."),
            marked("Nothing was saved. errors names each field and says what does not fit."),
        ),
        ProblemType(
            "key-taken",
            422,
            marked("The Idempotency-Key was used for another request."),
            marked("Nothing was done. Give each request a key of its own, such as a random UUID."),
        ),
        ProblemType(
            "revision-needed",
            428,
            marked("If-Match is needed."),
            marked(
                "Send If-Match with the ETag of the draft that you started from, so that nothing "
                "of somebody else is written over."
            ),
        ),
        ProblemType(
            "too-many-requests",
            429,
            marked("That was too often."),
            marked(
                "Wait as many seconds as Retry-After says. RateLimit in every answer says how many "
                "requests are left."
            ),
        ),
        ProblemType(
            "our-fault",
            500,
            marked("Something broke on our side; please try again in a minute."),
            marked(
                "It is not you. With an Idempotency-Key you can send the same request again safely."
            ),
        ),
        ProblemType(
            "unavailable",
            503,
            marked("The database cannot be reached just now."),
            marked(
                "Wait as many seconds as Retry-After says, and send the same request again. With "
                "an Idempotency-Key nothing is done twice."
            ),
        ),
    )
}
"""Every kind of problem: one row, from which the answers and the page for people are drawn."""

_SPECIAL: dict[type[Exception], str] = {
    ScopeMissing: "scope-missing",
    KeyTaken: "key-taken",
    StillRunning: "still-running",
}
_USUAL = {t.status: t for t in reversed(TYPES.values())}


def type_of(status: int, error: Exception | None = None) -> ProblemType:
    """Return the kind of a problem, from its status and what was raised."""
    name = next((n for kind, n in _SPECIAL.items() if isinstance(error, kind)), None)
    return TYPES[name] if name else _USUAL.get(status, _USUAL[400 if status < 500 else 500])


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="Which kind of problem: an address that says what to do.")
    title: str = Field(description="The words of the HTTP status.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="One sentence about this very request.")
    instance: str = Field(description="The address that was asked for.")
    errors: dict[str, str] | None = Field(
        None,
        description="By parameter, header or field: one sentence that says what does not fit.",
    )
    scope: str | None = Field(None, description="What the token would need, if it lacks a scope.")


class StaleProblem(Problem):
    """Somebody has saved since the revision that a change was made from; nothing was saved."""

    revision: int = Field(description="Number of the newest revision.")
    etag: str = Field(description="The ETag of the newest revision, for If-Match.")
    differing: list[str] = Field(
        description="The fields in which what was sent and the newest revision differ."
    )


def is_api(request: Request[Any, Any, Any]) -> bool:
    """Say whether an address belongs to an API, also when nothing is there."""
    return f"{request.scope['path']}/".startswith(("/api/", "/hsds/"))


def _said_of(key: str | None, message: str) -> tuple[str, str]:
    """Name what does not fit, and say so; Litestar gives the body as a whole no name of its own."""
    if key in (None, "", "data"):
        return "body", "The body is one JSON object."
    text = message.replace("`", "")
    return key, f"{key} does not fit: {text}."


def _errors(error: Exception, status: int) -> dict[str, str] | None:
    """Return one sentence for each parameter that does not fit, at least one where any is wrong."""
    if isinstance(error, Invalid) and error.by_field:
        return error.by_field
    extra = error.extra if isinstance(error, HTTPException) else None
    if isinstance(extra, list) and extra:
        return dict(_said_of(e.get("key"), str(e["message"])) for e in extra)
    return {"body": "The body is one JSON object."} if status in (400, 422) else None


def problem_response(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Translate any error; what nobody foresaw is a 500 that shows nothing of the inside."""
    status = 400 if isinstance(error, Invalid) else status_of(error)
    return problem_of(request, status, error)


def problem_of(
    request: Request[Any, Any, Any], status: int, error: Exception, **more: Any
) -> Response[bytes]:
    """Translate an error with this status; `more` are members of a `StaleProblem`."""
    if status >= 500 and not isinstance(error, Unavailable):
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    said = str(error) if isinstance(error, DirectoryError) and status != 500 else None
    headers = headers_of(error)
    if isinstance(error, ScopeMissing):
        headers["WWW-Authenticate"] = (  # RFC 6750, 3.1.
            f'Bearer realm="API", error="insufficient_scope", scope="{error.scope}"'
        )
        more["scope"] = error.scope
    if isinstance(error, StillRunning):
        headers["Retry-After"] = "1"
    return problem(
        request,
        status,
        said,
        _errors(error, status),
        headers=headers,
        kind=type_of(status, error),
        **more,
    )


def problem(
    request: Request[Any, Any, Any],
    status: int,
    said: str | None = None,
    errors: dict[str, str] | None = None,
    *,
    headers: dict[str, str] | None = None,
    kind: ProblemType | None = None,
    **more: Any,
) -> Response[bytes]:
    """Answer with a problem; `more` are further members, of a `StaleProblem` for instance."""
    known, kind = HTTPStatus(status), kind or type_of(status)
    words = kind.words if status == kind.status else known.description or known.phrase
    found = (StaleProblem if "revision" in more else Problem)(
        type=request.app.state.settings.base_url + kind.path,
        title=known.phrase,
        status=status,
        detail=said or words,
        instance=quote(request.scope["path"]),
        errors=errors,
        **more,
    )
    return Response(
        found.model_dump_json(exclude_none=True).encode(),
        status_code=status,
        media_type=PROBLEM_JSON,
        headers=headers,
    )
