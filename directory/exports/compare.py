"""Entries side by side as CSV, in words: one row a question, two columns an entry."""

from collections.abc import Iterable, Iterator
from itertools import chain

from babel.lists import format_list
from pydantic import BaseModel

from directory.entries.cells import SEPARATOR, harmless
from directory.entries.compare import Comparison
from directory.entries.fields import is_model
from directory.entries.shown import Shown, Value
from directory.exports.csv import BYTE_ORDER_MARK, csv_lines
from directory.languages import gettext, locale, worded


def write_comparison(comparison: Comparison, site: str) -> Iterator[str]:
    """Yield a CSV file: for each question what each entry says, and where that comes from.

    `site` is the address of the site, so that the entries can be opened from the file.
    """
    entries = comparison.entries
    yield BYTE_ORDER_MARK + _lines(
        gettext("Part"), gettext("Question"), [(e.title, gettext("Origin")) for e in entries]
    )
    yield _lines("", gettext("Kind"), [(e.kind_label, "") for e in entries])
    yield _lines("", gettext("Address"), [(site + e.published.url, "") for e in entries])
    for group in comparison.groups:
        for row in group.rows:
            cells = zip(entries, row.cells, strict=True)
            yield _lines(group.heading, row.title, [_cell(*pair) for pair in cells])


def _lines(part: str, question: str, cells: Iterable[tuple[str, str]]) -> str:
    texts = (part, question, *chain.from_iterable(cells))
    return csv_lines([[harmless(text) for text in texts]])


def _cell(shown: Shown, value: Value | None) -> tuple[str, str]:
    """Return the value in words and its origin; a gap is said as such."""
    if value is None:
        kind = shown.published.kind.label
        return gettext("Does not apply to this kind (%(kind)s)", kind=kind), ""
    said = _words(value) if value.stated else gettext("Not stated")
    return said, SEPARATOR.join(_origins(value))


def _words(value: Value) -> str:
    declared = value.declared
    if is_model(declared.type) and not declared.reference:
        items = value.raw if declared.many else [value.raw]
        return SEPARATOR.join(_parts(declared.type, item) for item in items)
    return SEPARATOR.join(f"{i.text} ({i.note})" if i.note else i.text for i in value.items)


def _parts(model: type[BaseModel], item: dict[str, object]) -> str:
    """Return what is stated of a structured value, each part with its title, however deep."""
    said = []
    for name, info in model.model_fields.items():
        found = item.get(name)
        if found is None or found is False or found == []:
            continue
        title = worded(info.title or name.capitalize())
        said.append(title if found is True else f"{title}: {_nested(found)}")
    return ", ".join(said)


def _nested(found: object) -> str:
    """Return a part in words; the tracks of a run stand one after the other."""
    if isinstance(found, list):
        return " / ".join(_nested(one) for one in found)
    if isinstance(found, dict):
        return ", ".join(str(part) for part in found.values() if part is not None)
    return str(found)


def _origins(value: Value) -> Iterator[str]:
    for origin in value.origins:
        where = ", ".join(filter(None, (origin.source.short_title, origin.locator)))
        about = f" ({origin.item})" if origin.item else ""
        answers = f", {_any_of(origin.values)}" if origin.values else ""
        yield f"{worded(origin.status.words)}{about}: {where}{answers}"


def _any_of(values: list[str]) -> str:
    return str(format_list(values, style="or", locale=locale()))
