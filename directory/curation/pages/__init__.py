"""The curator's pages: desk, form, history."""

from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotAuthorizedException

from directory.accounts.guards import may, to_sign_in
from directory.curation.pages import (
    confirming,
    desk,
    duplicates,
    editing,
    history,
    many,
    merging,
    review,
    rules,
    settling,
    translating,
    unsaved,
)

router = Router(
    path="/curation",
    route_handlers=[
        *confirming.HANDLERS,
        *desk.HANDLERS,
        *duplicates.HANDLERS,
        *editing.HANDLERS,
        *history.HANDLERS,
        *many.HANDLERS,
        *merging.HANDLERS,
        *review.HANDLERS,
        *rules.HANDLERS,
        *settling.HANDLERS,
        *translating.HANDLERS,
        *unsaved.HANDLERS,
    ],
    guards=[may("read drafts")],
    exception_handlers={NotAuthorizedException: to_sign_in},
    cache_control=CacheControlHeader(private=True, no_cache=True),
    include_in_schema=False,
)
