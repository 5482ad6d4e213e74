"""Which policy area a part of a text stands under, by its headings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from directory.imports.intake.blocks import Block, Document, Form
from directory.imports.intake.cards import card_line
from directory.imports.intake.mentions import Place
from directory.imports.intake.parts import Part
from directory.imports.intake.terms import Reader

_LONGEST = 12


@dataclass(frozen=True, slots=True)
class Area:
    """A heading that is the label of a policy area, or another name of it."""

    code: str
    text: str
    place: Place
    level: int
    until: int


@dataclass(frozen=True)
class Headings:
    """Every such heading of a document, each with the block before which it ends."""

    areas: tuple[Area, ...]

    @classmethod
    def read(cls, document: Document, reader: Reader) -> "Headings":
        """Find them; a heading holds until the next of its level or above.

        Where no levels are known, one that is no policy area does not end it if the next block is
        a heading as well, which stands below it.
        """
        heads = [(n, b) for n, b in enumerate(document.blocks) if is_heading(b)]
        found = []
        for position, (number, block) in enumerate(heads):
            code = reader.heading("policy-areas", block.text)
            if code is None:
                continue
            until = len(document.blocks)
            for later, other in heads[position + 1 :]:
                if _ends(number, block, later, other, heads, reader):
                    until = later
                    break
            place = Place(number, 0, len(block.text))
            found.append(Area(code, block.text, place, block.level, until))
        return cls(tuple(found))

    def over(self, blocks: Iterable[int], *, within: Part) -> Iterator[Area]:
        """Yield the areas under which any of these blocks stand, inside one profile."""
        wanted = set(blocks)
        for area in self.areas:
            at = area.place.block
            until = min(area.until, within.stop)
            if within.start <= at < within.stop and any(at <= n < until for n in wanted):
                yield area


def _ends(
    number: int, block: Block, later: int, other: Block, heads: list[tuple[int, Block]],
    reader: Reader,
) -> bool:  # fmt: skip
    if other.level != block.level or block.level > 1:
        return other.level <= block.level
    area = reader.heading("policy-areas", other.text)
    only_headings = all(n in {h for h, _ in heads} for n in range(number + 1, later))
    return not only_headings or area is None


def is_heading(block: Block) -> bool:
    """Say whether a block is a heading; `Topic: more of it` is one, a line of a card is none."""
    if block.form is Form.HEADING:
        return True
    short = len(block.text.split()) <= _LONGEST and not block.text.rstrip().endswith(".")
    return block.form is Form.CARD and short and card_line(block.text) is None
