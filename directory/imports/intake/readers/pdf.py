"""PDF: the text of its pages, a paragraph where the page leaves room or a sentence ends a line."""

import io
import logging
import re

from directory.errors import SourceFailed
from directory.imports.intake.blocks import LONGEST_TEXT, Block
from directory.imports.intake.readers.text import read_text
from directory.languages import gettext

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
            raise SourceFailed(
                gettext("%(name)s is protected with a password: save it without one.", name=name)
            )
        if len(reader.pages) > MOST_PAGES:
            raise SourceFailed(
                gettext("%(name)s has more than %(number)s pages.", name=name, number=MOST_PAGES)
            )
        found: list[Block] = []
        length = 0
        for page, one in enumerate(reader.pages, start=1):
            text = _HYPHEN.sub("", one.extract_text().replace("\0", ""))
            length += len(text)
            if length > LONGEST_TEXT:
                raise SourceFailed(
                    gettext(
                        "%(name)s, page %(page)s: more than %(number)s characters.",
                        name=name,
                        page=str(page),
                        number=LONGEST_TEXT,
                    )
                )
            found += [
                Block(b.text, b.form, f"page {page}, {b.locator}", b.level, b.spans)
                for b in read_text(text)
            ]
    except (SourceFailed, MemoryError):
        raise
    except DependencyError as error:
        raise SourceFailed(
            gettext("%(name)s is encrypted: save it without a password.", name=name)
        ) from error
    except Exception as error:
        # The library raises errors of a dozen families when objects are not what they should be.
        if page:
            raise SourceFailed(
                gettext(
                    "%(name)s, page %(page)s: this PDF file is damaged or cut short.",
                    name=name,
                    page=str(page),
                )
            ) from error
        raise SourceFailed(
            gettext("%(name)s: this PDF file is damaged or cut short.", name=name)
        ) from error
    return found
