"""The pages of feeds: register, try out, approve, and see what each run found."""

import threading
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import may, signed_in
from directory.accounts.permissions import is_allowed
from directory.curation.pages.common import AnyRequest
from directory.db import Database
from directory.entries.kinds import KINDS
from directory.entries.models import Entry
from directory.errors import Conflict, Invalid, NotFound, TooMany
from directory.imports.harvest import service
from directory.imports.harvest.models import FeedState, Outcome, Schedule
from directory.imports.harvest.reading import FORMATS
from directory.imports.harvest.service import FeedForm
from directory.languages import gettext, marked
from directory.web.csrf import form_page
from directory.web.page import go_to, page, texts

FEEDS = "/curation/feeds"
_register = [may("register")]
_approve = [may("approve source")]
# A test waits for another site; at most so many hold a thread that serves pages.
_slots = threading.BoundedSemaphore(3)
_MOVES = {
    "approve": (service.approve, marked("%(feed)s is approved. It will be read soon.")),
    "pause": (service.pause, marked("%(feed)s is paused. What came in stays.")),
    "go-on": (service.go_on, marked("The next run of %(feed)s goes on. It will be read soon.")),
    "read": (service.read_soon, marked("%(feed)s will be read soon.")),
}


def _database(request: AnyRequest) -> Database:
    database: Database = request.app.state.database
    return database


@get("/feeds", guards=_register, sync_to_thread=True)
def show_feeds(request: AnyRequest) -> Response[Any]:
    """Every feed one may see: owner, format, state, its last run and the next."""
    with _database(request).reading() as session:
        feeds = service.list_feeds(session, signed_in(request))
    return page(
        request, "imports/feeds.html", feeds=feeds, formats=FORMATS, kinds=KINDS, outcomes=Outcome
    )


@get("/feeds/new", guards=_register, sync_to_thread=True)
def show_new(request: AnyRequest) -> Response[Any]:
    """The form for a new feed."""
    return _form(request, None, FeedForm())


@post("/feeds/new", guards=_register)
async def send_new(request: AnyRequest) -> Response[Any]:
    """Register a feed, and go to where it is tried out."""
    return await sync_to_thread(_register_feed, request, FeedForm.read(await texts(request)))


def _register_feed(request: AnyRequest, form: FeedForm) -> Response[Any]:
    try:
        with _database(request).writing() as session:
            feed = service.register(session, form, by=signed_in(request))
    except Invalid as error:
        return _form(request, None, form, error.by_field)
    said = gettext("%(feed)s is registered. Try it out before it is approved.", feed=feed.title)
    flash(request, said, "success")
    return go_to(request, f"{FEEDS}/{feed.slug}")


@get("/feeds/{slug:str}", guards=_register, sync_to_thread=True)
def show_feed(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    """One feed with its runs, and what can be done with it."""
    return _feed(request, slug)


@get("/feeds/{slug:str}/change", guards=_register, sync_to_thread=True)
def show_change(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    """The form of a feed."""
    with _database(request).reading() as session:
        shown = service.read_shown(session, slug, signed_in(request))
    return _form(request, slug, FeedForm.of(shown.feed, shown.owner))


@post("/feeds/{slug:str}/change", guards=_register)
async def send_change(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    """Change a feed; its approval lapses with another address."""
    return await sync_to_thread(_change, request, slug, FeedForm.read(await texts(request)))


def _change(request: AnyRequest, slug: str, form: FeedForm) -> Response[Any]:
    try:
        with _database(request).writing() as session:
            feed, lapsed = service.change(session, slug, form, by=signed_in(request))
    except Invalid as error:
        return _form(request, slug, form, error.by_field)
    said = gettext("%(feed)s is changed.", feed=feed.title)
    if lapsed:
        said = gettext(
            "%(feed)s is changed. Its approval has lapsed: try it out, and have it approved again.",
            feed=feed.title,
        )
    flash(request, said, "success")
    return go_to(request, f"{FEEDS}/{slug}")


@post("/feeds/{slug:str}/test", guards=_register, sync_to_thread=True)
def send_test(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    """Try a feed out, and show what would come in."""
    if not _slots.acquire(blocking=False):
        busy = gettext("Other feeds are being tried out just now. Try again in a minute.")
        return _feed(request, slug, busy, 503)
    try:
        state, by = request.app.state, signed_in(request)
        secret = state.settings.secret
        run = service.try_out(state.database, state.fetcher, slug, by=by, secret=secret)
    except TooMany as error:
        return _feed(request, slug, str(error), 429)
    finally:
        _slots.release()
    return go_to(request, f"{FEEDS}/{slug}/runs/{run.id}")


@get("/feeds/{slug:str}/runs/{key:str}", guards=_register, sync_to_thread=True)
def show_run(request: AnyRequest, slug: FromPath[str], key: FromPath[str]) -> Response[Any]:
    """What one run found, or what a test run would bring in."""
    user = signed_in(request)
    with _database(request).reading() as session:
        feed, run = service.read_run(session, slug, key, user)
    return page(
        request,
        "imports/feed_run.html",
        feed=feed,
        run=run,
        outcomes=Outcome,
        # What stands here may be a draft of somebody else.
        shows_drafts=is_allowed(user.role, "approve source"),
    )


@post("/feeds/{slug:str}/{move:str}", guards=_approve, sync_to_thread=True)
def send_move(request: AnyRequest, slug: FromPath[str], move: FromPath[str]) -> Response[Any]:
    """Approve or pause a feed, let a stopped run go on, or read it soon."""
    if move not in _MOVES:
        raise NotFound(gettext("There is nothing at this address."))
    act, said = _MOVES[move]
    try:
        with _database(request).writing() as session:
            feed = act(session, slug, by=signed_in(request))
    except Conflict as error:
        return _feed(request, slug, str(error), 422)
    flash(request, gettext(said, feed=feed.title), "success")
    return go_to(request, f"{FEEDS}/{slug}")


def _feed(request: AnyRequest, slug: str, notice: str = "", status: int = 200) -> Response[Any]:
    with _database(request).reading() as session:
        shown = service.read_shown(session, slug, signed_in(request))
    return form_page(
        request,
        "imports/feed.html",
        status=status,
        shown=shown,
        feed=shown.feed,
        notice=notice,
        format=FORMATS[shown.feed.format],
        kind=KINDS[shown.feed.kind],
        schedule=Schedule(shown.feed.schedule),
        states=FeedState,
        outcomes=Outcome,
    )


def _form(
    request: AnyRequest, slug: str | None, form: FeedForm, errors: dict[str, str] | None = None
) -> Response[Any]:
    with _database(request).reading() as session:
        user = signed_in(request)
        feed = service.find_feed(session, slug, user) if slug else None
        owners: list[Entry] = service.owners(session, user)
    return form_page(
        request,
        "imports/feed_form.html",
        status=422 if errors else 200,
        errors=errors or {},
        feed=feed,
        form=form,
        owners=owners,
        formats=FORMATS,
        kinds=KINDS,
        schedules=Schedule,
    )


HANDLERS = [
    show_feeds,
    show_new,
    send_new,
    show_feed,
    show_change,
    send_change,
    send_test,
    show_run,
    send_move,
]
