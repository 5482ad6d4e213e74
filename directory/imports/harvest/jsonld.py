"""schema.org in JSON-LD, in a page or by itself: courses, events and organisations.

Only what stands in the document counts: contexts and other pages are not fetched. A node that is
named elsewhere in the document by its `@id` is looked up there.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from lxml import etree, html

from directory.entries.kinds import ORGANISATION, PROGRAMME, TRAINING, Kind
from directory.errors import SourceFailed
from directory.imports.fetch import Answer
from directory.imports.harvest.items import Ask, Found, Item, Rejected, checked_id, readable
from directory.imports.harvest.schemaorg import TYPES, values_of
from directory.imports.harvest.texts import json_of, text_of
from directory.languages import gettext, marked

MOST_NODES = 50_000
DEEPEST = 32
_LISTED = ("itemListElement", "item", "mainEntity", "hasPart", "@graph")
"""Where a document keeps what it lists; what stands elsewhere belongs to another node."""

_OF_KIND = {
    ORGANISATION.name: "organisation",
    PROGRAMME.name: "programme",
    TRAINING.name: "training",
}


class Nodes:
    """The nodes of a document that stand for themselves, and all nodes by their `@id`."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self.by_id: dict[str, dict[str, Any]] = {}
        self._seen = 0

    def add(self, value: Any, listed: bool = True, depth: int = 0) -> None:
        """Take a value of the document in; raises SourceFailed for what is too much or too deep."""
        self._seen += 1
        if self._seen > MOST_NODES or depth > DEEPEST:
            raise SourceFailed(
                gettext("The JSON-LD holds too many parts, or is nested too deeply.")
            )
        if isinstance(value, list):
            for one in value:
                self.add(one, listed, depth + 1)
        elif isinstance(value, dict):
            name = value.get("@id")
            if isinstance(name, str) and len(value) > len(self.by_id.get(name, {})):
                self.by_id[name] = value
            if listed and types_of(value) & set(TYPES):
                self.listed.append(value)
            for key, inner in value.items():
                if isinstance(inner, dict | list):
                    self.add(inner, listed and key in _LISTED, depth + 1)

    def whole(self, value: Any) -> Any:
        """Return the node that a reference names, or the value itself."""
        if isinstance(value, dict) and isinstance(value.get("@id"), str):
            return self.by_id.get(value["@id"], value)
        return value


def types_of(node: dict[str, Any]) -> set[str]:
    """Return the types of a node without the address of their vocabulary."""
    types = node.get("@type")
    found = types if isinstance(types, list) else [types]
    return {t.rpartition("/")[2].rpartition(":")[2] for t in found if isinstance(t, str)}


def read_jsonld(ask: Ask, address: str, kind: Kind) -> Iterator[Found]:
    """Read what a page lists of a kind; raises SourceFailed when it has no JSON-LD at all."""
    answer = ask(address)
    nodes = Nodes()
    with readable("JSON-LD"):
        for value in _documents(answer):
            nodes.add(value)
    done: set[int] = set()
    for node in nodes.listed:
        node = nodes.whole(node)
        fits = any(TYPES[t] == _OF_KIND[kind.name] for t in types_of(node) if t in TYPES)
        if fits and id(node) not in done:
            done.add(id(node))
            yield _item(nodes, node, answer.url, kind)


def _documents(answer: Answer) -> list[Any]:
    """Return each JSON-LD document of a page."""
    text = text_of(answer)
    if "json" in answer.headers.get("content-type", "") or text.lstrip()[:1] in ("{", "["):
        return [json_of(text, "JSON-LD")]
    try:
        root = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError) as error:
        raise SourceFailed(gettext("This is neither a page nor JSON-LD.")) from error
    scripts = root.xpath("//script[@type='application/ld+json']")
    if not scripts:
        raise SourceFailed(gettext("The page holds no JSON-LD (script type application/ld+json)."))
    return [json_of(script.text or "", "JSON-LD") for script in scripts]


def _item(nodes: Nodes, node: dict[str, Any], base: str, kind: Kind) -> Found:
    url = _address(node.get("url"), base)
    identifier = nodes.whole(node.get("identifier"))
    if isinstance(identifier, dict):
        identifier = identifier.get("value")
    name = node.get("@id")
    named = urljoin(base, name) if isinstance(name, str) and not name.startswith("_:") else ""
    remote_id = checked_id(named) or checked_id(identifier) or checked_id(url)
    if not remote_id:
        title = node.get("name")
        who = title[:80] if isinstance(title, str) and title else "a node"
        return Rejected(who, marked("It has no @id, no identifier and no url."))
    notes: dict[str, str] = {}
    values = values_of(nodes, node, kind, url, notes)
    return Item(remote_id, values, url, notes)


def _address(value: Any, base: str) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@id")
    try:
        return urljoin(base, value) if isinstance(value, str) and value else None
    except ValueError:
        return None
