"""Markdown, as CommonMark says."""

from collections.abc import Iterable
from typing import Any

from markdown_it import MarkdownIt

from directory.errors import SourceFailed
from directory.imports.intake.blocks import Block, Form, TextBuilder
from directory.imports.intake.letters import plain_letters
from directory.imports.intake.readers.text import form_of
from directory.languages import gettext

_LOOKS = {"strong": "bold", "em": "italic", "link": "link"}


def read_markdown(name: str, text: str) -> list[Block]:
    """Read a Markdown file; the locator is the line. Raises SourceFailed for what cannot be read."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    try:
        tokens = parser.parse(plain_letters(text))
    except (RecursionError, ValueError) as error:
        raise SourceFailed(
            gettext("%(name)s is nested too deeply to be read as Markdown.", name=name)
        ) from error
    blocks: list[Block] = []
    depth, level = 0, 0
    for token in tokens:
        if token.type in ("list_item_open", "list_item_close"):
            depth += token.nesting
        elif token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "heading_close":
            level = 0
        elif token.type == "inline":
            first = token.map[0] + 1 if token.map else 1
            blocks += _blocks(token.children or [], first, level, depth)
    return blocks


def _blocks(children: Iterable[Any], line: int, level: int, depth: int) -> list[Block]:
    """Return a heading or item as one block, a paragraph as one, and lines of a card as many."""
    found: list[Block] = []
    builder, looks, at = TextBuilder(), dict[str, int](), line
    start = line
    for child in children:
        kind = child.type.removesuffix("_open").removesuffix("_close")
        if kind in _LOOKS:
            look = _LOOKS[kind]
            looks[look] = looks.get(look, 0) + child.nesting
        elif child.type in ("softbreak", "hardbreak"):
            at += 1
            before = builder.block(Form.PARAGRAPH, "")
            if child.type == "hardbreak" or (before and form_of(before.text) is Form.CARD):
                _close(found, builder, start, level, depth)
                builder, start = TextBuilder(), at
            else:
                builder.add(" ")
        elif child.type != "image":
            builder.add(child.content, [look for look, open_ in looks.items() if open_ > 0])
    _close(found, builder, start, level, depth)
    return found


def _close(found: list[Block], builder: TextBuilder, line: int, level: int, depth: int) -> None:
    block = builder.block(Form.PARAGRAPH, f"line {line}")
    if block is None:
        return
    form = Form.HEADING if level else Form.ITEM if depth else Form.PARAGRAPH
    if form_of(block.text) is Form.CARD and not level:
        form = Form.CARD
    found.append(Block(block.text, form, block.locator, level, block.spans))
