"""Bytes to text: the byte order mark, UTF-8 if it is that, what the sender says, a good guess."""

import codecs

from directory.errors import SourceFailed
from directory.languages import gettext

MOST_LOOKED_AT = 200_000
"""Bytes of lines with foreign letters; more of them tell nothing more."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What is written where it is not UTF-8; of two that fit as well, the one that more people use.
_LIKELY = [
    "cp1252", "cp1251", "cp1250", "cp1254", "cp1253", "cp1256", "cp1255", "cp1258", "cp874",
    "gb18030", "big5", "cp932", "euc_jp", "cp949", "koi8_r", "mac_roman",
]  # fmt: skip


def codec_marked(begins: bytes) -> str | None:
    """Return the codec that the byte order mark at the beginning names, if there is one."""
    return next((codec for mark, codec in _MARKS if begins.startswith(mark)), None)


def foreign_lines(raw: bytes) -> bytes:
    """Return the lines that hold more than ASCII; the others say nothing about the encoding."""
    return b"\n".join(line for line in raw.split(b"\n") if not line.isascii())


def most_likely(raw: bytes) -> str | None:
    """Return the codec that a text which is no UTF-8 was most likely written with, if any fits."""
    from charset_normalizer import from_bytes

    fits = from_bytes(foreign_lines(raw)[:MOST_LOOKED_AT], cp_isolation=_LIKELY)
    # Letters in an odd order weigh more than letters as frequent as in a language: of a line or
    # two, the frequencies fit nearly every language.
    best = max(
        fits,
        key=lambda fit: (fit.coherence - 2 * fit.chaos, -_LIKELY.index(fit.encoding)),
        default=None,
    )
    return best.encoding if best else None


def decoded(raw: bytes, what: str, told: str | None = None) -> str:
    """Return the text of a file called `what`, of which its sender may have told the encoding.

    UTF-8 is tried before that, because what is UTF-8 by chance is rarer than a wrong label.
    Raises SourceFailed for what is no text in any encoding.
    """
    if codec := codec_marked(raw):
        return _strictly(raw, what, codec)
    for codec in ("utf-8", told or "utf-8"):
        try:
            return raw.decode(codec)
        except (ValueError, LookupError):
            continue
    if codec := most_likely(raw):
        return _strictly(raw, what, codec)
    raise SourceFailed(gettext("%(name)s is no text: its encoding cannot be made out.", name=what))


def _strictly(raw: bytes, what: str, codec: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as error:
        raise SourceFailed(
            gettext(
                "%(name)s is no %(encoding)s text from byte %(byte)s on.",
                name=what,
                encoding=codec,
                byte=str(error.start),
            )
        ) from error
