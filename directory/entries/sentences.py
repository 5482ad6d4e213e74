"""What does not fit, in a sentence that says what to do; the words of a validator do not."""

from collections.abc import Mapping
from typing import Any

from directory.languages import gettext, marked, worded

_NEEDED = marked("This is needed.")
_DIGITS = marked("Write a whole number in digits, such as 12.")
_DECIMAL = marked("Write a number in digits, such as 12.50.")
_BY_TYPE = {
    "missing": _NEEDED,
    "extra_forbidden": marked("There is no such field."),
    "string_too_short": _NEEDED,
    "string_too_long": marked("Shorten this to at most %(max_length)s characters."),
    "too_long": marked("Give at most %(max_length)s of these."),
    "int_parsing": _DIGITS,
    "int_from_float": _DIGITS,
    "int_parsing_size": marked("This number is too large."),
    "decimal_parsing": _DECIMAL,
    "finite_number": _DECIMAL,
    "decimal_max_digits": marked("This number has too many digits."),
    "decimal_max_places": marked("Write at most %(decimal_places)s digits after the point."),
    "decimal_whole_digits": marked("This number is too large."),
    "greater_than_equal": marked("Write a number of at least %(ge)s."),
    "less_than_equal": marked("Write a number of at most %(le)s."),
    "bool_parsing": marked("Answer yes or no."),
    "enum": marked("Choose one of the answers of the list."),
}
_BY_PATTERN = (
    (
        "https?://",
        marked("Write the whole address, starting with https:// and without spaces."),
    ),
    ("@", marked("Write an e-mail address, such as office@example.org.")),
    (
        "^[a-z0-9]+(-",
        marked("Use the short name from the web address, such as diplofoundation."),
    ),
    ("^[A-Za-z0-9]", marked("Choose one from the list.")),
)


def sentence(found: Mapping[str, Any]) -> str:
    """Return one sentence for an error of pydantic."""
    kind, said = str(found["type"]), str(found["msg"])
    if kind in _BY_TYPE:
        # Limits are written as they are, without separators: somebody copies them.
        limits = {name: str(value) for name, value in found.get("ctx", {}).items()}
        return worded(_BY_TYPE[kind]) % limits
    if kind == "string_pattern_mismatch":
        if not str(found.get("input", "")).strip():
            return worded(_NEEDED)
        pattern = str(found["ctx"]["pattern"])
        return worded(next(words for part, words in (*_BY_PATTERN, ("", said)) if part in pattern))
    if kind.startswith("date"):
        return gettext("Write a day as year-month-day, such as 2026-11-22.")
    return said.removeprefix("Value error, ")
