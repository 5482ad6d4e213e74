"""Pages that bring entries in, and look after their links. Each handler says who may."""

from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotAuthorizedException

from directory.accounts.guards import to_sign_in
from directory.imports.pages import harvest, intake, links, tables

router = Router(
    path="/curation",
    route_handlers=[
        *intake.HANDLERS,
        *links.HANDLERS,
        *tables.HANDLERS,
        *harvest.HANDLERS,
    ],
    exception_handlers={NotAuthorizedException: to_sign_in},
    cache_control=CacheControlHeader(private=True, no_cache=True),
    include_in_schema=False,
)
