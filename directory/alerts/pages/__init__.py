"""The pages on which one follows a search, changes that, and sees what closes soon."""

from litestar import Router

from directory.alerts.pages import closing, figures, follow, mine

ROUTERS = (
    *follow.ROUTERS,
    mine.router,
    Router(path="/", route_handlers=closing.HANDLERS),
    figures.router,
)

__all__ = ["ROUTERS"]
