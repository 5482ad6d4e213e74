"""Bytes to text."""

import re

from directory.errors import SourceFailed
from directory.imports.intake.blocks import LONGEST_TEXT

_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{1,40})""", re.I)
_LIKELY = [
    "cp1252",
    "cp1251",
    "cp1250",
    "cp1254",
    "cp1253",
    "cp1256",
    "cp1255",
    "cp1258",
    "cp874",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_jp",
    "euc_kr",
    "koi8_r",
    "mac_roman",
]
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def decoded(name: str, raw: bytes) -> str:
    """Return the text: by a mark, as UTF-8, by what HTML declares, then by a good guess.

    Raises SourceFailed for what is no text, and for more than 1,000,000 characters.
    """
    marked = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), None)
    declared = _DECLARED.search(raw[:4096])
    tried = [marked, "utf-8", declared[1].decode("ascii") if declared else None]
    for encoding in tried:
        try:
            if encoding:
                return _checked(name, raw.decode(encoding))
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    from charset_normalizer import from_bytes

    guesses = list(from_bytes(raw[:200_000], cp_isolation=_LIKELY))
    if not guesses:
        raise SourceFailed(f"{name} is no text: its encoding cannot be made out.")
    # Of guesses that read equally well, the one that more people use.
    best = max(guesses, key=lambda g: (g.coherence - g.chaos, -_LIKELY.index(g.encoding)))
    return _checked(name, raw.decode(best.encoding, errors="replace"))


def _checked(name: str, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise SourceFailed(f"{name} has more than {LONGEST_TEXT:,} characters.")
    if at := text.find("\0") + 1:
        raise SourceFailed(f"{name} is no text: there is a zero byte at character {at}.")
    return text
