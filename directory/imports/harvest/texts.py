"""From bytes to text and trees, for every reader: encodings, XML that does no harm, plain text."""

import json
import re
from email.message import Message
from typing import Any

from lxml import etree, html

from directory.errors import SourceFailed
from directory.imports.encodings import decoded
from directory.imports.fetch import Answer
from directory.imports.harvest.items import readable
from directory.languages import gettext

_BLOCKS = {"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6"}
_TAG = re.compile(r"</?[A-Za-z][^>]*>")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def text_of(answer: Answer) -> str:
    """Return a body as text, also when it is not in the encoding that its header tells.

    Raises SourceFailed for what is no text in any encoding.
    """
    told = Message()
    told["Content-Type"] = answer.headers.get("content-type", "")
    return decoded(answer.body, "This", told.get_content_charset())


def json_of(text: str, what: str = "JSON") -> Any:
    """Return the value of a JSON text; raises SourceFailed with the reason."""

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no number of JSON")

    with readable(what):
        value = json.loads(text, parse_constant=refuse)
    if _HALF.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise SourceFailed(
                gettext("A text in it holds half a character (a lone surrogate).")
            ) from error
    return value


def xml_of(answer: Answer, what: str) -> Any:
    """Return the root of an XML document; nothing outside it is read, and no entity is expanded.

    Raises SourceFailed for broken XML, and for one that declares entities of its own, with which
    a small document can unfold to any size (billion laughs) or ask for files (XXE).
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    with readable(what):
        root = etree.fromstring(answer.body, parser)
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and next(dtd.iterentities(), None) is not None:
        raise SourceFailed(
            gettext("This %(format)s declares entities of its own, which is not read.", format=what)
        )
    return root


def name_of(element: Any) -> str:
    """Return the name of an element without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def children(element: Any, *names: str) -> list[Any]:
    """Return the children with these names, whatever their namespace, in the order of names."""
    return [child for name in names for child in element if name_of(child) == name]


def text_in(element: Any, *names: str) -> str:
    """Return the text of the first child with one of these names that has any."""
    for child in children(element, *names):
        if text := plain_text("".join(child.itertext())):
            return text
    return ""


def plain_text(text: str) -> str:
    """Return a text without markup, with a line for each paragraph."""
    if _TAG.search(text) or re.search(r"&(#\d+|#x[0-9a-fA-F]+|\w+);", text):
        text = _without_markup(_NO_TEXT.sub("", text))
    lines = (" ".join(line.split()) for line in _NO_TEXT.sub(" ", text).splitlines())
    return "\n".join(line for line in lines if line)


def _without_markup(text: str) -> str:
    try:
        root = html.fragment_fromstring(text, create_parent="div")
    except (etree.LxmlError, ValueError, RecursionError):
        return _TAG.sub(" ", text)
    etree.strip_elements(root, "script", "style", with_tail=False)
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag in _BLOCKS:
            element.tail = "\n" + (element.tail or "")
    return str(root.text_content())
