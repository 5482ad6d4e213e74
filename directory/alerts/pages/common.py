"""What these pages share."""

import uuid
from typing import Any

from litestar import Request
from litestar.datastructures import CacheControlHeader

from directory.alerts.models import Question
from directory.alerts.questions import Asked, in_words
from directory.db import Database
from directory.errors import NotFound
from directory.languages import gettext
from directory.search.service import SearchService
from directory.settings import Settings

AnyRequest = Request[Any, Any, Any]

KEPT_BY_NOBODY = CacheControlHeader(private=True, no_store=True)
"""For pages behind a link that speaks for an address."""

NOT_LISTED = {"X-Robots-Tag": "noindex"}


def database_of(request: AnyRequest) -> Database:
    """Return the database."""
    database: Database = request.app.state.database
    return database


def search_of(request: AnyRequest) -> SearchService:
    """Return the search."""
    search: SearchService = request.app.state.search
    return search


def settings_of(request: AnyRequest) -> Settings:
    """Return the settings."""
    settings: Settings = request.app.state.settings
    return settings


def asked_in(request: AnyRequest, question: Question) -> Asked:
    """Return a question in words."""
    return in_words(question.address, search_of(request))


def uuid_of(text: str) -> uuid.UUID:
    """Return an id that a form has sent; raises NotFound when it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(gettext("You do not follow this search any more.")) from None
