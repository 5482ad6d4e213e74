"""The pages on which a person says which of their programs are told of changes."""

import threading
import uuid
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import may, must_have_signed_in_lately, signed_in, to_sign_in
from directory.accounts.models import User
from directory.db import Database
from directory.entries.kinds import KINDS
from directory.entries.vocabularies import Vocabularies
from directory.errors import Invalid
from directory.languages import gettext
from directory.web.csrf import form_page
from directory.web.page import go_to
from directory.webhooks.sending import send_test
from directory.webhooks.service import (
    ACTION,
    MOST,
    SHOWN,
    VOCABULARIES,
    Wanted,
    add_webhook,
    messages_of,
    remove_webhook,
    resume_webhook,
    webhook_of,
    webhooks_of,
)

AnyRequest = Request[Any, Any, Any]
HERE = "/account/webhooks"
# A test waits for another site; at most so many hold a thread that serves pages.
_slots = threading.BoundedSemaphore(3)


@get("", sync_to_thread=True)
def show_webhooks(request: AnyRequest) -> Response[Any]:
    """The webhooks of a person, and the form for a new one."""
    return _page(request)


def _page(
    request: AnyRequest,
    *,
    wanted: Wanted | None = None,
    secret: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    database: Database = request.app.state.database
    with database.reading() as session:
        found = webhooks_of(session, signed_in(request))
        words = Vocabularies.read(session)
    response = form_page(
        request,
        "webhooks/list.html",
        status=status,
        errors=[(f"f-{field}", said) for field, said in (errors or {}).items()],
        by_field=errors or {},
        webhooks=found,
        wanted=wanted or Wanted(""),
        secret=secret,
        kinds=KINDS,
        vocabularies=[(words.vocabularies[n].title, n, words.of(n).values()) for n in VOCABULARIES],
        words=words,
        most=MOST,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@post("", status_code=200, guards=[must_have_signed_in_lately])
async def send_webhook(request: AnyRequest) -> Response[Any]:
    """Register a webhook and show its secret, this once."""
    form = await request.form()
    wanted = Wanted(
        str(form.get("url", "")),
        [str(one) for one in form.getall("kind", [])],
        [str(one) for one in form.getall("term", [])],
    )
    return await sync_to_thread(_add, request, signed_in(request), wanted)


def _add(request: AnyRequest, user: User, wanted: Wanted) -> Response[Any]:
    database: Database = request.app.state.database
    try:
        with database.writing() as session:
            _, secret = add_webhook(session, wanted, by=user, settings=request.app.state.settings)
    except Invalid as error:
        return _page(request, wanted=wanted, errors=error.by_field, status=422)
    return _page(request, secret=secret)


@get("/{key:uuid}", sync_to_thread=True)
def show_webhook(request: AnyRequest, key: FromPath[uuid.UUID]) -> Response[Any]:
    """What one webhook was told, and what it answered."""
    database: Database = request.app.state.database
    with database.reading() as session:
        webhook = webhook_of(session, key, signed_in(request))
        messages = messages_of(session, webhook)
        words = Vocabularies.read(session)
    return form_page(
        request, "webhooks/webhook.html", webhook=webhook, told=messages, words=words,
        kinds=KINDS, shown=SHOWN,
    )  # fmt: skip


@post("/{key:uuid}/test", sync_to_thread=True)
def post_test(request: AnyRequest, key: FromPath[uuid.UUID]) -> Response[Any]:
    """Send a test message now."""
    state = request.app.state
    if not _slots.acquire(blocking=False):
        said = gettext("Other tests are being sent just now. Try again in a minute.")
        flash(request, said, "error")
        return go_to(request, f"{HERE}/{key}")
    try:
        arrived, said = send_test(
            state.database, state.settings, state.postman.fetcher, key, by=signed_in(request)
        )
    finally:
        _slots.release()
    words = gettext("The test arrived.") if arrived else gettext("The test did not arrive.")
    flash(request, f"{words} {said}", "success" if arrived else "error")
    return go_to(request, f"{HERE}/{key}")


@post("/{key:uuid}/resume", sync_to_thread=True)
def post_resume(request: AnyRequest, key: FromPath[uuid.UUID]) -> Response[Any]:
    """Let a webhook that was paused go on."""
    database: Database = request.app.state.database
    with database.writing() as session:
        resume_webhook(session, key, by=signed_in(request))
    flash(request, gettext("It goes on, with everything that it missed."), "success")
    return go_to(request, f"{HERE}/{key}")


@post("/{key:uuid}/remove", sync_to_thread=True)
def post_remove(request: AnyRequest, key: FromPath[uuid.UUID]) -> Response[Any]:
    """Remove a webhook."""
    database: Database = request.app.state.database
    with database.writing() as session:
        webhook = remove_webhook(session, key, by=signed_in(request))
    said = gettext("%(address)s is told nothing any more.", address=webhook.url)
    flash(request, said, "success")
    return go_to(request, HERE)


router = Router(
    path=HERE,
    route_handlers=[
        show_webhooks, send_webhook, show_webhook, post_test, post_resume, post_remove,
    ],
    guards=[may(ACTION)],
    exception_handlers={NotAuthorizedException: to_sign_in},
    include_in_schema=False,
)  # fmt: skip
