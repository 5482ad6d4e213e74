"""Guides: Markdown of `templates/guides`, drawn once as HTML.

The English file is the source. `visitor.fr.md` beside `visitor.md` is the same guide in French; a
guide that has no such file is read in English. Headings carry their ids in the file, as in
`## Search {#search}`, so that links into a guide lead to the same place in every language.
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from directory.languages import SOURCE, marked, worded
from directory.settings import data
from directory.web.templating import STATIC, static_url

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

FOLDER = data("templates") / "guides"
_ID = re.compile(r"\s*\{#([a-z][a-z0-9-]*)\}$")


@dataclass(frozen=True)
class Guide:
    """One guide: the last part of its address, its title and for whom it is, in English."""

    name: str
    title_in_english: str
    about_in_english: str

    @property
    def title(self) -> str:
        """Return the title in the language that is read."""
        return worded(self.title_in_english)

    @property
    def about(self) -> str:
        """Return for whom it is, in the language that is read."""
        return worded(self.about_in_english)


GUIDES = {
    guide.name: guide
    for guide in (
        Guide(
            "visitor",
            marked("Guide for visitors"),
            marked("Find a training or a partner, compare, take along, and hear of what is new."),
        ),
        Guide(
            "provider",
            marked("Guide for providers"),
            marked("Keep the entries of your own organisation right."),
        ),
        Guide(
            "curator",
            marked("Guide for curators"),
            marked("Add entries with their sources, review, publish, and keep them true."),
        ),
        Guide(
            "operator",
            marked("Guide for operators"),
            marked("Install the site, keep it running, and find out what is wrong."),
        ),
        Guide(
            "developer",
            marked("Guide for developers"),
            marked("Read the directory from a program, and work on its code."),
        ),
    )
}


@dataclass(frozen=True)
class Text:
    """A guide as it is shown: its language, what is in it as (id, heading), and its HTML."""

    language: str
    contents: Sequence[tuple[str, str]]
    html: Markup


def file_of(name: str, code: str) -> Path:
    """Return the file of a guide in a language; the English one where there is none."""
    translated = FOLDER / f"{name}.{code}.md"
    return translated if code != SOURCE and translated.exists() else FOLDER / f"{name}.md"


THIS_SITE = "https://this.site"
"""Stands in a guide for the public address, so that examples can be copied."""


@cache
def guide_text(name: str, code: str, site: str) -> Text:
    """Draw a guide for whoever reads a language; a hundredth of a second, and then kept."""
    file = file_of(name, code)
    language = file.name.split(".")[1] if file.name.count(".") > 1 else SOURCE
    reader = _reader()
    tokens = reader.parse(file.read_text(encoding="utf-8").replace(THIS_SITE, site))
    contents = list(_named(tokens))
    html = reader.renderer.render(tokens, reader.options, {})
    return Text(language, contents, Markup(html))


def _reader() -> "MarkdownIt":
    """Return the reader: Markdown without HTML, with tables, and pictures that come late."""
    # Imported here, because few processes ever draw a guide.
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.add_render_rule("image", _picture)
    reader.add_render_rule("table_open", lambda *_: '<div class="table"><table>\n')
    reader.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return reader


def _named(tokens: Sequence["Token"]) -> list[tuple[str, str]]:
    """Give headings their ids, and return those of the first order with their words."""
    found = []
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        last = (inline.children or [])[-1]
        given = _ID.search(last.content)
        if given is None:
            raise ValueError(f"The heading “{inline.content}” has no id.")
        last.content = last.content[: given.start()]
        opening.attrSet("id", given[1])
        if opening.tag == "h2":
            found.append((given[1], "".join(t.content for t in inline.children or [])))
    return found


def _picture(
    renderer: Any, tokens: Sequence["Token"], at: int, options: Any, environment: Any
) -> str:
    """Draw a picture with its size, so that nothing jumps when it comes."""
    token = tokens[at]
    name = str(token.attrs["src"])
    width, height = size_of(STATIC / name)
    words = escape(renderer.renderInlineAsText(token.children or [], options, environment))
    return (
        f'<img src="{static_url(name)}" alt="{words}" width="{width}" height="{height}" '
        'loading="lazy" decoding="async">'
    )


def size_of(file: Path) -> tuple[int, int]:
    """Return width and height in pixels of a PNG, from its first chunk (PNG 3, 11.2.1)."""
    width, height = struct.unpack(">II", file.read_bytes()[16:24])
    return width, height
