"""JSON: a list of entries, or an object with `items`, read one entry at a time."""

import io
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from directory.errors import SourceFailed
from directory.imports.readers.encoding import find_encoding
from directory.imports.readers.opened import Opened, Raw, too_deep
from directory.languages import gettext, marked

LARGEST_ITEM = 4 * 1024 * 1024
_PIECE = 1 << 18
_BLANK = " \t\r\n"


def open_json(file: Path, name: str, encoding: str | None) -> Opened:
    """Open a list of entries; raises SourceFailed."""
    codec, told = find_encoding(file, name, encoding)
    return Opened(name, partial(_rows, file, name, codec), word="entry", told=[told])


class _Text:
    """A text of which a part is in memory: what was read is forgotten."""

    def __init__(self, file: io.TextIOBase, name: str) -> None:
        self.name, self._file = name, file
        self._held, self._at, self._ended = "", 0, False
        self._decoder = json.JSONDecoder(parse_constant=self._refuse)

    def _refuse(self, constant: str) -> Any:
        raise ValueError(f"{constant} is no number")

    def _more(self) -> bool:
        piece = "" if self._ended else self._file.read(max(_PIECE, len(self._held)))
        self._ended = not piece
        self._held, self._at = self._held[self._at :] + piece, 0
        return bool(piece)

    def peek(self) -> str:
        """Return the next letter that is no blank, or nothing at the end."""
        while True:
            while self._at < len(self._held):
                if self._held[self._at] not in _BLANK:
                    return self._held[self._at]
                self._at += 1
            if not self._more():
                return ""

    def take(self, letter: str) -> bool:
        """Go past a letter if it comes next."""
        found = self.peek() == letter
        self._at += found
        return found

    def value(self) -> Any:
        """Read one whole value."""
        self.peek()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._held, self._at)
                # A number at the end of what is in memory may go on.
                if end < len(self._held) or not self._more():
                    self._at = end if end < len(self._held) else len(self._held)
                    return found
            except (ValueError, RecursionError) as error:
                too_long = len(self._held) - self._at > LARGEST_ITEM
                if too_long or isinstance(error, RecursionError) or not self._more():
                    raise self.failed(str(error)) from error

    def failed(self, reason: str) -> SourceFailed:
        """Return what is wrong, in one sentence."""
        return SourceFailed(
            gettext(
                "%(name)s cannot be read as JSON: %(reason)s.",
                name=self.name,
                reason=" ".join(reason.split())[:200],
            )
        )


def _rows(file: Path, name: str, codec: str) -> Iterator[Raw]:
    try:
        with file.open(encoding=codec) as data:
            text = _Text(data, name)
            number = 0
            for number, item in enumerate(_items(text), start=1):
                yield _raw(number, item)
            if text.peek():
                raise text.failed(gettext("something stands after the end"))
    except UnicodeError as error:
        raise SourceFailed(
            gettext(
                "%(name)s is not written in %(encoding)s: save it as UTF-8.",
                name=name,
                encoding=codec,
            )
        ) from error


def _raw(number: int, item: Any) -> Raw:
    if not isinstance(item, dict):
        return Raw(
            number, problem=marked("This is no entry: an entry is an object with names and values.")
        )
    if too_deep(item):
        return Raw(number, problem=marked("Lists and objects lie too deep inside each other."))
    return Raw(number, item=item)


def _items(text: _Text) -> Iterator[Any]:
    if text.peek() == "[":
        yield from _list(text)
        return
    if not text.take("{"):
        raise text.failed(gettext("it holds no list of entries"))
    found = False
    while not text.take("}"):
        name = text.value()
        if not isinstance(name, str) or not text.take(":"):
            raise text.failed(gettext("a name with a colon is expected"))
        if name == "items" and text.peek() == "[":
            found = True
            yield from _list(text)
        else:
            text.value()
        if not text.take(",") and text.peek() != "}":
            raise text.failed(gettext("a comma or the end is expected"))
    if not found:
        raise text.failed(gettext("it holds no list of entries"))


def _list(text: _Text) -> Iterator[Any]:
    text.take("[")
    while not text.take("]"):
        yield text.value()
        if not text.take(",") and text.peek() != "]":
            raise text.failed(gettext("a comma or the end of the list is expected"))
