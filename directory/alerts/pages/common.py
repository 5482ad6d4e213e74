"""What these pages share."""

import uuid

from litestar.datastructures import CacheControlHeader

from directory.alerts.models import Question
from directory.alerts.questions import Asked, in_words
from directory.errors import NotFound
from directory.inbox.pages.common import AnyRequest
from directory.languages import gettext
from directory.search.service import SearchService

KEPT_BY_NOBODY = CacheControlHeader(private=True, no_store=True)
"""For pages behind a link that speaks for an address."""

NOT_LISTED = {"X-Robots-Tag": "noindex"}


def search_of(request: AnyRequest) -> SearchService:
    """Return the search."""
    search: SearchService = request.app.state.search
    return search


def asked_in(request: AnyRequest, question: Question) -> Asked:
    """Return a question in words."""
    return in_words(question.address, search_of(request))


def uuid_of(text: str) -> uuid.UUID:
    """Return an id that a form has sent; raises NotFound when it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(gettext("You do not follow this search any more.")) from None
