"""What an entry said before: its revisions."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from directory.accounts.guards import signed_in
from directory.curation.desk import read_history, read_revision
from directory.curation.editing import controls_for
from directory.curation.pages.common import AnyRequest, kind_at
from directory.entries.vocabularies import Vocabularies
from directory.sources.claims import Status
from directory.sources.queries import sources_by_slug
from directory.web.page import page


@get("/{path:str}/{slug:str}/history", sync_to_thread=True)
def show_history(request: AnyRequest, path: FromPath[str], slug: FromPath[str]) -> Response[Any]:
    """Every revision, newest first."""
    kind, database = kind_at(path), request.app.state.database
    with database.reading() as session:
        entry, revisions = read_history(session, kind, slug, signed_in(request))
    return page(request, "curation/history.html", kind=kind, entry=entry, revisions=revisions)


@get("/{path:str}/{slug:str}/history/{number:int}", sync_to_thread=True)
def show_revision(
    request: AnyRequest, path: FromPath[str], slug: FromPath[str], number: FromPath[int]
) -> Response[Any]:
    """One revision as it was saved."""
    kind, database = kind_at(path), request.app.state.database
    with database.reading() as session:
        entry, revision = read_revision(session, kind, slug, number, signed_in(request))
        words, sources = Vocabularies.read(session), sources_by_slug(session)
    return page(
        request,
        "curation/revision.html",
        kind=kind,
        entry=entry,
        revision=revision,
        controls=controls_for(kind, signed_in(request)),
        words=words,
        sources=sources,
        statuses={status.value: status.words for status in Status},
    )


HANDLERS = [show_history, show_revision]
