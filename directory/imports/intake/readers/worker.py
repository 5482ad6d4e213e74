"""The process that reads one PDF or DOCX file from standard input, and writes blocks as JSON."""

import json
import resource
import sys

from directory.errors import SourceFailed
from directory.imports.intake.blocks import Document
from directory.imports.intake.readers.docx import read_docx
from directory.imports.intake.readers.packed import MEMORY, SECONDS
from directory.imports.intake.readers.pdf import read_pdf
from directory.languages import gettext, reading

READERS = {"pdf": read_pdf, "docx": read_docx}


def main(kind: str, name: str, language: str) -> int:
    """Read the file; return 0, or 1 when the answer is an error in plain words of a language."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with reading(language):
        try:
            blocks = READERS[kind](name, sys.stdin.buffer.read())
        except SourceFailed as error:
            print(json.dumps({"error": str(error)}))
            return 1
        except (MemoryError, RecursionError):
            said = gettext("%(name)s is built in such a way that it cannot be read.", name=name)
            print(json.dumps({"error": said}))
            return 1
    print(json.dumps(Document(name, blocks).to_json()))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
