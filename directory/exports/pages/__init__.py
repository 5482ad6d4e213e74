"""What one found to take away: the same addresses as of the pages, with an ending."""

from litestar import Router

from directory.exports.pages import audit, feeds, figures, linked, results

router = Router(
    path="/",
    route_handlers=[
        *results.HANDLERS,
        *feeds.HANDLERS,
        *linked.HANDLERS,
        *figures.HANDLERS,
        *audit.HANDLERS,
    ],
)
