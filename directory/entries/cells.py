"""A declared field as the text of one cell of a table, and back without loss.

A list stands side by side, `en; fr`, or one item a line. An item that holds the separator stands
in quotation marks, doubled inside. A pair is `cyberpeace-institute:lead`; what has more parts
names them: `label: 2026 cohort | start: 2026-03-01 | tracks: (title: audit track)`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel

from directory.entries.fields import Declared, base_type, is_model, parts_of
from directory.entries.written import Order, read_amount, read_date, read_switch, read_whole
from directory.languages import gettext
from directory.sources.claims import Claim

SEPARATOR = "; "
ABOUT = ("kind", "slug", "version")
"""What a row says besides its fields: which entry, and the revision that was exported."""
ORIGIN = ("source", "claims")
"""Where values come from: a source for all that is new in a row, and each claim in full."""
KEPT = "(This text does not fit into a cell. It stays as it is.)"
"""Stands in a cell of a workbook for a text that is too long for it; an import reads it as such."""

_SAYS_NOTHING = "-"
# A spreadsheet runs a cell that begins with one of these (OWASP, CSV injection).
_RUNS = "=+\\-@\t\r\n＝＋－＠"
_WOULD_RUN = re.compile(f"'*[{_RUNS}]")
_MADE_HARMLESS = re.compile(f"'+[{_RUNS}]")
_SPECIAL_IN_LIST = re.compile(r'[;\r\n]|^"|^\s|\s$|^$')
_SPECIAL_IN_PART = re.compile(r'[;|()"\r\n]|^\s|\s$|^$')


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula: with an apostrophe before it."""
    return f"'{text}" if _WOULD_RUN.match(text) else text


def as_meant(text: str) -> str:
    """Take off the apostrophe that `harmless` has put there, and nothing else."""
    return text[1:] if text.startswith("'") and _MADE_HARMLESS.match(text) else text


# Writing


def to_cell(declared: Declared, value: Any) -> str:
    """Return a value, as JSON, as the text of a cell; empty for what is not stated."""
    if value is None:
        return ""
    if not declared.many:
        return _plain(value)
    return SEPARATOR.join(_items(declared.type, value))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _items(kind: Any, items: Iterable[Any]) -> Iterator[str]:
    for item in items:
        if _has_named_parts(kind):
            yield _named_parts(kind, item)
        else:
            text = ":".join(map(str, item.values())) if is_model(kind) else _plain(item)
            yield _quoted(text) if _SPECIAL_IN_LIST.search(text) else text


@cache
def _is_pair(model: Any) -> bool:
    """Say whether a structured value is a code with its value, both always there."""
    kinds = [info.annotation for info in model.model_fields.values()]
    return all(NoneType not in get_args(kind) for kind in kinds) and len(kinds) == 2


def _has_named_parts(kind: Any) -> bool:
    return is_model(kind) and not _is_pair(kind)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _named_parts(model: type[BaseModel], item: Mapping[str, Any]) -> str:
    said = " | ".join(
        f"{name}: {_part(kind, value, is_list)}"
        for name, (kind, is_list) in parts_of(model).items()
        if (value := item.get(name)) is not None
    )
    return said or _SAYS_NOTHING


def _part(kind: Any, value: Any, is_list: bool) -> str:
    if is_list:
        return f"({SEPARATOR.join(_nested(kind, value))})"
    text = _plain(value)
    return _quoted(text) if _SPECIAL_IN_PART.search(text) else text


def _nested(kind: Any, items: Iterable[Any]) -> Iterator[str]:
    for item in items:
        yield _named_parts(kind, item) if is_model(kind) else _part(kind, item, False)


# Reading


def from_cell(declared: Declared, text: str, order: Order | None = None) -> Any:
    """Return the value of a cell, as JSON; codes are not looked up yet, limits are not checked.

    `order` says how the dates of the column are written. Raises ValueError with a sentence.
    """
    if not declared.many:
        return _read_base(declared.base, text.strip(), order)
    items = _split(text, ";\n\r", brackets=_has_named_parts(declared.type))
    if declared.base is str:
        return [_unquoted(item) for item in items]
    return [_read_item(declared.type, item, order) for item in items]


def read_part(model: type[BaseModel], name: str, text: str, order: Order | None) -> Any:
    """Return one part of a structured value that stands in a column of its own."""
    kind, is_list = parts_of(model)[name]
    if is_list:
        return [_read_item(kind, item, order) for item in _split(text, ";\n\r", brackets=True)]
    return _read_plain(kind, text.strip(), order)


def _read_plain(kind: Any, text: str, order: Order | None) -> Any:
    return _read_base(base_type(kind), text, order)


def _read_base(base: Any, text: str, order: Order | None) -> Any:
    if base is bool:
        return read_switch(text)
    if base is int:
        return read_whole(text)
    if base is Decimal:
        return read_amount(text)
    if base is date:
        return read_date(text, order)
    return text


