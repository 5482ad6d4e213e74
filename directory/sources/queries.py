"""Reading sources and their paragraphs."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.entries.models import Entry
from directory.entries.queries import is_published
from directory.errors import NotFound
from directory.languages import gettext
from directory.sources.models import ClaimRow, Paragraph, Source


def sources_by_slug(session: Session) -> dict[str, Source]:
    """Return every source, in order."""
    return {s.slug: s for s in session.exec(select(Source).order_by(col(Source.position)))}


@dataclass(frozen=True)
class SourceCount:
    """A source with what hangs on it."""

    source: Source
    paragraphs: int
    entries: int


def _counts(session: Session, query: sa.Select[str, int]) -> dict[str, int]:
    return {slug: count for slug, count in session.execute(query)}


def list_sources(session: Session) -> list[SourceCount]:
    """Return every source with its number of paragraphs and of entries that cite it."""
    paragraphs = _counts(
        session,
        sa.select(col(Paragraph.source_slug), sa.func.count()).group_by(col(Paragraph.source_slug)),
    )
    entries = _counts(
        session,
        sa.select(col(ClaimRow.source_slug), sa.func.count(sa.distinct(col(ClaimRow.entry_id))))
        .join(Entry, col(Entry.id) == col(ClaimRow.entry_id))
        .where(is_published(), col(ClaimRow.status) != "not_stated")
        .group_by(col(ClaimRow.source_slug)),
    )
    return [
        SourceCount(source, paragraphs.get(slug, 0), entries.get(slug, 0))
        for slug, source in sources_by_slug(session).items()
    ]


def read_source(session: Session, slug: str) -> tuple[Source, list[Paragraph], list[Entry]]:
    """Return a source, its paragraphs in order and the entries that cite it; raises NotFound."""
    source = session.get(Source, slug)
    if source is None:
        raise NotFound(gettext("There is no source called %(slug)s.", slug=slug))
    paragraphs = session.exec(
        select(Paragraph).where(Paragraph.source_slug == slug).order_by(col(Paragraph.position))
    ).all()
    citing = sa.select(col(ClaimRow.entry_id)).where(
        col(ClaimRow.source_slug) == slug, col(ClaimRow.status) != "not_stated"
    )
    entries = session.exec(
        select(Entry).where(is_published(), col(Entry.id).in_(citing)).order_by(col(Entry.title))
    ).all()
    return source, list(paragraphs), list(entries)


def paragraphs_about(
    session: Session, action_lines: Iterable[str]
) -> list[tuple[Source, list[Paragraph]]]:
    """Return the paragraphs about any of the action lines, by source."""
    wanted = set(action_lines)
    rows = session.exec(
        select(Source, Paragraph)
        .join(Paragraph, col(Paragraph.source_slug) == Source.slug)
        .where(col(Paragraph.action_lines).is_not(None))
        .order_by(col(Source.position), col(Paragraph.position))
    )
    found: dict[str, tuple[Source, list[Paragraph]]] = {}
    for source, paragraph in rows:
        if wanted & set(paragraph.action_lines or []):
            found.setdefault(source.slug, (source, []))[1].append(paragraph)
    # What the United Nations agreed on comes first; profiles speak for themselves alone.
    order = ("outcome-document", "resolution", "statement", "note", "profile", "news")
    rank = {kind: number for number, kind in enumerate(order)}
    newest_first = sorted(found.values(), key=lambda group: group[0].dated or "", reverse=True)
    return sorted(newest_first, key=lambda group: rank.get(group[0].kind, len(order)))
