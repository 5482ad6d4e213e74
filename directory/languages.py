"""The language somebody reads: messages, plural forms, numbers and dates.

English stands in the code; every other language is one file, `seed/languages/<code>.po`, and is
offered as soon as the file is there. Who answers a request or writes a letter says once whose
language holds (`reading`); whatever is worded within is worded in it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global, parse_locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

from directory.settings import data

SOURCE = "en"
"""The language of the words in the code."""

FOLDER = data("seed") / "languages"
_LOCALES = {SOURCE: "en_GB"}
RIGHT_TO_LEFT = frozenset(
    ("Adlm", "Arab", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi")
)
"""Scripts of today whose letters run from right to left (ISO 15924, Unicode Bidi_Class)."""

UNPACKING = 5
"""Seconds."""

_now_read: ContextVar[str] = ContextVar("language", default=SOURCE)


@dataclass(frozen=True)
class Language:
    """A language of the interface: BCP 47 code, its own name, and `ltr` or `rtl`."""

    code: str
    name: str
    direction: str


@cache
def languages() -> dict[str, Language]:
    """Return the languages of the interface by code, in the order of their English names."""
    codes = {SOURCE, *(file.stem for file in FOLDER.glob("*.po"))}
    locales = {code: Locale.parse(code, sep="-") for code in codes}
    ordered = sorted(codes, key=lambda code: str(locales[code].get_display_name("en")))
    return {
        code: Language(
            code,
            str(locales[code].get_display_name(code)),
            "rtl" if locales[code].text_direction == "rtl" else "ltr",
        )
        for code in ordered
    }


@lru_cache(maxsize=1_000)
def direction(code: str) -> str:
    """Return `ltr` or `rtl` for any language (BCP 47), `auto` for one that CLDR does not know.

    The script tells it. To ask CLDR for each language would read all that it says of it.
    """
    try:
        of, territory, script, *_ = parse_locale(code, sep="-")
    except ValueError:
        return "auto"
    likely = get_global("likely_subtags")
    if found := script or likely.get(f"{of}_{territory}") or likely.get(of):
        return "rtl" if RIGHT_TO_LEFT.intersection(found.split("_")) else "ltr"
    return "auto"


def own_name(code: str) -> str:
    """Return how any language (BCP 47) calls itself; its code where CLDR does not know that."""
    try:
        return str(Locale.parse(code, sep="-").get_display_name(code) or code)
    except (UnknownLocaleError, ValueError):
        return code


def language() -> Language:
    """Return the language that is read now."""
    return languages()[_now_read.get()]


@contextmanager
def reading(code: str | None) -> Iterator[None]:
    """Word everything within in this language; in English when it is none of ours."""
    token = _now_read.set(code if code in languages() else SOURCE)
    try:
        yield
    finally:
        _now_read.reset(token)


@cache
def _catalogue(code: str) -> Translations:
    """Return the messages of a language; the build compiles them, which takes a second each."""
    source = FOLDER / f"{code}.po"
    if is_compiled(source):
        with source.with_suffix(".mo").open("rb") as file:
            return Translations(file)
    return _compiled_now(source)


def is_compiled(source: Path) -> bool:
    """Say whether the build has compiled a file of messages as it is now.

    Who unpacks a wheel writes the two one after the other, the compiled one first.
    """
    made = source.with_suffix(".mo")
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime - UNPACKING


def _compiled_now(source: Path) -> Translations:
    """Compile a file that has changed since the build."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=source.stem.replace("-", "_")))
    compiled.seek(0)
    return Translations(compiled)


def catalogue() -> Translations | None:
    """Return the messages of the language that is read; None for English, which needs none."""
    code = _now_read.get()
    return None if code == SOURCE else _catalogue(code)


def marked(message: str) -> str:
    """Return a message as it is: it is worded here, and translated where it is shown."""
    return message


def worded(message: str) -> str:
    """Return a message in the language that is read, with its placeholders still in it."""
    found = catalogue()
    return str(found.gettext(message)) if found and message else message


def worded_for(one: str, many: str, count: int) -> str:
    """Return the plural form that this count takes in the language that is read (CLDR rules)."""
    found = catalogue()
    if found is None:
        return one if count == 1 else many
    return str(found.ngettext(one, many, count))


def filled(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values for placeholders; counts are written as this language writes numbers.

    A whole number is a count: a year or an identifier is handed over as text.
    """
    return {k: number(v) if type(v) is int else v for k, v in values.items()}


def gettext(message: str, /, **values: Any) -> str:
    """Return a message in the language that is read; `%(name)s` takes the value of that name."""
    said = worded(message)
    return said % filled(values) if values else said


def ngettext(one: str, many: str, count: int, /, **values: Any) -> str:
    """Return a message in the form that `count` takes; `%(count)s` is the count itself."""
    return worded_for(one, many, count) % filled({"count": count, **values})


def locale() -> str:
    """Return the CLDR locale of the language that is read, such as `en_GB`."""
    code = _now_read.get()
    return _LOCALES.get(code, code.replace("-", "_"))


@lru_cache(maxsize=20_000)
def number_in(value: float, code: str) -> str:
    """Write a number as a CLDR locale does, for whoever writes hundreds of them."""
    return str(format_decimal(value, locale=code))


def number(value: float) -> str:
    """Write a number as this language does: 1,204, 1 204, 1.204."""
    return number_in(value, locale())


@lru_cache(maxsize=20_000)
def _percent(value: float, code: str) -> str:
    return str(format_percent(value, locale=code))


def percent(share: float) -> str:
    """Write a share from 0 to 1 in whole per cent as this language does: 40%, 40 %."""
    return _percent(round(share, 2), locale())


@lru_cache(maxsize=20_000)
def _day(value: date, code: str) -> str:
    return str(format_date(value, "long", locale=code))


def day(value: date | datetime | str) -> str:
    """Write a date as this language does: 22 November 2026, 2026年11月22日."""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    return _day(value.date() if isinstance(value, datetime) else value, locale())


@lru_cache(maxsize=20_000)
def _part_of_day(value: date, skeleton: str, code: str) -> str:
    return str(format_skeleton(skeleton, value, locale=code))


def month(value: date) -> str:
    """Write a month with its year as this language does, short: Nov 2026, 2026年11月."""
    return _part_of_day(value.replace(day=1), "yMMM", locale())


def day_of_year(value: date) -> str:
    """Write a day without its year as this language does: 22 November, 11月22日."""
    return _part_of_day(value, "MMMMd", locale())


def either(parts: Iterable[str]) -> str:
    """Write a choice as this language does: one, two or three."""
    return str(format_list(list(parts), style="or", locale=locale()))
