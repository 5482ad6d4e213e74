"""Every kind of file to one shape. What a file is follows from its content, then from its name."""

import re
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from directory.errors import SourceFailed
from directory.imports.encodings import decoded
from directory.imports.fetch import Fetcher
from directory.imports.intake.blocks import (
    LONGEST_BLOCK,
    LONGEST_TEXT,
    MOST_BLOCKS,
    Block,
    Document,
)
from directory.imports.intake.readers.html import read_html
from directory.imports.intake.readers.markdown import read_markdown
from directory.imports.intake.readers.packed import read_packed
from directory.imports.intake.readers.text import read_text
from directory.languages import gettext

LARGEST_FILE = 8 * 1024 * 1024
_HTML = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html|head|body)\b", re.I | re.S
)
_MARKDOWN = re.compile(r"(?m)^(#{1,6} \S|[*+-] \S|\d+\. \S)|\*\*\S|__\S|\]\(https?:")
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{1,40})""", re.I)
_TYPES = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html"}


def read_bytes(name: str, raw: bytes, *, media_type: str = "") -> Document:
    """Read a file that is in memory; raises SourceFailed that names the file and the place.

    `media_type` is what a server said it is. Limits: 8 MB, 1,000,000 characters, 20,000 blocks.
    """
    if len(raw) > LARGEST_FILE:
        raise SourceFailed(gettext("%(name)s is larger than 8 MB.", name=name))
    if raw[:1024].lstrip().startswith(b"%PDF-"):
        return _document(name, read_packed(name, "pdf", raw))
    if raw.startswith(b"PK\x03\x04"):
        return _document(name, read_packed(name, "docx", raw))
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceFailed(
            gettext(
                "%(name)s is an old or an encrypted Word file: save it as .docx without a password.",
                name=name,
            )
        )
    text = _text(name, raw)
    kind = _kind_of(name, media_type, text)
    if kind == "html":
        return _document(name, read_html(name, text))
    return _document(name, read_markdown(name, text) if kind == "markdown" else read_text(text))


def _text(name: str, raw: bytes) -> str:
    declared = _DECLARED.search(raw[:4096])
    text = decoded(raw, name, declared[1].decode("ascii") if declared else None)
    if len(text) > LONGEST_TEXT:
        raise SourceFailed(
            gettext("%(name)s has more than %(number)s characters.", name=name, number=LONGEST_TEXT)
        )
    if at := text.find("\0") + 1:
        raise SourceFailed(
            gettext(
                "%(name)s is no text: there is a zero byte at character %(number)s.",
                name=name,
                number=str(at),
            )
        )
    return text


def _kind_of(name: str, media_type: str, text: str) -> str:
    if "html" in media_type or _HTML.match(text[:4096]):
        return "html"
    ending = PurePosixPath(name.lower()).suffix
    if ending in _TYPES:
        return _TYPES[ending]
    if "markdown" in media_type:
        return "markdown"
    return "text" if ending == ".txt" or not _MARKDOWN.search(text[:20_000]) else "markdown"


def _document(name: str, blocks: list[Block]) -> Document:
    if not blocks:
        raise SourceFailed(gettext("%(name)s holds no text that can be read.", name=name))
    if len(blocks) > MOST_BLOCKS:
        raise SourceFailed(
            gettext("%(name)s has more than %(number)s paragraphs.", name=name, number=MOST_BLOCKS)
        )
    if long := next((b for b in blocks if len(b.text) > LONGEST_BLOCK), None):
        raise SourceFailed(
            gettext(
                "%(name)s, %(place)s: one paragraph of %(number)s characters.",
                name=name,
                place=long.locator,
                number=len(long.text),
            )
        )
    return Document(name, blocks)


def read_file(file: Path) -> Document:
    """Read a file; raises SourceFailed."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise SourceFailed(
            gettext("%(name)s cannot be read: %(reason)s.", name=str(file), reason=error.strerror)
        ) from error
    return read_bytes(file.name, raw)


def read_url(fetcher: Fetcher, url: str) -> Document:
    """Read a page through the guarded client; raises SourceFailed, Refused and NotConnected."""
    answer = fetcher.fetch(url, largest=LARGEST_FILE)
    if answer.status != 200:
        host = urlsplit(answer.url).hostname or url
        raise SourceFailed(
            gettext(
                "%(host)s answered %(status)s instead of the page.",
                host=host,
                status=str(answer.status),
            )
        )
    return read_bytes(answer.url, answer.body, media_type=answer.headers.get("content-type", ""))
