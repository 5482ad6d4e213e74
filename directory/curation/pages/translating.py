"""The translator's view: in which languages an entry can be read, and each beside the original."""

import re
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import may, signed_in
from directory.curation.boxes import field_id, with_places
from directory.curation.marks import mark_words
from directory.curation.pages.common import AnyRequest, kind_at
from directory.curation.pages.desk import walk_of
from directory.curation.pages.unsaved import sent_texts
from directory.curation.translating import (
    ACTION,
    Opened,
    Sent,
    open_translation,
    open_translations,
    save_translation,
)
from directory.db import Database
from directory.entries.kinds import Kind
from directory.entries.vocabularies import Vocabularies
from directory.errors import Conflict, Invalid
from directory.languages import gettext
from directory.web.csrf import form_page
from directory.web.page import go_to, page

_WAS, _STILL, _ORIGINAL = "_was.", "_still.", "_original"


def _address(kind: Kind, slug: str) -> str:
    return f"/curation/{kind.path}/{slug}/translations"


@get("/{path:str}/{slug:str}/translations", guards=[may(ACTION)], sync_to_thread=True)
def list_translations(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str]
) -> Response[Any]:
    """In which languages an entry can be read, what is missing and what is out of date."""
    kind, database = kind_at(path), request.app.state.database
    chosen = request.query_params.get("language", "")
    with database.reading() as session:
        entry, own, found = open_translations(session, kind, slug, signed_in(request))
        words = Vocabularies.read(session)
    address = _address(kind, entry.slug)
    if chosen != own and chosen in words.of("languages"):
        return go_to(request, f"{address}/{chosen}")
    begun = {one.language for one in found}
    others = [code for code in words.of("languages") if code != own and code not in begun]
    return page(
        request,
        "curation/translations.html",
        kind=kind,
        entry=entry,
        own=own,
        found=found,
        others=sorted(others, key=lambda code: words.label("languages", code)),
        words=words,
        address=address,
        walk=walk_of(request, entry),
    )


@get("/{path:str}/{slug:str}/translations/{code:str}", guards=[may(ACTION)], sync_to_thread=True)
def show_translation(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str], code: FromPath[str]
) -> Response[Any]:
    """The original and its translation, side by side."""
    kind, database = kind_at(path), request.app.state.database
    with database.reading() as session:
        opened = open_translation(session, kind, slug, code, signed_in(request))
    return _page(request, kind, opened)


@post("/{path:str}/{slug:str}/translations/{code:str}", guards=[may(ACTION)])
async def receive_translation(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str], code: FromPath[str]
) -> Response[Any]:
    """Save what was translated."""
    sent = _read(await sent_texts(request))
    return await sync_to_thread(_save, request, kind_at(path), slug, code, sent)


def _read(pairs: list[tuple[str, str]]) -> Sent:
    said = {n: t.replace("\r\n", "\n").replace("\r", "\n") for n, t in pairs}
    number = said.get(_ORIGINAL, "")
    return Sent(
        texts={n: t.strip() for n, t in said.items() if not n.startswith("_")},
        was={n.removeprefix(_WAS): t for n, t in said.items() if n.startswith(_WAS)},
        original=int(number) if re.fullmatch(r"[0-9]{1,9}", number) else 0,
        still=frozenset(n.removeprefix(_STILL) for n in said if n.startswith(_STILL)),
    )


def _save(request: AnyRequest, kind: Kind, slug: str, code: str, sent: Sent) -> Response[Any]:
    database: Database = request.app.state.database
    user = signed_in(request)
    try:
        with database.writing() as session:
            entry, changed = save_translation(session, kind, slug, code, sent, by=user)
            name = Vocabularies.read(session).label("languages", code)
    except Invalid as error:
        with database.reading() as session:
            opened = open_translation(session, kind, slug, code, user, sent, error.by_field)
        return _page(request, kind, opened, status=422)
    except Conflict as error:
        with database.reading() as session:
            opened = open_translation(session, kind, slug, code, user, sent)
        return _page(request, kind, opened, status=409, refused=str(error))
    said = (
        gettext("%(title)s is saved in %(language)s.", title=entry.title, language=name)
        if changed
        else gettext("Nothing is different, so nothing was saved.")
    )
    flash(request, said, "success")
    return go_to(request, _address(kind, entry.slug))


def _page(
    request: AnyRequest, kind: Kind, opened: Opened, status: int = 200, refused: str = ""
) -> Response[Any]:
    database: Database = request.app.state.database
    with database.reading() as session:
        words = Vocabularies.read(session)
    wrong = {box.control.name: box.error for box in opened.boxes if box.error}
    titles = {box.control.name: box.control.title for box in opened.boxes}
    return form_page(
        request,
        "curation/translation.html",
        status=status,
        kind=kind,
        opened=opened,
        entry=opened.entry,
        words=words,
        address=_address(kind, opened.entry.slug),
        errors=with_places(wrong, titles),
        refused=refused,
        field_id=field_id,
        mark_words=mark_words,
    )


HANDLERS = [list_translations, show_translation, receive_translation]
