"""Files made in memory: Word and PDF documents, whole and broken."""

import io
import zipfile

import docx
from fpdf import FPDF


def word(*paragraphs: tuple[str, str]) -> bytes:
    """A Word file of paragraphs, each with its style."""
    document = docx.Document()
    for text, style in paragraphs:
        document.add_paragraph(text, style=style)
    table = document.add_table(rows=0, cols=2)
    row = table.add_row()
    row.cells[0].text, row.cells[1].text = "Established", "2003"
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def pdf(*pages: str, password: str = "") -> bytes:
    """A PDF file with a text on each page."""
    document = FPDF()
    document.set_font("helvetica", size=12)
    if password:
        document.set_encryption(owner_password=password, user_password=password)
    for text in pages:
        document.add_page()
        document.multi_cell(0, 8, text)
    return bytes(document.output())


def with_part(raw: bytes, name: str, content: bytes) -> bytes:
    """The same Word file with one part replaced."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return made.getvalue()
