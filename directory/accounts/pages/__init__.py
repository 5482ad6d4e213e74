"""Sign-in and one's own account, and the administrator's pages of people."""

from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotAuthorizedException

from directory.accounts.guards import may, must_be_signed_in, to_sign_in
from directory.accounts.pages import account, factors, passkeys, passwords, people, sign_in

router = Router(
    path="/account",
    route_handlers=[
        *account.HANDLERS,
        *factors.HANDLERS,
        *passkeys.HANDLERS,
        *passwords.HANDLERS,
        *sign_in.HANDLERS,
    ],
    guards=[must_be_signed_in],
    exception_handlers={NotAuthorizedException: to_sign_in},
    cache_control=CacheControlHeader(private=True, no_store=True),
    include_in_schema=False,
)

people_router = Router(
    path="/admin/people",
    route_handlers=people.HANDLERS,
    guards=[may("invite")],
    exception_handlers={NotAuthorizedException: to_sign_in},
    cache_control=CacheControlHeader(private=True, no_store=True),
    include_in_schema=False,
)
