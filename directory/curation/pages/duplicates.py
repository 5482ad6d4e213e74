"""What looks the same: shown while one writes, and the queue of pairs to look at."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.plugins.flash import flash

from directory.accounts.guards import may, signed_in
from directory.curation.controls import controls_of
from directory.curation.duplicates import (
    likely_pairs,
    remembered_as_different,
    say_different,
    similar,
    take_back_different,
    what_they_say,
)
from directory.curation.likeness import is_sign
from directory.curation.naming import names_of
from directory.curation.pages.common import AnyRequest, kind_at
from directory.db import Database
from directory.entries.kinds import KINDS, Kind, kind_named
from directory.languages import gettext
from directory.web.csrf import form_page
from directory.web.page import go_to, page
from directory.web.pagination import Paging

PAIRS_A_PAGE = 20
LONGEST = 300


@get("/{path:str}/similar", sync_to_thread=True)
def show_similar(request: AnyRequest, path: FromPath[str]) -> Response[Any]:
    """What looks the same as what somebody is writing; nothing when nothing does.

    The parameters are called like the fields of the form; `title` stands for whichever field is
    the title, and `not` names the entry that is being edited.
    """
    kind, asked = kind_at(path), request.query_params
    database: Database = request.app.state.database
    profile = {
        name: text
        for name, declared in kind.fields.items()
        if is_sign(kind, declared) and (text := asked.get(name, "").strip()[:LONGEST])
    }
    if title := asked.get("title", "").strip()[:LONGEST]:
        profile.setdefault(kind.title_field, title)
    with database.reading() as session:
        found = similar(session, kind, profile, signed_in(request), but=asked.get("not", ""))
    return page(request, "curation/similar.html", fragment="similar", similar=found)


@get("/duplicates", guards=[may("merge")], sync_to_thread=True)
def show_pairs(request: AnyRequest) -> Response[Any]:
    """The pairs that may be one and the same, most alike first."""
    database: Database = request.app.state.database
    asked = request.query_params
    kind = KINDS.get(asked.get("kind", ""))
    text, number = asked.get("q", "").strip(), asked.get("page", "1")
    with database.reading() as session:
        pairs = [
            pair
            for pair in likely_pairs(session, kind)
            if text.casefold() in f"{pair.a.title}\n{pair.b.title}".casefold()
        ]
        paging = Paging(len(pairs), int(number) if number in _NUMBERS else 1, PAIRS_A_PAGE)
        pairs = pairs[paging.offset : paging.offset + PAIRS_A_PAGE]
        profiles = what_they_say(session, pairs)
        known = {one.id: one.kind for pair in pairs for one in (pair.a, pair.b)}
        said = [(known[key], profile) for key, profile in profiles.items()]
        words = names_of(session, signed_in(request), said)
    asked_for = {"kind": kind.name if kind else "", "q": text}
    return form_page(
        request,
        "curation/duplicates.html",
        pairs=pairs,
        paging=paging,
        profiles=profiles,
        words=words,
        shown={k.name: _shown(k) for k in KINDS.values()},
        kinds=KINDS,
        kind=kind,
        q=text,
        link=lambda n: "?" + urlencode({**asked_for, "page": n}),
    )


_NUMBERS = {str(n) for n in range(1, 10_000)}


def _shown(kind: Kind) -> list[Any]:
    """Return the controls of the fields by which one can tell two entries apart at a glance."""
    controls = controls_of(kind, False)
    return [
        controls[name]
        for name, d in kind.public_fields.items()
        if name != kind.title_field
        and (is_sign(kind, d) or d.searchable in ("alias", "summary") or _is_seat(d) or d.reference)
    ]


def _is_seat(declared: Any) -> bool:
    return declared.vocabulary == "countries" and not declared.many


@get("/duplicates/different", guards=[may("merge")], sync_to_thread=True)
def show_different(request: AnyRequest) -> Response[Any]:
    """The pairs of which somebody has said that they are different."""
    database: Database = request.app.state.database
    with database.reading() as session:
        found = remembered_as_different(session)
    return form_page(request, "curation/different.html", pairs=found, kinds=KINDS)


@post("/duplicates/different", guards=[may("merge")])
async def remember_different(request: AnyRequest) -> Response[Any]:
    """Remember that two entries are not the same."""
    return await sync_to_thread(_remember, request, await request.form())


def _remember(request: AnyRequest, form: Mapping[str, Any]) -> Response[Any]:
    database: Database = request.app.state.database
    kind, one, other = _pair_in(form)
    with database.writing() as session:
        reason = str(form.get("reason", ""))
        say_different(session, kind, one, other, reason, by=signed_in(request))
    said = gettext("Remembered: they are different. They are no longer listed.")
    flash(request, said, "success")
    return go_to(request, "/curation/duplicates")


@post("/duplicates/different/take-back", guards=[may("merge")])
async def forget_different(request: AnyRequest) -> Response[Any]:
    """List two entries again."""
    return await sync_to_thread(_forget, request, await request.form())


def _forget(request: AnyRequest, form: Mapping[str, Any]) -> Response[Any]:
    database: Database = request.app.state.database
    kind, one, other = _pair_in(form)
    with database.writing() as session:
        take_back_different(session, kind, one, other, by=signed_in(request))
    said = gettext("Taken back: the two are listed again if they look the same.")
    flash(request, said, "success")
    return go_to(request, "/curation/duplicates/different")


def _pair_in(form: Mapping[str, Any]) -> tuple[Kind, str, str]:
    """Return the pair that a form names; raises NotFound for a kind that is none."""
    one, other = (str(form.get(name, "")) for name in ("one", "other"))
    return kind_named(str(form.get("kind", ""))), one, other


HANDLERS = [show_similar, show_pairs, show_different, remember_different, forget_different]
