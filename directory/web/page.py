"""One way to answer a person: the whole page, or the part of it that htmx asked for."""

from typing import Any

from litestar import Request, Response
from litestar.enums import MediaType
from litestar.plugins.flash import get_flashes
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect

from directory.db import now
from directory.web.templating import render


def wants_fragment(request: Request[Any, Any, Any]) -> bool:
    """Say whether htmx asks for a part; on a history restore it needs the whole page."""
    headers = request.headers
    return (
        headers.get("hx-request") == "true"
        and headers.get("hx-boosted") != "true"
        and headers.get("hx-history-restore-request") != "true"
    )


async def texts(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return a form that was sent, with one text for each name."""
    return {k: v for k, v in (await request.form()).multi_items() if isinstance(v, str)}


def _viewer(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Return who reads, and the messages left for them; an unrouted request has no session."""
    session = request.scope.get("session")
    if not isinstance(session, dict) or not session:
        return {"viewer": {"email": None, "role": None}, "messages": []}
    return {
        "viewer": {"email": session.get("email"), "role": session.get("role")},
        "messages": get_flashes({"request": request}),
    }


def page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    fragment: str | None = None,
    status: int = 200,
    **context: Any,
) -> Response[str]:
    """Render a template; `fragment` names the block that alone answers an htmx request.

    The name of the block is also the id of the element that htmx replaces.
    """
    engine = request.app.template_engine
    assert isinstance(engine, JinjaTemplateEngine)
    depends_on = {"HX-Request": True, "Cookie": True} if fragment else {"Cookie": True}

    def saves_data() -> bool:
        """Say whether the reader wants few bytes (`Save-Data`); a page that asks depends on it."""
        depends_on["Save-Data"] = True
        return request.headers.get("save-data", "").strip().lower() == "on"

    whole = {
        "request": request,
        "path": request.url.path,
        "today": now().date(),
        "saves_data": saves_data,
        **_viewer(request),
        **context,
    }
    block = fragment if fragment and wants_fragment(request) else None
    html = render(engine, template, whole, block)
    return Response(
        html,
        media_type=MediaType.HTML,
        status_code=status,
        headers={"Vary": ", ".join(depends_on)},
    )


def template_block(request: Request[Any, Any, Any], template: str, **context: Any) -> str:
    """Return a part of a page that is drawn on its own, for whoever keeps it."""
    engine = request.app.template_engine
    assert isinstance(engine, JinjaTemplateEngine)
    return render(engine, template, context, None)


def go_to(request: Request[Any, Any, Any], url: str) -> Response[Any]:
    """Send the reader on after a form was accepted, so that a reload does not send it twice."""
    if wants_fragment(request):
        return Response(None, status_code=204, headers={"HX-Redirect": url})
    return Redirect(url, status_code=303)
