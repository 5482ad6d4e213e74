"""PDF and DOCX are read in a process of their own, whose time and memory are limited.

Such files can loop, or unpack to any size; whatever happens there, the one who asked gets a
sentence and the server goes on.
"""

import json
import subprocess
import sys

from directory.errors import SourceFailed
from directory.imports.intake.blocks import Block, Document
from directory.languages import gettext, language

SECONDS = 20
MEMORY = 1_500_000_000
"""Address space of the process, in bytes: three times what the largest file needs."""


def read_packed(name: str, kind: str, raw: bytes) -> list[Block]:
    """Read a PDF or DOCX file; raises SourceFailed that names the file and, if known, the page."""
    command = [
        sys.executable,
        "-m",
        "directory.imports.intake.readers.worker",
        kind,
        name,
        language().code,
    ]
    try:
        done = subprocess.run(command, input=raw, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        raise SourceFailed(
            gettext(
                "%(name)s takes longer than %(number)s seconds to read, so it was given up.",
                name=name,
                number=SECONDS,
            )
        ) from error
    if done.returncode == 1 and done.stdout:
        raise SourceFailed(json.loads(done.stdout)["error"])
    if done.returncode:
        raise SourceFailed(
            gettext("%(name)s needs more time or memory than a profile should.", name=name)
        )
    return Document.from_json(json.loads(done.stdout)).blocks
