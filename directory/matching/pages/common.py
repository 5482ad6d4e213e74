"""What these pages share: reading a need from an address."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Request

from directory.errors import Invalid
from directory.matching.form import NeedForm, form_of
from directory.matching.need import Need, given_in, read_need
from directory.search.service import SearchService

AnyRequest = Request[Any, Any, Any]

PRIVATE = {"Cache-Control": "private, no-store"}
"""A need is nobody else's business: no cache on the way keeps its page."""


@dataclass(frozen=True)
class Asked:
    """What an address asks: a need, or what is wrong with it, and the form to put it right."""

    need: Need
    form: NeedForm
    errors: dict[str, str]


def asked_by(
    request: AnyRequest, params: Iterable[tuple[str, str]], today: date | None = None
) -> Asked:
    """Read a need from parameters; with `today`, a day that is over is wrong, too."""
    search: SearchService = request.app.state.search
    words = search.vocabularies
    given = given_in(params)
    try:
        need = read_need(given, words, today)
    except Invalid as error:
        return Asked(Need(), form_of(given, words, error.by_field), error.by_field)
    return Asked(need, form_of(given, words, {}, need), {})
