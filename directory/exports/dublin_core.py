"""An entry in the fifteen elements of Dublin Core (DCMI, oai_dc 2.0), as libraries harvest it.

What goes where is derived from the declarations: names become titles, texts descriptions, codes
subjects, languages and places. Only what no declaration can say stands in a table here.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from directory.entries.fields import Declared, Text
from directory.entries.kinds import Kind
from directory.entries.queries import Published
from directory.entries.vocabularies import Vocabularies
from directory.web.xml import xml_text

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"

# Elements by the vocabulary of a field; any other code is a subject.
_BY_VOCABULARY = {"languages": "language", "countries": "coverage", "regions": "coverage"}
# Fields whose declaration does not say what they are to a library.
_BY_NAME = {
    "licence": "rights",
    "website": "relation",
    "apply_url": "relation",
    "duration": "format",
}
# Who made it, and who else took part, by what a link means.
_MAKERS = {"provider", "lead", "co-lead"}


def element_of(declared: Declared) -> str | None:
    """Return the element that a field becomes; None for one that Dublin Core has no place for.

    Amounts, dates of runs, addresses to write to and switches have none; references are told by
    the links of the entry.
    """
    if declared.name in _BY_NAME:
        return _BY_NAME[declared.name]
    if declared.ours or declared.private or declared.reference:
        return None
    if declared.vocabulary:
        return _BY_VOCABULARY.get(declared.vocabulary, "subject")
    if declared.searchable in ("name", "alias"):
        return "title"
    if declared.type is Text or declared.searchable:
        return "description"
    return None


def elements(
    kind: Kind, published: Published, words: Vocabularies, base_url: str
) -> Iterator[tuple[str, str]]:
    """Yield (element, text) for a published entry, each once."""
    found: dict[tuple[str, str], None] = {("title", published.entry.title): None}
    for name, declared in kind.public_fields.items():
        element, value = element_of(declared), published.profile.get(name)
        if element and value is not None:
            for text in _texts(declared, value, words):
                found[element, text] = None
    for link in published.links:
        found["creator" if link.rel in _MAKERS else "contributor", link.title] = None
    found["identifier", base_url + published.url] = None
    found["type", kind.label] = None
    found["date", f"{published.entry.updated_at:%Y-%m-%d}"] = None
    yield from found


def _texts(declared: Declared, value: Any, words: Vocabularies) -> Iterable[str]:
    items = value if declared.many else [value]
    if declared.vocabulary == "languages":
        return items
    if declared.vocabulary:
        return [words.label(declared.vocabulary, code) for code in items]
    return [str(item) for item in items]


def write(parent: Any, found: Iterable[tuple[str, str]]) -> None:
    """Write the elements as a record of oai_dc below an element of XML."""
    names = {"oai_dc": OAI_DC, "dc": DC, "xsi": XSI}
    record = etree.SubElement(parent, f"{{{OAI_DC}}}dc", nsmap=names)
    record.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} {SCHEMA}")
    for element, text in found:
        etree.SubElement(record, f"{{{DC}}}{element}").text = xml_text(text)
