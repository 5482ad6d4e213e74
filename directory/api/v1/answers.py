"""How every address of the API answers: documented problems, an ETag, 304 before the work."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from litestar import MediaType, Request, Response
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import (
    Example,
    OpenAPIHeader,
    OpenAPIResponse,
    Operation,
    Parameter,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import QueryParameter
from pydantic import BaseModel

from directory.api.problems import PROBLEM_JSON, Problem, problem_response, type_of
from directory.errors import Invalid
from directory.languages import languages
from directory.web.etags import tag_headers

_TEXT = Schema(type=OpenAPIType.STRING)


def problems(**by_status: str) -> dict[int, ResponseSpec]:
    """Document the problems an address may answer with: `problems(_404="No such entry.")`.

    Every address may be asked too often.
    """
    by_status.setdefault("_429", "Asked too often; `Retry-After` says when to ask again.")
    return {
        (status := int(key.removeprefix("_"))): ResponseSpec(
            Problem,
            description=text,
            media_type=PROBLEM_JSON,
            generate_examples=False,
            examples=[Example(value=_example_problem(status, text))],
        )
        for key, text in by_status.items()
    }


def _example_problem(status: int, text: str) -> dict[str, Any]:
    """Return what such a problem looks like."""
    problem = Problem(
        type=f"https://directory.example{type_of(status).path}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=text,
        instance="/api/v1/trainings",
    )
    if status == 400:
        problem.errors = {"perpage": "There is no parameter perpage."}
    return problem.model_dump(exclude_none=True)


LANGUAGE = "Language of the labels (BCP 47); English when it is left out."

InLanguage = Annotated[
    str | None,
    QueryParameter(
        description=LANGUAGE,
        schema_extra={"type": OpenAPIType.STRING, "one_of": None, "enum": list(languages())},
    ),
]


def check_language(asked: str | None) -> None:
    """Raise Invalid for a language that nothing here is worded in.

    Who answers is in that language already: `web/languages.py` reads the same parameter.
    """
    if asked is not None and asked not in languages():
        wrong = {"lang": f"lang is one of {', '.join(languages())}."}
        raise Invalid("Some parameters need another look.", wrong)


WRONG_PARAMETER = "A parameter is unknown or does not fit; `errors` names it."


@dataclass
class Reading(Operation):
    """An operation that only reads: its answer has an ETag, and If-None-Match spares the rest."""

    def __post_init__(self) -> None:
        """Document what `answer` and `not_modified` do."""
        responses: Any = self.responses or {}
        responses["200"].headers = {
            "ETag": OpenAPIHeader(schema=_TEXT, description="Changes when the answer may change.")
        }
        responses["304"] = OpenAPIResponse(description="Nothing changed since that ETag.")
        self.parameters = [
            *(self.parameters or []),
            Parameter(
                name="If-None-Match",
                param_in="header",
                schema=_TEXT,
                description="An ETag from before: the answer is an empty 304 if it still holds.",
            ),
        ]


def answer(body: BaseModel, tag: str) -> Response[bytes]:
    """Return a model as JSON."""
    return Response(
        body.model_dump_json().encode(), media_type=MediaType.JSON, headers=tag_headers(tag)
    )


def next_page(request: Request[Any, Any, Any], response: Response[Any], **new: str | None) -> None:
    """Name the next page in the header Link (RFC 8288): this address with other parameters.

    A parameter that is None is left out.
    """
    asked = [(n, v) for n, v in request.query_params.multi_items() if n not in new]
    query = urlencode([*asked, *((n, v) for n, v in new.items() if v is not None)])
    response.headers["Link"] = f'<{quote(request.scope["path"])}?{query}>; rel="next"'


def too_deep(request: Request[Any, Any, Any], _error: Exception) -> Response[bytes]:
    """Answer a body of brackets in brackets, which the decoder gives up on."""
    wrong = {"body": "The body is nested too deeply."}
    return problem_response(request, Invalid("The body does not fit.", wrong))


def given_twice(names: Iterable[str]) -> dict[str, str]:
    """Return one sentence for each name that stands more than once."""
    return {n: f"{n} is given more than once." for n, count in Counter(names).items() if count > 1}


async def refuse_unknown_parameters(request: Request[Any, Any, Any]) -> None:
    """Raise Invalid that names each parameter the handler does not declare, or that is repeated.

    A hook for `before_request`: a typo must not quietly give an unfiltered list.
    """
    declared: Mapping[str, Any] = request.route_handler.parsed_fn_signature.parameters
    known = {n for n, d in declared.items() if isinstance(d.kwarg_definition, QueryParameter)}
    names = [name for name, _ in request.query_params.multi_items()]
    wrong = given_twice(names)
    wrong |= {name: f"There is no parameter {name}." for name in names if name not in known}
    if wrong:
        raise Invalid("Some parameters need another look.", wrong)
