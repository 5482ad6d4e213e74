"""PDF: the text of its pages, a paragraph where the page leaves room or a sentence ends a line."""

import io
import logging
import re

from directory.errors import SourceFailed
from directory.imports.intake.blocks import LONGEST_TEXT, Block
from directory.imports.intake.readers.text import read_text

MOST_PAGES = 300
_HYPHEN = re.compile(r"(?<=[a-zà-ÿ])[-\u2010\u00ad]\n(?=[a-zà-ÿ])")


def read_pdf(name: str, raw: bytes) -> list[Block]:
    """Read a PDF file; the locator is page and line. Raises SourceFailed with the page.

    Run it where time and memory are limited (`packed.read_packed`): a file can send it in circles.
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    page = 0
    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise SourceFailed(f"{name} is protected with a password: save it without one.")
        if len(reader.pages) > MOST_PAGES:
            raise SourceFailed(f"{name} has more than {MOST_PAGES} pages.")
        found: list[Block] = []
        length = 0
        for page, one in enumerate(reader.pages, start=1):
            text = _HYPHEN.sub("", one.extract_text().replace("\0", ""))
            length += len(text)
            if length > LONGEST_TEXT:
                raise SourceFailed(f"{name}, page {page}: more than {LONGEST_TEXT:,} characters.")
            found += [
                Block(b.text, b.form, f"page {page}, {b.locator}", b.level, b.spans)
                for b in read_text(text)
            ]
    except (SourceFailed, MemoryError):
        raise
    except DependencyError as error:
        raise SourceFailed(f"{name} is encrypted: save it without a password.") from error
    except Exception as error:
        # The library raises errors of a dozen families when objects are not what they should be.
        where = f", page {page}" if page else ""
        raise SourceFailed(f"{name}{where}: this PDF file is damaged or cut short.") from error
    return found
