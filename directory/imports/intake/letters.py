"""Letters that only look like others are brought to what was meant, on every way in.

Unicode Technical Standard 39 calls them confusables; the few here are those of Cyrillic and Greek
that stand for a Latin letter inside a word of Latin letters or before a number, as in the C of C1.
"""

import re
import unicodedata

_LOOKALIKES = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХаеѕіјорсухԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
        "ABESIJKMHOPCTYXaesijopcyxqwABEZHIKMNOPTYXo",
        strict=True,
    )
)
_WORD = re.compile(r"\w+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _is_foreign(word: str) -> bool:
    return any(c in _LOOKALIKES for c in word)


def _meant(match: re.Match[str]) -> str:
    word = match[0]
    if not _is_foreign(word):
        return word
    others = [c for c in word if c.isalpha() and c not in _LOOKALIKES]
    is_latin = any("a" <= c.lower() <= "z" for c in others)
    is_code = not others and any(c.isdigit() for c in word)
    if (is_latin and all(ord(c) < 0x250 for c in others)) or is_code:
        return "".join(_LOOKALIKES.get(c, c) for c in word)
    return word


def plain_letters(text: str) -> str:
    """Return a text in composed form, without invisible characters, with the letters meant."""
    composed = unicodedata.normalize("NFC", text)
    return _WORD.sub(_meant, _CONTROL.sub(" ", _INVISIBLE.sub("", composed)))
