"""In which encoding a file is written: its mark, UTF-8 if it is that, else what is most likely."""

import codecs
from pathlib import Path

from directory.errors import SourceFailed
from directory.imports.encodings import MOST_LOOKED_AT, codec_marked, foreign_lines, most_likely
from directory.languages import gettext, marked

NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": marked("Western European (Windows-1252)"),
    "cp1250": marked("Central European (Windows-1250)"),
    "cp1251": marked("Cyrillic (Windows-1251)"),
    "cp1253": marked("Greek (Windows-1253)"),
    "cp1254": marked("Turkish (Windows-1254)"),
    "cp1255": marked("Hebrew (Windows-1255)"),
    "cp1256": marked("Arabic (Windows-1256)"),
    "cp1257": marked("Baltic (Windows-1257)"),
    "cp1258": marked("Vietnamese (Windows-1258)"),
    "koi8_r": marked("Cyrillic (KOI8-R)"),
    "mac_roman": marked("Western European (old Macintosh)"),
    "gb18030": marked("Chinese (GB 18030)"),
    "big5": marked("Chinese, traditional (Big5)"),
    "cp932": marked("Japanese (Shift JIS)"),
    "cp949": marked("Korean (Windows-949)"),
}
"""Encodings as people know them; the form offers these."""
CHOICES = ("utf-8", "utf-16", *(name for name in NAMES if not name.startswith("utf")))

_PIECE = 1 << 20
_UTF8_FOR_CERTAIN = 20


def find_encoding(file: Path, name: str, asked: str | None) -> tuple[str, str]:
    """Return the name of a codec, and a sentence that says what was taken and why.

    Raises SourceFailed for an encoding that nobody knows, and for UTF-8 that breaks off.
    """
    if asked:
        try:
            codec = codecs.lookup(asked).name
            if not codecs.lookup(asked)._is_text_encoding:
                raise LookupError
        except LookupError:
            raise SourceFailed(
                gettext("There is no encoding called %(name)s.", name=asked)
            ) from None
        return ("utf-8-sig" if codec == "utf-8" else codec), f"Read as {called(codec)}, as asked."
    with file.open("rb") as data:
        begins = data.read(4096)
    if by_mark := codec_marked(begins):
        return by_mark, f"Read as {called(by_mark)}, by the mark at its beginning."
    if wide := _utf_16_without_mark(begins):
        return wide, f"Read as {called(wide)}."
    if b"\0" in begins:
        raise SourceFailed(
            gettext(
                "%(name)s is no text: it may be a picture, or a table in another format. Save the "
                "table as CSV or XLSX.",
                name=name,
            )
        )
    foreign = _not_utf_8(file, name)
    if foreign is None:
        return "utf-8-sig", marked("Read as UTF-8.")
    codec = most_likely(foreign) or "cp1252"
    return codec, (
        f"Read as {called(codec)}, which is the most likely encoding. If letters look wrong, "
        "send the file again and say which encoding it has."
    )


def called(codec: str) -> str:
    """Return the name of an encoding as people know it."""
    return NAMES.get(codec, codec)


def _utf_16_without_mark(begins: bytes) -> str | None:
    """Recognise UTF-16 by the zero bytes beside Latin letters; no table holds them otherwise."""
    even, odd = begins[0::2].count(0), begins[1::2].count(0)
    if max(even, odd) < len(begins) // 8 or not begins:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _not_utf_8(file: Path, name: str) -> bytes | None:
    """Return the lines with foreign letters when a file is no UTF-8, else None.

    Raises SourceFailed when most of it is UTF-8: another encoding would spoil every name.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    foreign, good, line = bytearray(), 0, 1
    broken = 0
    with file.open("rb") as data:
        while piece := data.read(_PIECE):
            if not broken:
                try:
                    text = decoder.decode(piece)
                    good += len(piece) - len(text) if good < _UTF8_FOR_CERTAIN else 0
                    line += text.count("\n")
                except UnicodeDecodeError as error:
                    before = error.object[: error.start]
                    good += len(before) - len(before.decode())
                    broken = line + before.count(b"\n")
            if len(foreign) < MOST_LOOKED_AT:
                foreign += foreign_lines(piece)
    if not broken:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            broken = line
    if not broken:
        return None
    if good >= _UTF8_FOR_CERTAIN:
        raise SourceFailed(
            gettext(
                "%(name)s, line %(line)s: this is not UTF-8, though the lines before it are. The "
                "file is damaged or was put together from two: save it again as UTF-8.",
                name=name,
                line=str(broken),
            )
        )
    return bytes(foreign)
