"""The picture of an entry, for where its address is shared."""

from threading import BoundedSemaphore
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from directory.db import Database
from directory.entries.models import State
from directory.entries.queries import read_published
from directory.entries.vocabularies import Vocabularies
from directory.errors import NotFound
from directory.exports.endings import INSIDE, PICTURE
from directory.exports.pages.common import AnyRequest
from directory.exports.pages.linked import kind_at, moved_to
from directory.exports.picture import card_of, draw
from directory.exports.state import state
from directory.languages import gettext
from directory.settings import Settings
from directory.web.etags import not_modified, tag_for, tag_headers

TURNS = BoundedSemaphore(1)
"""Pictures are drawn one after the other, so that they never slow the pages down."""


@get(f"{INSIDE}/png/{{path:str}}/{{slug:str}}", sync_to_thread=True)
def entry_picture(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """One entry as a picture of 1200 by 630 pixels; who is archived has none."""
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    with database.reading() as session:
        tag = tag_for(request, state(session), settings.site_name)
        if same := not_modified(request, tag):
            return same
        published = read_published(session, kind_at(path), slug)
        words = Vocabularies.read(session)
    if moved := moved_to(published, slug, PICTURE.ending):
        return moved
    if published.entry.state is not State.PUBLISHED:
        raise NotFound(gettext("There is nothing at this address."))
    card = card_of(published, words, settings.site_name)
    with TURNS:
        picture = draw(card)
    return Response(picture, media_type=PICTURE.media_type, headers=tag_headers(tag))


HANDLERS = [entry_picture]
