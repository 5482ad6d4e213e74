"""Licences by their names in the SPDX list (spdx.org/licenses), where a text names one plainly."""

import re
from dataclasses import dataclass

_CREATIVE = re.compile(
    r"(?:^|\b)(?:cc|creative ?commons(?: licen[cs]e)?)[ -]?(by(?:-nc)?(?:-(?:sa|nd))?)[ -]?"
    r"(?:licen[cs]e[ -]?)?v?([1-4]\.[05])(?:\b|$)",
    re.IGNORECASE,
)
_CREATIVE_URL = re.compile(
    r"https?://creativecommons\.org/licenses/(by(?:-nc)?(?:-(?:sa|nd))?)/([1-4]\.[05])(?:/|$)",
    re.IGNORECASE,
)
_ZERO = re.compile(r"\bcc[ -]?0(?:[ -]1\.0)?\b|creativecommons\.org/publicdomain/zero/1\.0", re.I)


@dataclass(frozen=True)
class Licence:
    """A licence of the SPDX list, with the address of its text in that list."""

    identifier: str

    @property
    def url(self) -> str:
        """Return the page of the licence in the SPDX list."""
        return f"https://spdx.org/licenses/{self.identifier}.html"


def licence_in(text: str) -> Licence | None:
    """Return the licence that a text names with its version, else None: terms are never guessed.

    A text that names two, or a Creative Commons licence without its version, names none.
    """
    plain = re.sub(r"\s+", " ", text)
    found = {
        f"CC-{kind.upper()}-{version}"
        for pattern in (_CREATIVE, _CREATIVE_URL)
        for kind, version in pattern.findall(plain)
    }
    if _ZERO.search(plain):
        found.add("CC0-1.0")
    return Licence(found.pop()) if len(found) == 1 else None
