"""What one found to take away: the same addresses as of the pages, with an ending."""

from litestar import Router

from directory.exports.pages import audit, figures, results, templates

router = Router(
    path="/",
    route_handlers=[
        *results.HANDLERS,
        *figures.HANDLERS,
        *audit.HANDLERS,
        *templates.HANDLERS,
    ],
)
