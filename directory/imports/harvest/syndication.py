"""Atom (RFC 4287) and RSS 0.9 to 2.0: title, address and summary; people complete the rest."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from directory.entries.kinds import Kind
from directory.errors import SourceFailed
from directory.imports.harvest.items import Ask, Found, Item, Rejected, checked_id
from directory.imports.harvest.texts import children, name_of, plain_text, text_in, xml_of
from directory.languages import gettext, marked

FIELDS = {
    "summary": ("summary", "description"),
    "description": ("content", "encoded"),
}
"""Our fields and the elements they are read from, in Atom and in RSS."""

_WEBSITE = "website"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


def read_syndication(ask: Ask, address: str, kind: Kind) -> Iterator[Found]:
    """Read every entry of an Atom feed or item of an RSS channel."""
    answer = ask(address)
    root = xml_of(answer, "Atom or RSS")
    if name_of(root) == "feed":
        entries = children(root, "entry")
    elif name_of(root) in ("rss", "rdf"):
        entries = [
            i for place in (root, *children(root, "channel")) for i in children(place, "item")
        ]
    else:
        raise SourceFailed(
            gettext("This is neither Atom nor RSS: it begins with <%(name)s>.", name=name_of(root))
        )
    for number, entry in enumerate(entries, start=1):
        yield _item(entry, number, answer.url, kind)


def _item(entry: Any, number: int, base: str, kind: Kind) -> Found:
    title = text_in(entry, "title")
    url = _address(entry, base)
    said = checked_id(text_in(entry, "id", "guid") or entry.get(_ABOUT) or url)
    if not said:
        return Rejected(title[:80] or f"item {number}", marked("It has no id and no web address."))
    values = {kind.title_field: title, _WEBSITE: url}
    values |= {field: text_in(entry, *names) for field, names in FIELDS.items()}
    return Item(said, {name: value for name, value in values.items() if value}, url or None)


def _address(entry: Any, base: str) -> str:
    """Return the page of an entry: the alternate link of Atom, the link of RSS, or its guid."""
    for link in children(entry, "link"):
        href = link.get("href")
        if href and link.get("rel", "alternate") == "alternate":
            return _joined(base, href)
        if text := plain_text("".join(link.itertext())):
            return _joined(base, text)
    guid = text_in(entry, "guid")
    return guid if guid.startswith(("https://", "http://")) else ""


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return ""
