"""What closes soon, as a page, as a feed and as a calendar."""

from datetime import UTC, datetime, time
from typing import Any

from litestar import Response, get

from directory.alerts.pages.common import search_of
from directory.db import now
from directory.entries.deadlines import SOON, Deadline, closing
from directory.exports.atom import MEDIA_TYPE as ATOM
from directory.exports.atom import Feed, Item, write_items
from directory.exports.calendar import MEDIA_TYPE as CALENDAR
from directory.exports.calendar import deadlines_of, new_calendar, write_calendar
from directory.exports.pages.common import file
from directory.exports.results import MOST_ROWS
from directory.exports.state import changed_at, state
from directory.inbox.pages.common import AnyRequest, database_of, settings_of
from directory.web.etags import not_modified, tag_for, tag_headers
from directory.web.page import page, template_block
from directory.web.pagination import Paging

HERE = "/closing"


def _found(request: AnyRequest) -> tuple[datetime, list[Deadline]]:
    moment = now()
    with database_of(request).reading() as session:
        return moment, closing(session, moment)[:MOST_ROWS]


def _tag(request: AnyRequest) -> str:
    """Return the ETag: somewhere a day ends at every quarter of an hour."""
    with database_of(request).reading() as session:
        moment = now()
        return tag_for(request, state(session), f"{moment:%Y%m%d%H}{moment.minute // 15}")


@get(HERE, sync_to_thread=True)
def show_closing(request: AnyRequest) -> Response[Any]:
    """Every deadline of the next thirty days, soonest first."""
    moment, found = _found(request)
    providers = {
        hit.card.id: hit.card.leaders
        for hit in search_of(request).hits({d.entry_id for d in found})
    }
    return page(
        request,
        "alerts/closing.html",
        moment=moment,
        closing=[(one, providers.get(one.entry_id, [])) for one in found],
        within=SOON.days,
    )


@get(f"{HERE}.atom", sync_to_thread=True)
def closing_atom(request: AnyRequest) -> Response[Any]:
    """The same as a feed: a deadline comes in thirty days before it ends, and stays until then.

    A reader may open it days later, so that it names days and counts none.
    """
    tag = _tag(request)
    if same := not_modified(request, tag):
        return same
    moment, found = _found(request)
    settings = settings_of(request)
    site = settings.base_url
    with database_of(request).reading() as session:
        changed = changed_at(session)
    title = template_block(request, "alerts/feed_title.txt").strip()
    feed = Feed(title, site + HERE, f"{site}{HERE}.atom", site, settings.site_name, changed)
    items = [_item(request, one, site, moment) for one in found]
    content = write_items(feed, items, Paging(len(items), 1, max(1, len(items))))
    headers = {**tag_headers(tag), "X-Total-Count": str(len(items))}
    return Response(content, media_type=ATOM, headers=headers)


def _item(request: AnyRequest, one: Deadline, site: str, moment: datetime) -> Item:
    text = template_block(request, "alerts/feed_item.txt", deadline=one)
    title, _, summary = text.strip().partition("\n")
    came_in = datetime.combine(one.day - SOON, time.min, UTC)
    updated = min(moment, max(came_in, one.updated_at))
    return Item(one.key, title.strip(), site + one.url, updated, summary.strip())


@get(f"{HERE}.ics", sync_to_thread=True)
def closing_ics(request: AnyRequest) -> Response[Any]:
    """The same as a calendar to subscribe to."""
    tag = _tag(request)
    if same := not_modified(request, tag):
        return same
    moment, found = _found(request)
    site = settings_of(request).base_url
    title = template_block(request, "alerts/feed_title.txt").strip()
    calendar = new_calendar(title, f"{site}{HERE}.ics")
    ids = list(dict.fromkeys(one.entry_id for one in found))
    events = deadlines_of(
        database_of(request), ids, search_of(request).vocabularies, site, (moment + SOON).date()
    )
    return file(write_calendar(calendar, events), "closing.ics", CALENDAR, len(ids), tag)


HANDLERS = [show_closing, closing_atom, closing_ics]
