"""Where people write to us, where curators read it, and where providers look after their right."""

from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotAuthorizedException

from directory.accounts.guards import may, must_be_signed_in, to_sign_in
from directory.inbox.pages import claims, holders, reports, reports_desk, requests_desk

_PRIVATE = CacheControlHeader(private=True, no_cache=True)

public = Router(
    path="/",
    route_handlers=[*reports.HANDLERS, *claims.HANDLERS],
    cache_control=CacheControlHeader(no_store=True),
    include_in_schema=False,
)
desk = Router(
    path="/curation",
    route_handlers=[
        Router("/reports", route_handlers=reports_desk.HANDLERS, guards=[may("handle reports")]),
        Router("/requests", route_handlers=requests_desk.HANDLERS, guards=[may("grant")]),
    ],
    exception_handlers={NotAuthorizedException: to_sign_in},
    cache_control=_PRIVATE,
    include_in_schema=False,
)
account = Router(
    path="/account/organisations",
    route_handlers=holders.HANDLERS,
    guards=[must_be_signed_in],
    exception_handlers={NotAuthorizedException: to_sign_in},
    cache_control=_PRIVATE,
    include_in_schema=False,
)
ROUTERS = [public, desk, account]
