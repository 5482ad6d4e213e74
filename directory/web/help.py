"""Pages of help: which guides there are, and each of them."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from directory.errors import NotFound
from directory.languages import gettext, language
from directory.settings import Settings
from directory.web.guides import GUIDES, guide_text
from directory.web.page import page


@get("/help")
async def guides(request: Request[Any, Any, Any]) -> Response[Any]:
    """Which guides there are, and for whom."""
    return page(request, "web/help.html", guides=list(GUIDES.values()))


@get("/help/{name:str}", sync_to_thread=True)
def guide(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """One guide, in the language of the reader where there is one."""
    found = GUIDES.get(name)
    if found is None:
        raise NotFound(gettext("There is no such guide."))
    settings: Settings = request.app.state.settings
    text = guide_text(name, language().code, settings.base_url)
    others = [one for one in GUIDES.values() if one is not found]
    return page(request, "web/guide.html", guide=found, text=text, others=others)
