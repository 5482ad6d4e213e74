"""Machines try what people would not: schemathesis takes the description at its word."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from tests.api.conftest import Client
from tests.api.test_drafts import TokenFor, token_for

__all__ = ["token_for"]

CONTRADICTS = {"by", "must", "currency"}
BOUNDED = settings(
    max_examples=15,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def _check(client: Client, operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
    """Draw requests for an operation, send them and judge the answers by the description."""

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        request = case.as_transport_kwargs(base_url=str(client.base_url))
        del request["cookies"]  # There are none, and the client warns of them.
        request["headers"] = {**request["headers"], **headers}
        answer = client.request(**request, follow_redirects=False)
        # What an entry may say is more than a schema tells: 422 answers a body that it allows. And
        # whoever sends a token of ours for one that was made up is let in.
        spared = [positive_data_acceptance, ignored_auth] if headers else []
        if answer.status_code == 410:
            # Whether a cursor is still of our log is more than a schema tells.
            spared.append(positive_data_acceptance)
        if answer.status_code == 400 and operation.path.endswith("/match"):
            # So is whether a need contradicts itself.
            spared += [positive_data_acceptance] * (set(answer.json()["errors"]) <= CONTRADICTS)
        case.validate_response(answer, excluded_checks=spared)

    check()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_api_does_what_its_description_says(site: Client, mode: GenerationMode) -> None:
    description = site.get("/api/v1/openapi.json").json()
    # The plugin for pytest breaks under pytest 9.2, and the own client of schemathesis leaves
    # streams open: the cases are drawn and sent by hand.
    for found in schemathesis.openapi.from_dict(description).get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        if mode is GenerationMode.NEGATIVE and not operation.query:
            continue  # Any text is a slug, and any text an ETag: there is nothing to get wrong.

        if not operation.definition.raw.get("security"):
            _check(site, operation, mode, {})


def test_whoever_holds_a_token_meets_what_the_description_says(
    desk: Client, token_for: TokenFor
) -> None:
    headers = {**token_for("curator"), "If-Match": '"rev-1"'}
    description = desk.get("/api/v1/openapi.json").json()
    for found in schemathesis.openapi.from_dict(description).get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        if operation.definition.raw.get("security"):
            _check(desk, operation, GenerationMode.POSITIVE, headers)
