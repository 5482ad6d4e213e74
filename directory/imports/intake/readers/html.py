"""HTML as a page shows it: no scripts, menus or forms."""

from typing import Any

from lxml import etree, html

from directory.errors import SourceFailed
from directory.imports.intake.blocks import Block, Form, TextBuilder
from directory.imports.intake.letters import plain_letters
from directory.imports.intake.readers.text import form_of
from directory.languages import gettext

DEEPEST = 400
_SKIPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "form",
        "button",
        "select",
        "svg",
        "iframe",
        "object",
        "footer",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "br",
        "center",
    ]
)
_LOOKS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "cite": "italic",
    "q": "quoted",
    "a": "link",
}


def read_html(name: str, text: str) -> list[Block]:
    """Read a page; the locator counts its paragraphs from 1.

    Raises SourceFailed for what is no page and for elements that are nested too deeply.
    """
    # What a page declares was heeded when it was decoded; the parser knows fewer encodings.
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise SourceFailed(gettext("%(name)s cannot be read as a web page.", name=name)) from error
    return _Page(name).read(tree)


class _Page:
    """Walks a tree in reading order, without recursion, so that no depth can break it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: list[Block] = []
        self._text = TextBuilder()
        self._looks: list[str] = []
        self._forms: list[tuple[Form, int]] = []
        self._term = ""

    def read(self, tree: Any) -> list[Block]:
        skipped = 0
        for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
            tag = element.tag if isinstance(element.tag, str) else ""
            if event in ("comment", "pi"):
                self._add("" if skipped else element.tail)
                continue
            if event == "start":
                skipped += tag in _SKIPPED
                if not skipped:
                    self._open(tag, element)
                    self._add(element.text)
                continue
            if not skipped:
                self._close(tag)
            skipped -= tag in _SKIPPED
            if not skipped:
                self._add(element.tail)
        self._flush()
        return self._found

    def _open(self, tag: str, element: Any) -> None:
        if tag in _BLOCKS:
            self._flush()
            self._forms.append(_form(tag))
            if len(self._forms) > DEEPEST:
                raise SourceFailed(
                    gettext(
                        "%(name)s, line %(line)s: elements are nested too deeply.",
                        name=self._name,
                        line=str(element.sourceline),
                    )
                )
        if tag in _LOOKS:
            self._looks.append(_LOOKS[tag])

    def _close(self, tag: str) -> None:
        if tag in _BLOCKS:
            if tag in ("dt", "th"):
                self._hold_term()
            self._flush()
            if self._forms:
                self._forms.pop()
        if tag in _LOOKS and self._looks:
            self._looks.pop()

    def _add(self, text: str | None) -> None:
        if text:
            self._text.add(plain_letters(text), self._looks)

    def _hold_term(self) -> None:
        """Keep the term of a card, such as Established, for the value that follows."""
        block = self._text.block(Form.PARAGRAPH, "")
        if block and len(block.text) <= 40:
            self._term = block.text.rstrip().rstrip(":：").rstrip()
            self._text = TextBuilder()

    def _flush(self) -> None:
        form, level = next((f for f in reversed(self._forms) if f[0] is not Form.PARAGRAPH),
                           (Form.PARAGRAPH, 0))  # fmt: skip
        where = f"paragraph {len(self._found) + 1}"
        block = self._text.block(form, where, level)
        self._text = TextBuilder()
        if block is None:
            return
        if self._term:
            block = Block(f"{self._term}: {block.text}", Form.CARD, where)
        elif form is not Form.HEADING and form_of(block.text) is Form.CARD:
            block = Block(block.text, Form.CARD, where, 0, block.spans)
        self._term = ""
        self._found.append(block)


def _form(tag: str) -> tuple[Form, int]:
    if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
        return Form.HEADING, int(tag[1])
    return (Form.ITEM if tag in ("li", "dd") else Form.PARAGRAPH), 0
