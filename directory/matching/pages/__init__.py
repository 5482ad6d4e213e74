"""The pages of a need: its offers, papers to take along, what somebody saved, unmet demand."""

from litestar import Router

from directory.matching.pages import demand, match, saved

ROUTERS = (Router(path="/", route_handlers=match.HANDLERS), *saved.ROUTERS, demand.router)

__all__ = ["ROUTERS"]
