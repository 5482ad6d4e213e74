"""The wording of a source, loaded at run time by whoever has the document.

The index of paragraphs ships with the project; the text never does. A text is cut the way the
index numbers it: by physical line, or by the numbers that stand before its paragraphs.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from directory.errors import Invalid, NotFound, SourceFailed
from directory.sources.models import Paragraph, Source

LARGEST_TEXT = 20 * 1024 * 1024
NUMBERED = re.compile(r"^[\s*_#>]*(\d{1,3}|[A-Z])[.)]\s+(?=\S)")


@dataclass(frozen=True)
class Loaded:
    """How many paragraphs of the index found their wording, and which did not."""

    found: int
    missing: list[str]


def load_text(session: Session, slug: str, file: Path) -> Loaded:
    """Give the paragraphs of a source their wording from a text file in UTF-8.

    Raises NotFound for an unknown source, SourceFailed for a file that cannot be read, and
    Invalid when no paragraph of the index is found in it: then it is another document.
    """
    source = session.get(Source, slug)
    if source is None:
        raise NotFound(f"There is no source called {slug}.")
    text = _read(file)
    paragraphs = session.exec(
        select(Paragraph).where(Paragraph.source_slug == slug).order_by(col(Paragraph.position))
    ).all()
    numbers = [p.number for p in paragraphs]
    wording = _by_line(text) if source.numbering == "line" else _by_number(text, numbers)
    if not any(number in wording for number in numbers):
        raise Invalid(f"{file.name} holds no paragraph of {source.title}.")
    for paragraph in paragraphs:
        paragraph.text = wording.get(paragraph.number, paragraph.text)
    missing = [number for number in numbers if number not in wording]
    return Loaded(len(numbers) - len(missing), missing)


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST_TEXT:
            raise SourceFailed(f"{file.name} is larger than 20 MB.")
        return unicodedata.normalize("NFC", file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceFailed(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SourceFailed(f"{file.name} is not UTF-8 text (byte {error.start}).") from error


def _by_line(text: str) -> dict[str, str]:
    lines = enumerate(text.split("\n"), start=1)
    return {str(number): line.strip() for number, line in lines if line.strip()}


def _runs(text: str) -> Iterator[dict[str, str]]:
    """Yield each run of numbered paragraphs; a number that starts again at 1 starts a new run."""
    run: dict[str, str] = {}
    last = ""
    for line in text.split("\n"):
        match = NUMBERED.match(line)
        if match:
            number = match.group(1)
            if number == "1" and "1" in run:
                yield run
                run = {}
            last = number if number not in run else ""
        elif line.lstrip().startswith("#"):
            last = ""
        if last:
            said = NUMBERED.sub("", line).strip()
            run[last] = f"{run[last]}\n{said}".strip() if last in run else said
    yield run


def _by_number(text: str, numbers: list[str]) -> dict[str, str]:
    """Return the run that fits the numbers of the index best: all of them, and few others.

    Two documents in one file may both count from 1, as the Tunis Commitment and Agenda do.
    """
    wanted = set(numbers)

    def fit(run: dict[str, str]) -> tuple[int, int]:
        return len(wanted & set(run)), -len(set(run) - wanted)

    return max(_runs(text), key=fit)
