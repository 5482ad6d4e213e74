"""What somebody follows, behind a signed link: change how often, stop one, stop all."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from directory.alerts.following import change, followed_by, read_every, stop, stop_all
from directory.alerts.links import read_manager
from directory.alerts.pages.common import (
    KEPT_BY_NOBODY,
    NOT_LISTED,
    asked_in,
    uuid_of,
)
from directory.errors import NotFound
from directory.inbox.pages.common import AnyRequest, database_of, settings_of
from directory.languages import gettext, marked
from directory.web.csrf import form_page
from directory.web.page import go_to, texts

DONE = {
    "changed": marked("Changed. Your next letter comes when it is due."),
    "stopped": marked("Stopped. You get no more letters about this search."),
    "all": marked("Stopped. You get no more letters, and your address is deleted."),
}


@get("/{token:str}", sync_to_thread=True)
def show_mine(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Everything that an address follows."""
    reader_id = read_manager(token, settings_of(request))
    with database_of(request).reading() as session:
        followed = followed_by(session, reader_id)
    return form_page(
        request,
        "alerts/mine.html",
        followed=[(one.following, asked_in(request, one.question)) for one in followed],
        done=DONE.get(request.query_params.get("done", ""), ""),
    )


@post("/{token:str}")
async def send_mine(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Do what a button says."""
    return await sync_to_thread(_act, request, token, await texts(request))


def _act(request: AnyRequest, token: str, sent: dict[str, str]) -> Response[Any]:
    reader_id = read_manager(token, settings_of(request))
    act = sent.get("act", "")
    if act not in ("change", "stop", "all"):
        raise NotFound(gettext("There is no such button here."))
    with database_of(request).writing() as session:
        if act == "all":
            stop_all(session, reader_id)
            done = "all"
        else:
            key = uuid_of(sent.get("following", ""))
            mine = {one.following.id for one in followed_by(session, reader_id)}
            if act == "change":
                change(session, reader_id, key, read_every(sent.get("every", "")))
                done = "changed"
            else:
                # Who presses twice has it stopped, too.
                if key in mine:
                    stop(session, key)
                done = "stopped" if len(mine - {key}) else "all"
    return go_to(request, f"/alerts/mine/{token}?done={done}")


router = Router(
    path="/alerts/mine",
    route_handlers=[show_mine, send_mine],
    cache_control=KEPT_BY_NOBODY,
    response_headers=NOT_LISTED,
)
