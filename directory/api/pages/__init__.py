"""The pages about the API: for those who build on it, and of the tokens of a person."""

from litestar import Router

from directory.api.pages import components, developers, tokens

ROUTERS = [
    Router(
        path="/",
        route_handlers=[
            developers.show_developers,
            developers.show_reference,
            components.show_components,
        ],
        include_in_schema=False,
    ),
    tokens.router,
]
