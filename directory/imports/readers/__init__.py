"""Files of entries, one module a format: what stands in them, row by row, not judged yet."""

from pathlib import Path

from directory.errors import SourceFailed
from directory.imports.readers import csv, json, xlsx, yaml
from directory.imports.readers.opened import Opened
from directory.languages import gettext

READERS = {
    ".csv": csv.open_csv,
    ".tsv": csv.open_csv,
    ".txt": csv.open_csv,
    ".xlsx": xlsx.open_xlsx,
    ".json": json.open_json,
    ".yaml": yaml.open_yaml,
    ".yml": yaml.open_yaml,
}
LARGEST_FILE = 2 * 1024**3
"""Bytes. Tables and lists are read piece by piece: the limit is against mistakes, not memory."""


def open_file(file: Path, *, name: str = "", encoding: str | None = None) -> Opened:
    """Open a file of entries by the ending of its name; nothing of it is in memory yet.

    `name` is what people call the file, where it lies under another name. Raises SourceFailed with
    file and reason when it cannot be read as such.
    """
    name = name or file.name
    reader = READERS.get(Path(name).suffix.lower())
    if reader is None:
        raise SourceFailed(
            gettext(
                "%(name)s: name the file .csv, .xlsx, .json or .yaml, as what it is.", name=name
            )
        )
    try:
        size = file.stat().st_size
        with file.open("rb"):
            pass
    except OSError as error:
        raise SourceFailed(
            gettext("%(name)s cannot be read: %(reason)s.", name=name, reason=error.strerror)
        ) from error
    if size == 0:
        raise SourceFailed(gettext("%(name)s is empty.", name=name))
    if size > LARGEST_FILE:
        raise SourceFailed(
            gettext(
                "%(name)s is larger than %(number)s MB: split it.",
                name=name,
                number=str(LARGEST_FILE // 1024**2),
            )
        )
    return reader(file, name, encoding)
