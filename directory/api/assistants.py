"""The page that tells people how to connect an assistant to the catalogue."""

from typing import Any

from litestar import Request, Response, get

from directory.api.mcp import PATH
from directory.api.tools import TOOLS
from directory.web.page import page


@get("/about/assistants", include_in_schema=False)
async def about_assistants(request: Request[Any, Any, Any]) -> Response[Any]:
    """Say what an assistant can ask, and how to connect one."""
    address = request.app.state.settings.base_url + PATH
    return page(request, "api/assistants.html", address=address, tools=TOOLS.values())
