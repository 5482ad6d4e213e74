"""The colours of an embed: what a host chooses, made readable.

Contrast follows WCAG 2.2: relative luminance and 1.4.3, at least 4.5 to 1 for text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from directory.languages import marked

SCHEMES = {
    "auto": marked("As the reader's device"),
    "light": marked("Light"),
    "dark": marked("Dark"),
}
LEAST_CONTRAST = 4.5
COLOURS = {"accent": marked("Colour of links"), "paper": marked("Background")}
_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")

Colour = tuple[int, int, int]
BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def read_colour(text: str) -> Colour | None:
    """Read `0b4f6c`, `#0b4f6c` or `#06c`; None for anything else."""
    found = _HEX.fullmatch(text.strip())
    if not found:
        return None
    digits = found[1] if len(found[1]) == 6 else "".join(d * 2 for d in found[1])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def write_colour(colour: Colour) -> str:
    """Write a colour as CSS and the colour field of a form do."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _luminance(colour: Colour) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two; `share` is that of the other, from 0 to 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def readable(colour: Colour, paper: Colour) -> Colour:
    """Return the nearest colour towards black or white that can be read on this paper."""
    end = max((BLACK, WHITE), key=lambda c: contrast(c, paper))
    steps = (mixed(colour, end, step / 20) for step in range(21))
    return next((c for c in steps if contrast(c, paper) >= LEAST_CONTRAST), end)


@dataclass(frozen=True)
class Palette:
    """Every colour of an embed."""

    scheme: str
    paper: Colour
    ink: Colour
    quiet: Colour
    line: Colour
    accent: Colour

    def css(self) -> str:
        """Return the declarations; each value is a keyword of ours or six hexadecimal digits."""
        colours = {
            name: write_colour(getattr(self, name))
            for name in ("paper", "ink", "quiet", "line", "accent")
        }
        said = "".join(f"--{name}:{value};" for name, value in colours.items())
        return f"color-scheme:{self.scheme};{said}"


LIGHT = {"paper": (255, 255, 255), "ink": (22, 32, 42), "accent": (11, 79, 108)}
DARK = {"paper": (18, 23, 27), "ink": (230, 234, 237), "accent": (143, 208, 234)}


@dataclass(frozen=True)
class Theme:
    """What a host chooses. `wrong` names what could not be read; ours stands in its place."""

    scheme: str = "auto"
    accent: Colour | None = None
    paper: Colour | None = None
    wrong: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def read(cls, params: Iterable[tuple[str, str]]) -> "Theme":
        """Read the parameters `theme`, `accent` and `paper` of an address."""
        given = {name: value.strip() for name, value in params}
        scheme = given.get("theme") or "auto"
        colours = {name: read_colour(given.get(name, "")) for name in COLOURS}
        wrong = [name for name, found in colours.items() if given.get(name) and found is None]
        if scheme not in SCHEMES:
            scheme, wrong = "auto", ["theme", *wrong]
        return cls(scheme, colours["accent"], colours["paper"], tuple(wrong))

    def params(self) -> list[tuple[str, str]]:
        """Return the canonical parameters: nothing that is the default."""
        found = [] if self.scheme == "auto" else [("theme", self.scheme)]
        for name in COLOURS:
            if colour := getattr(self, name):
                found.append((name, write_colour(colour).removeprefix("#")))
        return found

    def palette(self, scheme: str) -> Palette:
        """Return the colours in the light or the dark; a paper that was chosen holds for both."""
        ours = DARK if scheme == "dark" else LIGHT
        paper = self.paper or ours["paper"]
        if self.paper:
            scheme = "light" if contrast(BLACK, paper) >= contrast(WHITE, paper) else "dark"
            ours = DARK if scheme == "dark" else LIGHT
        ink = readable(ours["ink"], paper)
        return Palette(
            scheme=scheme,
            paper=paper,
            ink=ink,
            quiet=readable(mixed(ink, paper, 0.3), paper),
            line=mixed(ink, paper, 0.8),
            accent=readable(self.accent or ours["accent"], paper),
        )

    @property
    def schemes(self) -> list[str]:
        """Return in which of light and dark it may be shown; a paper that was chosen is one."""
        return ["light", "dark"] if self.scheme == "auto" and not self.paper else [self.scheme]

    @property
    def changed(self) -> list[tuple[str, Colour, Colour]]:
        """Return (scheme, chosen, shown) where the accent had to change to be readable."""
        if not self.accent:
            return []
        shown = [(scheme, self.palette(scheme).accent) for scheme in self.schemes]
        return [(s, self.accent, colour) for s, colour in shown if colour != self.accent]

    def css(self) -> str:
        """Return the style sheet that holds the colours, and nothing that was not checked."""
        first, *others = self.schemes
        sheet = f":root{{{self.palette(first).css()}}}\n"
        for scheme in others:
            said = self.palette(scheme).css()
            sheet += f"@media (prefers-color-scheme:{scheme}){{:root{{{said}}}}}\n"
        return sheet
