"""Entries as an Atom feed (RFC 4287), in pages (RFC 5005, section 3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lxml import etree

from directory.entries.fields import Declared
from directory.entries.queries import Published
from directory.entries.vocabularies import Vocabularies
from directory.exports.terms import vocabulary_uri
from directory.web.pagination import Paging
from directory.web.xml import xml_text

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
PER_PAGE = 50
_SPACE = "http://www.w3.org/2005/Atom"
# Anything else is no character of XML 1.0 (section 2.2), however it came into the database.


@dataclass(frozen=True)
class Feed:
    """What a feed says of itself. `page` is the address of the page of the site with the same
    entries, `first` that of the first page of the feed, which is also its id; `updated` counts
    when it has no entry.
    """

    title: str
    page: str
    first: str
    site: str
    author: str
    updated: datetime

    def url(self, number: int) -> str:
        """Return the address of a page of the feed."""
        if number == 1:
            return self.first
        return f"{self.first}{'&' if '?' in self.first else '?'}page={number}"


@dataclass(frozen=True)
class Item:
    """Something in a feed that is no entry itself: its id, and the address of its page."""

    id: UUID
    title: str
    page: str
    updated: datetime
    summary: str


def write_feed(
    feed: Feed, entries: Sequence[Published], words: Vocabularies, paging: Paging
) -> bytes:
    """Return one page of a feed, the entries in the order given."""
    root = _head(feed, max((e.entry.updated_at for e in entries), default=feed.updated), paging)
    for published in entries:
        _write_entry(root, published, words, feed.site)
    return _written(root)


def write_items(feed: Feed, items: Sequence[Item], paging: Paging) -> bytes:
    """Return one page of a feed of anything, the items in the order given."""
    root = _head(feed, max((i.updated for i in items), default=feed.updated), paging)
    for item in items:
        node = etree.SubElement(root, f"{{{_SPACE}}}entry")
        _say(node, "id", item.id.urn)
        _say(node, "title", item.title)
        _link(node, "alternate", item.page, "text/html")
        _say(node, "updated", _moment(item.updated))
        _say(node, "summary", item.summary)
    return _written(root)


def _head(feed: Feed, updated: datetime, paging: Paging) -> etree._Element:
    """Return a feed with what it says of itself."""
    root = etree.Element(f"{{{_SPACE}}}feed", nsmap={None: _SPACE})
    _say(root, "id", feed.first)
    _say(root, "title", feed.title)
    _say(root, "updated", _moment(updated))
    author = etree.SubElement(root, f"{{{_SPACE}}}author")
    _say(author, "name", feed.author)
    _say(author, "uri", f"{feed.site}/")
    _link(root, "self", feed.url(paging.page), MEDIA_TYPE.partition(";")[0])
    _link(root, "alternate", feed.page, "text/html")
    for rel, number in _steps(paging):
        _link(root, rel, feed.url(number), MEDIA_TYPE.partition(";")[0])
    return root


def _written(root: etree._Element) -> bytes:
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def _steps(paging: Paging) -> Iterable[tuple[str, int]]:
    """Yield the relation and number of the other pages of a feed that has several."""
    if paging.pages == 1:
        return
    yield "first", 1
    if paging.page > 1:
        yield "previous", min(paging.page - 1, paging.pages)
    if paging.page < paging.pages:
        yield "next", paging.page + 1
    yield "last", paging.pages


def _write_entry(
    root: etree._Element, published: Published, words: Vocabularies, site: str
) -> None:
    entry, kind = published.entry, published.kind
    node = etree.SubElement(root, f"{{{_SPACE}}}entry")
    _say(node, "id", entry.id.urn)
    _say(node, "title", entry.title)
    _link(node, "alternate", site + published.url, "text/html")
    _say(node, "updated", _moment(entry.updated_at))
    if entry.published_at:
        _say(node, "published", _moment(entry.published_at))
    if summary := published.profile.get("summary"):
        _say(node, "summary", summary)
    _category(node, kind.name, kind.label, None)
    for declared in kind.public_fields.values():
        if declared.vocabulary and _is_topic(declared):
            scheme = vocabulary_uri(site, declared.vocabulary)
            for code in published.profile.get(declared.name) or []:
                _category(node, code, words.label(declared.vocabulary, code), scheme)


def _is_topic(declared: Declared) -> bool:
    """Say whether a field says what an entry is about: a list of the section for it."""
    return declared.many and declared.section.name == "STANDS" and declared.facet is not None


def _say(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{_SPACE}}}{name}").text = xml_text(text)


def _link(parent: etree._Element, rel: str, href: str, media_type: str) -> None:
    etree.SubElement(parent, f"{{{_SPACE}}}link", rel=rel, href=xml_text(href), type=media_type)


def _category(parent: etree._Element, term: str, label: str, scheme: str | None) -> None:
    node = etree.SubElement(parent, f"{{{_SPACE}}}category", term=term, label=xml_text(label))
    if scheme:
        node.set("scheme", scheme)


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
