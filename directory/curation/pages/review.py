"""The page of a review: two versions side by side, the conversation, and what one can do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from babel.lists import format_list
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import may, signed_in
from directory.curation.boxes import about, field_id
from directory.curation.history import words_of_move
from directory.curation.naming import STATUSES, names_in
from directory.curation.pages.common import AnyRequest, kind_at
from directory.curation.pages.desk import walk_of
from directory.curation.review import assign, move_entry, read_review, say
from directory.curation.workflow import LONGEST_REASON, MOVES, Move
from directory.db import Database
from directory.entries.kinds import Kind
from directory.errors import Conflict, Invalid
from directory.languages import gettext, locale, marked, worded
from directory.sources.queries import sources_by_slug
from directory.web.csrf import form_page
from directory.web.page import go_to


@dataclass(frozen=True)
class Sent:
    """What was sent and did not come through: where from, the text, and what is wrong."""

    form: str = ""
    text: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    moved_on: str = ""

    def text_in(self, form: str) -> str:
        """Return what stood in the text of a form, so that it is not typed twice."""
        return self.text if self.form == form else ""

    def error_at(self, wanted: str) -> str:
        """Return what is wrong at a place of the page, such as `#f-decide-text`."""
        return next((said for place, said in self.errors if place == wanted), "")


@get("/{path:str}/{slug:str}/review", sync_to_thread=True)
def show_review(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """What waits beside what is live."""
    return _page(request, kind_at(path), slug)


def _page(
    request: AnyRequest, kind: Kind, slug: str, sent: Sent | None = None, status: int = 200
) -> Response[Any]:
    database: Database = request.app.state.database
    everything, user = request.query_params.get("all") == "1", signed_in(request)
    with database.reading() as session:
        review = read_review(session, kind, slug, user, everything=everything)
        words, sources = names_in(session, user, kind, review.profiles), sources_by_slug(session)
    return form_page(
        request,
        "curation/review.html",
        status=status,
        kind=kind,
        entry=review.entry,
        review=review,
        user=user,
        everything=everything,
        address=f"/curation{kind.url(review.entry.slug)}",
        words_of_move=words_of_move,
        labels={**{name: move.label for name, move in MOVES.items()}, "answer": marked("Answer")},
        either=_either,
        longest=LONGEST_REASON,
        walk=walk_of(request, review.entry),
        sent=sent or Sent(),
        words=words,
        sources=sources,
        statuses=STATUSES,
    )


def _either(moves: Iterable[Move]) -> str:
    """Name moves as one does in a sentence: “Refuse” or “Request changes”."""
    named = [gettext("“%(move)s”", move=worded(move.label)) for move in moves]
    return str(format_list(named, style="or", locale=locale()))


@post("/{path:str}/{slug:str}/moves/{name:str}")
async def make_a_move(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str], name: FromPath[str]
) -> Response[Any]:
    """Move an entry on, or say why it cannot be moved; what was typed is kept."""
    form = await _texts(request)
    return await sync_to_thread(_move, request, kind_at(path), slug, name, form)


def _move(
    request: AnyRequest, kind: Kind, slug: str, name: str, form: dict[str, str]
) -> Response[Any]:
    database: Database = request.app.state.database
    seen, text = form.get("revision", ""), form.get("text", "")
    place = "down" if name in MOVES and MOVES[name].takes_down else "decide"
    try:
        with database.writing() as session:
            entry, _ = move_entry(
                session,
                kind,
                slug,
                name,
                by=signed_in(request),
                reason=text,
                revision=int(seen) if re.fullmatch(r"[0-9]{1,9}", seen) else -1,
                base_url=request.app.state.settings.base_url,
            )
    except Conflict as error:
        sent = Sent(place, text, moved_on=str(error))
        return _page(request, kind, slug, sent, 409)
    except Invalid as error:
        sent = Sent(place, text, _errors(kind, slug, place, error))
        return _page(request, kind, slug, sent, 422)
    flash(request, gettext(MOVES[name].told, title=entry.title), "success")
    return go_to(request, f"/curation{kind.url(entry.slug)}/review")


def _errors(kind: Kind, slug: str, place: str, error: Invalid) -> tuple[tuple[str, str], ...]:
    """Return what is wrong with where it is: the text on this page, or a field of the form."""
    here, found = f"#f-{place}-text", []
    for name, text in error.by_field.items():
        if name == "reason":
            found.append((here, text))
            continue
        declared = kind.fields.get(name.removeprefix("claims.").partition(".")[0])
        said = about(declared.title, text) if declared else text
        found.append((f"/curation{kind.url(slug)}#{field_id(name)}", said))
    return tuple(found) or ((here, str(error)),)


@post("/{path:str}/{slug:str}/answer", guards=[may("answer")])
async def add_answer(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str]
) -> Response[Any]:
    """Add to the conversation; nothing moves."""
    form = await _texts(request)
    return await sync_to_thread(_answer, request, kind_at(path), slug, form.get("text", ""))


def _answer(request: AnyRequest, kind: Kind, slug: str, text: str) -> Response[Any]:
    database: Database = request.app.state.database
    base_url = request.app.state.settings.base_url
    try:
        with database.writing() as session:
            entry = say(session, kind, slug, text, by=signed_in(request), base_url=base_url)
    except Invalid as error:
        said = error.by_field["reason"] if text.strip() else gettext("Write something first.")
        sent = Sent("answer", text, (("#f-answer-text", said),))
        return _page(request, kind, slug, sent, 422)
    flash(request, gettext("Your answer is in the conversation."), "success")
    return go_to(request, f"/curation{kind.url(entry.slug)}/review#conversation")


@post("/{path:str}/{slug:str}/assignee", guards=[may("review")])
async def give_to(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """Take the task, hand it over, or leave it to whoever comes."""
    form = await _texts(request)
    return await sync_to_thread(_assign, request, kind_at(path), slug, form.get("to", ""))


def _assign(request: AnyRequest, kind: Kind, slug: str, to: str) -> Response[Any]:
    database: Database = request.app.state.database
    try:
        with database.writing() as session:
            entry, person = assign(session, kind, slug, to, by=signed_in(request))
    except Conflict as error:
        return _page(request, kind, slug, Sent("assignee", moved_on=str(error)), 409)
    except Invalid as error:
        sent = Sent("assignee", errors=(("#f-assignee-to", error.by_field["to"]),))
        return _page(request, kind, slug, sent, 422)
    said = (
        gettext("This is the task of %(person)s now.", person=person)
        if person
        else gettext("Nobody has this task now.")
    )
    flash(request, said, "success")
    return go_to(request, f"/curation{kind.url(entry.slug)}/review")


async def _texts(request: AnyRequest) -> dict[str, str]:
    """Return the texts of a small form, line ends as everywhere."""
    pairs = (await request.form()).multi_items()
    return {
        name: text.replace("\r\n", "\n").replace("\r", "\n")
        for name, text in pairs
        if isinstance(text, str)
    }


HANDLERS = [show_review, make_a_move, add_answer, give_to]
