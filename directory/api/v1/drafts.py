"""Drafts, read and saved by programs that hold a token. Nothing here publishes."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import MediaType, Request, Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIHeader, Operation, Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import JSONBody, PathParameter
from pydantic import BaseModel, ConfigDict, Field

from directory.accounts.repeats import KEPT
from directory.api.once import HEADER, REPLAYED, Work, key_of, once
from directory.api.problems import PROBLEM_JSON, StaleProblem, problem, problem_of
from directory.api.tokens import holder, may_with_token
from directory.api.v1.answers import (
    WRONG_PARAMETER,
    problems,
    refuse_unknown_parameters,
    too_deep,
)
from directory.api.v1.entries import KNOWN_SLUGS
from directory.curation.writing import (
    Current,
    Sent,
    Stale,
    change,
    create,
    read_current,
    seen_by,
    send_to_review,
)
from directory.db import Database
from directory.entries.kinds import KINDS, Kind
from directory.entries.models import State, Waiting
from directory.errors import Invalid

AnyRequest = Request[Any, Any, Any]
TOKEN: list[dict[str, list[str]]] = [{"token": []}]
_TEXT = Schema(type=OpenAPIType.STRING)
_TAG = re.compile(r'"rev-([0-9]{1,9})"')
_NO_TOKEN = "There is no token, or it has expired or was revoked."
_NOT_ALLOWED = "The token lacks the scope, or the account behind it may not do this."


class DraftBody(BaseModel):
    """An entry as it shall read from now on."""

    model_config = ConfigDict(extra="forbid")

    profile: dict[str, Any] = Field(
        description="The fields as in `profile` of the entry; one left out, or null, is not stated."
    )
    claims: dict[str, list[dict[str, Any]]] = Field(
        {}, description="By field: source, locator, note, status, item, values, checked_on."
    )
    slug: str | None = Field(
        None, description="Short name in the address; a new entry gets one from its title."
    )
    comment: str = Field("", description="What was changed and why, for the history.")


class EntryDraft(BaseModel):
    """The newest revision of an entry, published or not."""

    id: UUID = Field(description="Stays the same for ever.")
    kind: Literal[tuple(KINDS)] = Field(description="Its kind.")  # type: ignore[valid-type]
    slug: str = Field(description="The short name in its address.")
    revision: int = Field(description="Number of this revision; the ETag names it.")
    version: int = Field(description="Number of the public revision, 0 when there is none.")
    state: State = Field(description="What the public sees.")
    waiting: Waiting | None = Field(description="How far a change that is not public has come.")
    profile: dict[str, Any] = Field(description="Every field that the holder of the token may see.")
    claims: dict[str, list[dict[str, Any]]] = Field(description="By field: where it comes from.")
    comment: str = Field(description="What was said about this revision.")
    saved_at: datetime = Field(description="When it was saved.")


_ETAG = OpenAPIHeader(schema=_TEXT, description='Of this revision, such as "rev-3".')
_REPLAYED = OpenAPIHeader(
    schema=_TEXT, description="true, when it is the answer that was given before."
)


class _Draft(Operation):
    """An operation whose answer carries the ETag of a revision."""

    def __post_init__(self) -> None:
        responses: Any = self.responses or {}
        for status in ("200", "201"):
            if status in responses:
                responses[status].headers = {"ETag": _ETAG}


class _Write(_Draft):
    """An operation that takes an Idempotency-Key."""

    def __post_init__(self) -> None:
        super().__post_init__()
        responses: Any = self.responses or {}
        for status in ("200", "201"):
            if status in responses:
                responses[status].headers[REPLAYED] = _REPLAYED
        hours = int(KEPT.total_seconds() // 3600)
        self.parameters = [
            *(self.parameters or []),
            Parameter(
                name=HEADER,
                param_in="header",
                schema=_TEXT,
                description="A text of your own for this one request, such as a random UUID: sent "
                f"again within {hours} hours it gets the same answer and is done once.",
                examples={"random": Example(value='"5d1f8a52-7f3f-4d0b-9f0e-0a1b2c3d4e5f"')},
            ),
        ]


class _Change(_Write):
    """An operation that needs If-Match."""

    def __post_init__(self) -> None:
        super().__post_init__()
        described = "The ETag of the revision that the change was made from; needed."
        self.parameters = [
            *(self.parameters or []),
            # An address without it is answered by 428, which says what to do.
            Parameter(
                name="If-Match",
                param_in="header",
                schema=_TEXT,
                description=described,
                examples={"newest": Example(value='"rev-1"')},
            ),
        ]


def _answer(current: Current, status: int = 200) -> Response[bytes]:
    entry, revision = current.entry, current.revision
    body = EntryDraft(
        id=entry.id,
        kind=entry.kind,
        slug=entry.slug,
        revision=revision.number,
        version=entry.version,
        state=entry.state,
        waiting=entry.waiting,
        profile=current.profile,
        claims=current.claims,
        comment=revision.comment,
        saved_at=revision.created_at,
    )
    headers = {"ETag": _tag(revision.number), "Cache-Control": "private, no-store"}
    if status == 201:
        headers["Location"] = f"/api/v1{current.kind.url(entry.slug)}/draft"
    return Response(
        body.model_dump_json().encode(),
        status_code=status,
        media_type=MediaType.JSON,
        headers=headers,
    )


def _tag(number: int) -> str:
    return f'"rev-{number}"'


def _bases(request: AnyRequest) -> set[int] | None:
    """Return the revisions that If-Match names (RFC 9110, 13.1.1); None when it names none.

    A star would match whatever there is, which is what If-Match is here to prevent; weak tags
    never match.
    """
    header = request.headers.get("if-match", "").strip()
    if header in ("", "*"):
        return None
    return {int(m[1]) for t in header.split(",") if (m := _TAG.fullmatch(t.strip()))}


def _write(request: AnyRequest, body: Any, work: Work) -> Response[bytes]:
    """Do what was asked, once under its key; what does not fit is a problem with 422."""
    key = key_of(request)
    try:
        return once(request, key, body, work)
    except Invalid as error:
        return problem_of(request, 422, error)
    except Stale as error:
        tag = _tag(error.revision)
        return problem(
            request,
            412,
            str(error),
            headers={"ETag": tag},
            revision=error.revision,
            etag=tag,
            differing=error.differing,
        )


def _needed(request: AnyRequest, kind: Kind, slug: str) -> Response[bytes]:
    """Say that If-Match is missing."""
    said = f"Send If-Match with the ETag of {kind.url(slug)}/draft, such as {_tag(3)}."
    return problem(request, 428, said, {"If-Match": said})


def _sent(data: DraftBody) -> Sent:
    return Sent(data.profile, data.claims, data.slug, data.comment)


def _draft_handler(kind: Kind) -> HTTPRouteHandler:
    one = kind.label.lower()

    @get(
        f"/{kind.path}/{{slug:str}}/draft",
        sync_to_thread=True,
        guards=[may_with_token("read drafts")],
        before_request=refuse_unknown_parameters,
        operation_class=_Draft,
        operation_id=f"read_{kind.name}_draft",
        summary=f"Read the draft of one {one}",
        description=f"The newest revision of a {one}, published or not; its ETag is for If-Match.",
        tags=["Drafts"],
        security=TOKEN,
        responses={
            200: ResponseSpec(
                EntryDraft, description="The newest revision.", generate_examples=False
            ),
            **problems(
                _400=WRONG_PARAMETER,
                _401=_NO_TOKEN,
                _403=_NOT_ALLOWED,
                _404=f"There is no such {one}.",
            ),
        },
    )
    def read_draft_of(request: AnyRequest, slug: _slug_of(kind)) -> Response[bytes]:  # type: ignore[valid-type]
        database: Database = request.app.state.database
        with database.reading() as session:
            return _answer(read_current(session, kind, slug, holder(request)))

    return read_draft_of


def _slug_of(kind: Kind) -> Any:
    return Annotated[
        str,
        PathParameter(
            description=f"The short name of the {kind.label.lower()}.",
            examples=[Example(value=KNOWN_SLUGS[kind.name])],
        ),
    ]


def _create_handler(kind: Kind) -> HTTPRouteHandler:
    one = kind.label.lower()

    @post(
        f"/{kind.path}",
        status_code=201,
        sync_to_thread=True,
        guards=[may_with_token("save")],
        before_request=refuse_unknown_parameters,
        exception_handlers={RecursionError: too_deep},
        operation_class=_Draft,
        operation_id=f"create_{kind.name}",
        summary=f"Save a new {one}",
        description="The new entry is a draft: a curator publishes it.",
        tags=["Drafts"],
        security=TOKEN,
        responses={
            201: ResponseSpec(EntryDraft, description="The draft.", generate_examples=False),
            **_problems_of_writing(),
        },
    )
    def create_entry(request: AnyRequest, data: JSONBody[DraftBody]) -> Response[bytes]:
        user = holder(request)

        def work(session: Any) -> Response[bytes]:
            entry, revision = create(session, kind, _sent(data), by=user)
            return _answer(seen_by(user, kind, entry, revision), 201)

        return _write(request, data.model_dump(), work)

    return create_entry


def _change_handler(kind: Kind) -> HTTPRouteHandler:
    one = kind.label.lower()

    @put(
        f"/{kind.path}/{{slug:str}}",
        sync_to_thread=True,
        guards=[may_with_token("save")],
        before_request=refuse_unknown_parameters,
        exception_handlers={RecursionError: too_deep},
        operation_class=_Change,
        operation_id=f"change_{kind.name}",
        summary=f"Save a draft of one {one}",
        description="The whole entry as it shall read. Nothing public changes: a curator publishes "
        "the draft. If-Match names the revision that the change was made from.",
        tags=["Drafts"],
        security=TOKEN,
        responses={
            200: ResponseSpec(EntryDraft, description="The draft.", generate_examples=False),
            **_problems_of_writing(),
            **_problems_of_changing(one),
        },
    )
    def change_entry(
        request: AnyRequest,
        slug: _slug_of(kind),  # type: ignore[valid-type]
        data: JSONBody[DraftBody],
    ) -> Response[bytes]:
        user, bases = holder(request), _bases(request)
        if bases is None:
            return _needed(request, kind, slug)

        def work(session: Any) -> Response[bytes]:
            entry, revision = change(session, kind, slug, _sent(data), bases, by=user)
            return _answer(seen_by(user, kind, entry, revision))

        return _write(request, data.model_dump(), work)

    return change_entry


def _submit_handler(kind: Kind) -> HTTPRouteHandler:
    one = kind.label.lower()

    @post(
        f"/{kind.path}/{{slug:str}}/submit",
        status_code=200,
        sync_to_thread=True,
        guards=[may_with_token("submit")],
        before_request=refuse_unknown_parameters,
        operation_class=_Change,
        operation_id=f"submit_{kind.name}",
        summary=f"Send the draft of one {one} to review",
        description="Tells the curators that the draft is ready. Nothing public changes. If-Match "
        "names the revision that you mean. What is in review already stays there.",
        tags=["Drafts"],
        security=TOKEN,
        responses={
            200: ResponseSpec(EntryDraft, description="The draft.", generate_examples=False),
            **_problems_of_writing(),
            **_problems_of_changing(one),
        },
    )
    def submit_entry(request: AnyRequest, slug: _slug_of(kind)) -> Response[bytes]:  # type: ignore[valid-type]
        user, bases = holder(request), _bases(request)
        if bases is None:
            return _needed(request, kind, slug)
        base_url = request.app.state.settings.base_url

        def work(session: Any) -> Response[bytes]:
            entry, revision = send_to_review(session, kind, slug, bases, by=user, base_url=base_url)
            return _answer(seen_by(user, kind, entry, revision))

        return _write(request, None, work)

    return submit_entry


def _problems_of_writing() -> dict[int, ResponseSpec]:
    return problems(
        _400="The body is no object of this shape, or a parameter is unknown.",
        _401=_NO_TOKEN,
        _403=_NOT_ALLOWED,
        _409="It cannot be done as things stand, or a request with this key is still running.",
        _413="The body has more than 4 MB.",
        _422="Some fields do not fit, or the key is that of another request; `errors` names each.",
    )


def _problems_of_changing(one: str) -> dict[int, ResponseSpec]:
    stale = ResponseSpec(
        StaleProblem,
        description="Somebody has saved since that revision; nothing was saved.",
        media_type=PROBLEM_JSON,
        generate_examples=False,
    )
    return problems(
        _404=f"There is no such {one}.",
        _428="If-Match is needed, with the ETag of a revision.",
    ) | {412: stale}


handlers = [
    make(kind)
    for kind in KINDS.values()
    for make in (_draft_handler, _create_handler, _change_handler, _submit_handler)
]
