"""CSV and JSON at an address: a row or an object for each item, with our own names of fields.

A column is a field by its name (`cost_amount`) or its title (“Fee”). What stands beside the
fields is in `BESIDE`.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from directory.entries.fields import is_model
from directory.entries.kinds import Kind
from directory.errors import SourceFailed
from directory.imports.harvest.items import Ask, Found, Item, Rejected, checked_id
from directory.imports.harvest.texts import json_of, text_of
from directory.languages import gettext, marked

BESIDE = {
    "id": ("id", "identifier", "uid", "guid", "remote_id", "reference"),
    "url": ("url", "link", "address", "permalink"),
    "title": ("title", "name"),
}
"""Names of columns that say who an item is, by what they say; `url` fills in the website too."""

MOST_COLUMNS = 500
_WEBSITE = "website"
_LISTS = ("items", "data", "results", "entries")
_BETWEEN = ("|", ";", "\n")


def read_csv(ask: Ask, address: str, kind: Kind) -> Iterator[Found]:
    """Read a CSV with a first line of names; see the module for which names are known."""
    text = text_of(ask(address)).removeprefix("\ufeff")
    try:
        dialect: Any = csv.Sniffer().sniff(text[:20_000].split("\n", 1)[0], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter)
    try:
        names = next(rows, [])
        if len(names) > MOST_COLUMNS:
            raise SourceFailed(
                gettext("The CSV has more than %(number)s columns.", number=MOST_COLUMNS)
            )
        columns = [_column(kind, name) for name in names]
        if kind.title_field not in columns:
            shown = ", ".join(" ".join(name[:30].split()) for name in names[:8])
            raise SourceFailed(
                gettext(
                    "The first line of the CSV has no column “%(column)s”; it names %(names)s.",
                    column=kind.title_field,
                    names=shown or "–",
                )
            )
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield _of_row(kind, rows.line_num, names, columns, cells)
    except csv.Error as error:
        raise SourceFailed(
            gettext(
                "Line %(line)s of the CSV cannot be read: %(reason)s.",
                line=str(rows.line_num),
                reason=str(error),
            )
        ) from error


def _of_row(kind: Kind, line: int, names: list[str], columns: list[str], cells: list[str]) -> Found:
    if len(cells) > len(columns):
        return Rejected(f"line {line}", f"It has {len(cells)} cells, and {len(columns)} columns.")
    found: dict[str, Any] = {}
    notes: dict[str, str] = {}
    for name, column, cell in zip(names, columns, cells, strict=False):
        if cell.strip() and column:
            found.setdefault(column, _cell(kind, column, cell.strip(), notes))
        elif cell.strip():
            notes.setdefault(name[:60], "There is no field of this name.")
    return _item(kind, f"line {line}", found, notes)


def _cell(kind: Kind, column: str, text: str, notes: dict[str, str]) -> Any:
    """Return the value of a cell: several values stand between bars, structured ones as JSON."""
    declared = kind.fields.get(column)
    if declared is None or not declared.many:
        return text
    if is_model(declared.type) or text.startswith("["):
        try:
            return json_of(text)
        except SourceFailed as error:
            notes[column] = str(error)
            return None
    between = next((sign for sign in _BETWEEN if sign in text), "")
    return [part.strip() for part in text.split(between) if part.strip()] if between else [text]


def read_json(ask: Ask, address: str, kind: Kind) -> Iterator[Found]:
    """Read a list of objects, or an object that holds one under `items` or the like."""
    whole = json_of(text_of(ask(address)))
    if isinstance(whole, dict):
        whole = next((whole[n] for n in _LISTS if isinstance(whole.get(n), list)), None)
    if not isinstance(whole, list):
        raise SourceFailed(gettext("The JSON holds no list of items, alone or under “items”."))
    for number, one in enumerate(whole, start=1):
        yield of_object(kind, f"item {number}", one)


def of_object(kind: Kind, place: str, one: Any) -> Found:
    """Read one object, flat or with its fields inside `profile`."""
    if not isinstance(one, dict):
        return Rejected(place, marked("It is no object with names and values."))
    inside = one.get("profile")
    flat = {**one, **inside} if isinstance(inside, dict) else one
    found: dict[str, Any] = {}
    notes: dict[str, str] = {}
    for name, value in flat.items():
        column = _column(kind, name)
        if column and value is not None:
            found.setdefault(column, value)
    return _item(kind, place, found, notes)


def _column(kind: Kind, name: str) -> str:
    """Return the field that a column is about, a key of `BESIDE`, or an empty text."""
    plain = " ".join(name.split()).casefold()
    field = plain.replace(" ", "_")
    if field in kind.public_fields:
        return field
    for declared in kind.public_fields.values():
        if declared.title_in_english.casefold() == plain:
            return declared.name
    for meaning, known in BESIDE.items():
        if field in known:
            return kind.title_field if meaning == "title" else meaning
    return ""


def _item(kind: Kind, place: str, found: Mapping[str, Any], notes: dict[str, str]) -> Found:
    values = {n: v for n, v in found.items() if n in kind.public_fields and v is not None}
    url = found.get("url") or found.get(_WEBSITE)
    url = url if isinstance(url, str) else None
    title = str(values.get(kind.title_field) or "")[:80]
    remote_id = checked_id(found.get("id")) or checked_id(url)
    if not remote_id:
        return Rejected(title or place, f"It has no id and no web address ({place}).")
    if url:
        values.setdefault(_WEBSITE, url)
    return Item(remote_id, values, url, notes)
