"""Profiles in: paste, upload or name one, then decide about what is proposed, value by value."""

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import may, signed_in
from directory.curation.pages.common import AnyRequest
from directory.db import Database
from directory.errors import Conflict, DirectoryError, Invalid, SourceFailed
from directory.imports.intake.blocks import Document
from directory.imports.intake.mentions import slug_of
from directory.imports.intake.readers import read_bytes, read_url
from directory.imports.intake.service import (
    Answer,
    answer_proposal,
    get_reading,
    keep_reading,
    list_readings,
    proposals_of,
    read_profile,
    source_slug,
)
from directory.imports.intake.shown import known_of, shown_blocks, shown_proposals
from directory.languages import gettext, marked, worded
from directory.sources.queries import sources_by_slug
from directory.web.csrf import form_page
from directory.web.page import go_to

# A reading keeps one core busy for a second; at most so many at once.
_slots = threading.BoundedSemaphore(2)
PASTED = marked("pasted text")
_SAID = {
    "reject": marked("Rejected. The next reading of this source remembers it."),
    "reopen": marked("Open again: you can accept it now."),
}


@dataclass
class _Brought:
    """What was sent with the form, kept for the page when it does not fit."""

    text: str = ""
    url: str = ""
    organisation: str = ""
    source: str = ""
    title: str = ""
    file: tuple[str, bytes] | None = None


def _form(
    request: AnyRequest, brought: _Brought, errors: Mapping[str, str] | None = None
) -> Response[Any]:
    database: Database = request.app.state.database
    with database.reading() as session:
        readings, sources = list_readings(session), sources_by_slug(session)
    return form_page(
        request,
        "imports/intake.html",
        status=422 if errors else 200,
        brought=brought,
        errors=errors or {},
        readings=readings,
        sources=sources,
    )


@get("/intake", guards=[may("bring in")], sync_to_thread=True)
def show_intake(request: AnyRequest) -> Response[Any]:
    """The form, and earlier readings."""
    return _form(request, _Brought())


@post("/intake", guards=[may("bring in")])
async def bring_in(request: AnyRequest) -> Response[Any]:
    """Read what was brought, and go on to what is proposed."""
    form = await request.form()
    given = {name: text for name, text in form.multi_items() if isinstance(text, str)}
    brought = _Brought(
        given.get("text", ""),
        given.get("url", ""),
        given.get("organisation", ""),
        given.get("source", ""),
        given.get("title", ""),
    )
    upload = form.get("file")
    if isinstance(upload, UploadFile) and upload.filename:
        brought.file = (upload.filename, await upload.read())
    return await sync_to_thread(_read, request, brought)


def _read(request: AnyRequest, brought: _Brought) -> Response[Any]:
    database: Database = request.app.state.database
    if not _slots.acquire(blocking=False):
        return _form(
            request,
            brought,
            {"text": gettext("Other texts are being read. Try again in a minute.")},
        )
    try:
        document = _document(request, brought)
        slug = brought.source or source_slug(brought.title or document.name)
        with database.reading() as session:
            proposals = read_profile(
                session, document, source=slug, organisation=brought.organisation.strip()
            )
        title = brought.title.strip() or document.name
        with database.writing() as session:
            kept = keep_reading(
                session, document, proposals, source=slug, title=title, by=signed_in(request)
            )
    except Invalid as error:
        return _form(request, brought, error.by_field or {"text": str(error)})
    except DirectoryError as error:
        field = "url" if brought.url else "file" if brought.file else "organisation"
        return _form(request, brought, {field: str(error)})
    finally:
        _slots.release()
    return go_to(request, f"/curation/intake/{kept.id}")


def _document(request: AnyRequest, brought: _Brought) -> Document:
    """Return what was brought in one of the three ways; raises Invalid and SourceFailed."""
    given = [bool(brought.text.strip()), bool(brought.url.strip()), bool(brought.file)]
    if sum(given) != 1:
        sentence = gettext("Give one of the three: a text, a file or a web address.")
        raise Invalid(sentence, {"text": sentence})
    if not brought.source and not (brought.title.strip() or brought.file or brought.url):
        raise Invalid(
            gettext("Name the source."),
            {"title": gettext("Say what the text is, such as its title.")},
        )
    if brought.file:
        return read_bytes(*brought.file)
    if brought.url:
        return read_url(request.app.state.fetcher, brought.url.strip())
    try:
        found = read_bytes(worded(PASTED), brought.text.encode())
    except SourceFailed as error:
        raise Invalid(str(error), {"text": str(error)}) from error
    return Document((brought.title.strip() or PASTED)[:200], found.blocks)


@get("/intake/{reading_id:uuid}", guards=[may("bring in")], sync_to_thread=True)
def show_reading(request: AnyRequest, reading_id: FromPath[uuid.UUID]) -> Response[Any]:
    """The text and what is proposed from it, side by side."""
    return _reading_page(request, reading_id)


def _reading_page(
    request: AnyRequest,
    reading_id: uuid.UUID,
    errors: Mapping[str, str] | None = None,
    answer: Answer | None = None,
) -> Response[Any]:
    database: Database = request.app.state.database
    with database.reading() as session:
        reading = get_reading(session, reading_id)
        document, proposals = proposals_of(reading)
        known = known_of(session, proposals, signed_in(request))
    return form_page(
        request,
        "imports/reading.html",
        status=422 if errors else 200,
        reading=reading,
        blocks=shown_blocks(document, proposals),
        proposals=shown_proposals(document, proposals, known, answer),
        errors=errors or {},
        wrong=answer.key if answer else "",
        problems_at=[(_place(answer, name), text) for name, text in (errors or {}).items()]
        if answer
        else [],
    )


def _place(answer: Answer, name: str) -> str:
    """Return the id of what has to be put right: the field to merge into, or the proposal."""
    anchor = slug_of(answer.key)
    return f"{anchor}-into" if name == "into" else anchor


@post("/intake/{reading_id:uuid}", guards=[may("bring in")])
async def decide(request: AnyRequest, reading_id: FromPath[uuid.UUID]) -> Response[Any]:
    """Accept, merge or reject one proposal; what is accepted becomes a draft."""
    form = await request.form()
    taken = frozenset(int(n) for n in form.getall("take", []) if str(n).isdigit())
    edited = {
        int(name.removeprefix("value.")): text
        for name, text in form.multi_items()
        if name.startswith("value.") and name[6:].isdigit() and isinstance(text, str)
    }
    answer = Answer(
        str(form.get("key", "")),
        str(form.get("decision", "")),
        taken,
        edited,
        str(form.get("into", "")),
    )
    return await sync_to_thread(_decide, request, reading_id, answer)


def _decide(request: AnyRequest, reading_id: uuid.UUID, answer: Answer) -> Response[Any]:
    database: Database = request.app.state.database
    try:
        with database.writing() as session:
            entry = answer_proposal(session, reading_id, answer, by=signed_in(request))
    except Invalid as error:
        return _reading_page(request, reading_id, error.by_field or {"entry": str(error)}, answer)
    except Conflict as error:
        flash(request, str(error), "error")
    else:
        said = worded(_SAID.get(answer.decision, ""))
        if entry:
            said = gettext("Saved as a draft: %(title)s.", title=entry.title)
        flash(request, said, "success")
    return go_to(request, f"/curation/intake/{reading_id}#{slug_of(answer.key)}")


HANDLERS = [show_intake, bring_in, show_reading, decide]
