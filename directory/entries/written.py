"""How people write dates, amounts and answers in tables, in the styles that spreadsheets have."""

import calendar
import re
from datetime import date, timedelta
from enum import StrEnum

from directory.languages import day_of_year, gettext

_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?![\d./-])")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_IN_WORDS = re.compile(r"(\d{1,2})[ .-]+([A-Za-z]{3,9})[ .,-]+(\d{4})")
_MONTHS = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
}
_SERIAL = re.compile(r"(\d{5})(?:\.0+)?")
_GAPS = re.compile(r"[\s'’\u00a0\u202f]")
_GROUPED = re.compile(r"\d{1,3}(?:[,.]\d{3})+")
_YES = "true yes y 1 x wahr vrai verdadero verdadeiro vero oui ja si sí sim да истина نعم صواب 是"
_NO = "false no n 0 falsch faux falso non nein não nee нет ложь لا خطأ 否"
_SWITCH = {**dict.fromkeys(_YES.split(), True), **dict.fromkeys(_NO.split(), False)}
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000


class Order(StrEnum):
    """Which number of a date such as 5/6/2026 comes first."""

    DAY = "day"
    MONTH = "month"


def orders_in(text: str) -> set[Order]:
    """Return the orders that the dates of a text give away: 31/12/2026 and 31.12.2026 do."""
    return {o for found in _NUMERIC.finditer(text) if (o := _order(found))}


def _order(found: re.Match[str]) -> Order | None:
    first, mark, second, _ = found.groups()
    if mark == "." or int(first) > 12:
        return Order.DAY
    return Order.MONTH if int(second) > 12 else None


def read_date(text: str, order: Order | None = None) -> str:
    """Return a date as ISO 8601; raises ValueError for what is none, or can be two.

    A number alone is a day of Excel's calendar, which counts from the end of 1899.
    """
    try:
        if found := _YEAR_FIRST.fullmatch(text):
            return date(*map(int, found.groups())).isoformat()
        if found := _NUMERIC.fullmatch(text):
            return _numeric(found, order).isoformat()
        if (found := _IN_WORDS.fullmatch(text)) and (month := _MONTHS.get(found[2].lower())):
            return date(int(found[3]), month, int(found[1])).isoformat()
    except _Unclear as error:
        raise ValueError(str(error)) from None
    except ValueError:
        raise ValueError(gettext("There is no such day: %(text)s.", text=text)) from None
    if (found := _SERIAL.fullmatch(text)) and _FIRST_SERIAL < int(found[1]) < _LAST_SERIAL:
        return (date(1899, 12, 30) + timedelta(days=int(found[1]))).isoformat()
    raise ValueError(gettext("Write the date as 2026-12-31, not “%(text)s”.", text=text[:40]))


class _Unclear(ValueError):
    pass


def _numeric(found: re.Match[str], order: Order | None) -> date:
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    # The column decides; a value that gives itself away needs no decision.
    own = _order(found) or order
    if own is None and first != second:
        a, b = date(year, second, first), date(year, first, second)
        raise _Unclear(
            gettext(
                "Is %(text)s %(one)s or %(other)s? Say which comes first in this file, "
                "the day or the month, or write %(iso_one)s or %(iso_other)s.",
                text=found[0],
                one=day_of_year(a),
                other=day_of_year(b),
                iso_one=a.isoformat(),
                iso_other=b.isoformat(),
            )
        )
    return date(year, first, second) if own is Order.MONTH else date(year, second, first)


def read_switch(text: str) -> bool:
    """Return the answer to a question of yes or no; raises ValueError for another one."""
    found = _SWITCH.get(text.casefold())
    if found is None:
        raise ValueError(gettext("Write yes or no, not “%(text)s”.", text=text[:40]))
    return found


def read_whole(text: str) -> int:
    """Return a whole number, with or without separators of thousands; raises ValueError."""
    plain = _GAPS.sub("", text)
    if _GROUPED.fullmatch(plain):
        plain = re.sub("[,.]", "", plain)
    plain = re.sub(r"[.,]0+$", "", plain)
    if not re.fullmatch(r"-?[0-9]{1,18}", plain):
        raise ValueError(gettext("Write a whole number, not “%(text)s”.", text=text[:40]))
    return int(plain)


def read_amount(text: str) -> str:
    """Return a number with a decimal point, as text, whatever it was written with.

    Raises ValueError for what is none, and for 1,234 and 1.234, which can be a thousand or one.
    """
    plain = _GAPS.sub("", text)
    marks = {c for c in plain if c in ",."}
    if len(marks) == 2:
        decimal = max(",.", key=plain.rfind)
        plain = plain.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    elif _GROUPED.fullmatch(plain):
        if sum(c in ",." for c in plain) == 1 and not plain.startswith("0"):
            raise ValueError(
                gettext("Is %(text)s a thousand or one? Write it without a separator.", text=text)
            )
        plain = plain if plain.startswith("0") else re.sub("[,.]", "", plain)
    plain = plain.replace(",", ".")
    if not re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", plain):
        raise ValueError(
            gettext("Write the number alone, such as 1250.50, not “%(text)s”.", text=text[:40])
        )
    return plain
