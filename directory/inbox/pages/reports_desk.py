"""The queue of reports: filtered, taken on, answered."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import signed_in
from directory.accounts.models import User
from directory.entries.kinds import KINDS
from directory.errors import Invalid, NotFound
from directory.inbox.models import Problem, ReportState
from directory.inbox.pages.common import AnyRequest, database_of, settings_of
from directory.inbox.reports import (
    PER_PAGE,
    ReportFilter,
    close,
    is_paused,
    let_go,
    list_reports,
    pause_sender,
    read_report,
    reopen,
    take_on,
)
from directory.languages import gettext, marked, worded
from directory.web.csrf import form_page
from directory.web.page import go_to, page, texts
from directory.web.pagination import Paging

AGES = (7, 30, 90)
_MOVES = {"take": take_on, "let-go": let_go, "reopen": reopen, "pause": pause_sender}
_SAID = {
    "take": marked("You have taken on this report."),
    "let-go": marked("Nobody works on this report now."),
    "reopen": marked("The report is open again."),
    "pause": marked("For 30 days no reports are taken from this sender."),
}


@get("/", sync_to_thread=True)
def show_queue(request: AnyRequest) -> Response[Any]:
    """The reports that fit a filter, who has waited longest first."""
    asked = request.query_params
    wanted = _filter(asked)
    number = asked.get("page", "1")
    number = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    with database_of(request).reading() as session:
        total, found = list_reports(session, wanted, signed_in(request), max(1, number))
    filters = {k: v for k, v in asked.items() if k != "page"}
    return page(
        request,
        "inbox/reports.html",
        found=found,
        wanted=wanted,
        problems=list(Problem),
        states=list(ReportState),
        kinds=KINDS,
        ages=AGES,
        paging=Paging(total, max(1, number), PER_PAGE),
        page_url=lambda n: f"/curation/reports?{urlencode({**filters, 'page': n})}",
    )


def _filter(asked: Any) -> ReportFilter:
    """Read the filter of an address; what nobody knows counts as not asked."""
    state = asked.get("state", ReportState.OPEN.value)
    problem, kind, older = asked.get("problem", ""), asked.get("kind", ""), asked.get("older", "")
    return ReportFilter(
        state=state if state in list(ReportState) else "",
        problem=problem if problem in list(Problem) else "",
        kind=kind if kind in KINDS else "",
        older=int(older) if older in {str(age) for age in AGES} else 0,
        mine=asked.get("mine") == "yes",
    )


@get("/{reference:str}", sync_to_thread=True)
def show_one(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """One report: what was said then, what stands there now, and what to do."""
    return _one(request, reference)


@post("/{reference:str}/close")
async def send_answer(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """Close a report, with an answer in words."""
    return await sync_to_thread(_close, request, reference, await texts(request))


def _close(request: AnyRequest, reference: str, sent: dict[str, str]) -> Response[Any]:
    done, answer = sent.get("outcome") == "done", sent.get("answer", "")
    by, settings = signed_in(request), settings_of(request)
    try:
        with database_of(request).writing() as session:
            report = close(session, reference, answer, done=done, by=by, settings=settings)
    except Invalid as error:
        return _one(request, reference, error.by_field, answer)
    said = (
        gettext(
            "Report %(reference)s is closed. The answer is on its way to the sender.",
            reference=reference,
        )
        if report.email
        else gettext("Report %(reference)s is closed.", reference=reference)
    )
    flash(request, said, "success")
    return go_to(request, "/curation/reports")


@post("/{reference:str}/{move:str}", sync_to_thread=True)
def send_move(request: AnyRequest, reference: FromPath[str], move: FromPath[str]) -> Response[Any]:
    """Take a report on, let it go, open it again, or pause its sender."""
    if move not in _MOVES:
        raise NotFound(gettext("There is nothing at this address."))
    with database_of(request).writing() as session:
        _MOVES[move](session, reference, by=signed_in(request))
    flash(request, worded(_SAID[move]), "success")
    return go_to(request, f"/curation/reports/{reference}")


def _one(
    request: AnyRequest, reference: str, errors: dict[str, str] | None = None, answer: str = ""
) -> Response[Any]:
    user: User = signed_in(request)
    with database_of(request).reading() as session:
        found = read_report(session, reference)
        paused = is_paused(session, found.report)
    return form_page(
        request,
        "inbox/report_desk.html",
        status=422 if errors else 200,
        errors=errors or {},
        found=found,
        paused=paused,
        answer=answer,
        mine=found.report.assignee_id == user.id,
    )


HANDLERS = [show_queue, show_one, send_answer, send_move]
