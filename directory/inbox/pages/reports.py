"""Anybody says what is wrong with an entry: rules first, then the form, then a reference."""

import re
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromQuery

from directory.errors import Conflict, Invalid, NotFound, TooMany
from directory.inbox import words
from directory.inbox.models import Problem
from directory.inbox.pages.common import (
    TRAP,
    AnyRequest,
    ask_to_wait,
    database_of,
    refuse_programs,
    sender_of,
    settings_of,
)
from directory.inbox.reports import send_report
from directory.inbox.subjects import read_subject
from directory.languages import gettext
from directory.web.csrf import form_page
from directory.web.page import go_to, page, texts

_REFERENCE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")
_NUMBER = re.compile(r"[0-9]{1,9}")
LIMITS = {
    "value": words.LONGEST_VALUE,
    "message": words.LONGEST,
    "links": words.MOST_LINKS,
    "shortest": words.SHORTEST,
}


@get("/report", sync_to_thread=True)
def show_report(
    request: AnyRequest, entry: FromQuery[str] = "", field: FromQuery[str] = ""
) -> Response[Any]:
    """What we correct and what not, the value of now, and the form."""
    return _form(request, {"entry": entry, "field": field})


@post("/report")
async def send(request: AnyRequest) -> Response[Any]:
    """Put a report into the queue."""
    return await sync_to_thread(_receive, request, await texts(request))


def _receive(request: AnyRequest, sent: dict[str, str]) -> Response[Any]:
    try:
        refuse_programs(sent)
        form = words.read_report(sent)
        seen = sent.get("version", "")
        with database_of(request).writing() as session:
            subject = read_subject(session, sent.get("entry", ""), sent.get("field", ""))
            reference = send_report(
                session,
                subject,
                form,
                seen=int(seen) if _NUMBER.fullmatch(seen) else -1,
                sender=sender_of(request),
                secret=settings_of(request).secret,
            )
    except Invalid as error:
        return _form(request, sent, errors=error.by_field, status=422)
    except Conflict as error:
        return _form(request, sent, notice=str(error), status=409)
    except TooMany as error:
        return ask_to_wait(_form(request, sent, notice=str(error), status=429), error)
    return go_to(request, f"/report/thanks?reference={reference}")


def _form(
    request: AnyRequest,
    sent: Mapping[str, str],
    *,
    errors: dict[str, str] | None = None,
    notice: str = "",
    status: int = 200,
) -> Response[Any]:
    with database_of(request).reading() as session:
        subject = read_subject(session, sent.get("entry", ""), sent.get("field", ""))
    return form_page(
        request,
        "inbox/report.html",
        status=status,
        errors=errors or {},
        notice=notice,
        subject=subject,
        shown=subject.shown,
        words=subject.words,
        sent={"problem": "", "value": "", "where": "", "message": "", "email": "", **sent},
        problems=list(Problem),
        limits=LIMITS,
        trap=TRAP,
    )


@get("/report/thanks", sync_to_thread=False)
def show_thanks(request: AnyRequest, reference: FromQuery[str] = "") -> Response[Any]:
    """Say that it arrived, and under which reference."""
    if not _REFERENCE.fullmatch(reference):
        raise NotFound(gettext("There is nothing at this address."))
    return page(request, "inbox/thanks.html", reference=reference)


HANDLERS = [show_report, send, show_thanks]
