"""DOCX: paragraphs, headings, lists and tables of a Word file."""

import io
import re
import zipfile
import zlib
from typing import Any

from directory.errors import SourceFailed
from directory.imports.intake.blocks import Block, Form, TextBuilder
from directory.imports.intake.letters import plain_letters
from directory.imports.intake.readers.text import form_of
from directory.languages import gettext

LARGEST_UNPACKED = 60 * 1024 * 1024
MOST_MEMBERS = 2000
_HEADING = re.compile(r"(?:heading|titre|überschrift|título) ?(\d)", re.I)


def read_docx(name: str, raw: bytes) -> list[Block]:
    """Read a Word file; the locator is the paragraph, counted from 1.

    Raises SourceFailed for what is no such file, is damaged, or unpacks to too much.
    """
    _check_archive(name, raw)
    import docx
    from docx.opc.exceptions import OpcError
    from docx.text.paragraph import Paragraph
    from lxml import etree

    try:
        document = docx.Document(io.BytesIO(raw))
        found: list[Block] = []
        number = 0
        for part in document.iter_inner_content():
            if isinstance(part, Paragraph):
                number += 1
                found += _paragraph(part, f"paragraph {number}")
                continue
            for row in part.rows:
                number += 1
                found += _row([cell.text for cell in row.cells], f"paragraph {number}")
    except (OpcError, etree.LxmlError, zipfile.BadZipFile, zlib.error, *_MALFORMED) as error:
        raise SourceFailed(
            gettext("%(name)s: this Word file is damaged, or is none.", name=name)
        ) from error
    return found


_MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, RecursionError,
              NotImplementedError, EOFError, RuntimeError)  # fmt: skip


def _check_archive(name: str, raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, *_MALFORMED) as error:
        raise SourceFailed(
            gettext("%(name)s: this Word file is damaged or cut short.", name=name)
        ) from error
    if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > LARGEST_UNPACKED:
        raise SourceFailed(gettext("%(name)s unpacks to more than 60 MB.", name=name))
    if any(m.flag_bits & 1 for m in members):
        raise SourceFailed(
            gettext("%(name)s is protected with a password: save it without one.", name=name)
        )
    if "word/document.xml" not in {m.filename for m in members}:
        raise SourceFailed(gettext("%(name)s is an archive, but no Word file.", name=name))
    for member in members:
        _check_member(name, raw, member)


def _check_member(name: str, raw: bytes, member: zipfile.ZipInfo) -> None:
    """Refuse a part with a document type: entities can name files and grow without end."""
    if not member.filename.endswith((".xml", ".rels")):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive, archive.open(member) as part:
            head = part.read(64 * 1024)
            size = len(head)
            while piece := part.read(1024 * 1024):
                size += len(piece)
                if size > LARGEST_UNPACKED:
                    raise SourceFailed(
                        gettext(
                            "%(name)s, %(part)s: unpacks to more than 60 MB.",
                            name=name,
                            part=member.filename,
                        )
                    )
    except (zipfile.BadZipFile, zlib.error, *_MALFORMED) as error:
        raise SourceFailed(
            gettext("%(name)s, %(part)s: damaged or cut short.", name=name, part=member.filename)
        ) from error
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise SourceFailed(
            gettext(
                "%(name)s, %(part)s: declares a document type, so it is not read.",
                name=name,
                part=member.filename,
            )
        )


def _paragraph(part: Any, where: str) -> list[Block]:
    style = str(part.style.name) if part.style is not None else ""
    builder = TextBuilder()
    for run in part.runs:
        looks = [look for look in ("bold", "italic") if getattr(run, look)]
        builder.add(plain_letters(run.text), looks)
    for link in part.hyperlinks:
        if link.text and link.text not in "".join(r.text for r in part.runs):
            builder.add(f" {plain_letters(link.text)}", ["link"])
    block = builder.block(Form.PARAGRAPH, where)
    if block is None:
        return []
    heading = _HEADING.match(style)
    if heading or style in ("Title", "Titre"):
        level = int(heading[1]) if heading else 1
        return [Block(block.text, Form.HEADING, where, level, block.spans)]
    form = Form.ITEM if style.startswith("List") else form_of(block.text)
    return [Block(block.text, form, where, 3 if form is Form.HEADING else 0, block.spans)]


def _row(cells: list[str], where: str) -> list[Block]:
    """Return a row of a table: with two cells a line of a card."""
    texts = [" ".join(plain_letters(c).split()) for c in dict.fromkeys(cells)]
    texts = [t for t in texts if t]
    if len(texts) == 2 and len(texts[0]) <= 40:
        return [Block(f"{texts[0].rstrip(' :')}: {texts[1]}", Form.CARD, where)]
    return [Block(text, form_of(text), where) for text in texts]
