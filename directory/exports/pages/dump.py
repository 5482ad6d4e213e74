"""The nightly dump: its files, with their size and age."""

from typing import Any

from litestar import Response, get
from litestar.datastructures import ETag
from litestar.params import FromPath
from litestar.response import File

from directory.errors import NotFound
from directory.exports.dump import latest
from directory.exports.pages.common import AnyRequest
from directory.languages import gettext
from directory.settings import Settings
from directory.web.etags import not_modified, tag_for, tag_headers
from directory.web.page import page

_TYPES = {
    ".csv": "text/csv; charset=utf-8; header=present",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
}


@get("/dump", sync_to_thread=True)
def show_dump(request: AnyRequest) -> Response[Any]:
    """Everything as files, or how to get it while there is no dump yet."""
    settings: Settings = request.app.state.settings
    return page(request, "exports/dump.html", dump=latest(settings))


@get("/dump/{name:str}", sync_to_thread=True)
def dump_file(request: AnyRequest, name: FromPath[str]) -> Response[Any] | File:
    """One file of the newest dump."""
    settings: Settings = request.app.state.settings
    found = latest(settings)
    if found is None or name not in found.files:
        raise NotFound(gettext("The dump has no file called %(name)s.", name=name))
    tag = tag_for(request, found.folder.name, found.made_at.isoformat())
    if same := not_modified(request, tag):
        return same
    ending = f".{name.rpartition('.')[2]}"
    return File(
        found.folder / name,
        filename=name,
        media_type=_TYPES.get(ending, "text/plain; charset=utf-8"),
        headers={"Cache-Control": tag_headers(tag)["Cache-Control"]},
        etag=ETag(weak=True, value=tag.removeprefix("W/").strip('"')),
    )


HANDLERS = [show_dump, dump_file]