def _read_item(kind: Any, text: str, order: Order | None) -> Any:
    if not is_model(kind):
        return _read_plain(kind, _unquoted(text), order)
    if _is_pair(kind):
        first, colon, second = _unquoted(text).partition(":")
        names = list(parts_of(kind))
        if not colon:
            said = gettext(
                "Write %(parts)s, with a colon between, not “%(text)s”.",
                parts=":".join(names),
                text=text,
            )
            raise ValueError(said)
        return dict(zip(names, (first.strip(), second.strip()), strict=True))
    return _read_named(kind, text, order)


def _read_named(model: type[BaseModel], text: str, order: Order | None) -> dict[str, Any]:
    """Read `name: value | name: value`; parts that are left out have what they have by default."""
    parts = parts_of(model)
    by_words, defaults = _words_and_defaults(model)
    found, named = dict(defaults), set()
    if text == _SAYS_NOTHING:
        return found
    for piece in _split(text, "|", brackets=True):
        words, colon, raw = piece.partition(":")
        word = words.strip().casefold()
        name = by_words.get(word, "")
        if not colon or not name:
            said = gettext(
                "“%(text)s” is none of the parts %(parts)s.",
                text=_short(piece),
                parts=", ".join(parts),
            )
            raise ValueError(said)
        if name in named:
            raise ValueError(gettext("The part %(name)s stands there twice.", name=name))
        named.add(name)
        kind, is_list = parts[name]
        raw = raw.strip()
        if not is_list:
            found[name] = _read_plain(kind, _unquoted(raw), order)
            continue
        if not (raw.startswith("(") and raw.endswith(")")):
            said = gettext(
                "Write what belongs to %(name)s in brackets: %(example)s.",
                name=name,
                example=f"{name}: (…)",
            )
            raise ValueError(said)
        inside = _split(raw[1:-1], ";\n\r", brackets=True)
        found[name] = [_read_item(kind, one, order) for one in inside]
    return found


@cache
def _words_and_defaults(model: type[BaseModel]) -> tuple[dict[str, str], dict[str, Any]]:
    """Map names and titles of parts to names; return what each part has when it is left out."""
    fields = model.model_fields
    words = {str(info.title).casefold(): name for name, info in fields.items() if info.title}
    defaults = {n: info.get_default() for n, info in fields.items() if not info.is_required()}
    free = {n: value for n, value in defaults.items() if value is None or value is False}
    return words | {name: name for name in fields}, free


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    inside = text[1:-1].replace('""', "")
    if len(text) < 2 or not text.endswith('"') or '"' in inside:
        raise ValueError(gettext("A quotation mark is not closed: %(text)s", text=_short(text)))
    return text[1:-1].replace('""', '"')


def _split(text: str, separators: str, *, brackets: bool) -> list[str]:
    """Split outside quotation marks and, where parts may be nested, outside brackets.

    A quotation mark counts only where a value begins; one in the middle of a word is a letter.
    Raises ValueError when a bracket or a quotation mark is not closed.
    """
    if '"' not in text and not (brackets and "(" in text):
        for other in separators[1:]:
            text = text.replace(other, separators[0])
        return [stripped for piece in text.split(separators[0]) if (stripped := piece.strip())]
    found, start, depth, quoted, fresh = [], 0, 0, False, True
    for position, letter in enumerate(text):
        if letter == '"' and (quoted or fresh):
            quoted = not quoted
            fresh = True  # The next one is either a doubled quotation mark or the end.
        elif quoted:
            continue
        elif depth == 0 and letter in separators:
            found.append(text[start:position])
            start, fresh = position + 1, True
        elif brackets and letter in "()":
            depth += 1 if letter == "(" else -1
            fresh = letter == "("
        elif not letter.isspace():
            fresh = brackets and letter in ":;|"
    if quoted or depth:
        if quoted:
            raise ValueError(gettext("A quotation mark is not closed: %(text)s", text=_short(text)))
        raise ValueError(gettext("A bracket is not closed: %(text)s", text=_short(text)))
    found.append(text[start:])
    return [stripped for piece in found if (stripped := piece.strip())]


# Claims: all of an entry in one cell, one a line


def claims_to_cell(claims: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return where the values of an entry come from: a line for each claim, its field first."""
    return "\n".join(
        f"{name}: {_named_parts(Claim, _worth_saying(claim))}"
        for name, of_field in claims.items()
        for claim in of_field
    )


def _worth_saying(claim: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out who checked it, which nobody gives out, and the status that goes without saying."""
    default = Claim.model_fields["status"].default
    return {n: v for n, v in claim.items() if n != "checked_by" and (n, v) != ("status", default)}


def claims_from_cell(text: str, order: Order | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the claims of a cell by field, as JSON, unchecked; raises ValueError."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in _split(text, "\n\r", brackets=True):
        name, _, rest = line.partition(":")
        found.setdefault(name.strip(), []).append(_read_claim(rest.strip(), order))
    return found


@lru_cache(maxsize=4096)
def _read_claim(text: str, order: Order | None) -> dict[str, Any]:
    """Read one claim, for nobody to write into: in a long table the same ones come again."""
    claim = _read_named(Claim, text, order)
    stated = {"status": Claim.model_fields["status"].default.value}
    return stated | {part: value for part, value in claim.items() if value is not None}
