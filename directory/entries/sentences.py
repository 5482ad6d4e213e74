"""What does not fit, in a sentence that says what to do; the words of a validator do not."""

from collections.abc import Mapping
from typing import Any

_BY_TYPE = {
    "missing": "This is needed.",
    "extra_forbidden": "There is no such field.",
    "string_too_short": "This is needed.",
    "string_too_long": "Shorten this to at most {max_length} characters.",
    "too_long": "Give at most {max_length} of these.",
    "int_parsing": "Write a whole number in digits, such as 12.",
    "int_from_float": "Write a whole number in digits, such as 12.",
    "int_parsing_size": "This number is too large.",
    "decimal_parsing": "Write a number in digits, such as 12.50.",
    "finite_number": "Write a number in digits, such as 12.50.",
    "decimal_max_digits": "This number has too many digits.",
    "decimal_max_places": "Write at most {decimal_places} digits after the point.",
    "decimal_whole_digits": "This number is too large.",
    "greater_than_equal": "Write a number of at least {ge}.",
    "less_than_equal": "Write a number of at most {le}.",
    "bool_parsing": "Answer yes or no.",
    "enum": "Choose one of the answers of the list.",
}
_BY_PATTERN = (
    ("https?://", "Write the whole address, starting with https:// and without spaces."),
    ("@", "Write an e-mail address, such as office@example.org."),
    ("^[a-z0-9]+(-", "Use the short name from the web address, such as diplofoundation."),
    ("^[A-Za-z0-9]", "Choose one from the list."),
)


def sentence(found: Mapping[str, Any]) -> str:
    """Return one sentence for an error of pydantic."""
    kind, said = str(found["type"]), str(found["msg"])
    if kind in _BY_TYPE:
        return _BY_TYPE[kind].format(**found.get("ctx", {}))
    if kind == "string_pattern_mismatch":
        if not str(found.get("input", "")).strip():
            return "This is needed."
        pattern = str(found["ctx"]["pattern"])
        return next(words for part, words in (*_BY_PATTERN, ("", said)) if part in pattern)
    if kind.startswith("date"):
        return "Write a day as year-month-day, such as 2026-11-22."
    return said.removeprefix("Value error, ")
