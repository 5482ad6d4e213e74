"""YAML: the same as JSON in lines, read one entry at a time, without anchors and aliases.

A few lines of aliases can stand for more than memory holds, and for a value that contains itself;
no file of entries needs them.
"""

import io
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from directory.errors import SourceFailed
from directory.imports.readers.encoding import find_encoding
from directory.imports.readers.opened import DEEPEST, Opened, Raw
from directory.languages import gettext, marked

MOST_VALUES = 100_000
"""So many values may one entry have."""
_HOPELESS = 500
_TEXT = "tag:yaml.org,2002:str"


def open_yaml(file: Path, name: str, encoding: str | None) -> Opened:
    """Open a list of entries; raises SourceFailed."""
    codec, told = find_encoding(file, name, encoding)
    return Opened(name, partial(_rows, file, name, codec), word="entry", told=[told])


def _rows(file: Path, name: str, codec: str) -> Iterator[Raw]:
    try:
        with file.open(encoding=codec) as data:
            yield from _raws(data, name)
    except UnicodeError as error:
        raise SourceFailed(
            gettext(
                "%(name)s is not written in %(encoding)s: save it as UTF-8.",
                name=name,
                encoding=codec,
            )
        ) from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())[:300]
        raise SourceFailed(
            gettext("%(name)s cannot be read as YAML: %(reason)s.", name=name, reason=reason)
        ) from error


def _raws(data: io.TextIOBase, name: str) -> Iterator[Raw]:
    events = _Events(yaml.parse(data, yaml.CSafeLoader), name)
    for number, (item, problem) in enumerate(events.items(), start=1):
        if not problem and not isinstance(item, dict):
            problem = marked("This is no entry: an entry has names and values.")
        yield Raw(number, problem=problem) if problem else Raw(number, item=item)


class _Events:
    """The events of a YAML document, put together into values."""

    def __init__(self, events: Iterator[Any], name: str) -> None:
        self._events, self._name = events, name
        self._maker = yaml.CSafeLoader("")
        self._values = 0
        self._problem = ""

    def items(self) -> Iterator[tuple[Any, str]]:
        """Yield each item of the list, or of that called `items`, with what is wrong with it."""
        begins = self._skip_to_content()
        if isinstance(begins, yaml.SequenceStartEvent):
            yield from self._list()
            return
        if not isinstance(begins, yaml.MappingStartEvent):
            raise SourceFailed(gettext("%(name)s holds no list of entries.", name=self._name))
        found = False
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event, 0)
            event = next(self._events)
            if key == "items" and isinstance(event, yaml.SequenceStartEvent):
                found = True
                yield from self._list()
            else:
                self._value(event, 0)
        if not found:
            raise SourceFailed(gettext("%(name)s holds no list of entries.", name=self._name))

    def _skip_to_content(self) -> Any:
        for event in self._events:
            if not isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
                return event
        return None

    def _list(self) -> Iterator[tuple[Any, str]]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._values, self._problem = 0, ""
            value = self._value(event, 0)
            yield value, self._problem

    def _value(self, event: Any, depth: int) -> Any:
        """Put one value together; of what is too much only the end is looked for."""
        self._values += 1
        if depth > DEEPEST:
            self._problem = marked("Lists and objects lie too deep inside each other.")
        elif self._values > MOST_VALUES:
            self._problem = marked("This entry has more values than any entry needs.")
        elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._problem = marked(
                "Anchors and aliases (& and *) are not read: write the value out."
            )
        if self._problem:
            return self._skip(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            found = []
            while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
                found.append(self._value(inner, depth + 1))
            return found
        made = {}
        while not isinstance(inner := next(self._events), yaml.MappingEndEvent):
            key = self._value(inner, depth + 1)
            value = self._value(next(self._events), depth + 1)
            if not isinstance(key, str | int | float | bool | None):
                self._problem = marked("A name is a text, not a list.")
            elif key in made:
                self._problem = f"The name {key} stands there twice."
            else:
                made[key] = value
        return made

    def _skip(self, event: Any) -> None:
        depth = 0
        while True:
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth <= 0:
                return
            if depth > _HOPELESS:
                # The time that the library takes grows with the square of the depth.
                raise SourceFailed(
                    gettext(
                        "%(name)s: lists and objects lie too deep inside others.", name=self._name
                    )
                )
            event = next(self._events)

    def _scalar(self, event: Any) -> Any:
        tag = event.tag
        if tag is None or tag == "!":
            resolve: Any = self._maker.resolve
            tag = resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag == _TEXT:
            return event.value
        # The maker remembers what it made, which would be the whole file in the end.
        self._maker.constructed_objects.clear()
        try:
            value = self._maker.construct_object(
                yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
            )
        except (ValueError, yaml.YAMLError) as error:
            self._problem = (
                f"{event.value[:40]} cannot be read: {' '.join(str(error).split())[:99]}"
            )
            return None
        return value.isoformat() if isinstance(value, date | datetime) else value
